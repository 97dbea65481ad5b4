"""The search of the built book: what readers look for comes first."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = ROOT / "build" / "html"
QUERIES = tomllib.loads(Path(__file__).with_name("search_queries.toml").read_text("utf-8"))
# Queries whose right answer is the first, or among the first three: at least these shares, a little
# below what is printed, as each chapter that is rewritten moves one or two of them.
PARTS = {
    "the forty": (QUERIES["known"] | QUERIES["new"], 0.8, 0.95),
    "fresh": (QUERIES["fresh"], 0.75, 0.9),
}

pytestmark = pytest.mark.skipif(
    not (SITE / "_static" / "search-places.js").exists(),
    reason="the book is not built: run `make book` first",
)


@pytest.fixture(scope="module")
def finding(chromium: Any) -> Iterator[Any]:
    """The addresses of what is found for some words, best first."""
    page: Page = chromium.new_page()

    def find(query: str) -> list[str]:
        page.goto(f"{(SITE / 'search.html').as_uri()}?q={quote_plus(query)}")
        page.wait_for_selector("#search-results h2")
        links = page.locator("ul.search li > a").evaluate_all(
            "(links) => links.map((link) => link.getAttribute('href'))"
        )
        return [re.sub(r"^\./|\.html(?=#|$)", "", link) for link in links]

    yield find
    page.close()


@pytest.mark.parametrize("part", PARTS)
def test_what_readers_look_for_comes_first(finding: Any, part: str) -> None:
    places, wrong = [], []
    queries, *shares = PARTS[part]
    for query, right in queries.items():
        found = finding(query)
        hits = [
            i for i, at in enumerate(found) if at.lower().startswith(tuple(map(str.lower, right)))
        ]
        places.append(hits[0] if hits else len(found))
        if places[-1]:
            wrong.append(f"{query}: {found[:4]}")
    first = sum(place == 0 for place in places)
    soon = sum(place < 3 for place in places)
    print(f"of {part}: {first} of {len(places)} right at once, {soon} among the first three")
    for got, share in zip((first, soon), shares):
        assert got >= share * len(places), "\n".join(wrong)


def test_every_place_that_can_be_found_is_there() -> None:
    script = (SITE / "_static" / "search-places.js").read_text("utf-8")
    places = json.loads(script.removeprefix("const bookPlaces = ").rstrip().removesuffix(";"))
    ids: dict[str, set[str]] = {}
    missing = []
    for place in places:
        page, _, anchor = place["at"].partition("#")
        if page not in ids:
            ids[page] = set(re.findall(r'\sid="([^"]*)"', (SITE / page).read_text("utf-8")))
        if anchor and anchor not in ids[page]:
            missing.append(place["at"])
    assert missing == []
    kinds = {kind: sum(place["kind"] == kind for place in places) for kind in
             ("page", "section", "symptom", "term", "name")}  # fmt: skip
    print(kinds)
    assert all(count > 20 for count in kinds.values())


def test_words_that_no_page_has_are_answered_too(finding: Any) -> None:
    assert finding("qwertyuiop") == []
    assert finding("the of a") == []
