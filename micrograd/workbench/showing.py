"""A failure as text, for a terminal: what was run, what came, where, and what to make of it."""

from __future__ import annotations

import re
import textwrap

from micrograd.workbench.checking import NOT_RUN, Failure
from micrograd.workbench.hints import UNWRITTEN
from micrograd.workbench.running import ENDED, NO_END

__all__ = ["came_of", "place_of", "shortened", "show_failure", "wrapped"]

WIDTH = 88  # columns, so that it fits a page of the book
MOST_LINES = 20  # of what the code printed
MOST_SHOWN = 400  # characters of an answer or a message


def show_failure(failure: Failure, shown: int = 1) -> str:
    """A failure as text: what was run, what was expected, what came, and a number of hints."""
    lines = [f"Failed: {failure.check.title}"]
    if failure.check.remark:
        lines += ["", wrapped("", " ".join(failure.check.remark.split()))]
    run = failure.run.splitlines()
    marks = ["    " if line < failure.begins else "  > " for line in range(len(run))]
    lines += ["", *map(str.__add__, marks, run), ""]
    lines += [f"  expected  {failure.expected or 'no answer, and no error'}"]
    lines += [f"  came      {_clipped(came_of(failure)) or 'no answer'}"]
    place, code = place_of(failure)
    lines += [f"  where     {place}"] if place else []
    lines += [f"            {_clipped(code)}"] if code else []
    if failure.printed:
        lines += ["  printed", textwrap.indent(shortened(failure.printed), "    | ")]
    lines += ["", *(wrapped("Hint: ", hint) for hint in failure.hints[:shown])]
    lines += [wrapped("Read: ", f'{_page(failure.check.chapter)}, "{failure.check.section}"')]
    return "\n".join(lines)


def came_of(failure: Failure) -> str:
    """What came instead of the right answer, in words if it was none."""
    kind, _, more = failure.came.partition(": ")
    if kind == UNWRITTEN:
        return f"{more} is not written yet"
    if kind == NO_END:
        return "nothing: it was still running when its time was up"
    if kind == ENDED:
        return f"nothing: your code ended the process ({more})"
    if kind == NOT_RUN:
        return f"nothing: an earlier check was to make `{more}`, and failed"
    return failure.came


def place_of(failure: Failure) -> tuple[str, str]:
    """Where something was raised, as an editor can open it, and the line of code there."""
    where, _, code = failure.where.partition(": ")
    found = re.fullmatch(r"(.+), line (\d+)(, in .+)", where)
    if not found:
        return "", ""
    file, line, function = found.groups()
    place = f"{failure.folder / file}:{line}"
    return (place, "") if failure.came.startswith(UNWRITTEN) else (place + function, code)


def wrapped(label: str, text: str) -> str:
    """Text that begins with a label, broken into lines that begin below it."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_on_hyphens=False,
        break_long_words=False,
    )


def shortened(text: str) -> str:
    """The first lines of a text, and how many more there are."""
    lines = [_clipped(line) for line in text.splitlines()]
    if len(lines) > MOST_LINES + 1:
        lines[MOST_LINES:] = [f"and {len(lines) - MOST_LINES} lines more"]
    return "\n".join(lines)


def _clipped(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]} ... (and more)"


def _page(chapter: str) -> str:
    return f"book/{chapter}.md"
