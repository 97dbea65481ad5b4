"""The book's typefaces: all that the pages say can be set in them."""

from __future__ import annotations

import html
import re
import sys
from importlib import import_module
from typing import Any

import pytest
from conftest import ROOT

pytest.importorskip("sphinx", reason="the book's tools are not installed")

sys.path.insert(0, str(ROOT / "conf"))
fonts: Any = import_module("press.fonts")

SITE = ROOT / "build" / "html"
PAGES = [page for page in SITE.rglob("*.html") if not {"_static", "pyodide"} & set(page.parts)]
NOT_TEXT = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
MATH = re.compile(r"<(math)\b.*?</\1>", re.DOTALL)
CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
ALL = re.compile(r".+", re.DOTALL)
FIGURES = sorted((ROOT / "build" / "figures").glob("*.svg"))
BLANK = set("\n\t\N{ZERO WIDTH SPACE}")


RULE = re.compile(r'font-family: "(.+?)"; .*?url\("(.+?)"\).*?unicode-range: (.+?);')
FACES = {file: (family, told) for family, file, told in RULE.findall(fonts.STYLE_SHEET.read_text())}


def characters(file: str) -> set[str]:
    """What a font has, and the style sheet says it has: a browser looks for nothing else in it."""
    from fontTools.subset import parse_unicodes
    from fontTools.ttLib import TTFont

    codes = set(TTFont(fonts.FOLDER / file).getBestCmap()) & set(parse_unicodes(FACES[file][1]))
    return {chr(code) for code in codes} | BLANK


@pytest.mark.skipif(not PAGES, reason="the book is not built: run `make book` first")
def test_every_character_of_the_pages_is_in_its_typeface() -> None:
    said: dict[str, set[str]] = {"Book Text": set(), "Book Code": set(), "Book Math": set()}
    for page in PAGES:
        rest = re.sub(NOT_TEXT, "", page.read_text("utf-8"))
        for family, kind in ("Book Math", MATH), ("Book Code", CODE), ("Book Text", ALL):
            parts = "".join(found[0] for found in re.finditer(kind, rest))
            said[family] |= set(html.unescape(re.sub(r"<[^>]*>", "", parts)))
            rest = re.sub(kind, "", rest)
    for file, (family, _) in FACES.items():
        missing = sorted(said.get(family, set()) - characters(file))
        names = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing)
        assert not missing, (
            f"{file} lacks {names}: add it in conf/press/cutting.py and run `make fonts`; "
            f"if it is there already, the typeface has none, and the page has to say it otherwise"
        )


@pytest.mark.parametrize("file", FACES)
def test_a_cut_has_its_characters_and_says_whose_it_is(file: str) -> None:
    from fontTools.ttLib import TTFont

    family, _ = FACES[file]
    font = TTFont(fonts.FOLDER / file)
    assert set("aZ09-(") <= characters(file)
    assert "fvar" not in font
    names = {record.nameID: str(record) for record in font["name"].names}
    assert names[1] == family
    assert "Open Font License" in names[13]
    assert names[0] in (fonts.FOLDER / "OFL.txt").read_text("utf-8")
    assert font["OS/2"].usWeightClass == (600 if "bold" in file else 400)


def test_the_fonts_are_cut_as_they_would_be_now() -> None:
    """Whoever changes what is cut has to cut it: the style sheet tells what was."""
    pytest.importorskip("fontpkg", reason="what cuts fonts is not installed: run `make fonts`")
    cutting: Any = import_module("press.cutting")
    now = "".join(face.rule() for face in cutting.FACES)
    assert fonts.STYLE_SHEET.read_text("utf-8") == now, "run `make fonts`"


@pytest.mark.skipif(not FIGURES, reason="no figure is drawn: run `make book` first")
def test_no_figure_is_lettered_in_what_matplotlib_brings() -> None:
    assert [figure.name for figure in FIGURES if "DejaVuSans" in figure.read_text("utf-8")] == []


def test_the_figures_are_lettered_in_the_typeface_of_the_captions() -> None:
    from matplotlib import font_manager

    fonts.give_to_matplotlib()
    for weight, file in ("normal", "sans.ttf"), ("semibold", "sans-bold.ttf"):
        properties = font_manager.FontProperties(family="Book Sans", weight=weight)
        assert font_manager.findfont(properties, fallback_to_default=False).endswith(f"/{file}")
