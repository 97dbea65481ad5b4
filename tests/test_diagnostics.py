"""Statistics by layer, stuck neurons, recorded updates."""

from math import hypot, inf, isnan, nan, sqrt

import pytest

from micrograd import MLP, SGD, Layer, mse_loss, train_network, train_step, xor
from micrograd.debugging import create_minimal_test_case
from micrograd.diagnostics import (
    Statistics,
    analyze_activations,
    analyze_gradients,
    analyze_parameters,
    detect_dead_neurons,
    track_parameter_updates,
)

INPUTS = [x for x, _ in xor()]


# Statistics


def test_statistics_are_their_definitions() -> None:
    s = Statistics.of("s", [1.0, 0.0, -4.0, 3.0])
    assert (s.count, s.zeros, s.nonfinite, s.smallest, s.largest) == (4, 1, 0, -4.0, 3.0)
    assert (s.mean, s.norm) == (0.0, sqrt(26.0))
    assert s.spread == pytest.approx(sqrt(26.0 / 4))


def test_statistics_leave_out_what_is_not_finite_and_count_it() -> None:
    s = Statistics.of("s", [nan, 2.0, inf])
    assert (s.count, s.nonfinite, s.mean, s.norm) == (3, 2, 2.0, 2.0)


def test_statistics_of_nothing_finite_are_nan() -> None:
    s = Statistics.of("s", [nan])
    assert isnan(s.mean)
    assert isnan(s.smallest)
    assert s.norm == 0.0


def test_parameters_are_counted_layer_by_layer() -> None:
    report = analyze_parameters(MLP(2, [3, 1]))
    assert [(s.name, s.count, s.zeros) for s in report] == [
        ("layers[0]", 9, 3),
        ("layers[1]", 4, 1),
    ]
    assert len(report) == 2
    assert report.warnings == ()


def test_a_model_without_layers_is_one_group() -> None:
    assert [s.count for s in analyze_parameters(Layer(2, 3))] == [9]


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
    assert f"layers[1]: {warning}" in analyze_gradients(net).warnings
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
    assert f"layers[0].neurons[1]  {activation:>10}" in str(detect_dead_neurons(net, INPUTS))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear"])
def test_neurons_that_move_are_not_stuck(activation: str) -> None:
    report = detect_dead_neurons(MLP(2, [4, 1], activation=activation), INPUTS)
    assert not report
    assert len(report) == 0
    assert str(report) == "0 dead and 0 saturated of 5 neurons, over 4 inputs"


def test_weights_of_zero_make_every_neuron_dead() -> None:
    report = detect_dead_neurons(MLP(2, [3, 1], init="zeros"), INPUTS)
    assert (len(report.dead), len(report.saturated), report.examined) == (4, 0, 4)


def test_one_input_tells_nothing_of_moving() -> None:
    assert not detect_dead_neurons(MLP(2, [3, 1]), INPUTS[1:2])


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
        "layers[0]",
        "layers[1]",
    ]
