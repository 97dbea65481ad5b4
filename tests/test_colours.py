"""The colours of the figures: seen on white and on black, and told apart by everyone."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import combinations

import pytest
from conftest import ROOT

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

STYLE = ROOT / "conf" / "static" / "book.mplstyle"
FIGURES = sorted((ROOT / "build" / "figures").glob("*.svg"))
LETTERS, LINES = 4.5, 3.0  # contrasts that WCAG 2.2 asks for, level AA
LIGHT, DARK = (1.0, 1.0, 1.0), (0x13 / 255, 0x14 / 255, 0x16 / 255)  # the theme's pages
APART = 0.07  # in OKLab; black and white are 1 apart

# How the three kinds of dichromats see: matrices of Machado, Oliveira and Fernandes (2009), for
# linear RGB, severity 1.
VISION = {
    "everyone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopes": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopes": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Bjoern Ottosson's OKLab, from linear RGB.
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
# `filter: hue-rotate(180deg)`, as CSS defines it: c' = 2 * luma - c, but for rounding.
HUE_TURNED = (
    (-0.574, 1.430, 0.144),
    (0.426, 0.430, 0.144),
    (0.426, 1.430, -0.856),
)

Colour = Sequence[float]


def dot(one: Colour, other: Colour) -> float:
    return sum(a * b for a, b in zip(one, other))


def times(matrix: Sequence[Colour], colour: Colour) -> list[float]:
    return [min(1.0, max(0.0, dot(row, colour))) for row in matrix]


def linear(colour: Colour) -> list[float]:
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted(dot((0.2126, 0.7152, 0.0722), linear(c)) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def in_the_dark(colour: Colour) -> list[float]:
    """What the filter of dark pages makes of a colour."""
    return times(HUE_TURNED, [1.0 - c for c in colour])


def palette() -> list[tuple[float, float, float]]:
    from matplotlib import rc_params_from_file
    from matplotlib.colors import to_rgb

    cycle = rc_params_from_file(str(STYLE), use_default_template=False)["axes.prop_cycle"]
    return [to_rgb(entry["color"]) for entry in cycle]


@pytest.mark.parametrize("number", range(6))
def test_a_colour_can_be_seen_on_light_and_dark_pages(number: int) -> None:
    colour = palette()[number]
    wanted = LETTERS if number < 3 else LINES
    assert contrast(colour, LIGHT) >= wanted
    assert contrast(in_the_dark(colour), DARK) >= wanted


@pytest.mark.parametrize("who", VISION)
def test_any_two_colours_can_be_told_apart(who: str) -> None:
    def seen(colour: Colour) -> list[float]:
        cones = times(CONES, times(VISION[who], linear(colour)))
        return [dot(row, [c ** (1 / 3) for c in cones]) for row in LAB]

    for one, other in combinations(map(seen, palette()), 2):
        assert math.dist(one, other) >= APART


@pytest.mark.skipif(not FIGURES, reason="no figure is drawn: run `make book` first")
def test_all_letters_of_the_figures_can_be_read() -> None:
    from matplotlib.colors import to_rgb

    pale = set()
    for figure in FIGURES:
        for text in re.findall(r'<g id="text_\d+">(.*?)</g>\s*</g>', figure.read_text(), re.DOTALL):
            for fill in re.findall(r"fill: (#[0-9a-f]{6})", text):
                colour = to_rgb(fill)
                light, dark = contrast(colour, LIGHT), contrast(in_the_dark(colour), DARK)
                if min(light, dark) < LETTERS:
                    pale.add((figure.stem, fill))
    assert pale == set()
