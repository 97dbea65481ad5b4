"""What a check of a folder came to, for a program that grades: one document of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from micrograd.workbench.checking import Failure, Result
from micrograd.workbench.showing import came_of, place_of

__all__ = ["VERSION", "report"]

VERSION = 1
"""Of the form of the report. It grows by one when something is renamed or taken away."""


def report(results: Iterable[Result]) -> str:
    """All checks of some milestones as JSON; their order and their titles are those of the book.

    Args:
        results: of milestones in which every check was run.

    Returns:
        An object with ``version``, ``passed`` (whether all checks did), ``milestones`` (each with
        ``milestone``, its number, ``title``, ``passed`` and ``checks``, two counts), and
        ``checks``: each with ``milestone``, ``check`` (its title), ``passed``, and, as strings
        that are empty if it passed, ``expected``, ``came``, ``where`` and ``hint``.

    >>> print(report([]))
    {
     "version": 1,
     "passed": true,
     "milestones": [],
     "checks": []
    }
    """
    milestones: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    for result in results:
        milestone = result.milestone
        milestones.append(
            {
                "milestone": milestone.number,
                "title": milestone.title,
                "passed": result.passed,
                "checks": len(milestone.checks),
            }
        )
        failed = {failure.check: failure for failure in result.failures}
        for check in milestone.checks:
            told = {"milestone": milestone.number, "check": check.title}
            checks.append(told | _outcome(failed.get(check)))
    passed = all(check["passed"] for check in checks)
    return json.dumps(
        {"version": VERSION, "passed": passed, "milestones": milestones, "checks": checks},
        indent=1,
    )


def _outcome(failure: Failure | None) -> dict[str, Any]:
    if failure is None:
        return {"passed": True, "expected": "", "came": "", "where": "", "hint": ""}
    return {
        "passed": False,
        "expected": failure.expected,
        "came": came_of(failure),
        "where": place_of(failure)[0],
        "hint": failure.hints[0],
    }
