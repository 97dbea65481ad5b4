"""Plots of losses, boundaries, confusions and of what the diagnostics recorded, by matplotlib.

It is imported when a plot is called for, and comes with ``pip install micrograd-book[drawing]``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from micrograd import _expect
from micrograd.diagnostics import USUAL_UPDATE
from micrograd.loop import paused_collector
from micrograd.nn import Module
from micrograd.observing import inputs_alone, observe
from micrograd.summaries import numbers_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "plot_activations",
    "plot_confusion",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_losses",
    "plot_update_ratios",
]


FURTHEST = 1e250  # an output beyond it is drawn there, so that there is room beside it
WIDE = 1e3  # an output beyond it is drawn on a logarithmic scale


def plot_losses(losses: Iterable[float], ax: Axes | None = None, **line: Any) -> Axes:
    """The loss against the iteration, on a logarithmic scale.

    Called twice with ``label=...`` it draws two curves, such as of seen and of unseen data;
    ``ax.legend()`` then shows which is which.

    Args:
        losses: the loss of each iteration, such as the metrics of a training run.
        ax: where to draw; by default the current axes.
        line: handed on to matplotlib's ``plot``, such as ``label``.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = ax or _current_axes()
    heights = [float(loss) for loss in _expect.items("the losses", losses)]
    ax.plot(range(1, len(heights) + 1), heights, **line)
    ax.set(xlabel="iteration", ylabel="loss", yscale="log")
    return ax


def plot_decision_boundary(
    model: Callable[[list[float]], Any],
    data: Iterable[tuple[Any, Any]],
    ax: Axes | None = None,
    *,
    threshold: float = 0.0,
    resolution: int = 50,
    margin: float = 0.4,
) -> Axes:
    """The plane coloured by which side of ``threshold`` the model's output is on, and the data.

    Args:
        model: takes two inputs and gives one ``Value``, or a list of one.
        data: ``(inputs, target)`` pairs, taken once; targets above the threshold are drawn as the
            second class.
        ax: where to draw; by default the current axes.
        threshold: the output that decides: 0 for labels of -1 and 1, 0.5 for 0 and 1.
        resolution: points along each side of the grid that the model is evaluated on.
        margin: how far the picture reaches beyond the data, in the units of the inputs.

    Raises:
        TypeError: if the data are no pairs.
        ValueError: if there are none, not of two inputs and one target, ``resolution`` is below
            2, or the model gives several outputs.
        ImportError: if matplotlib is not installed.
    """
    resolution = _expect.whole("resolution", resolution, 2)
    margin = _expect.finite("margin", margin, 0.0)
    pairs = []
    for i, (x, y) in enumerate(_expect.examples(data)):
        point = _exactly(2, f"the inputs of example {i}", x)
        pairs.append((point, _exactly(1, f"the target of example {i}", y)[0]))
    ax = ax or _current_axes()
    spans = [_span([x[k] for x, _ in pairs], margin, resolution) for k in (0, 1)]

    def height(x: float, y: float) -> float:
        return _exactly(1, "the model's output", model([x, y]))[0] - threshold

    with paused_collector():
        heights = [[height(x, y) for x in spans[0]] for y in spans[1]]
    colours = ("C0", "C1")
    ax.contourf(*spans, heights, levels=[-1e300, 0.0, 1e300], colors=colours, alpha=0.25)
    ax.contour(*spans, heights, levels=[0.0], colors="black", linewidths=1.0)
    for side, colour, marker in ((False, colours[0], "o"), (True, colours[1], "s")):
        chosen = [x for x, target in pairs if (target > threshold) == side]
        xs, ys = [x for x, _ in chosen], [y for _, y in chosen]
        ax.scatter(xs, ys, s=14, c=colour, marker=marker, edgecolors="black", linewidths=0.4)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return ax


def _exactly(count: int, what: str, thing: Any) -> list[float]:
    numbers = numbers_in(what, thing)
    if len(numbers) != count:
        raise ValueError(f"expected {what} to be {count} numbers, got {len(numbers)}")
    return numbers


def _span(numbers: Sequence[float], margin: float, count: int) -> list[float]:
    low, high = min(numbers) - margin, max(numbers) + margin
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def plot_confusion(
    targets: Iterable[Any],
    predictions: Iterable[Any],
    ax: Axes | None = None,
    *,
    classes: Iterable[Any] | None = None,
) -> Axes:
    """How often each class was taken for each other: a row for what it is, a column for what it
    was taken for. What was right stands on the diagonal.

    Args:
        targets: the true class of each example: numbers, names, or anything that is equal to
            itself.
        predictions: the class that was predicted for each.
        ax: where to draw; by default the current axes.
        classes: all classes in the order in which they are to stand; by default those that occur,
            sorted.

    Raises:
        ValueError: if there are no examples, not as many predictions, or an unknown class.
        ImportError: if matplotlib is not installed.
    """
    true, taken = (
        _expect.items("the targets", targets),
        _expect.items("the predictions", predictions),
    )
    if not true or len(true) != len(taken):
        raise ValueError(
            "expected at least one example and as many predictions as targets, "
            f"got {len(true)} targets and {len(taken)} predictions"
        )
    known = sorted({*true, *taken}) if classes is None else _expect.items("the classes", classes)
    for name in (*true, *taken):
        if name not in known:
            named = ", ".join(map(str, known))
            raise ValueError(f"expected each class to be one of {named}; got {name}")
    counts = [[0] * len(known) for _ in known]
    for target, prediction in zip(true, taken):
        counts[known.index(target)][known.index(prediction)] += 1
    ax = ax or _current_axes()
    most = max(map(max, counts))
    # Half of the colours, the pale ones: black numbers can be read on all of them.
    ax.imshow(counts, cmap="Blues", vmin=0, vmax=2 * most)
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            ax.text(j, i, str(count) if count else "", ha="center", va="center", color="black")
    places, names = range(len(known)), list(map(str, known))
    ax.set_xticks(places, names)
    ax.set_yticks(places, names)
    ax.set(xlabel="taken for", ylabel="is")
    return ax


def plot_gradient_norms(history: Iterable[Sequence[float]], ax: Axes | None = None) -> Axes:
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


def plot_update_ratios(history: Iterable[Sequence[float]], ax: Axes | None = None) -> Axes:
    """The update of each layer beside its weights over the iterations, on a logarithmic scale.

    The band is where most healthy runs are, from 0.001 to 0.01 of the weights in a step.

    Args:
        history: as ``ParameterTracker.update_ratios``.
        ax: where to draw; by default the current axes.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = _plot_layers(history, ax)
    ax.axhspan(*USUAL_UPDATE, color="0.5", alpha=0.2, linewidth=0.0)
    ax.set(ylabel="update / weight")
    return ax


def plot_activations(
    model: Module, inputs: Iterable[Any], ax: Axes | None = None, bins: int = 30
) -> Axes:
    """How the outputs of each layer are distributed over some inputs.

    What is not finite cannot be drawn; a layer that gives nothing else is named all the same.
    Where outputs are larger than 1000, as those of an exploded network, the scale is logarithmic
    away from 0, and the height of a bin is its share of the outputs.

    Args:
        model: the network, or any other module.
        inputs: what it is given, without targets.
        ax: where to draw; by default the current axes.
        bins: of the histograms.

    Raises:
        TypeError, ValueError: as ``analyze_activations``, or for bins that are no whole number
            of at least 1.
        ImportError: if matplotlib is not installed.
    """
    bins = _expect.whole("bins", bins, 1)
    layers = observe(model, inputs_alone(inputs))
    ax = ax or _current_axes()
    outputs = [[x for call in layer.calls for x in call] for layer in layers]
    drawn = [[max(-FURTHEST, min(FURTHEST, x)) for x in xs if math.isfinite(x)] for xs in outputs]
    wide = any(abs(x) > WIDE for xs in drawn for x in xs)
    for layer, xs, every in zip(layers, drawn, outputs):
        lost = len(every) - len(xs)
        label = f"{layer.name}, {lost} not finite" if lost else layer.name
        if xs and wide:  # even steps of the logarithm, far from 0
            ends = [math.sinh(end) for end in _bins(list(map(math.asinh, xs)), bins)]
            ax.hist(xs, ends, weights=[1.0 / len(xs)] * len(xs), histtype="step", label=label)
        elif xs:
            ax.hist(xs, _bins(xs, bins), density=True, histtype="step", label=label)
        else:
            ax.plot([], [], label=label)
    if wide:
        ax.set_xscale("symlog")
        ax.locator_params(axis="x", numticks=6)
    ax.set(xlabel="output", ylabel="share of the outputs" if wide else "density")
    ax.legend()
    return ax


def _bins(numbers: Sequence[float], count: int) -> list[float]:
    """The ends of ``count`` bins that hold all numbers, however far apart or close they are."""
    low, high = min(numbers), max(numbers)
    if high / 2.0 - low / 2.0 <= 1e-9 * max(abs(low), abs(high)):  # too close to tell apart
        beside = max(0.5, 0.1 * abs(low))
        low, high = low - beside, high + beside
    ends = [low * (1.0 - i / count) + high * (i / count) for i in range(count + 1)]
    ends[-1] += 1e-9 * abs(high)  # so that rounding leaves the largest inside
    ends[0] -= 1e-9 * abs(low)
    return ends


def _plot_layers(history: Iterable[Sequence[float]], ax: Axes | None) -> Axes:
    ax = ax or _current_axes()
    for i, layer in enumerate(zip(*_expect.items("the history", history))):
        ax.plot(range(1, len(layer) + 1), layer, label=f"layers.{i}")
    ax.set(xlabel="iteration", yscale="log")
    ax.legend()
    return ax


def _current_axes() -> Axes:
    _expect.installed("matplotlib", "matplotlib", "drawing")
    from matplotlib import pyplot

    return pyplot.gca()
