"""Cuts the book's typefaces out of whole ones: ``make fonts``, which installs what that needs.

They are Source Serif, Source Sans, Source Code, and STIX Two Math for formulas. Each is cut down
from the font that a package carries to the characters the book needs: for the pages as WOFF2, with
a style sheet that names them and says which characters they have, and for the figures as TrueType.
All are free under the SIL Open Font License, which wants such a cut to go by a name of its own, and
its text and the copyright notices to go with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from press.fonts import FOLDER, FOR_FIGURES, FORMULAS, STYLE_SHEET

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
            f'format("woff2"); unicode-range: {self.characters}; }}\n'
        )

    def cut(self) -> None:
        """Make its file, and one for the figures if they are lettered in it."""
        font = TTFont(self.whole(), recalcTimestamp=False)
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
        target = FOLDER / self.file
        for number, name in (1, self.family), (2, style), (4, self.family), (6, target.stem):
            font["name"].setName(name, number, 3, 1, 0x409)
        if target.with_suffix(".ttf") in FOR_FIGURES:
            font.save(target.with_suffix(".ttf"))
        font.flavor = "woff2"
        font.save(target)


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


def notice() -> str:
    """Whose the typefaces are, and the licence they are under."""
    owners = sorted({str(TTFont(face.whole())["name"].getDebugName(0)) for face in FACES})
    licence = (fontpkg.path(SERIF).parents[1] / "LICENSE").read_text("utf-8")
    head = "The typefaces in this folder are cut from others, which are theirs:"
    return "\n".join([head, "", *owners, "", licence[licence.index("This Font Software") :]])


def cut_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for face in FACES:
        face.cut()
    STYLE_SHEET.write_text("".join(face.rule() for face in FACES), "utf-8")
    (FOLDER / "OFL.txt").write_text(notice(), "utf-8")


if __name__ == "__main__":
    cut_all()
