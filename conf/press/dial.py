"""``{dial}``: a picture with knobs that the reader turns.

A script describes the picture in plain lists, in which any number may be a formula: a string that
Python and the page read alike, such as ``"tanh(w1 * x + b)"``. It defines

- ``KNOBS``: dicts of ``name``, ``low``, ``high``, ``step`` and ``start``; if need be ``label``,
  ``shown`` (a text) and ``still``, where the knob stands on paper;
- ``DATA`` and ``LET``: names for numbers and lists, and for formulas, each of which may use those
  before it;
- ``PANELS``: dicts of ranges ``x`` and ``y``, ticks, labels and ``shapes`` (see ``resolve``);
- ``SAY``: the sentence under the picture. A text holds formulas in braces: ``{loss:.2f}``.

Here the picture is drawn once, for paper; ``static/dial.js`` draws it for wherever the knobs stand.
"""

from __future__ import annotations

import json
import math
import re
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from sphinx.application import Sphinx

from press.common import data_block, is_paper
from press.figures import Plot, add_image, picture_of, plot
from press.plotting import book_style

LARGEST = 100_000  # bytes of a description that a page can carry
GRID = 24  # cells across and up in which a field is drawn
TILT, RISE = 0.42, 0.5  # of a surface: how steeply one looks down on it, and how high 1 stands
FUNCTIONS = {"tanh": math.tanh, "abs": abs, "max": max, "min": min}
PARTS = ("KNOBS", "DATA", "LET", "PANELS", "SAY")

Description = Mapping[str, Any]


def values_of(knobs: Sequence[Description], key: str = "start") -> list[float]:
    """Where the knobs stand: at ``start``, or at ``still`` if they have one."""
    return [knob.get(key, knob["start"]) for knob in knobs]


def names_at(told: Description, values: Sequence[float]) -> dict[str, Any]:
    """All names that formulas can use, with the knobs at these values."""
    scope = {**FUNCTIONS, **told["DATA"]}
    scope |= {knob["name"]: value for knob, value in zip(told["KNOBS"], values)}
    for name, formula in told["LET"].items():
        scope[name] = computed(formula, scope)
    return scope


def computed(formula: Any, scope: Mapping[str, Any]) -> Any:
    """A formula's value; what is none is itself, and a list is computed item by item."""
    if isinstance(formula, str):
        return eval(formula, {"__builtins__": {}}, dict(scope))
    if isinstance(formula, (list, tuple)):
        return [computed(item, scope) for item in formula]
    return formula


def filled(text: str, scope: Mapping[str, Any]) -> str:
    """A text with its formulas computed."""

    def number(found: re.Match[str]) -> str:
        value = computed(found[1], scope)
        return f"{value:z.{found[2]}f}" if found[2] else str(value)

    return re.sub(r"\{([^{}:]+)(?::\.(\d)f)?\}", number, text)


def resolve(told: Description, values: Sequence[float]) -> list[list[dict[str, Any]]]:
    """The shapes of each panel, in numbers.

    ``line``, ``area`` and ``dots`` have ``points``; a ``text`` has one, ``at``. A ``field`` is a
    formula ``z`` of x and y, shaded by three levels; a ``surface`` has ``rows`` of heights, the
    angle ``turn`` in degrees, and ``pins``: column, row, the height wanted, and a label.
    """
    scope = names_at(told, values)
    return [
        [resolved(shape, panel, scope) for shape in panel["shapes"]] for panel in told["PANELS"]
    ]


def resolved(shape: Description, panel: Description, scope: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        key: computed(shape[key], scope)
        for key in ("points", "at", "width", "rows", "turn")
        if key in shape
    }
    if "text" in shape:
        found["text"] = filled(shape["text"], scope)
    if shape["kind"] == "field":
        xs, ys = (
            [low + (high - low) * i / GRID for i in range(GRID + 1)]
            for low, high in (panel["x"], panel["y"])
        )
        found["rows"] = [[computed(shape["z"], {**scope, "x": x, "y": y}) for x in xs] for y in ys]
    if shape["kind"] == "surface":
        found |= projected(found["rows"], math.radians(found["turn"]), shape["pins"])
    return {**shape, **found}


def projected(
    rows: Sequence[Sequence[float]], turn: float, pins: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """A surface as one sees it: its cells, the far ones first, each with its mean height; the
    square beneath it; and for each pin where it meets the surface, its head, and its height."""
    last = len(rows) - 1

    def place(column: float, row: float, height: float) -> list[float]:
        x, y = column / last - 0.5, row / last - 0.5
        across = x * math.cos(turn) - y * math.sin(turn)
        away = x * math.sin(turn) + y * math.cos(turn)
        return [across, away * TILT + height * RISE, away]

    cells: list[tuple[float, list[list[float]], float]] = []
    for j in range(last):
        for i in range(last):
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            heights = [rows[row][column] for column, row in corners]
            points = [place(*corner, height) for corner, height in zip(corners, heights)]
            flat = [point[:2] for point in points]
            cells.append((sum(point[2] for point in points), flat, sum(heights) / 4))
    cells.sort(key=lambda cell: -cell[0])
    base = [(0, 0), (last, 0), (last, last), (0, last)]
    return {
        "floor": [place(*corner, 0)[:2] for corner in base],
        "cells": [[points, height] for _, points, height in cells],
        "heads": [
            [place(i, j, rows[j][i])[:2], place(i, j, height)[:2], height, label]
            for i, j, height, label in pins
        ],
    }


def loss_panel(
    title: str,
    xticks: Sequence[int],
    yticks: Sequence[float],
    shapes: Sequence[Description],
) -> dict[str, Any]:
    """The panel on the right of several dials: the loss by steps, between its outermost ticks."""
    return {
        "title": title,
        "width": 1,
        "x": [0, xticks[-1]],
        "y": [yticks[0], yticks[-1]],
        "log": True,
        "xlabel": "step",
        "ylabel": "loss",
        "xticks": xticks,
        "yticks": yticks,
        "shapes": shapes,
    }


def to_json(told: Description) -> str:
    """The description as ``dial.js`` reads it."""
    return json.dumps(told, separators=(",", ":"))


def draw(told: Description, picture: Path) -> None:
    """Draw what stands on paper."""
    with book_style():
        panels = told["PANELS"]
        widths = [panel.get("width", 1) for panel in panels]
        _, axes = pyplot.subplots(
            1, len(panels), figsize=(7.0, 3.2), width_ratios=widths, squeeze=False
        )
        shown = resolve(told, values_of(told["KNOBS"], "still"))
        for ax, panel, shapes in zip(axes[0], panels, shown):
            for shape in shapes:
                PEN[shape["kind"]](ax, shape, panel)
            ax.set(
                xlim=panel["x"], ylim=panel["y"], aspect="equal" if panel.get("equal") else "auto"
            )
            ax.grid(False)
            if panel.get("bare"):
                ax.axis("off")
                continue
            ax.set(xlabel=panel["xlabel"], ylabel=panel["ylabel"])
            ax.set(yscale="log" if panel.get("log") else "linear")
            ax.set(xticks=panel["xticks"], yticks=panel["yticks"])
        pyplot.savefig(picture, format="svg", metadata={"Date": None})


def ink(shape: Description) -> str:
    colour: str = shape.get("colour", "ink")
    return "black" if colour == "ink" else colour


def draw_line(ax: Axes, shape: Description, panel: Description) -> None:
    if shape["points"] and shape.get("width", 1.8) > 0:
        alpha, dashes = (0.45 if shape.get("faint") else 1), ("--" if shape.get("dashed") else "-")
        ax.plot(
            *zip(*shape["points"]),
            dashes,
            color=ink(shape),
            alpha=alpha,
            linewidth=shape.get("width", 1.8),
        )


def draw_area(ax: Axes, shape: Description, panel: Description) -> None:
    ax.fill(
        *zip(*shape["points"]), facecolor=to_rgba(ink(shape), 0.18), edgecolor=ink(shape), lw=0.8
    )


def draw_dots(ax: Axes, shape: Description, panel: Description) -> None:
    marker = "s" if shape.get("square") else "o"
    size = 2 * shape.get("width", 4)
    face = "white" if shape.get("hollow") else ink(shape)
    ax.plot(
        *zip(*shape["points"]),
        marker,
        color=face,
        ms=size,
        mec="black",
        mew=0.8,
        zorder=3,
        clip_on=False,
    )


def draw_text(ax: Axes, shape: Description, panel: Description) -> None:
    x, y = shape["at"]
    ax.text(x, y, shape["text"], color=ink(shape), ha=shape.get("align", "center"), va="center")


def draw_field(ax: Axes, shape: Description, panel: Description) -> None:
    low, middle, high = shape["levels"]
    xs, ys = (
        [a + (b - a) * i / GRID for i in range(GRID + 1)] for a, b in (panel["x"], panel["y"])
    )
    shades = [("C0", 0.36), ("C0", 0.18), ("C1", 0.18), ("C1", 0.36)]
    colours = [to_rgba(*shade) for shade in shades]
    ax.contourf(xs, ys, shape["rows"], levels=[-1e9, low, middle, high, 1e9], colors=colours)
    ax.contour(xs, ys, shape["rows"], levels=[middle], colors="black", linewidths=1.2)


def draw_surface(ax: Axes, shape: Description, panel: Description) -> None:
    ax.fill(*zip(*shape["floor"]), facecolor="none", edgecolor="black", lw=0.6)
    for points, height in shape["cells"]:
        part = min(max(height, 0.0), 1.0) - 0.5
        colour, share = to_rgb("C1" if part > 0 else "C0"), 0.1 + 1.4 * abs(part)
        face = [1 + (c - 1) * share for c in colour]
        ax.fill(*zip(*points), facecolor=face, edgecolor="white", lw=0.4)
    for foot, head, height, label in shape["heads"]:
        ax.plot(*zip(foot, head), color="black", lw=1.2)
        ax.plot(
            *head,
            "s" if height else "o",
            color="C1" if height else "C0",
            ms=9,
            mec="black",
            mew=0.8,
        )
        ax.text(head[0], head[1] + 0.1, label, ha="center", va="center")


PEN = {
    "line": draw_line,
    "area": draw_area,
    "dots": draw_dots,
    "text": draw_text,
    "field": draw_field,
    "surface": draw_surface,
}


def described(script: Path) -> Description:
    """What a script describes, as the page will have it."""
    names = runpy.run_path(str(script))
    told: Description = json.loads(to_json({part: names[part] for part in PARTS}))
    return told


class dial(plot):  # noqa: N801 (docutils names nodes in lower case)
    """The picture as it stands on paper, with its description beside it."""

    def make(self, picture: Path) -> None:
        told = described(Path(self["script"]))
        text = to_json(told)
        if len(text) > LARGEST:
            raise ValueError(f"expected at most {LARGEST} bytes of a dial, got {len(text)}")
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.with_suffix(".json").write_text(text, "utf-8")
        draw(told, picture)


class Dial(Plot):
    """A picture with knobs, from a script; the content is its caption."""

    made = dial
    tools = [Path(__file__)]  # which imports what other figures are made with


def visit_dial(self: Any, node: dial) -> None:
    add_image(self, node)
    told = picture_of(self.builder, node).with_suffix(".json")
    if not is_paper(self.builder) and told.exists():
        self.body.append(data_block("dial", told.read_text("utf-8")))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("press.figures")
    app.add_node(dial, html=(visit_dial, None))
    app.add_directive("dial", Dial)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
