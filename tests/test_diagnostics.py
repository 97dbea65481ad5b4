"""Statistics by layer, stuck neurons, recorded updates."""

from collections.abc import Callable
from math import hypot, inf, nan
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
    mse_loss,
    train_network,
    train_step,
    xor,
)
from micrograd.debugging import create_minimal_test_case
from micrograd.diagnostics import (
    analyze_activations,
    analyze_gradients,
    analyze_parameters,
    detect_dead_neurons,
    track_parameter_updates,
)

INPUTS = [x for x, _ in xor()]


# Reports by layer


def test_parameters_are_counted_layer_by_layer() -> None:
    report = analyze_parameters(MLP(2, [3, 1]))
    assert [(s.name, s.count, s.zeros) for s in report] == [
        ("layers.0", 9, 3),
        ("layers.1", 4, 1),
    ]
    assert len(report) == 2
    assert report.warnings == ()


def test_a_layer_by_itself_is_one_group() -> None:
    assert [(s.name, s.count) for s in analyze_parameters(Layer(2, 3))] == [("Layer", 9)]


def test_gradients_are_those_of_the_last_backward_pass() -> None:
    net = MLP(1, [1])
    mse_loss(net([2.0]), 0.0).backward()
    (s,) = analyze_gradients(net)
    assert s.norm == hypot(*(p.grad for p in net.parameters()))


@pytest.mark.parametrize(
    ("grad", "warning"),
    [
        (nan, "1 of 4 gradients are not finite"),
        (0.0, "all 4 gradients are 0"),
        (1e7, "the norm of the gradients is 1e+07"),
    ],
)
def test_what_looks_wrong_is_warned_of(grad: float, warning: str) -> None:
    net = MLP(2, [3, 1])
    net.layers[1].parameters()[0].grad = grad
    assert f"layers.1: {warning}" in analyze_gradients(net).warnings
    assert warning in str(analyze_gradients(net))


def test_report_prints_as_an_aligned_table() -> None:
    net = MLP(2, [3, 1])
    lines = str(analyze_parameters(net)).splitlines()
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split()[:3] == ["parameters", "count", "mean"]


def test_activations_are_those_of_a_forward_pass() -> None:
    net = MLP(2, [3, 1])
    hidden = [y.data for x in INPUTS for y in net.layers[0](x)]
    assert analyze_activations(net, INPUTS).layers[0].norm == pytest.approx(hypot(*hidden))


def test_no_inputs_to_look_at_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one input to look at, got none"):
        analyze_activations(MLP(2, [1]), [])


# Neurons


@pytest.mark.parametrize(
    ("activation", "bias", "kind"),
    [
        ("relu", -10.0, "dead"),
        ("tanh", 10.0, "saturated"),
        ("tanh", -10.0, "saturated"),
        ("sigmoid", 20.0, "saturated"),
        ("sigmoid", -20.0, "saturated"),
    ],
)
def test_a_neuron_that_cannot_move_is_found(activation: str, bias: float, kind: str) -> None:
    net = MLP(2, [2, 1], activation=activation)
    net.layers[0].neurons[1].b.data = bias
    (neuron,) = [n for n in detect_dead_neurons(net, INPUTS) if n.neuron == 1]
    assert (neuron.layer, neuron.activation, neuron.kind) == (0, activation, kind)
    assert f"layers.0.neurons.1  {activation:>10}" in str(detect_dead_neurons(net, INPUTS))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear"])
def test_neurons_that_move_are_not_stuck(activation: str) -> None:
    report = detect_dead_neurons(MLP(2, [4, 1], activation=activation), INPUTS)
    assert report
    assert len(report) == 0
    assert str(report) == "0 dead and 0 saturated of 5 neurons, over 4 inputs"


def test_weights_of_zero_make_every_neuron_dead() -> None:
    report = detect_dead_neurons(MLP(2, [3, 1], init="zeros"), INPUTS)
    assert (len(report.dead), len(report.saturated), report.examined) == (4, 0, 4)


def test_one_input_tells_nothing_of_moving() -> None:
    assert detect_dead_neurons(MLP(2, [3, 1]), INPUTS[1:2])


# Updates


def test_recorded_ratios_and_norms_are_their_definitions() -> None:
    net = MLP(1, [1])
    w, b = net.parameters()
    w.data, b.data = 3.0, 4.0
    tracker = track_parameter_updates(net)
    w.grad, w.data = 0.5, 3.5
    tracker.record()
    assert (tracker.update_ratios, tracker.gradient_norms) == ([[0.1]], [[0.5]])
    tracker.record()
    assert tracker.update_ratios[1] == [0.0]


def test_an_update_of_weights_of_zero_is_infinite() -> None:
    net = MLP(1, [1], init="zeros")
    tracker = track_parameter_updates(net)
    net.parameters()[0].data = 1.0
    tracker.record()
    assert tracker.update_ratios == [[inf]]


def test_watching_the_loss_of_a_loop_records_the_same_as_recording_each_step() -> None:
    first, second = create_minimal_test_case(), create_minimal_test_case()
    with track_parameter_updates(first.network) as watching:
        train_network(
            first.network,
            first.data,
            loss_fn=watching.watch(mse_loss),
            max_iterations=5,
            verbose=False,
        )
    recording = track_parameter_updates(second.network)
    optimizer = SGD(second.network.parameters())
    for _ in range(5):
        train_step(second.network, second.inputs, second.targets, optimizer)
        recording.record()
    assert len(watching) == 5
    assert watching.update_ratios == recording.update_ratios
    assert watching.gradient_norms == recording.gradient_norms


def test_leaving_without_a_step_records_nothing() -> None:
    with track_parameter_updates(MLP(1, [1])) as tracker:
        pass
    assert len(tracker) == 0
    assert str(tracker).split()[:4] == ["update", "/", "weight", "steps"]


def test_recorded_updates_print_as_a_table() -> None:
    tracker = track_parameter_updates(MLP(2, [3, 1]))
    tracker.record()
    assert [line.split()[0] for line in str(tracker).splitlines()] == [
        "update",
        "layers.0",
        "layers.1",
    ]


# Any module


class TwoLayers(Module):
    """A network put together by hand, without ``layers``."""

    def __init__(self, activation: str = "tanh") -> None:
        rng = Random(0)
        self.hidden = Layer(2, 4, activation=activation, rng=rng)
        self.last = Neuron(4, nonlin=False, rng=rng)

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


class Plain:
    """No module at all, but a thing that can be called and has parameters."""

    def __init__(self) -> None:
        self.w = [Value(0.5), Value(-0.5)]

    def parameters(self) -> list[Value]:
        return self.w

    def __call__(self, x: Any) -> Any:
        return self.w[0] * x[0] + self.w[1] * x[1]


class Deep(Module):
    """Modules in a dictionary and a list, called several times each."""

    def __init__(self) -> None:
        self.blocks = {"first": TwoLayers(), "second": TwoLayers()}
        self.gains = [[Value(1.0)], [Value(2.0)]]

    def __call__(self, x: Any) -> Value:
        out: Value = Value(0.0)
        for block in self.blocks.values():
            out = out + block(x) + block(x)
        return out * self.gains[0][0] * self.gains[1][0]


BLOCKS = [f"blocks.{block}.{part}" for block in ("first", "second") for part in ("hidden", "last")]
MODELS: list[tuple[Any, list[str], list[str]]] = [
    (MLP(2, [3, 1]), ["layers.0", "layers.1"], ["layers.0", "layers.1"]),
    (Layer(2, 3), ["Layer"], ["Layer"]),
    (Neuron(2), ["Neuron"], ["Neuron"]),
    (TwoLayers(), ["hidden", "last"], ["hidden", "last"]),
    (Plain(), ["Plain"], ["Plain"]),
    (Deep(), [*BLOCKS, "Deep"], BLOCKS),
]


@pytest.mark.parametrize(("model", "groups", "layers"), MODELS)
def test_any_model_is_looked_at_layer_by_layer(
    model: Any, groups: list[str], layers: list[str]
) -> None:
    assert [s.name for s in analyze_parameters(model)] == groups
    assert [s.name for s in analyze_gradients(model)] == groups
    assert sum(s.count for s in analyze_parameters(model)) == len(model.parameters())
    assert [s.name for s in analyze_activations(model, INPUTS)] == layers
    assert detect_dead_neurons(model, INPUTS).examples == 4
    assert track_parameter_updates(model).layers == groups


def test_a_model_of_one_number_is_looked_at() -> None:
    report = analyze_activations(Line(), [1.0, 2.0, 4.0])
    assert [(s.name, s.count, s.largest) for s in report] == [("Line", 3, 2.0)]
    assert detect_dead_neurons(Line(), iter([1.0, 2.0]))


def test_activations_of_a_model_s_own_layers_are_those_of_its_forward_pass() -> None:
    model = TwoLayers()
    hidden = [y.data for x in INPUTS for y in model.hidden(x)]
    assert analyze_activations(model, INPUTS).layers[0].norm == pytest.approx(hypot(*hidden))


def test_dead_neurons_of_a_model_s_own_layers_are_named() -> None:
    model = TwoLayers("relu")
    for neuron in model.hidden.neurons:
        neuron.b.data = 10.0
    model.hidden.neurons[2].b.data = -10.0
    assert [n.name for n in detect_dead_neurons(model, INPUTS)] == ["hidden.neurons.2"]


def test_a_layer_that_is_called_twice_counts_twice() -> None:
    assert [s.count for s in analyze_activations(Deep(), INPUTS[:1])] == [8, 2, 8, 2]


def test_looking_leaves_the_classes_of_the_layers_alone() -> None:
    net = MLP(2, [3, 1])
    analyze_activations(net, INPUTS)
    with pytest.raises(ValueError, match="expected 2 inputs, got 1"):
        analyze_activations(net, [[1.0]])
    assert {type(layer) for layer in net.layers} == {Layer}


# Inputs


@pytest.mark.parametrize("take", [list, tuple, iter, lambda rows: (iter(row) for row in rows)])
def test_inputs_are_any_iterable_taken_once(take: Callable[[Any], Any]) -> None:
    net = MLP(2, [3, 1])
    assert analyze_activations(net, take(INPUTS)) == analyze_activations(net, INPUTS)
    assert detect_dead_neurons(net, take(INPUTS)) == detect_dead_neurons(net, INPUTS)


def test_inputs_may_be_a_numpy_array() -> None:
    """Its truth value is ambiguous, and training takes it."""
    numpy = pytest.importorskip("numpy")
    net = MLP(2, [3, 1])
    assert analyze_activations(net, numpy.array(INPUTS)) == analyze_activations(net, INPUTS)
    assert detect_dead_neurons(net, numpy.array(INPUTS)) == detect_dead_neurons(net, INPUTS)


@pytest.mark.parametrize("look", [analyze_activations, detect_dead_neurons])
@pytest.mark.parametrize(
    "pairs", [xor(), list(zip(INPUTS, INPUTS, strict=True)), [[[1.0, 2.0], 3.0]]]
)
def test_pairs_in_place_of_inputs_are_refused(look: Any, pairs: Any) -> None:
    with pytest.raises(TypeError, match=r"inputs alone, got a pair \(inputs, target\) at \[0\]"):
        look(MLP(2, [3, 1]), iter(pairs))


@pytest.mark.parametrize("given", [3.0, "text", None])
def test_what_is_no_list_of_inputs_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="expected the inputs to be a list"):
        analyze_activations(MLP(2, [1]), given)


# Truth


def test_a_report_is_true_if_all_is_well() -> None:
    net = MLP(2, [3, 1])
    assert analyze_parameters(net)
    assert not analyze_gradients(net)  # all 0
    assert analyze_activations(net, INPUTS)
    assert detect_dead_neurons(net, INPUTS)
    net.layers[0].neurons[0].b.data = nan
    assert not analyze_parameters(net)
    assert not analyze_activations(net, INPUTS)
    assert not detect_dead_neurons(MLP(2, [3, 1], init="zeros"), INPUTS)
