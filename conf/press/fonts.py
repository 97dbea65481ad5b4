"""The book's typefaces: Source Serif, Source Sans, Source Code, and STIX Two Math for formulas.

They stand in ``conf/static/fonts``, cut down to the characters the book needs, with a style sheet
that says which these are; ``make fonts`` makes them anew (see ``cutting``).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sphinx.application import Sphinx

from press import STATIC

FOLDER = STATIC / "fonts"
STYLE_SHEET = FOLDER / "fonts.css"
FORMULAS = "math.woff2"
FOR_FIGURES = [FOLDER / "sans.ttf", FOLDER / "sans-bold.ttf"]


@cache
def give_to_matplotlib() -> None:
    """Make the typeface of the figures known, in all its weights."""
    from matplotlib import font_manager

    for file in FOR_FIGURES:
        font_manager.fontManager.addfont(file)


def add_fonts(app: Sphinx) -> None:
    """Have the pages set in them. A reading device brings its own, but none for formulas."""
    if app.builder.name == "epub":
        names = [file.name for file in FOLDER.iterdir() if file.name not in (FORMULAS, "OFL.txt")]
        app.config.epub_exclude_files += [f"_static/fonts/{name}" for name in names]
    elif app.builder.format == "html":
        app.add_css_file("fonts/fonts.css", priority=100)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", add_fonts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
