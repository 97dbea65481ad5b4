"""Graphs as text, statistics by layer, stuck neurons, recorded updates, one step in full."""

import sys
from collections.abc import Iterator
from math import hypot, inf, isnan, nan, sqrt
from typing import Any

import pytest

from micrograd import MLP, SGD, Layer, Value, hinge_loss, mse_loss, train_network, train_step, xor
from micrograd.diagnostics import (
    Statistics,
    analyze_activations,
    analyze_gradients,
    analyze_parameters,
    create_minimal_test_case,
    debug_training_step,
    detect_dead_neurons,
    plot_activations,
    plot_gradient_norms,
    plot_update_ratios,
    track_parameter_updates,
    visualize_graph,
)
from micrograd.engine import GraphCycleError
from micrograd.nn import ACTIVATIONS

INPUTS = [x for x, _ in xor()]
TARGETS = [y for _, y in xor()]


@pytest.fixture
def pyplot() -> Iterator[Any]:
    """Matplotlib without a screen, if it is installed; no figure outlives its test."""
    pytest.importorskip("matplotlib").use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


def bits(model: MLP) -> list[tuple[str, str]]:
    return [(p.data.hex(), p.grad.hex()) for p in model.parameters()]


# Graphs


def test_graph_shows_operation_data_and_gradient_of_each_value() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    product = a * b
    product.backward()
    assert visualize_graph(product).splitlines() == [
        "*  data -6  grad 1",
        "├─ a  data 2  grad -3",
        "└─ b  data -3  grad 2",
    ]


def test_graph_shows_a_shared_value_once_and_refers_to_it() -> None:
    x = Value(2.0, label="x")
    double = x + x
    text = visualize_graph(double * double)
    assert text.count("data 2 ") == 1
    assert text.count("x #2, as above") == 1
    assert text.splitlines()[-1] == "└─ + #1, as above"


def test_graph_points_at_what_is_not_finite() -> None:
    text = visualize_graph(Value(0.0).log() + 1)
    assert [("not finite" in line) for line in text.splitlines()] == [True, True, False, False]


def test_graph_is_cut_at_the_greatest_depth_and_says_so() -> None:
    text = visualize_graph((Value(1.0).exp() + 1) * 2, max_depth=1)
    assert text.splitlines()[1] == "├─ +  data 3.718  grad 0  ..."
    assert "exp" not in text


def test_graph_shows_a_shared_value_in_full_where_it_is_not_cut() -> None:
    shared = Value(1.0).exp()
    lines = visualize_graph(shared.tanh() + shared, max_depth=2).splitlines()
    assert [line.endswith("...") for line in lines] == [False, False, True, False, False]
    assert lines[-1].endswith("leaf  data 1  grad 0")


def test_graph_ends_after_the_greatest_number_of_lines_and_says_so() -> None:
    lines = visualize_graph(Value(1.0) + 2 + 3, max_lines=2).splitlines()
    assert len(lines) == 3
    assert lines[-1] == "... of 5 values in all"


def test_graph_of_a_very_long_chain_is_shown_in_part() -> None:
    total = Value(0.0)
    for _ in range(20_000):
        total = total + 1
    assert visualize_graph(total, max_depth=10**6).endswith("... of 40001 values in all")


def test_graph_with_a_cycle_raises() -> None:
    a = Value(1.0)
    b = a + 1
    a._parents, a._derivatives = (b,), (1.0,)
    with pytest.raises(GraphCycleError):
        visualize_graph(b)


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


# Plots


def test_histories_are_plotted_with_a_line_for_each_layer(pyplot: Any) -> None:
    history = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    ax: Any
    for plot, label in ((plot_gradient_norms, "gradient norm"), (plot_update_ratios, "update")):
        ax = plot(history, pyplot.figure().subplots())
        assert [list(line.get_ydata()) for line in ax.lines] == [[1, 3, 5], [2, 4, 6]]
        assert ax.get_yscale() == "log"
        assert ax.get_ylabel().startswith(label)


def test_activations_are_plotted_with_a_histogram_for_each_layer(pyplot: Any) -> None:
    ax = plot_activations(MLP(2, [4, 3, 1]), INPUTS)
    assert ax is pyplot.gca()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "layers[0]",
        "layers[1]",
        "layers[2]",
    ]


def test_plots_without_matplotlib_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="matplotlib to be installed: pip install"):
        plot_gradient_norms([[1.0]])
