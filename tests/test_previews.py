"""Whoever points at a term, a work or a figure sees it before following the link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = ROOT / "build" / "html"
CHAPTER = SITE / "networks" / "gradient-descent.html"

pytestmark = pytest.mark.skipif(
    not CHAPTER.exists(), reason="the book is not built: run `make book` first"
)


@pytest.fixture
def page(chromium: Any) -> Iterator[Page]:
    """A chapter, opened as a file; it says nothing to the console."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    opened: Page = context.new_page()
    told: list[str] = []
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.goto(CHAPTER.as_uri())
    yield opened
    assert told == []
    context.close()


def previews() -> dict[str, str]:
    text = (SITE / "_static" / "book-previews.js").read_text("utf-8")
    told: dict[str, str] = json.loads(text.removeprefix("window.bookPreviews=").rstrip(";\n"))
    return told


def test_all_terms_works_and_figures_are_there() -> None:
    told = previews()
    assert "how far predictions" in told["reference/glossary.html#term-loss"]
    assert "Polyak, B. T. (1964)" in told["reference/bibliography.html#polyak1964"]
    figure = told["networks/gradient-descent.html#fig-descent-surface"]
    assert figure.startswith('<img class="plot" alt="" src="_images/networks-figures-descent-')
    assert "$" not in "".join(told.values())  # formulas are formulas
    assert all("{term}" not in text for text in told.values())
    kinds = [
        sum(part in address for address in told) for part in ("glossary", "bibliography", "#fig-")
    ]
    assert min(kinds) > 50


def test_a_link_that_is_pointed_at_shows_what_is_there(page: Page) -> None:
    box, link = page.locator("#preview"), page.locator("article a[href$='#term-loss']").first
    assert box.is_hidden()
    link.hover()
    box.wait_for()
    assert "how far predictions" in box.inner_text()
    assert link.get_attribute("aria-describedby") == "preview"
    box.hover()  # it stays as long as one is in it, to be read
    page.wait_for_timeout(500)
    assert box.is_visible()
    page.mouse.move(5, 5)
    box.wait_for(state="hidden")
    assert link.get_attribute("aria-describedby") is None


def test_a_figure_is_shown_with_its_picture(page: Page) -> None:
    page.goto((SITE / "arrays" / "tensors.html").as_uri())
    link = page.locator("article a.reference.internal[href*='#fig-']").first
    link.scroll_into_view_if_needed()
    link.hover()
    picture = page.locator("#preview img")
    picture.wait_for()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100


def test_the_keyboard_shows_it_and_escape_hides_it(page: Page) -> None:
    link = page.locator("article a[href$='#term-loss']").first
    page.locator("article a").first.focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    page.locator("#preview").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#preview").is_hidden()


def test_it_stays_within_a_narrow_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator("article a[href$='#term-loss']").first.hover()
    box = page.locator("#preview")
    box.wait_for()
    place = box.bounding_box()
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_link_elsewhere_shows_nothing(page: Page) -> None:
    page.locator("article a.reference.internal:not([href*='#'])").first.hover()
    page.wait_for_timeout(600)
    assert page.locator("#preview").is_hidden()
