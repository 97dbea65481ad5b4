"""The book's typefaces: Source Serif, Source Sans, Source Code, and STIX Two Math for formulas.

Each is cut down from the font that an installed package carries to the characters the book needs,
for the pages as WOFF2, with a style sheet that names them, and for the figures as TrueType. All
are free under the SIL Open Font License, which wants such a cut to go by a name of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from sphinx.application import Sphinx

FOLDER = Path(__file__).parents[2] / "build" / "fonts"
PAGES = FOLDER / "pages"
STYLE_SHEET = "fonts.css"
FORMULAS = "math.woff2"

# Latin letters of western languages and of names from others; quotes, dashes, fractions, arrows,
# comparisons.
TEXT = (
    "U+20-7E,U+A0-FF,U+106,U+107,U+10C,U+10D,U+141-144,U+150,U+151,U+158-161,U+170,U+171,U+179-17E,"
    "U+2010-2022,U+2026,U+2032,U+2033,U+2044,U+2150-215E,U+2190-2193,U+21B5,"
    "U+2212,U+221E,U+2248,U+2260,U+2264,U+2265"
)
CODE = f"{TEXT},U+2500-257F,U+2580-259F"  # and the lines and blocks that outputs are drawn with
# Letters and digits; Greek; arrows, operators and brackets; italic letters, Latin and Greek.
MATH = (
    "U+20-7E,U+A0-B7,U+D7,U+F7,U+393-3F5,U+2010-2026,U+2032-2034,U+2061-2064,U+210E,U+211D,"
    "U+2113,U+2190-2194,U+21A6,U+21D2,U+2200,U+2202,U+2203,U+2207,U+2208,U+220F,U+2211,U+2212,"
    "U+2215-2217,U+221A,U+221E,U+2225,U+222B,U+223C,U+2248,U+2260-2265,U+226A,U+226B,U+2299,"
    "U+22C5,U+22EF,U+2308-230B,U+27E8,U+27E9,U+1D434-1D467,U+1D6FC-1D71B"
)


@dataclass(frozen=True)
class Face:
    """A typeface in one weight and style."""

    family: str  # as style sheets call it
    file: str
    whole: Callable[[], Path]  # where the font is that it is cut from
    characters: str
    features: tuple[str, ...] = ("ccmp", "kern", "liga", "locl")
    axes: dict[str, float] = field(default_factory=dict)  # where to stand on each axis of the whole
    style: str = "normal"

    @property
    def weight(self) -> int:
        return int(self.axes.get("wght", 400))

    def rule(self) -> str:
        """What a style sheet says of it."""
        return (
            f'@font-face {{ font-family: "{self.family}"; font-weight: {self.weight}; '
            f'font-style: {self.style}; font-display: swap; src: url("{self.file}") '
            f'format("woff2"); }}\n'
        )

    def for_figures(self) -> Path:
        return (FOLDER / self.file).with_suffix(".ttf")

    def cut(self) -> None:
        """Make its file, and one for the figures, unless they are there."""
        target = PAGES / self.file
        if target.exists() and target.stat().st_mtime > Path(__file__).stat().st_mtime:
            return
        font = TTFont(self.whole())
        options = subset.Options(
            layout_features=list(self.features),
            hinting=False,
            name_IDs=[0, 13, 14],  # whose it is, and the licence
            notdef_outline=True,
        )
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=subset.parse_unicodes(self.characters))
        cutter.subset(font)
        if self.axes:
            font = instancer.instantiateVariableFont(font, self.axes)
        style = "Italic" if self.style == "italic" else "Regular"
        for number, name in (1, self.family), (2, style), (4, self.family), (6, target.stem):
            font["name"].setName(name, number, 3, 1, 0x409)
        PAGES.mkdir(parents=True, exist_ok=True)
        save(font, self.for_figures())
        font.flavor = "woff2"
        save(font, target)


def save(font: TTFont, target: Path) -> None:
    """Save a font in one go: other processes may be about to use it, or to make it."""
    whole = target.with_name(f"{target.name}.{os.getpid()}")
    font.save(whole)
    whole.replace(target)


def source(family: str, style: str = "normal") -> Callable[[], Path]:
    return lambda: fontpkg.path(family, style=style)


def stix() -> Path:
    package = find_spec("ziamath")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"


SERIF, SANS, MONO = "Source Serif 4", "Source Sans 3", "Source Code Pro"
READING = {"opsz": 14.0}  # the optical size for text, in points
FACES = (
    Face("Book Text", "text.woff2", source(SERIF), TEXT, axes=READING | {"wght": 400}),
    Face("Book Text", "text-bold.woff2", source(SERIF), TEXT, axes=READING | {"wght": 600}),
    Face(
        "Book Text",
        "text-italic.woff2",
        source(SERIF, "italic"),
        TEXT,
        axes=READING | {"wght": 400},
        style="italic",
    ),
    Face("Book Sans", "sans.woff2", source(SANS), TEXT, axes={"wght": 400}),
    Face("Book Sans", "sans-bold.woff2", source(SANS), TEXT, axes={"wght": 600}),
    Face("Book Code", "code.woff2", source(MONO), CODE, ("ccmp",), {"wght": 400}),
    Face("Book Code", "code-bold.woff2", source(MONO), CODE, ("ccmp",), {"wght": 600}),
    Face("Book Math", FORMULAS, stix, MATH, ("ssty", "dtls", "flac")),
)


def cut_face(number: int) -> None:
    FACES[number].cut()


def cut_all() -> None:
    with ProcessPoolExecutor() as pool:
        list(pool.map(cut_face, range(len(FACES))))
    (PAGES / STYLE_SHEET).write_text("".join(face.rule() for face in FACES), "utf-8")


@cache
def give_to_matplotlib() -> None:
    """Make the typeface of the figures known, in all its weights."""
    from matplotlib import font_manager

    for face in FACES:
        if face.family == "Book Sans":
            face.cut()
            font_manager.fontManager.addfont(face.for_figures())


def add_fonts(app: Sphinx) -> None:
    """Put the fonts beside the pages. A reading device brings its own, but none for formulas."""
    if app.builder.format == "html":
        cut_all()
        app.config.html_static_path.append(str(PAGES))
        if app.builder.name == "epub":
            app.config.epub_exclude_files += [
                f"_static/{name}"
                for name in (STYLE_SHEET, *(face.file for face in FACES))
                if name != FORMULAS
            ]
        else:
            app.add_css_file(STYLE_SHEET, priority=100)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", add_fonts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
