"""What a training is measured against: the best constant, and a tiny step."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd import MLP, SGD, Value, binary_cross_entropy, hinge_loss, mse_loss, record, xor
from micrograd.baselines import constant_baseline, downhill
from micrograd.losses import cross_entropy

numbers = st.floats(-100.0, 100.0)


def mean_absolute(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    return sum((abs(p - t) for p, t in zip(predictions, targets)), Value(0.0)) / len(targets)


@given(st.lists(numbers, min_size=1, max_size=12), numbers)
def test_no_constant_beats_the_baseline(targets: list[float], other: float) -> None:
    for loss_fn in (mse_loss, mean_absolute):
        loss = float(loss_fn([Value(other)] * len(targets), targets))
        assert constant_baseline(targets, loss_fn) <= loss * (1.0 + 1e-9) + 1e-9


@given(st.lists(numbers, min_size=1, max_size=12))
def test_a_search_finds_the_mean_that_is_known(targets: list[float]) -> None:
    def same(predictions: Any, targets: Any) -> Value:
        return mse_loss(predictions, targets)

    known = constant_baseline(targets)
    assert constant_baseline(targets, same) == pytest.approx(known, rel=1e-9, abs=1e-9)


def test_the_baseline_of_a_mean_square_is_the_variance() -> None:
    assert constant_baseline([1.0, 2.0, 6.0]) == pytest.approx(14.0 / 3.0)


def test_the_baseline_of_labels_is_the_entropy_of_their_shares() -> None:
    shares = [0.25, 0.75]
    entropy = -sum(p * math.log(p) for p in shares)
    assert constant_baseline([0, 1, 1, 1], binary_cross_entropy) == pytest.approx(entropy)
    by_class = constant_baseline([0, 1, 1, 1], cross_entropy, outputs=2)
    assert by_class == pytest.approx(entropy, rel=1e-6)
    assert constant_baseline([0, 1, 2, 3], cross_entropy, outputs=4) == pytest.approx(math.log(4))


def test_the_baseline_of_hinge_losses_is_the_share_of_the_smaller_class_twice() -> None:
    assert constant_baseline([-1.0, 1.0, 1.0, 1.0], hinge_loss) == pytest.approx(0.5)


def test_labels_that_are_all_alike_have_a_baseline_of_nothing() -> None:
    assert constant_baseline([1.0, 1.0], binary_cross_entropy) < 1e-12
    assert constant_baseline([3.0, 3.0, 3.0]) == 0.0


def test_a_loss_that_falls_for_ever_has_a_search_that_ends() -> None:
    assert constant_baseline([0.0], lambda predictions, targets: -predictions[0]) < -1e17


def test_a_loss_that_is_nan_for_some_constants_is_lowest_elsewhere() -> None:
    def of_logarithms(predictions: Any, targets: Any) -> Value:
        return mse_loss([p.log() for p in predictions], [math.log(t) for t in targets])

    assert constant_baseline([1.0, math.e**2], of_logarithms) == pytest.approx(1.0)


def test_pairs_and_generators_of_them_will_do() -> None:
    data = [([0.0, 1.0], 1.0), ([1.0, 1.0], 3.0)]
    assert constant_baseline(data) == constant_baseline(pair for pair in data) == 1.0
    assert constant_baseline(zip([[0.0], [1.0]], [1.0, 3.0])) == 1.0


def test_a_target_may_have_several_numbers() -> None:
    data = [([0.0], [1.0, 0.0]), ([1.0], [3.0, 0.0])]
    assert constant_baseline(data) == pytest.approx(0.5)  # a variance of 1, and one of 0
    in_vain = constant_baseline(data, lambda predictions, targets: mse_loss(predictions, targets))
    assert in_vain == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("targets", "error", "words"),
    [
        ([], ValueError, "at least one target"),
        (7, TypeError, "expected the targets to be a list"),
        ([[1.0, 2.0, 3.0]], TypeError, "a pair"),
    ],
)
def test_what_are_no_targets_is_refused(targets: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        constant_baseline(targets)


def network_and_loss(seed: int = 0) -> tuple[MLP, Callable[[], Value]]:
    network = MLP(2, [3, 1], rng=random.Random(seed))
    data = xor()

    def loss() -> Value:
        return mse_loss([network(x) for x, _ in data], [y for _, y in data])

    return network, loss


@pytest.mark.parametrize("seed", range(5))
def test_a_right_program_goes_downhill_whatever_its_rate(seed: int) -> None:
    network, loss = network_and_loss(seed)
    for rate in (1e-6, 0.1, 1e3):
        step = downhill(loss, network.parameters(), SGD(network.parameters(), rate).step)
        assert step
        assert step.own_step == pytest.approx(step.first_step)


def test_an_update_with_the_wrong_sign_goes_uphill() -> None:
    network, loss = network_and_loss()

    def add() -> None:
        for p in network.parameters():
            p.data += 0.1 * p.grad

    step = downhill(loss, network.parameters(), add)
    assert not step
    assert step.own_step is not None
    assert step.first_step[1] < step.first_step[0] == step.own_step[0] < step.own_step[1]
    assert "own step: the loss rises" in str(step)


def test_an_update_that_moves_nothing_is_seen() -> None:
    network, loss = network_and_loss()
    step = downhill(loss, network.parameters(), lambda: None)
    assert not step
    assert step.own_step is not None
    assert step.own_step[0] == step.own_step[1]
    assert "does not change" in str(step)


def test_a_program_may_zero_its_gradients_within_its_step() -> None:
    network, loss = network_and_loss()

    def step_and_zero() -> None:
        for p in network.parameters():
            p.data -= 0.1 * p.grad
            p.grad = 0.0

    assert downhill(loss, network.parameters(), step_and_zero)


def test_wrong_gradients_do_not_go_downhill() -> None:
    w = Value(3.0)

    def loss() -> Value:

        return record(w.data**2, [w], [-2.0 * w.data], "wrong")

    assert not downhill(loss, [w])


def test_without_gradients_there_is_no_step() -> None:
    w = Value(3.0)
    step = downhill(lambda: Value(9.0), [w])
    assert step.first_step == (9.0, 9.0)
    assert not step


def test_parameters_and_gradients_are_put_back_even_after_an_error() -> None:
    network, loss = network_and_loss()
    for i, p in enumerate(network.parameters()):
        p.grad = float(i)
    before = [(p.data, p.grad) for p in network.parameters()]

    def fails() -> None:
        network.parameters()[0].data = 7.0
        raise RuntimeError("in the middle")

    downhill(loss, iter(network.parameters()), SGD(network.parameters(), 0.1).step)
    assert [(p.data, p.grad) for p in network.parameters()] == before
    with pytest.raises(RuntimeError, match="in the middle"):
        downhill(loss, network.parameters(), fails)
    assert [(p.data, p.grad) for p in network.parameters()] == before


def test_a_model_in_place_of_its_parameters_is_refused() -> None:
    network, loss = network_and_loss()
    with pytest.raises(TypeError, match="pass its"):
        downhill(loss, network)  # type: ignore[arg-type]
