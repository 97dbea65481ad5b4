"""What shows itself: in a notebook, and in the examples of a page, a result can be a picture.

Both ask the result for ``_repr_svg_``. A network is drawn, the metrics of a training are a curve of
losses, and a ``Value`` shows its graph as long as that is small. The classes know nothing of it:
they are below this file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, SupportsFloat

from micrograd import _expect
from micrograd.drawing import Svg, draw_network, to_svg
from micrograd.engine import Value
from micrograd.nn import MLP
from micrograd.training import TrainingMetrics

__all__ = ["draw_losses"]

LARGEST_GRAPH = 40  # values; with more one sees lines and no graph
WIDEST_LAYER = 16  # neurons, or inputs, that a network drawn unasked may have beside each other

# Of a curve, in pixels: the picture, and the room beside, above and below what is drawn in it.
_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BELOW = 480.0, 240.0, 64.0, 18.0, 30.0, 44.0
_FAR = 30.0  # the largest loss beside the smallest, from where on powers of ten are marked
_MOST = 400  # points of a curve that are drawn


def draw_losses(losses: Iterable[SupportsFloat], held_out: Iterable[SupportsFloat] = ()) -> Svg:
    """The loss against the iteration as an SVG element, without matplotlib.

    Losses that are far apart are drawn on a logarithmic scale. Those that are not finite are left
    out.

    Args:
        losses: of each iteration, such as the metrics of a training.
        held_out: of data not trained on, as often as it was measured, at equal distances.

    Raises:
        TypeError: if they are no numbers.
        ValueError: if none of them is finite.

    >>> draw_losses([1.0, 0.5, 0.25]).count("<polyline")
    1
    """
    curves = {
        name: [_expect.number(f"{name}[{i}]", float(y)) for i, y in enumerate(given)]
        for name, given in (("losses", list(losses)), ("held_out", list(held_out)))
    }
    length = len(curves["losses"])
    points = {
        name: [((i + 1) * length / len(ys), y) for i, y in enumerate(ys) if math.isfinite(y)]
        for name, ys in curves.items()
    }
    heights = [y for curve in points.values() for _, y in curve]
    if not heights:
        raise ValueError("expected at least one finite loss, got none")
    low, high = min(heights), max(heights)
    scale = math.log10 if low > 0.0 and high / low > _FAR else float
    marks = _marks(low, high, logarithmic=scale is math.log10)
    bottom, top = (scale(f(low, high, *marks)) for f in (min, max))
    room = (_WIDE - _LEFT - _RIGHT) / max(1, length - 1), _HIGH - _TOP - _BELOW

    def x(step: float) -> float:
        return _LEFT + (max(step, 1.0) - 1.0) * room[0]

    def y(loss: float) -> float:
        return _TOP + (top - scale(loss)) / ((top - bottom) or 1.0) * room[1]

    said = f"The loss begins at {curves['losses'][0]:.3g} and ends at {curves['losses'][-1]:.3g}."
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE:g} {_HIGH:g}" '
        f'width="{_WIDE:g}" height="{_HIGH:g}" role="img" color="currentColor" '
        'fill="currentColor" font-size="13" font-family="Helvetica, Arial, sans-serif">',
        "<title>Loss against iteration</title>",
        f"<desc>{escape(said)}</desc>",
    ]
    for mark in marks:
        lines.append(
            f'<path d="M{_LEFT:g} {y(mark):.1f}H{_WIDE - _RIGHT:g}" stroke="currentColor" '
            'stroke-opacity="0.2"/>'
            f'<text x="{_LEFT - 8:g}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:g}</text>'
        )
    floor = _HIGH - _BELOW + 18
    lines.append(
        f'<text x="{_LEFT:g}" y="{floor:g}">1</text>'
        f'<text x="{_WIDE - _RIGHT:g}" y="{floor:g}" text-anchor="end">{length}</text>'
        f'<text x="{(_LEFT + _WIDE - _RIGHT) / 2:g}" y="{_HIGH - 6:g}" '
        'text-anchor="middle">iteration</text>'
        '<text x="8" y="16">loss</text>'
    )
    seen = 'stroke="var(--class-0, #0a6cc9)"'
    unseen = 'stroke="var(--class-1, #c23e00)" stroke-dasharray="7 3"'
    for style, curve in zip((seen, unseen), points.values()):
        if curve:
            path = " ".join(f"{x(step):.1f},{y(loss):.1f}" for step, loss in _thinned(curve))
            lines.append(f'<polyline points="{path}" fill="none" {style} stroke-width="2"/>')
    if curves["held_out"]:
        end = _WIDE - _RIGHT
        for style, name, left in ((seen, "trained on", 210), (unseen, "held out", 100)):
            lines.append(
                f'<path d="M{end - left:g} 12h26" fill="none" {style} stroke-width="2"/>'
                f'<text x="{end - left + 32:g}" y="16">{name}</text>'
            )
    return Svg("\n".join([*lines, "</svg>"]))


def _marks(low: float, high: float, logarithmic: bool) -> list[float]:
    """Where the heights of a curve are marked: powers of ten, or round numbers."""
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        every = math.ceil((last - first) / 5)
        return [float(f"1e{n}") for n in range(first, last + 1, every)]
    step = 10.0 ** math.floor(math.log10((high - low) or abs(high) or 1.0))
    if not step:  # next to the smallest numbers there are
        return [low, high]
    step *= next(n for n in (1, 2, 5, 10) if (high - low) / (n * step) <= 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 12) for n in range(first, last + 1)]


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Not more points than can be seen, and the last one."""
    every = math.ceil(len(points) / _MOST)
    return [*points[:-1:every], points[-1]]


def _graph(root: Value) -> str | None:
    """The graph of a value, if it is small and Graphviz is there."""
    seen, todo = {root}, [root]
    while todo:
        for parent in todo.pop()._parents:
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
        if len(seen) > LARGEST_GRAPH:
            return None
    try:
        return to_svg(root)
    except (ImportError, ValueError):
        return None


def _network(model: Any) -> str | None:
    """A network as circles and lines, if it is a chain of layers that are not too wide."""
    try:
        svg = draw_network(model)
    except TypeError:
        return None
    widths = [len(model.layers[0].neurons[0].w), *(len(layer.neurons) for layer in model.layers)]
    return svg if max(widths) <= WIDEST_LAYER else None


def _losses(metrics: TrainingMetrics) -> str | None:
    """The curve of a training."""
    if not any(map(math.isfinite, metrics.losses)):
        return None
    return draw_losses(metrics.losses, metrics.held_out)


for kind, picture in ((Value, _graph), (MLP, _network), (TrainingMetrics, _losses)):
    setattr(kind, "_repr_svg_", picture)  # noqa: B010 (the class has no such name of its own)
