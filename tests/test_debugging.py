"""One step seen from all sides, and the minimal case."""

from math import isnan, nan
from typing import Any

import pytest

from micrograd import MLP, SGD, Value, hinge_loss, mse_loss, train_network, train_step, xor
from micrograd.debugging import create_minimal_test_case, debug_training_step
from micrograd.nn import ACTIVATIONS

INPUTS = [x for x, _ in xor()]
TARGETS = [y for _, y in xor()]


def bits(model: MLP) -> list[tuple[str, str]]:
    return [(p.data.hex(), p.grad.hex()) for p in model.parameters()]


# One step


def test_a_debugged_step_is_a_training_step() -> None:
    net, again = create_minimal_test_case().network, create_minimal_test_case().network
    targets = [-1.0, 1.0, 1.0, -1.0]
    report = debug_training_step(net, INPUTS, targets, 0.1)
    assert report.loss == train_step(again, INPUTS, targets, SGD(again.parameters(), 0.1))
    assert bits(net) == bits(again)
    assert report.loss_after == mse_loss([net(x) for x in INPUTS], targets).data
    assert len(report.update_ratios) == 2


def test_a_step_that_is_not_kept_leaves_data_and_gradients() -> None:
    net = MLP(2, [3, 1])
    net.parameters()[0].grad = 7.0
    before = bits(net)
    report = debug_training_step(net, INPUTS, TARGETS, update=False)
    assert bits(net) == before
    assert report.loss_after < report.loss


def test_a_step_that_raises_leaves_data_and_gradients() -> None:
    net = MLP(2, [3, 1])
    net.parameters()[0].grad = 7.0
    before = bits(net)
    with pytest.raises(ValueError, match="learning rate"):
        debug_training_step(net, INPUTS, TARGETS, learning_rate=-1.0)
    assert bits(net) == before


@pytest.mark.parametrize(("outputs", "targets"), [(1, [1.0]), (1, 1.0), (2, [1.0, 0.0])])
def test_a_single_example_may_be_given_flat(outputs: int, targets: Any) -> None:
    net = MLP(2, [3, outputs])
    nested = [targets] if outputs == 2 or isinstance(targets, float) else targets
    flat = debug_training_step(net, [1.0, 2.0], targets, update=False)
    assert flat.loss == debug_training_step(net, [[1.0, 2.0]], nested, update=False).loss


def test_no_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one input"):
        debug_training_step(MLP(2, [1]), [], [])


def test_gradients_are_checked_under_their_names() -> None:
    net = MLP(2, [3, 1])
    every = debug_training_step(net, INPUTS, TARGETS, max_checks=None).check
    assert every
    assert [c.name for c in every][::6] == [
        "layers[0].neurons[0].w[0]",
        "layers[0].neurons[2].w[0]",
        "layers[1].neurons[0].b",
    ]
    some = debug_training_step(net, INPUTS, TARGETS, max_checks=5).check
    assert some
    assert len({c.name for c in some}) == 5
    none = debug_training_step(net, INPUTS, TARGETS, max_checks=0)
    assert none.check is None
    assert "gradients not checked" in str(none)


def test_the_report_of_a_step_tells_the_whole_story() -> None:
    text = str(debug_training_step(MLP(2, [3, 1]), INPUTS, TARGETS, max_checks=None))
    for part in ("parameters", "activations", "gradients", "analytic", "update / weight", "loss "):
        assert part in text
    assert text.endswith("* nothing looks wrong")


def advice(net: MLP, learning_rate: float = 0.01, **options: Any) -> str:
    report = debug_training_step(net, INPUTS, TARGETS, learning_rate, **options)
    return "\n".join(report.recommendations)


def test_a_wrong_gradient_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def crooked(x: Value) -> Value:
        y = x.tanh()
        y._derivatives = (0.5,)
        return y

    monkeypatch.setitem(ACTIVATIONS, "tanh", crooked)
    assert "wrong gradients" in advice(MLP(2, [1, 1]))
    assert "layers[0].neurons[0].w[1]" in advice(MLP(2, [1, 1]), max_checks=None)


def test_the_birth_of_a_nan_is_named_and_makes_no_update() -> None:
    net = MLP(2, [1], init="zeros")
    text = advice(net, loss_fn=lambda p, t: (p[0] - 1.0).log())
    assert text.startswith("the loss is nan")
    assert "log of Value(data=-1.0" in text
    assert [p.data for p in net.parameters()] == [0.0, 0.0, 0.0]


def test_a_nan_in_the_parameters_is_no_operation_s_fault() -> None:
    net = MLP(2, [1])
    net.parameters()[0].data = nan
    assert "with the data or a parameter" in advice(net)


def test_vanishing_gradients_are_told() -> None:
    assert "vanish" in advice(MLP(2, [2] * 8 + [1], activation="sigmoid"), max_checks=3)


def test_dead_neurons_are_told() -> None:
    net = MLP(2, [2, 1], activation="relu")
    for neuron in net.layers[0].neurons:
        neuron.b.data = -10.0
    text = advice(net)
    assert "dead" in text
    assert "layers[0]: all 6 gradients are 0" in text


def test_a_step_too_long_is_told_by_its_updates_or_by_the_loss() -> None:
    assert "too long" in advice(MLP(2, [3, 1]), learning_rate=5.0)
    heavy = MLP(2, [1])
    for w in heavy.parameters():
        w.data = 1e3
    assert "too long" in advice(heavy, learning_rate=0.9)


def test_a_step_too_short_is_told() -> None:
    assert "hardly moves" in advice(MLP(2, [3, 1]), learning_rate=1e-9)


def test_gradients_of_zero_have_no_flow() -> None:
    report = debug_training_step(
        MLP(2, [1], init="zeros"), INPUTS, [-1.0] * 4, loss_fn=lambda p, t: hinge_loss(p, t) * 0.0
    )
    assert isnan(report.flow)


# The minimal case


@pytest.mark.parametrize("seed", range(30))
def test_the_minimal_case_reaches_its_benchmark(seed: int) -> None:
    case = create_minimal_test_case(seed)
    metrics = train_network(
        case.network,
        case.data,
        learning_rate=case.learning_rate,
        max_iterations=case.iterations,
        loss_threshold=case.benchmark,
        verbose=False,
    )
    assert metrics.stopped_because == "loss_threshold"


def test_the_minimal_case_is_not_solved_at_the_start() -> None:
    network, inputs, targets = create_minimal_test_case()
    assert network.sz == [2, 2, 1]
    assert mse_loss([network(x) for x in inputs], targets).data > 0.3


def test_the_minimal_case_is_its_seed_s() -> None:
    assert bits(create_minimal_test_case(1).network) == bits(create_minimal_test_case(1).network)
    assert bits(create_minimal_test_case(1).network) != bits(create_minimal_test_case(2).network)
