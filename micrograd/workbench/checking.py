"""The milestones, run on a reader's files: what passed, and what came instead of the rest.

The answers come from another process. Whether they are right is decided here.
"""

from __future__ import annotations

import doctest
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from micrograd.milestones import Check, Milestone, load_milestone, load_milestones
from micrograd.workbench import hints, running
from micrograd.workbench.folder import expect_workbench

__all__ = ["LIMIT", "Failure", "Result", "check_milestone", "check_workbench"]

LIMIT = 10.0  # seconds on the processor for one example; the slowest takes a tenth of that


@dataclass(frozen=True)
class Failure:
    """A check that did not pass.

    Attributes:
        milestone: the number of its milestone.
        check: the check.
        run: the examples that were run, as far as the one with the wrong answer.
        expected: the right answer; empty if there should have been none.
        came: what came instead: an answer, or the name of an exception and its message, or
            ``no end``, or ``the end of the process``.
        where: the place in the reader's code where it was raised, if it was.
        printed: what the reader's code printed during the check.
        shadows: modules of Python's own that a file in the folder stands in the way of.
    """

    milestone: int
    check: Check
    run: str
    expected: str
    came: str
    where: str = ""
    printed: str = ""
    shadows: tuple[str, ...] = ()

    @property
    def hints(self) -> list[str]:
        """The hints that fit, those for this very answer first."""
        return hints.hints_for(self)


@dataclass(frozen=True)
class Result:
    """How a milestone went.

    Attributes:
        milestone: the milestone.
        passed: how many of its checks passed, in order.
        failure: the first that did not, if any.
        printed: what the reader's code printed, if all passed.
    """

    milestone: Milestone
    passed: int
    failure: Failure | None
    printed: str = ""


def check_milestone(folder: Path, milestone: Milestone, limit: float = LIMIT) -> Result:
    """Run the checks of one milestone on the files in ``folder``, up to the first that fails.

    Args:
        folder: holds engine.py, and nn.py and training.py for the later milestones.
        milestone: what to run.
        limit: seconds on the processor that one example may take; by the clock it may be six
            times as many, as on a machine that is busy.

    Raises:
        WorkbenchError: if there is no engine.py in ``folder``, or nothing can be run there.
    """
    expect_workbench(folder)
    examples = [(check, example) for check in milestone.checks for example in _examples(check)]
    sources = [example.source for _, example in examples]
    run: dict[Check, str] = {}  # by what was being checked
    printed: dict[Check, str] = {}
    with closing(running.answers(folder, sources, limit)) as answers:
        for answer, (check, example) in zip(answers, examples):
            run[check] = run.get(check, "") + example.source
            printed[check] = printed.get(check, "") + answer["printed"]
            if answer["came"] != example.want.strip():
                failure = Failure(
                    milestone.number,
                    check,
                    run[check].rstrip("\n"),
                    example.want.strip(),
                    answer["came"],
                    answer["where"],
                    printed[check],
                    tuple(_shadows(folder)),
                )
                return Result(milestone, milestone.checks.index(check), failure)
    return Result(milestone, len(milestone.checks), None, "".join(printed.values()))


def check_workbench(
    folder: Path, only: int | None = None, limit: float = LIMIT
) -> Iterator[Result]:
    """The results of all milestones in order, or of ``only`` one, as far as they pass.

    Raises:
        WorkbenchError: as :func:`check_milestone`.
        ValueError: if there is no milestone ``only``.
    """
    chosen = load_milestones(own=True) if only is None else [load_milestone(only)]
    if chosen[0].needs:
        raise ValueError(
            f"expected a milestone that files of your own can reach, got {only}: "
            "it is run on the package, by make doctest"
        )
    for milestone in chosen:
        result = check_milestone(folder, milestone, limit)
        yield result
        if result.failure:
            return


def _examples(check: Check) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(check.doctest)


def _shadows(folder: Path) -> list[str]:
    names = {path.name.removesuffix(".py") for path in folder.iterdir()}
    return sorted(names & set(sys.stdlib_module_names))
