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


def characters(family: str) -> set[str]:
    from fontTools.subset import parse_unicodes

    face = next(face for face in fonts.FACES if face.family == family)
    return {chr(code) for code in parse_unicodes(face.characters)} | BLANK


@pytest.mark.skipif(not PAGES, reason="the book is not built: run `make book` first")
def test_every_character_of_the_pages_is_in_its_typeface() -> None:
    said: dict[str, set[str]] = {"Book Text": set(), "Book Code": set(), "Book Math": set()}
    for page in PAGES:
        rest = re.sub(NOT_TEXT, "", page.read_text("utf-8"))
        for family, kind in ("Book Math", MATH), ("Book Code", CODE), ("Book Text", ALL):
            parts = "".join(found[0] for found in re.finditer(kind, rest))
            said[family] |= set(html.unescape(re.sub(r"<[^>]*>", "", parts)))
            rest = re.sub(kind, "", rest)
    missing = {family: found - characters(family) for family, found in said.items()}
    assert not any(missing.values()), missing


@pytest.mark.parametrize("face", fonts.FACES, ids=lambda face: face.file)
def test_a_cut_has_its_characters_and_says_whose_it_is(face: Any) -> None:
    from fontTools.ttLib import TTFont

    face.cut()
    font = TTFont(fonts.PAGES / face.file)
    assert {ord(letter) for letter in "aZ09-("} <= set(font.getBestCmap())
    assert "fvar" not in font
    names = {record.nameID: str(record) for record in font["name"].names}
    assert names[1] == face.family
    assert "Open Font License" in names[13]
    assert font["OS/2"].usWeightClass == face.weight


def test_a_cut_that_is_there_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    face = fonts.FACES[-1]
    face.cut()
    monkeypatch.setattr(fonts, "save", lambda *_: pytest.fail("it was cut once more"))
    face.cut()


@pytest.mark.skipif(not FIGURES, reason="no figure is drawn: run `make book` first")
def test_no_figure_is_lettered_in_what_matplotlib_brings() -> None:
    assert [figure.name for figure in FIGURES if "DejaVuSans" in figure.read_text("utf-8")] == []


def test_the_figures_are_lettered_in_the_typeface_of_the_captions() -> None:
    from matplotlib import font_manager

    fonts.give_to_matplotlib()
    for weight, file in ("normal", "sans.ttf"), ("semibold", "sans-bold.ttf"):
        properties = font_manager.FontProperties(family="Book Sans", weight=weight)
        assert font_manager.findfont(properties, fallback_to_default=False).endswith(f"/{file}")
