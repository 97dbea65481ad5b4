"""Draws the figures: a script's plot, in the colours and typefaces of the book."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot

from press import STATIC, fonts

matplotlib.use("Agg")
STYLE = STATIC / "book.mplstyle"


@contextmanager
def book_style() -> Iterator[None]:
    """What is drawn within has the book's colours and typefaces, and no figure is left behind."""
    fonts.give_to_matplotlib()
    with matplotlib.rc_context(), matplotlib.style.context(["default", str(STYLE)]):
        pyplot.close("all")
        yield
        pyplot.close("all")


def draw(script: Path, picture: Path, **saving: Any) -> None:
    """Run a script that draws one figure, and save that."""
    with book_style():
        runpy.run_path(str(script))
        if len(pyplot.get_fignums()) != 1:
            raise ValueError(
                f"expected the script to draw 1 figure, got {len(pyplot.get_fignums())}"
            )
        picture.parent.mkdir(parents=True, exist_ok=True)
        pyplot.savefig(picture, format="svg", metadata={"Date": None}, **saving)


if __name__ == "__main__":  # python -m press.plotting SCRIPT PICTURE: on white, for the README
    draw(Path(sys.argv[1]), Path(sys.argv[2]), facecolor="white")
