"""The plots: what is in them, what they take, and what is needed for them."""

import sys
import warnings
from collections.abc import Callable, Iterator
from math import inf, nan
from random import Random
from typing import Any

import pytest

from micrograd import MLP, Layer, Neuron, Value, train_network
from micrograd.plots import (
    plot_activations,
    plot_confusion,
    plot_decision_boundary,
    plot_gradient_norms,
    plot_losses,
    plot_update_ratios,
)


@pytest.fixture
def pyplot() -> Iterator[Any]:
    """Matplotlib without a screen, if it is installed; no figure outlives its test."""
    pytest.importorskip("matplotlib").use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


plots = pytest.mark.usefixtures("pyplot")


def curve(ax: Any) -> list[tuple[float, float]]:
    """The points of the only line."""
    (line,) = ax.lines
    return [(float(x), float(y)) for x, y in line.get_xydata()]


@plots
def test_losses_are_plotted_against_the_iteration_from_one() -> None:
    assert curve(plot_losses([3.0, 2.0, 1.0])) == [(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]


@plots
def test_losses_are_plotted_on_a_logarithmic_scale_with_names() -> None:
    ax = plot_losses([3.0, 2.0])
    assert (ax.get_yscale(), ax.get_xscale()) == ("log", "linear")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("iteration", "loss")


@plots
def test_metrics_are_plotted_as_they_are() -> None:
    metrics = train_network(MLP(1, [1]), [([1.0], 2.0)], max_iterations=3, verbose=False)
    assert [y for _, y in curve(plot_losses(metrics))] == list(metrics)


@plots
def test_options_of_the_line_are_handed_on() -> None:
    (line,) = plot_losses([3.0, 2.0], label="slow", linestyle="--").lines
    assert (line.get_label(), line.get_linestyle()) == ("slow", "--")


def test_losses_go_to_the_current_axes(pyplot: Any) -> None:
    _, (_, second) = pyplot.subplots(1, 2)
    assert plot_losses([3.0, 2.0]) is second


def test_losses_go_to_the_axes_given(pyplot: Any) -> None:
    _, (first, second) = pyplot.subplots(1, 2)
    assert plot_losses([3.0, 2.0], first) is first
    assert len(second.lines) == 0


DATA = [([-1.0, 0.5], -1.0), ([1.0, 0.0], 1.0), ([0.5, -0.5], 1.0)]


def by_first_input(x: list[float]) -> Value:
    return Value(x[0])


def offsets(collection: Any) -> list[list[float]]:
    """Where the markers of a scatter plot stand."""
    return [[float(x), float(y)] for x, y in collection.get_offsets()]


def corners(collection: Any) -> list[tuple[float, float]]:
    """The points of a contour."""
    return [(float(x), float(y)) for path in collection.get_paths() for x, y in path.vertices]


@plots
def test_points_of_each_class_are_drawn_apart() -> None:
    *_, first, second = plot_decision_boundary(by_first_input, DATA).collections
    assert offsets(first) == [[-1.0, 0.5]]
    assert offsets(second) == [[1.0, 0.0], [0.5, -0.5]]


@plots
def test_points_are_told_apart_without_colour() -> None:
    *_, first, second = plot_decision_boundary(by_first_input, DATA).collections
    assert len(first.get_paths()[0]) != len(second.get_paths()[0])


@plots
def test_points_with_numpy_targets_are_drawn() -> None:
    numpy = pytest.importorskip("numpy")
    data = [(x, numpy.float64(target)) for x, target in DATA]
    *_, first, second = plot_decision_boundary(by_first_input, data).collections
    assert (len(offsets(first)), len(offsets(second))) == (1, 2)


@plots
def test_plane_is_coloured_by_the_side_of_the_boundary() -> None:
    filled = plot_decision_boundary(by_first_input, DATA).collections[0]
    below, above = filled.get_paths()
    assert below.contains_point((-0.5, 0.0))
    assert not below.contains_point((0.5, 0.0))
    assert above.contains_point((0.5, 0.0))


@plots
@pytest.mark.parametrize("threshold", [0.0, 0.25])
def test_boundary_is_where_the_output_is_the_threshold(threshold: float) -> None:
    ax = plot_decision_boundary(by_first_input, DATA, threshold=threshold)
    assert {round(x, 12) for x, _ in corners(ax.collections[1])} == {threshold}


@plots
def test_threshold_divides_the_targets_too() -> None:
    data = [([0.0, 0.0], 0.0), ([1.0, 1.0], 1.0)]
    *_, first, second = plot_decision_boundary(by_first_input, data, threshold=0.5).collections
    assert (offsets(first), offsets(second)) == ([[0.0, 0.0]], [[1.0, 1.0]])


@plots
def test_picture_reaches_beyond_the_data_by_the_margin() -> None:
    ax = plot_decision_boundary(by_first_input, DATA, margin=0.25)
    assert ax.get_xlim() == pytest.approx((-1.25, 1.25))
    assert ax.get_ylim() == pytest.approx((-0.75, 0.75))


@plots
def test_model_is_evaluated_on_the_grid_of_the_resolution() -> None:
    seen = []

    def model(x: list[float]) -> Value:
        seen.append(tuple(x))
        return by_first_input(x)

    plot_decision_boundary(model, DATA, resolution=4, margin=0.5)
    assert sorted({x for x, _ in seen}) == [-1.5, -0.5, 0.5, 1.5]
    assert len(set(seen)) == len(seen) == 16


@plots
def test_plane_has_its_inputs_for_names_and_one_scale() -> None:
    ax = plot_decision_boundary(by_first_input, DATA)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()) == ("$x_1$", "$x_2$", 1.0)


def test_boundary_goes_to_the_axes_given(pyplot: Any) -> None:
    _, (first, second) = pyplot.subplots(1, 2)
    assert plot_decision_boundary(by_first_input, DATA, first) is first
    assert len(second.collections) == 0


@plots
def test_model_that_decides_everything_the_same_way_is_plotted() -> None:
    filled = plot_decision_boundary(lambda x: Value(3.0), DATA).collections[0]
    below, above = filled.get_paths()
    assert not below.contains_point((0.0, 0.0))
    assert above.contains_point((0.0, 0.0))


# Plots of what the diagnostics recorded


def test_histories_are_plotted_with_a_line_for_each_layer(pyplot: Any) -> None:
    history = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    ax: Any
    for plot, label in ((plot_gradient_norms, "gradient norm"), (plot_update_ratios, "update")):
        ax = plot(history, pyplot.figure().subplots())
        assert [list(line.get_ydata()) for line in ax.lines] == [[1, 3, 5], [2, 4, 6]]
        assert ax.get_yscale() == "log"
        assert ax.get_ylabel().startswith(label)


def test_activations_are_plotted_with_a_histogram_for_each_layer(pyplot: Any) -> None:
    ax = plot_activations(MLP(2, [4, 3, 1]), [x for x, _ in DATA])
    assert ax is pyplot.gca()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "layers.0",
        "layers.1",
        "layers.2",
    ]


def test_two_losses_are_two_curves_with_a_legend(pyplot: Any) -> None:
    ax: Any = plot_losses([3.0, 2.0], label="seen")
    assert plot_losses(iter([4.0, 3.5, 3.7]), label="unseen") is ax
    assert [line.get_label() for line in ax.lines] == ["seen", "unseen"]
    assert [text.get_text() for text in ax.legend().get_texts()] == ["seen", "unseen"]


# What the plots take


@plots
@pytest.mark.parametrize("take", [iter, lambda d: zip(*zip(*d, strict=True), strict=True), tuple])
def test_points_of_any_iterable_are_drawn(take: Callable[[Any], Any]) -> None:
    """A zip was used up by the first of several looks, and no points were drawn."""
    *_, first, second = plot_decision_boundary(by_first_input, take(DATA)).collections
    assert (len(offsets(first)), len(offsets(second))) == (1, 2)


@plots
def test_points_of_arrays_are_drawn() -> None:
    numpy = pytest.importorskip("numpy")
    points = numpy.array([x for x, _ in DATA])
    targets = numpy.array([[y] for _, y in DATA])
    ax = plot_decision_boundary(by_first_input, zip(points, targets, strict=True))
    assert [len(offsets(collection)) for collection in ax.collections[-2:]] == [1, 2]


@plots
@pytest.mark.parametrize("model", [MLP(2, [3, 1]), Layer(2, 1), Neuron(2), lambda x: x[0] - x[1]])
def test_a_boundary_is_drawn_for_whatever_gives_one_number(model: Any) -> None:
    assert len(plot_decision_boundary(model, DATA, resolution=5).collections) == 4


@plots
def test_a_model_that_gives_nan_is_drawn() -> None:
    plot_decision_boundary(lambda x: Value(nan if x[0] < 0.0 else 1.0), DATA, resolution=6)


@plots
@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        (by_first_input, [([1.0], 1.0)], "the inputs of example 0 to be 2 numbers, got 1"),
        (by_first_input, [([1.0, 2.0], [1.0, 0.0])], "the target of example 0 to be 1 numbers"),
        (MLP(2, [3]), DATA, "the model's output to be 1 numbers, got 3"),
        (by_first_input, [], "at least one training example"),
    ],
)
def test_what_has_no_boundary_in_the_plane_is_refused(model: Any, data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plot_decision_boundary(model, data)


@plots
def test_a_resolution_below_two_is_refused() -> None:
    with pytest.raises(ValueError, match="resolution to be at least 2, got 1"):
        plot_decision_boundary(by_first_input, DATA, resolution=1)


# Exploded networks


def exploded(number: float) -> MLP:
    net = MLP(2, [4, 3, 1], activation="relu", rng=Random(0))
    for parameter in net.parameters():
        parameter.data *= number
    return net


@plots
@pytest.mark.parametrize("number", [0.0, 1e-300, 1e8, 1e60, 1e102, 1e150, 1e308, inf, nan])
def test_activations_of_an_exploded_network_are_plotted(number: float, pyplot: Any) -> None:
    """When they are needed most there were "too many bins"."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax: Any = plot_activations(exploded(number), [x for x, _ in DATA])
        ax.figure.canvas.draw()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [label.partition(",")[0] for label in labels] == ["layers.0", "layers.1", "layers.2"]


@plots
@pytest.mark.parametrize("number", [1.0, 1e60])
def test_every_output_is_in_a_bin(number: float) -> None:
    ax: Any = plot_activations(exploded(number), [x for x, _ in DATA], bins=7)
    for patch in ax.patches:
        corners = [(float(x), float(y)) for x, y in patch.get_path().vertices]
        steps = list(zip(corners, corners[2:], strict=False))[::2][:7]
        width = [1.0 if number > 1.0 else right[0] - left[0] for left, right in steps]
        heights = [max(left[1], 0.0) for left in corners[1:15:2]]
        assert sum(h * w for h, w in zip(heights, width, strict=True)) == pytest.approx(1.0)


@plots
def test_outputs_far_apart_are_drawn_on_a_logarithmic_scale() -> None:
    ax: Any = plot_activations(exploded(1e60), [x for x, _ in DATA])
    assert (ax.get_xscale(), ax.get_ylabel()) == ("symlog", "share of the outputs")
    ax.clear()
    assert plot_activations(exploded(1.0), [x for x, _ in DATA], ax).get_xscale() == "linear"


@plots
def test_outputs_that_cannot_be_drawn_are_counted() -> None:
    ax: Any = plot_activations(exploded(nan), [x for x, _ in DATA])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0] == "layers.0, 12 not finite"


@plots
def test_outputs_that_are_all_but_equal_are_plotted() -> None:
    net = MLP(1, [1])
    net.parameters()[0].data, net.parameters()[1].data = 1e-12, 1e6
    plot_activations(net, [[float(i)] for i in range(5)])


@plots
def test_activations_of_a_generator_are_plotted_and_pairs_refused() -> None:
    net = MLP(2, [3, 1])
    ax: Any = plot_activations(net, (x for x, _ in DATA))
    assert len(ax.patches) == 2
    with pytest.raises(TypeError, match="the inputs alone"):
        plot_activations(net, DATA)


# Confusion


def cells(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


@plots
def test_confusion_counts_what_was_taken_for_what() -> None:
    ax: Any = plot_confusion([0, 0, 0, 1, 1], iter([0, 1, 1, 1, 1]))
    assert cells(ax) == ["1", "2", "", "2"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("taken for", "is")
    assert [list(map(float, row)) for row in ax.images[0].get_array()] == [[1, 2], [0, 2]]


@plots
def test_confusion_has_all_classes_in_the_order_given() -> None:
    ax: Any = plot_confusion(["b", "a"], ["b", "b"], classes=["c", "b", "a"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["c", "b", "a"]
    assert cells(ax) == ["", "", "", "", "1", "", "", "1", ""]


@plots
def test_confusion_takes_arrays_and_labels_of_minus_one() -> None:
    numpy = pytest.importorskip("numpy")
    ax: Any = plot_confusion(numpy.array([-1, 1]), numpy.array([1.0, 1.0]))
    assert cells(ax) == ["", "1", "", "1"]


@plots
@pytest.mark.parametrize(
    ("targets", "predictions", "classes", "message"),
    [
        ([], [], None, "got 0 targets and 0 predictions"),
        ([1, 2], [1], None, "got 2 targets and 1 predictions"),
        ([1, 2], [1, 2], [1], "expected each class to be one of 1; got 2"),
    ],
)
def test_confusions_that_cannot_be_counted_are_refused(
    targets: Any, predictions: Any, classes: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plot_confusion(targets, predictions, classes=classes)


# What is needed


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot_losses([1.0]),
        lambda: plot_decision_boundary(by_first_input, DATA),
        lambda: plot_gradient_norms([[1.0]]),
        lambda: plot_update_ratios([[1.0]]),
        lambda: plot_activations(MLP(2, [1]), [[1.0, 2.0]]),
        lambda: plot_confusion([1], [1]),
    ],
)
def test_a_missing_package_is_named_with_the_way_to_get_it(
    draw: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = r"expected matplotlib to be installed: pip install 'micrograd-book\[drawing\]'"
    with pytest.raises(ImportError, match=message):
        draw()
