"""How far a reader has come, kept in their folder from one command to the next."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from micrograd.milestones import load_milestone
from micrograd.workbench.checking import Failure, Result
from micrograd.workbench.folder import milestones_in
from micrograd.workbench.showing import show_failure

__all__ = ["Progress"]


@dataclass
class Progress:
    """How far a workbench has come; kept in its folder as ``.progress.json``.

    Attributes:
        passed: the milestones that passed when they were last run.
        failure: the check that failed last, as text with one hint more in each place; empty if
            none did.
        shown: how many hints of it have been shown.
        at: its milestone, and its place among the checks there, from 0.
    """

    passed: list[int] = field(default_factory=list)
    failure: list[str] = field(default_factory=list)
    shown: int = 0
    at: list[int] = field(default_factory=list)

    @staticmethod
    def of(folder: Path) -> Progress:
        """What is kept in ``folder``; nothing yet, if that cannot be read."""
        try:
            kept = Progress(**json.loads((folder / ".progress.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return Progress()
        return kept if kept._holds() else Progress()

    def _holds(self) -> bool:
        """Whether it can be what was kept, and not what became of it in an editor."""
        return (
            type(self.passed) is list
            and all(type(number) is int for number in self.passed)
            and type(self.failure) is list
            and all(type(text) is str for text in self.failure)
            and type(self.shown) is int
            and min(1, len(self.failure)) <= self.shown <= len(self.failure)
            and type(self.at) is list
            and all(type(number) is int for number in self.at)
            and len(self.at) == 2 * bool(self.failure)
        )

    def keep(self, folder: Path) -> None:
        """Write it to ``folder``.

        Raises:
            OSError: if it cannot be written there.
        """
        (folder / ".progress.json").write_text(json.dumps(vars(self)) + "\n", "utf-8")

    def note(self, result: Result) -> None:
        """Take in how a milestone went."""
        number = result.milestone.number
        self.passed = sorted({*self.passed, number} - ({number} if result.failure else set()))

    def remember(self, failure: Failure) -> None:
        """Keep a failure; the hints that have been shown of it, if it is known, stay shown."""
        counts = range(1, len(failure.hints) + 1)
        texts = [show_failure(failure, count) for count in counts]
        self.shown = self.shown if texts == self.failure else 1
        self.failure = texts
        checks = load_milestone(failure.milestone, own=True).checks
        self.at = [failure.milestone, checks.index(failure.check)]

    def table(self, folder: Path) -> str:
        """Which milestones pass, and which comes next, of those that there are files for."""
        lines = []
        there = milestones_in(folder)
        following = next((m for m in there if m.number not in self.passed), None)
        for milestone in there:
            if milestone.number in self.passed:
                state = "passed"
            else:
                state = "next" if milestone == following else ""
            lines.append(f"  {milestone.number}  {milestone.title:36}{state}".rstrip())
        return "\n".join(lines)
