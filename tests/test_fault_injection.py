"""Every fault of the book's table is noticed, and ends, as its row says."""

import math
from typing import Any

from experiments.faults import FAULTS, Fault, network

from micrograd import clip_gradient_norm, moons, mse_loss


def pytest_generate_tests(metafunc: Any) -> None:
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize("fault", FAULTS, ids=[f"{f.name}: {f.injection}" for f in FAULTS])


def test_fault_is_noticed_and_ends_as_the_table_says(fault: Fault) -> None:
    assert fault.run() == (fault.detector, fault.outcome)


def test_gradients_that_explode_are_clipped_by_hand() -> None:
    net = network(2, 3, 1)
    (mse_loss([net(x) for x, _ in moons(4)], [1e6] * 4)).backward()
    assert clip_gradient_norm(net.parameters(), 1.0) > 1e4
    assert math.isclose(math.hypot(*(p.grad for p in net.parameters())), 1.0)
