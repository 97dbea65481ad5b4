"""One step seen from all sides, and the minimal case."""

from collections.abc import Callable
from math import isnan, nan
from random import Random
from typing import Any

import pytest

from micrograd import (
    MLP,
    SGD,
    Layer,
    Module,
    Neuron,
    Value,
    hinge_loss,
    mse_loss,
    train_network,
    train_step,
    xor,
)
from micrograd.debugging import create_minimal_test_case, debug_training_step
from micrograd.diagnostics import USUAL_UPDATE
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
        "layers.0.neurons.0.w.0",
        "layers.0.neurons.2.w.0",
        "layers.1.neurons.0.b",
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


def crooked(x: Value) -> Value:
    """A ``tanh`` whose slope is always one half."""
    return Value(x.tanh().data, (x,), "mine", _derivatives=(0.5,))


def test_a_wrong_gradient_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "tanh", crooked)
    assert "wrong gradients" in advice(MLP(2, [1, 1]))
    assert "layers.0.neurons.0.w.1" in advice(MLP(2, [1, 1]), max_checks=None)


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
    assert "layers.0: all 6 gradients are 0" in text


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


# The order of the advice


def recommended(net: Any, inputs: Any, targets: Any, **options: Any) -> tuple[str, ...]:
    return debug_training_step(net, inputs, targets, **options).recommendations


def test_dead_rectifiers_come_first_and_no_gradient_behind_them_is_called_wrong() -> None:
    """Behind a dead layer every rectifier stands at its kink, where differences have two values."""
    net = MLP(2, [4, 4, 1], activation="relu")
    for neuron in net.layers[0].neurons:
        neuron.b.data = -10.0
    advice = recommended(net, INPUTS, TARGETS, max_checks=None)
    assert (
        advice[0] == "4 of 4 neurons of layers.0 are dead: other starting weights, or smaller steps"
    )
    assert "wrong gradients" not in "\n".join(advice)


def test_a_wrong_gradient_is_named_beside_dead_neurons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "tanh", crooked)
    net = MLP(2, [4, 1])
    for neuron in net.layers[0].neurons[:2]:
        neuron.w = [Value(0.0), Value(0.0)]
    advice = recommended(net, INPUTS, TARGETS, max_checks=None)
    assert advice[0].startswith("2 of 4 neurons of layers.0 are dead")
    assert advice[1].startswith("wrong gradients")


def test_a_few_dead_neurons_are_listed_without_advice() -> None:
    """Where only one of eight rectifiers is off for every input the network does well without."""
    net = MLP(2, [8, 1], activation="relu", rng=Random(0))
    for neuron in net.layers[0].neurons:
        neuron.b.data = 1.0
    net.layers[0].neurons[0].b.data = -10.0
    report = debug_training_step(net, INPUTS, TARGETS)
    assert [neuron.name for neuron in report.neurons.dead] == ["layers.0.neurons.0"]
    assert report.recommendations == ()


def test_a_kink_is_left_out_of_the_check() -> None:
    net = MLP(1, [1, 1], activation="relu")
    (w, b), last = net.layers[0].parameters(), net.layers[1].neurons[0]
    w.data, b.data, last.w[0].data = 1.0, 0.0, 1.0
    check = debug_training_step(net, [[0.0]], [3.0], max_checks=None).check
    assert check
    assert [c.name for c in check] == [
        "layers.0.neurons.0.w.0",
        "layers.1.neurons.0.w.0",
        "layers.1.neurons.0.b",
    ]


def test_an_update_that_adds_the_gradient_is_told() -> None:
    """The planted fault ``p += lr * grad``, which only raised the loss and a wrong advice."""
    net = MLP(2, [3, 1])

    def uphill() -> None:
        for parameter in net.parameters():
            parameter.data += 0.01 * parameter.grad

    report = debug_training_step(net, INPUTS, TARGETS, step=uphill)
    assert report.slope > 0.0
    assert report.downhill is False
    assert report.recommendations == (
        "the update goes up the gradient: subtract the gradient, do not add it",
    )
    assert not report


def test_gradients_of_the_wrong_sign_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(predictions: Any, targets: Any) -> Value:
        right = mse_loss(predictions, targets)
        return Value(right.data, (right,), "mine", _derivatives=(-1.0,))

    advice = recommended(MLP(2, [3, 1]), INPUTS, TARGETS, loss_fn=flipped, max_checks=0)
    assert advice == ("even a tiny step raises the loss: the gradients point the wrong way",)


def test_a_negative_loss_is_told() -> None:
    advice = recommended(MLP(2, [3, 1]), INPUTS, TARGETS, loss_fn=lambda p, t: -mse_loss(p, t))
    assert advice[0].startswith("the loss is negative")


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_unscaled_inputs_are_told(activation: str) -> None:
    net = MLP(2, [8, 1], activation=activation, rng=Random(3))
    flats = [[80.0, 1.0], [120.0, 2.0], [35.0, 1.5], [60.0, 0.5]]
    advice = "\n".join(recommended(net, flats, [1.0, 2.0, 0.5, 1.2], learning_rate=1e-5))
    assert "input 0 reaches 120 and input 1 only 2: bring all inputs near 1" in advice


def test_the_band_of_usual_updates_and_the_advice_agree() -> None:
    """No update inside the usual range is called too long or too short."""
    low, high = USUAL_UPDATE
    net = MLP(2, [3, 1], rng=Random(0))
    measured = debug_training_step(net, INPUTS, TARGETS, 1e-3, update=False)
    rate = 1e-3 * low / max(measured.update_ratios)
    for factor in (1.0, high / low):
        assert recommended(net, INPUTS, TARGETS, learning_rate=rate * factor, update=False) == ()
    (line,) = recommended(net, INPUTS, TARGETS, learning_rate=rate * 0.05, update=False)
    assert line.startswith("the step hardly moves anything")


@pytest.mark.parametrize(("kept", "long"), [(0.3, False), (0.2, True), (-0.5, True)])
def test_a_step_is_too_long_if_it_keeps_less_than_a_quarter_of_its_promise(
    kept: float, long: bool
) -> None:
    """On a parabola a step falls by ``1 - rate * curvature / 2`` of what its slope promised."""
    model = Line()
    model.offset.data = 3.0
    rate = (1.0 - kept) * 2.0 / 4.0  # the curvature of (offset + slope)**2 is 2 for each of them
    report = debug_training_step(model, [1.0], [0.0], rate, update=False)
    assert (report.loss - report.loss_after) / -report.slope == pytest.approx(kept)
    assert ("too long" in "".join(report.recommendations)) == long


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_a_healthy_step_goes_downhill(seed: int, activation: str) -> None:
    net = MLP(2, [6, 1], activation=activation, rng=Random(seed))
    report = debug_training_step(net, INPUTS, TARGETS, 0.001)
    assert report.slope < 0.0
    assert report.downhill
    assert not any("way" in line or "wrong" in line for line in report.recommendations)


def test_an_optimiser_may_take_the_step() -> None:
    net, again = create_minimal_test_case().network, create_minimal_test_case().network
    optimizer = SGD(net.parameters(), 0.1)
    report = debug_training_step(net, INPUTS, TARGETS, step=optimizer.step)
    assert report.loss_after == debug_training_step(again, INPUTS, TARGETS, 0.1).loss_after
    assert bits(net) == bits(again)


def test_a_report_of_a_step_is_true_if_all_is_well() -> None:
    assert debug_training_step(MLP(2, [3, 1], rng=Random(0)), INPUTS, TARGETS)
    assert not debug_training_step(MLP(2, [3, 1]), INPUTS, TARGETS, 9.0)


# Any module, any data


class TwoLayers(Module):
    """A network put together by hand, without ``layers``."""

    def __init__(self) -> None:
        self.hidden = Layer(2, 4, rng=Random(0))
        self.last = Neuron(4, nonlin=False, rng=Random(1))

    def parameters(self) -> list[Value]:
        return self.hidden.parameters() + self.last.parameters()

    def __call__(self, x: Any) -> Value:
        return self.last(self.hidden(x))


class Line(Module):
    """A model without a neuron, of one number."""

    def __init__(self) -> None:
        self.slope, self.offset = Value(0.5), Value(0.0)

    def __call__(self, x: float) -> Value:
        return self.slope * x + self.offset


def test_a_step_of_a_model_without_layers_is_debugged() -> None:
    report = debug_training_step(TwoLayers(), INPUTS, TARGETS, max_checks=None)
    assert [s.name for s in report.activations] == ["hidden", "last"]
    assert report.check
    assert [c.name for c in report.check][::8] == ["hidden.neurons.0.w.0", "hidden.neurons.2.b",
                                                    "last.b"]  # fmt: skip
    assert "hidden" in str(report)


def test_a_step_of_a_model_without_neurons_is_debugged() -> None:
    report = debug_training_step(Line(), [1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert report.loss_after < report.loss
    assert [s.name for s in report.parameters] == ["Line"]
    assert len(str(report).splitlines()) > 10


@pytest.mark.parametrize("model", [Neuron(2), Layer(2, 1), TwoLayers()])
def test_a_flat_example_of_any_model_with_neurons_is_one_example(model: Any) -> None:
    targets = [[1.0]] if isinstance(model, Layer) else [1.0]
    flat = debug_training_step(model, [1.0, 2.0], targets[0], update=False)
    assert flat.loss == debug_training_step(model, [[1.0, 2.0]], targets, update=False).loss


@pytest.mark.parametrize("take", [iter, tuple, lambda items: (item for item in items)])
def test_inputs_and_targets_are_any_iterable_taken_once(take: Callable[[Any], Any]) -> None:
    net = MLP(2, [3, 1])
    report = debug_training_step(net, take(INPUTS), take(TARGETS), update=False)
    assert report == debug_training_step(net, INPUTS, TARGETS, update=False)


def test_inputs_and_targets_may_be_numpy_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    net = MLP(2, [3, 1])
    arrays = numpy.array(INPUTS), numpy.array(TARGETS)
    report = debug_training_step(net, *arrays, update=False)
    # as text, in which nan is nan
    assert repr(report) == repr(debug_training_step(net, INPUTS, TARGETS, update=False))
    one = debug_training_step(net, arrays[0][0], arrays[1][:1], update=False)
    assert repr(one) == repr(debug_training_step(net, INPUTS[:1], TARGETS[:1], update=False))


def test_pairs_in_place_of_inputs_are_refused() -> None:
    with pytest.raises(TypeError, match="expected the inputs alone, got a pair"):
        debug_training_step(MLP(2, [3, 1]), xor(), TARGETS)


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


def test_a_step_of_a_model_that_reads_words_is_debugged() -> None:
    """Inputs need not be numbers, and then nothing is said of their size."""

    class Words(Module):
        def __init__(self) -> None:
            self.weights = {"sun": Value(0.5), "rain": Value(-0.25)}

        def __call__(self, word: str) -> Value:
            return self.weights[word].tanh()

    report = debug_training_step(Words(), ["sun", "rain", "sun"], [1.0, -1.0, 1.0])
    assert report.check
    assert [c.name for c in report.check] == ["weights.sun", "weights.rain"]
    assert report.recommendations == ()
