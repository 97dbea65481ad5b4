"""The manner of the chapters, as far as it can be counted: boxes, worn phrases, words, cells."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import BOOK

PARTS = (
    "first-hour",
    "engine",
    "networks",
    "examples",
    "trouble",
    "arrays",
    "language",
    "beyond",
    "building",
)
CHAPTERS = sorted(page for part in PARTS for page in (BOOK / part).glob("*.md"))
BOXES = {"pitfall", "design", "aside", "note", "warning", "tip", "important"}
FOLDED = {"hint", "solution", "exercise", "dropdown"}
WORN = re.compile(
    r"the cure is|it costs|the price is|what we gave up|\b(nobody|somebody|one (often )?reads)\b",
    re.IGNORECASE,
)
FENCE = re.compile(r"^\s*(`{3,}|:{3,})\s*(?:\{([\w-]+)\})?(.*)$")


@dataclass
class Counts:
    """What a chapter is made of: lines that are not blank, by where they stand, and words."""

    lines: int = 0
    boxed: int = 0
    words: int = 0
    cells: int = 0


def counts(page: Path) -> Counts:
    """Walk through the fences of a chapter, and count what is in them."""
    found, open_fences = Counts(), list[tuple[str, str]]()
    for line in page.read_text("utf-8").splitlines():
        match = FENCE.match(line)
        closes = bool(open_fences) and line.strip().startswith(open_fences[-1][0])
        if closes and match and not match[2] and not match[3].strip():
            open_fences.pop()
            continue
        if match and (match[2] or match[1][0] == "`"):
            code = open_fences and open_fences[-1][0][0] == "`"
            if not code:
                open_fences.append((match[1], match[2] or ""))
                found.cells += match[2] == "cell"
                continue
        kinds = [kind for _, kind in open_fences]
        if not line.strip() or FOLDED & set(kinds):
            continue
        found.lines += 1
        found.boxed += bool(BOXES & set(kinds))
        if not any(fence[0] == "`" for fence, _ in open_fences):
            found.words += len(
                re.findall(r"\w+(?:[\u2019'-]\w+)*", re.sub(r"\(.*?\)(?==)|^\|.*", "", line))
            )
    return found


def name(page: Path) -> str:
    return page.relative_to(BOOK).with_suffix("").as_posix()


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_boxes_hold_what_can_be_skipped(page: Path) -> None:
    chapter = counts(page)
    assert chapter.boxed <= 0.2 * chapter.lines, f"{chapter.boxed} of {chapter.lines} lines"


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_phrases_that_are_worn_out_do_not_come_back(page: Path) -> None:
    found = [match.group() for match in WORN.finditer(page.read_text("utf-8"))]
    assert len(found) < 2, found


@pytest.mark.parametrize("page", CHAPTERS, ids=name)
def test_chapter_is_read_in_one_sitting(page: Path) -> None:
    assert counts(page).words <= 3500


def test_fences_are_told_apart(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Two words.\n\n:::{pitfall} Title\nThree more words.\n```{cell}\nx = 1\n```\n:::\n"
        "::::{exercise} easy\nNot counted.\n:::{hint}\nNor this.\n:::\n::::\nLast.\n",
        "utf-8",
    )
    assert counts(page) == Counts(lines=4, boxed=2, words=6, cells=1)


if __name__ == "__main__":  # the figures behind it: python tests/test_style.py
    total = 0
    print(f"{'chapter':40} words boxed cells worn")
    for page in CHAPTERS:
        chapter = counts(page)
        total += chapter.words
        worn = len(WORN.findall(page.read_text("utf-8")))
        share = chapter.boxed / chapter.lines
        print(f"{name(page):40} {chapter.words:5} {share:5.0%} {chapter.cells:5} {worn:4}")
    print(f"{'all':40} {total:5}")
