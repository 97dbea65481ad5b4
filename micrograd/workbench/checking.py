"""The milestones, run on a reader's files: what passed, and what came instead of the rest.

The answers come from another process. Whether they are right is decided here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from micrograd.milestones import Check, Milestone, load_milestone
from micrograd.workbench import hints, running
from micrograd.workbench.folder import (
    WorkbenchError,
    command,
    expect_workbench,
    milestones_in,
)

__all__ = ["LIMIT", "NOT_RUN", "Failure", "Result", "check_milestone", "check_workbench"]

NOT_RUN = "not run, for want of"
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
        begins: the line of ``run`` on which the example with the wrong answer begins, from 0.
        folder: where the reader's files are.
    """

    milestone: int
    check: Check
    run: str
    expected: str
    came: str
    where: str = ""
    printed: str = ""
    shadows: tuple[str, ...] = ()
    begins: int = 0
    folder: Path = Path()

    @property
    def hints(self) -> list[str]:
        """The hints that fit, those for this very answer first."""
        return hints.hints_for(self)


@dataclass(frozen=True)
class Result:
    """How a milestone went.

    Attributes:
        milestone: the milestone.
        ran: how many of its checks were run, from the first.
        failures: those of them that did not pass.
        printed: what the reader's code printed, if all passed.
    """

    milestone: Milestone
    ran: int
    failures: tuple[Failure, ...] = ()
    printed: str = ""

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return self.ran - len(self.failures)

    @property
    def failure(self) -> Failure | None:
        """The first check that did not pass, if any."""
        return self.failures[0] if self.failures else None


def check_milestone(
    folder: Path, milestone: Milestone, limit: float = LIMIT, *, every: bool = False
) -> Result:
    """Run the checks of one milestone on the files in ``folder``, up to the first that fails.

    Args:
        folder: holds engine.py, nn.py and training.py for milestones 1 to 4, and tensor.py,
            optim.py, pictures.py and attention.py for 5 to 8.
        milestone: what to run.
        limit: seconds on the processor that one example may take; by the clock it may be six
            times as many, as on a machine that is busy.
        every: go on after a check that fails.

    Raises:
        WorkbenchError: if there is no file of theirs in ``folder``, or nothing can be run there.
    """
    expect_workbench(folder)
    failures: dict[Check, Failure] = {}
    printed: list[str] = []
    for failure in _failures(folder, milestone, limit, printed):
        if failure.check not in failures:  # what follows in a check is a matter of its beginning
            failures[failure.check] = failure
        if not every:
            return Result(milestone, milestone.checks.index(failure.check) + 1, (failure,))
    return Result(
        milestone,
        len(milestone.checks),
        tuple(failures.values()),
        "" if failures else "".join(printed),
    )


def check_workbench(
    folder: Path, only: int | None = None, limit: float = LIMIT, *, every: bool = False
) -> Iterator[Result]:
    """The results of the milestones that there are files for, or of one, as far as they pass.

    Args:
        folder: as :func:`check_milestone`, and so are ``limit`` and ``every``; with ``every`` the
            later milestones are run also if an earlier one fails.
        only: the number of a milestone.
        limit: for one example.
        every: run all checks.

    Raises:
        WorkbenchError: as :func:`check_milestone`.
        ValueError: if there is no milestone ``only``.
    """
    expect_workbench(folder)
    chosen = milestones_in(folder)
    if only is not None:
        load_milestone(only)  # says so if there is none
        chosen = [milestone for milestone in chosen if milestone.number == only]
    if not chosen:
        new = command("new", folder, *(["--from", "5"] if only and only >= 5 else []))
        raise WorkbenchError(
            f"expected files for milestone {only} in {folder}; `{new}` writes them"
        )
    for milestone in chosen:
        result = check_milestone(folder, milestone, limit, every=every)
        yield result
        if result.failure and not every:
            return


def _failures(
    folder: Path, milestone: Milestone, limit: float, printed: list[str]
) -> Iterator[Failure]:
    """What goes wrong, example by example; where the process ends, it goes on without that one."""
    examples = [(check, example) for check in milestone.checks for example in check.examples]
    done = 0  # examples that have been told of
    deadly: set[int] = set()
    while done < len(examples):
        numbers = [number for number in range(len(examples)) if number not in deadly]
        sources = [examples[number][1].source for number in numbers]
        with closing(running.answers(folder, sources, limit)) as answers:
            for number, answer in zip(numbers, answers):
                if answer["ended"]:
                    deadly.add(number)
                if number < done:  # only run again, after another one had ended the process
                    continue
                done = number + 1
                check, example = examples[number]
                printed.append(answer["printed"])
                if answer["came"] != example.want.strip():
                    before = [old.source for of, old in examples[:number] if of is check]
                    own = [of is check for of, _ in examples[:done]]
                    yield Failure(
                        milestone.number,
                        check,
                        "".join([*before, example.source]).rstrip("\n"),
                        example.want.strip(),
                        _unmade(answer) or answer["came"],
                        answer["where"],
                        "".join(text for text, is_own in zip(printed, own) if is_own),
                        tuple(_shadows(folder)),
                        "".join(before).count("\n"),
                        folder,
                    )


def _unmade(answer: dict[str, str]) -> str:
    """That an example asks for what an earlier one, which failed, was to make."""
    name = re.fullmatch(r"NameError: name '(\w+)' is not defined", answer["came"])
    return f"{NOT_RUN}: {name[1]}" if name and not answer["where"] else ""


def _shadows(folder: Path) -> list[str]:
    names = {path.name.removesuffix(".py") for path in folder.iterdir()}
    return sorted(names & set(sys.stdlib_module_names))
