"""The milestones, as they travel with the package."""

import doctest
from importlib.resources import files

import pytest

import micrograd.milestones
from micrograd.milestones import Milestone, load_milestone, load_milestones

MILESTONES = load_milestones()


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
def test_every_check_has_a_hint(milestone: Milestone) -> None:
    assert 6 <= len(milestone.checks) <= 14
    assert [
        check.title for check in milestone.checks if not all(check.hints) or not check.hints
    ] == []


@pytest.mark.parametrize("milestone", MILESTONES, ids=name)
def test_every_check_knows_its_line(milestone: Milestone) -> None:
    lines = (files(micrograd.milestones) / milestone.filename).read_text().splitlines()
    for check in milestone.checks:
        assert lines[check.line - 1] == check.doctest.splitlines()[0]


def test_a_milestone_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected the number of a milestone, got 9"):
        load_milestone(9)
