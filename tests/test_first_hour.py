"""The first hour: typed as it stands it trains a network, and it keeps to its own rules."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from conftest import BOOK, ROOT

pytest.importorskip("sphinx", reason="the book's tools are not installed")

from micrograd import MLP, xor

sys.path.insert(0, str(ROOT / "conf"))
cells: Any = import_module("press.cells")

HOUR = BOOK / "first-hour"
CHAPTERS = [HOUR / f"{name}.md" for name in ("slope", "forty-lines", "a-network-learns")]
PICTURES = ("plot", "playground", "dial", "scrub", "valuegraph", "network")
MOVING = ("dial", "scrub", "valuegraph")
chapters = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda file: file.stem)


def cells_of(chapter: Path) -> list[tuple[str, str]]:
    return list(cells.cells_in(chapter.read_text("utf-8")))


# What a reader does


def test_a_plain_file_of_all_pages_prints_what_they_print() -> None:
    """Typed in order, without this package: each page alone is run by the book's own builder."""
    hour = [cell for chapter in CHAPTERS for cell in cells_of(chapter)]
    typed = "\n".join(f"{code}\nprint('\\0')" for code, _ in hour)
    command = [sys.executable, "-I", "-S", "-c", typed]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    printed = [part.strip("\n") for part in run.stdout.split("\0")[:-1]]
    assert printed == [output for _, output in hour]


def test_the_class_of_both_chapters_is_one_text() -> None:
    def whole(chapter: Path) -> list[str]:
        return [
            code
            for code, _ in cells_of(chapter)
            if re.search(r"^class Value.*def backward", code, re.S | re.M)
        ]

    (written,), (again,) = map(whole, CHAPTERS[1:])
    assert written == again
    assert len(written.splitlines()) in range(38, 43)  # forty, with the empty ones


def test_the_program_has_some_eighty_lines() -> None:
    story = [code for code, _ in cells_of(CHAPTERS[2])]
    loop = next(i for i, code in enumerate(story) if code.startswith("for step in range(301)"))
    lines = [line for code in story[: loop + 1] for line in code.splitlines() if line.strip()]
    assert len(lines) in range(75, 90)


def test_nudging_calls_the_loss_as_often_as_the_chapter_says() -> None:
    """Three times a step for two knobs; the code called it four times."""
    (nudging,) = [code for code, _ in cells_of(CHAPTERS[0]) if code.startswith("w, b = 1.0, 0.0")][
        :1
    ]
    calls = 0

    def loss(w: float, b: float) -> float:
        nonlocal calls
        calls += 1
        return w * w + b * b

    exec(nudging, {"loss": loss})
    assert calls == 21 * 3
    said = " ".join(CHAPTERS[0].read_text().split())
    assert "For two knobs we called `loss` three times a step" in said
    assert "17 knobs, and would need 18 such calls" in said


def test_the_network_learns_and_29_of_30_do() -> None:
    printed = [output for _, output in cells_of(CHAPTERS[2])]
    assert "(0, 0) 0 0.0\n(0, 1) 1 1.0\n(1, 0) 1 1.0\n(1, 1) 0 0.0" in printed
    assert any(output.startswith("29 of 30 have learnt it") for output in printed)


def test_the_loop_on_the_first_page_is_the_loop_of_the_last() -> None:
    text = CHAPTERS[0].read_text()
    start, end = re.findall(r"^:(?:start|end)-at: (.*)$", text, re.M)
    lines = CHAPTERS[2].read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if start in line)
    last = next(i for i in range(first, len(lines)) if end in lines[i])
    (loop,) = [
        code for code, _ in cells_of(CHAPTERS[2]) if code == "\n".join(lines[first : last + 1])
    ]
    assert len(loop.splitlines()) == 9  # as the chapter says


def test_the_networks_that_are_drawn_are_the_ones_that_are_typed() -> None:
    """Before and after training; the package adds its numbers up in another order."""
    page = cells.defined_in(CHAPTERS[2], "points")
    network = page["new_network"](1)
    knobs = page["knobs_of"](network)
    text = CHAPTERS[2].read_text()
    before, after = re.findall(r"^```\{network\} net\n(?::.*\n)*\n((?:.*\n)*?)```", text, re.M)

    def drawn(code: str) -> list[float]:
        names: dict[str, Any] = {"MLP": MLP, "xor": xor}
        exec(code, names)
        return [parameter.data for parameter in names["net"].parameters()]

    assert drawn(before) == [knob.data for knob in knobs]
    assert len(knobs) == 17
    for _ in range(301):
        for knob in knobs:
            knob.grad = 0.0
        page["loss_of"](network).backward()
        for knob in knobs:
            knob.data -= 0.05 * knob.grad
    assert drawn(after) == pytest.approx([knob.data for knob in knobs], abs=1e-6)


# The rules of the hour


@chapters
def test_code_is_plain(chapter: Path) -> None:
    for code, _ in cells_of(chapter):
        for part in ast.walk(ast.parse(code)):
            assert not isinstance(part, (ast.AnnAssign, ast.Try, ast.Raise, ast.Assert)), code
            if isinstance(part, ast.FunctionDef):
                assert part.returns is None
                assert not any(
                    argument.annotation
                    for argument in ast.walk(part.args)
                    if isinstance(argument, ast.arg)
                )
            if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
                assert ast.get_docstring(part) is None


@chapters
def test_nothing_stands_in_a_box_but_two_exercises_at_the_end(chapter: Path) -> None:
    text = chapter.read_text()
    found = Counter(re.findall(r"^:{3,}\{(\w+)\}", text, re.M))
    fold = Counter(fold=1) if chapter == CHAPTERS[2] else Counter()
    assert found == Counter(exercise=2, hint=2, solution=2) + fold
    story, _, rest = text.partition("\n## Try it\n")
    assert "{exercise}" not in story
    last_section = story[story.rindex("\n## ") :]
    assert any(f"```{{{name}}}" in last_section for name in MOVING)
    assert re.findall(r"^## (.*)", rest, re.M) == ["Summary"]


def test_twelve_questions_each_have_their_chapter() -> None:
    questions = re.findall(
        r"^\d+\. .*?(?=^\d+\. |\n\n)", (HOUR / "questions.md").read_text(), re.M | re.S
    )
    assert len(questions) == 12
    for question in questions:
        assert question.count("?") == 1
        assert len(re.findall(r"\]\((#[\w-]+|/[\w/-]+\.md)\)", question)) == 1


# How long it takes


def pages() -> list[Path]:
    """The book's first pages, in the order in which they are read."""
    index = (BOOK / "index.md").read_text()
    names = re.findall(r"^[\w-]+/[\w-]+$", index, re.M)
    assert [BOOK / f"{name}.md" for name in names[:3]] == CHAPTERS
    return [BOOK / "index.md", *CHAPTERS]


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A page in its pieces: prose (captions are prose), pictures, and cells."""
    blocks = re.split(r"^( *`{3,}\{[\w-]+\}.*\n(?:.*\n)*? *`{3,}$)", text, flags=re.M)
    for block in blocks:
        directive = re.match(r" *`{3,}\{([\w-]+)\}", block)
        if directive is None:
            yield "prose", re.sub(r"^:{3,}.*$|^\([\w-]+\)=$", "", block, flags=re.M)
            continue
        name, lines = directive[1], block.splitlines()[1:-1]
        captions = [line[len(":caption:") :] for line in lines if line.startswith(":caption:")]
        if name in ("plot", "playground", "dial"):
            captions = [line for line in lines if not line.startswith(":")]
        if name == "cell":
            yield "cell", "\n".join(lines)
        elif name in PICTURES:
            yield "picture", ""
        yield "prose", "\n".join(captions)


def before(kind: str, mark: str) -> tuple[int, int]:
    """Words of prose and lines of cells before the first piece of a kind that holds the mark."""
    words = lines = 0
    for page in pages():
        for found, piece in pieces(page.read_text()):
            if found == kind and mark in piece:
                return words, lines
            words += len(re.findall(r"\w\S*", piece)) if found == "prose" else 0
            lines += len(piece.splitlines()) if found == "cell" else 0
    raise LookupError(f"expected a {kind} with {mark!r}")


def test_a_network_is_trained_within_4000_words(record_property: Any) -> None:
    ways = {
        "the first picture": before("picture", ""),
        "the first working engine": before("cell", "backward(c)"),
        "the first network trained": before("cell", "for step in range(301)"),
    }
    for what, (words, lines) in ways.items():
        print(f"before {what}: {words} words, {lines} lines of cells")
        record_property(what, (words, lines))
    assert ways["the first picture"] < (100, 1)
    assert ways["the first working engine"][0] < 2600
    assert ways["the first network trained"][0] < 4000
