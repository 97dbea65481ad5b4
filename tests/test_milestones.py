"""The milestones, as they travel with the package."""

import doctest
import importlib
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import micrograd.milestones
from micrograd.milestones import Milestone, load_milestone, load_milestones

MILESTONES = load_milestones()
ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"


def name(milestone: Milestone) -> str:
    return f"milestone {milestone.number}"


@pytest.mark.parametrize("milestone", MILESTONES, ids=name)
def test_the_package_passes_its_own_milestone(milestone: Milestone) -> None:
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner()
    for check in milestone.checks:
        test = doctest.DocTestParser().get_doctest(check.doctest, {}, check.title, None, None)
        test.globs = names
        runner.run(test, clear_globs=False)
    assert (runner.failures, runner.tries > 40) == (0, True)


@pytest.mark.parametrize("milestone", MILESTONES, ids=name)
def test_every_check_has_two_hints_for_whatever_came(milestone: Milestone) -> None:
    assert 6 <= len(milestone.checks) <= 20
    assert [
        check.title
        for check in milestone.checks
        if len([hint for hint in check.hints if not hint.when]) < 2
        or not all(hint.text for hint in check.hints)
    ] == []


@pytest.mark.parametrize("milestone", MILESTONES, ids=name)
def test_every_check_knows_its_line(milestone: Milestone) -> None:
    lines = (files(micrograd.milestones) / milestone.filename).read_text().splitlines()
    for check in milestone.checks:
        assert lines[check.line - 1] == check.doctest.splitlines()[0]


def test_a_milestone_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected the number of a milestone, got 9"):
        load_milestone(9)


@pytest.mark.parametrize("milestone", MILESTONES, ids=name)
def test_every_check_names_a_section_to_read(milestone: Milestone) -> None:
    for check in milestone.checks:
        chapter = (BOOK / f"{check.chapter}.md").read_text("utf-8")
        assert re.search(rf"^#+ {re.escape(check.section)}$", chapter, re.MULTILINE), check.title


def test_a_hint_may_hold_for_some_answers_only() -> None:
    hints = load_milestone(4).checks[0].hints
    assert hints[0].when == ("4.25",)
    assert hints[1].when == ("[0.0, 0.0]", "AttributeError 'float' object*")
    assert hints[-1].when == ()


@pytest.fixture
def directive(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("sphinx", reason="the book's tools are not installed")
    monkeypatch.syspath_prepend(str(ROOT / "conf"))
    return importlib.import_module("press.milestones")


@pytest.mark.parametrize("milestone", MILESTONES, ids=name)
def test_the_book_shows_no_pattern_and_no_open_quote(milestone: Milestone, directive: Any) -> None:
    shown = [directive.answers(hint) for check in milestone.checks for hint in check.hints]
    assert any(shown)
    assert [each for each in shown if re.search(r"\*|[a-z]Error [^o]", each)] == []
    assert [each for each in shown if each.count("'") % 2] == []


def test_a_section_of_another_chapter_is_named_with_it(directive: Any) -> None:
    by_section = {check.section: check for check in load_milestone(3).checks}
    chapter = load_milestone(3).chapter
    assert "in {doc}`/examples/initialisation`" in directive.advice(
        by_section["All alike"], chapter
    )
    assert "{doc}" not in directive.advice(by_section["The neuron"], chapter)
