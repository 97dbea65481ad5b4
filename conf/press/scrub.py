"""``{scrub}``: a training run that the reader moves through with a slider.

The script defines ``data``, pairs of two inputs and a target; ``train()``, which yields step, loss
and network as training goes on; and ``STEP``, ``LEVELS`` and ``GRID``: what a step is called, where
the shading of the outputs changes (the middle level decides), and how many points across and up
the network is asked at. What it answers is recorded when the book is built: as a picture of the
last state, and as frames for ``static/scrub.js``.
"""

from __future__ import annotations

import json
import runpy
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from matplotlib import pyplot
from matplotlib.colors import to_rgba
from sphinx.application import Sphinx

from micrograd.engine import Value
from micrograd.training import paused_collector
from press.common import data_block, is_paper, number
from press.figures import Plot, add_image, picture_of, plot
from press.plotting import book_style

MARGIN = 0.3  # how far the map reaches beyond the data, in the units of the inputs
LARGEST = 100_000  # bytes of frames that a page can carry
REACH = 4  # levels away from the middle one beyond which outputs are not told apart
SHADES = (("C0", 0.4), ("C0", 0.15), ("C1", 0.15), ("C1", 0.4))

Model = Callable[[Sequence[float]], Value]
Data = Sequence[tuple[Sequence[float], float]]


@dataclass(frozen=True)
class Frame:
    """A moment of training: the loss, and what the network says."""

    step: int
    loss: float
    outputs: list[list[float]]  # over the grid, row by row, the lowest first
    wrong: list[int]  # which of the points are on the wrong side


@dataclass(frozen=True)
class Run:
    """A recorded run."""

    step: str
    levels: Sequence[float]
    data: Data
    xs: list[float]
    ys: list[float]
    frames: list[Frame]

    def say(self, frame: Frame) -> str:
        right = len(self.data) - len(frame.wrong)
        return (
            f"{self.step.capitalize()} {frame.step}: loss {number(frame.loss)}, "
            f"{right} of {len(self.data)} points right."
        )


def record(
    data: Data,
    train: Callable[[], Iterable[tuple[int, float, Model]]],
    step: str,
    levels: Sequence[float],
    grid: tuple[int, int],
) -> Run:
    """Train, and ask the network at each step it gives about the grid and the data."""
    xs, ys = (_span([x[k] for x, _ in data], grid[k]) for k in (0, 1))
    middle = levels[1]
    frames = []
    for count, loss, net in train():
        with paused_collector():
            outputs = [[net([x, y]).data for x in xs] for y in ys]
            sides = [(net(x).data > middle) == (target > middle) for x, target in data]
        wrong = [i for i, right in enumerate(sides) if not right]
        frames.append(Frame(count, loss, outputs, wrong))
    return Run(step, levels, data, xs, ys, frames)


def _span(numbers: Sequence[float], count: int) -> list[float]:
    low, high = min(numbers) - MARGIN, max(numbers) + MARGIN
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def to_json(run: Run) -> str:
    """A run as ``scrub.js`` reads it: each output as one byte, from 1 to 255, and 128 decides.

    A byte counts in parts of the frame's reach, so that a nearly flat map is not a coarse one.
    """
    low, middle, high = run.levels

    def reach(frame: Frame) -> float:
        largest = max(abs(z - middle) for row in frame.outputs for z in row)
        return min(largest, REACH * max(middle - low, high - middle)) or 1.0

    def quantised(frame: Frame) -> bytes:
        parts = ((z - middle) / reach(frame) for row in frame.outputs for z in row)
        return bytes(128 + round(127 * min(max(part, -1.0), 1.0)) for part in parts)

    frames = [
        {
            "step": frame.step,
            "loss": float(number(frame.loss)),
            "say": run.say(frame),
            "wrong": frame.wrong,
            "reach": reach(frame),
            "grid": b64encode(quantised(frame)).decode(),
        }
        for frame in run.frames
    ]
    told = {
        "step": run.step,
        "levels": run.levels,
        "columns": len(run.xs),
        "x": [round(run.xs[0], 4), round(run.xs[-1], 4)],
        "y": [round(run.ys[0], 4), round(run.ys[-1], 4)],
        "points": [[round(x, 3), round(y, 3), int(target > middle)] for (x, y), target in run.data],
        "frames": frames,
    }
    return json.dumps(told, separators=(",", ":"))


def draw(run: Run, picture: Path) -> None:
    """Draw the last state: the losses, and the map of the network's outputs."""
    with book_style():
        _, (left, right) = pyplot.subplots(1, 2, figsize=(7.0, 3.0), width_ratios=(2, 3))
        left.plot([frame.step for frame in run.frames], [frame.loss for frame in run.frames])
        left.plot(run.frames[-1].step, run.frames[-1].loss, color="C0", marker="o")
        left.set(xlabel=run.step, ylabel="loss", yscale="log")
        outputs, middle = run.frames[-1].outputs, run.levels[1]
        levels = [-1e300, *run.levels, 1e300]
        colours = [to_rgba(colour, alpha) for colour, alpha in SHADES]
        right.contourf(run.xs, run.ys, outputs, levels=levels, colors=colours)
        right.contour(run.xs, run.ys, outputs, levels=[middle], colors="black", linewidths=1)
        for side, colour, marker in ((False, "C0", "o"), (True, "C1", "s")):
            chosen = [i for i, (_, target) in enumerate(run.data) if (target > middle) == side]
            xs, ys = zip(*(run.data[i][0] for i in chosen))
            edges = [1.6 if i in run.frames[-1].wrong else 0.4 for i in chosen]
            style = {"c": colour, "marker": marker, "edgecolors": "black", "zorder": 2}
            right.scatter(xs, ys, s=14, linewidths=edges, **style)
        right.locator_params(integer=True)
        right.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        right.grid(False)
        pyplot.savefig(picture, format="svg", metadata={"Date": None})


class scrub(plot):  # noqa: N801 (docutils names nodes in lower case)
    """The picture of a training run, with its frames beside it."""

    def make(self, picture: Path) -> None:
        script = runpy.run_path(self["script"])
        run = record(*(script[key] for key in ("data", "train", "STEP", "LEVELS", "GRID")))
        picture.parent.mkdir(parents=True, exist_ok=True)
        frames = to_json(run)
        if len(frames) > LARGEST:
            raise ValueError(f"expected at most {LARGEST} bytes of frames, got {len(frames)}")
        picture.with_suffix(".json").write_text(frames, "utf-8")
        draw(run, picture)


class Scrub(Plot):
    """A training run from a script; the content is its caption."""

    made = scrub
    tools = [Path(__file__)]  # which imports what other figures are made with


def visit_scrub(self: Any, node: scrub) -> None:
    add_image(self, node)
    frames = picture_of(self.builder, node).with_suffix(".json")
    if not is_paper(self.builder) and frames.exists():
        self.body.append(data_block("frames", frames.read_text("utf-8")))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("press.figures")
    app.add_node(scrub, html=(visit_scrub, None))
    app.add_directive("scrub", Scrub)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
