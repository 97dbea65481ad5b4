"""Finding one's way in the built book: where one is, what there is, and what can be linked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = ROOT / "build" / "html"

pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="the book is not built: run `make book` first"
)


def text(name: str) -> str:
    return (SITE / name).read_text("utf-8")


def chapters() -> list[str]:
    """The pages that the contents of the front page link, in order."""
    (listed,) = re.findall(r'<ul class="parts[^"]*">.*?</ul>', text("index.html"), re.DOTALL)
    return re.findall(r'href="([^"#]+)"', listed)


def test_every_page_of_a_part_says_where_it_is() -> None:
    said = [re.findall(r'<p class="where">(.*?)</p>', text(name)) for name in chapters()]
    lines = [line for (line,) in filter(None, said)]
    assert len(lines) > 35
    for number, line in enumerate(lines, start=1):
        told = re.fullmatch(r"Part (\d), .+ · chapter (\d+) of (\d+) · about (\d+) minutes", line)
        assert told, line
        assert int(told[2]) == number
        assert int(told[3]) == len(lines)
        assert int(told[4]) % 5 == 0


def test_every_page_describes_itself_in_words_of_its_own() -> None:
    described = {
        name: re.findall(r'<meta name="description" content="([^"]*)"', text(name))
        for name in chapters()
        if name not in ("genindex.html", "py-modindex.html")
    }
    assert all(len(found) == 1 and 20 < len(found[0]) <= 200 for found in described.values())
    assert len({found[0] for found in described.values()}) == len(described)


def test_the_indexes_and_the_start_are_on_the_front_page() -> None:
    assert {"genindex.html", "py-modindex.html"} <= set(chapters())
    (start,) = re.findall(r'class="start[^"]*">.*?href="([^"]+)"', text("index.html"), re.DOTALL)
    assert start == chapters()[0]


def test_a_page_that_is_not_there_leads_on() -> None:
    assert 'href="index.html"' in text("404.html")


def test_every_page_has_an_icon() -> None:
    assert re.search(r'rel="(?:shortcut )?icon" href="_static/favicon.svg', text("index.html"))


def test_works_elsewhere_are_links() -> None:
    page = text("reference/bibliography.html")
    plain = re.sub(r"<a [^>]*>.*?</a>", "", page, flags=re.DOTALL)
    assert not re.search(r"doi:10\.|arXiv:\d", plain)
    assert len(re.findall(r'href="https://doi.org/10', page)) > 20


def test_docstrings_lead_to_the_chapters_that_they_name() -> None:
    page = text("reference/api-nn.html")
    assert re.search(r'<a [^>]*href="../networks/neurons-layers-networks.html"[^>]*>Networks', page)
    everything = "".join(
        text(f"reference/{each.name}") for each in SITE.glob("reference/api-*.html")
    )
    assert len(re.findall(r"“<a class=\"reference internal\"", everything)) > 40


def test_every_exercise_and_pitfall_can_be_linked() -> None:
    boxes = {
        name: re.findall(r'<div class="(?:exercise|pitfall|design) admonition"([^>]*)>', text(name))
        for name in chapters()
    }
    assert sum(map(len, boxes.values())) > 150
    for name, found in boxes.items():
        ids = [re.findall(r'id="([^"]+)"', attributes) for attributes in found]
        assert all(ids), name
        assert len({each[0] for each in ids}) == len(ids), name


def test_the_sidebar_shows_the_current_chapter(chromium: Any) -> None:
    page: Page = chromium.new_page(viewport={"width": 1400, "height": 900})
    for name in ("trouble/recovery.html", "reference/glossary.html", "first-hour/slope.html"):
        page.goto((SITE / name).as_uri(), wait_until="load")
        box = page.locator(".sidebar-scroll .current-page > a").first.bounding_box()
        assert box is not None
        assert 0 < box["y"] < 900 - box["height"], name
    page.close()


def test_the_narrow_header_says_the_title_of_the_chapter(chromium: Any) -> None:
    page: Page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto((SITE / "examples/xor.html").as_uri(), wait_until="load")
    assert page.locator(".mobile-header .brand").inner_text() == "XOR"
    page.close()


def test_what_goes_on_to_the_side_shows_it(chromium: Any) -> None:
    page: Page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto((SITE / "engine/gradient-checking.html").as_uri(), wait_until="load")
    page.wait_for_selector(".goes-on")
    wide = page.locator(".highlight pre").evaluate_all(
        "(all) => all.filter((pre) => !pre.closest('details:not([open])'))"
        ".map((pre) => [pre.scrollWidth > pre.clientWidth + 2, pre.className])"
    )
    assert any(is_wide for is_wide, _ in wide)
    assert all(("goes-on" in name) == is_wide for is_wide, name in wide)
    first = page.locator("pre.goes-on").first
    first.evaluate("(pre) => { pre.scrollLeft = pre.scrollWidth; }")
    page.wait_for_selector("pre.comes-from:not(.goes-on)")
    page.close()
