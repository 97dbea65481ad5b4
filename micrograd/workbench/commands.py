"""The command line of the workbench."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from micrograd.milestones import load_milestone
from micrograd.workbench import running
from micrograd.workbench.checking import LIMIT, check_workbench
from micrograd.workbench.folder import (
    FILES,
    FIRST_OF_ARRAYS,
    PARTS,
    WorkbenchError,
    command,
    expect_workbench,
    lay_out,
    milestones_in,
    reset,
)
from micrograd.workbench.progress import Progress
from micrograd.workbench.reporting import report
from micrograd.workbench.showing import shortened
from micrograd.workbench.solutions import show_solution
from micrograd.workbench.watching import watch

__all__ = ["main"]

DEFAULT = "workbench"
LONGEST = 24 * 3600  # seconds; the largest limit that makes sense


def main(arguments: Sequence[str]) -> int:
    """The command line: ``new``, ``check``, ``hint``, ``try``, ``reset`` and so on.

    Returns:
        0 if all is well, 1 if a check failed, 2 if the request made no sense, and 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal need not have every character
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except (WorkbenchError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever reads this has read enough, as `head` does
        with suppress(OSError, ValueError):  # what is still to be written goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m micrograd.workbench", description="Build micrograd yourself."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def added(act: Callable[[argparse.Namespace], int], name: str) -> argparse.ArgumentParser:
        new = commands.add_parser(name, help=act.__doc__, description=act.__doc__)
        new.set_defaults(command=act)
        return new

    def folder(to: argparse.ArgumentParser) -> None:
        to.add_argument("folder", nargs="?", type=Path, default=Path(DEFAULT), metavar="DIR")

    making = added(_new, "new")
    folder(making)
    making.add_argument(
        "--from",
        dest="begin",
        type=int,
        choices=PARTS,
        default=1,
        metavar="N",
        help="begin at this milestone, with those before it done; 5 is the first on arrays",
    )
    checking = added(_check, "check")
    folder(checking)
    checking.add_argument("--milestone", type=int, metavar="N", help="run this one alone")
    checking.add_argument("--all", action="store_true", help="go on after a check that fails")
    checking.add_argument("--watch", action="store_true", help="run again whenever you save")
    checking.add_argument(
        "--json", action="store_true", help="run all checks, and print what came as JSON"
    )
    checking.add_argument(
        "--limit",
        type=_seconds,
        default=LIMIT,
        metavar="SECONDS",
        help="what an example may take on the processor (default 10)",
    )
    folder(added(_more, "hint"))
    folder(added(_try, "try"))
    resetting = added(_reset, "reset")
    resetting.add_argument("file", choices=FILES, metavar="FILE", help=", ".join(FILES))
    folder(resetting)
    folder(added(_progress, "progress"))
    solving = added(_solution, "solution")
    solving.add_argument("milestone", type=int, metavar="N")
    folder(solving)
    solving.add_argument("--anyway", action="store_true", help="even if it does not pass yet")
    solving.add_argument(
        "--name", default="", help="of a method, a function or a class: that alone"
    )
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= LONGEST:  # nor is nan
        raise argparse.ArgumentTypeError(f"expected seconds above 0, at most a day, got {text}")
    return seconds


def _new(options: argparse.Namespace) -> int:
    """Lay out a folder with the files to start from."""
    for file, is_new in lay_out(options.folder, options.begin):
        print(f"{file}: {'written' if is_new else 'kept as it is'}")
    print(f"\nNow: {command('check', options.folder)}")
    return 0


def _check(options: argparse.Namespace) -> int:
    """Run the milestones on your code, up to the first check that fails."""
    if options.json:
        folder, only, limit = options.folder, options.milestone, options.limit
        results = list(check_workbench(folder, only, limit, every=True))
        print(report(results))
        return int(any(result.failure for result in results))
    if options.watch:
        watch(options.folder, lambda: _check_once(options))
        return 0
    return _check_once(options)


def _check_once(options: argparse.Namespace) -> int:
    progress = Progress.of(options.folder)
    code = 0
    folder, only = options.folder, options.milestone
    for result in check_workbench(folder, only, options.limit, every=options.all):
        progress.note(result)
        if result.failure and not code:
            progress.remember(result.failure)
            code = 1
        _keep(progress, folder)  # before anything is printed, which may be cut short
        milestone, count = result.milestone, len(result.milestone.checks)
        did = f"{result.passed} of {count}" if result.failure else f"all {count}"
        print(f"Milestone {milestone.number}, {milestone.title}: {did} checks pass", flush=True)
        for failure in result.failures if options.all else ():
            print(f"  failed  {failure.check.title}")
        if result.printed:
            print(f"  Your code printed:\n{textwrap.indent(shortened(result.printed), '    | ')}")
    if code:
        print(f"\n{progress.failure[progress.shown - 1]}")
        print(f"More: {command('hint', folder)}\nTry:  {command('try', folder)}")
    else:
        progress.failure, progress.shown, progress.at = [], 0, []
        _keep(progress, folder)
    print(f"\n{progress.table(folder)}")
    if not code:
        print(_next(progress, options))
    return code


def _next(progress: Progress, options: argparse.Namespace) -> str:
    """What to do after all that was run has passed."""
    number, folder = max(progress.passed), options.folder
    there = [milestone.number for milestone in milestones_in(folder)]
    compare = f"Compare: {command('solution', folder, str(number))}"
    if {*there} - {*progress.passed}:
        return f"\n{compare}\nNext:    {command('check', folder)}"
    all_of_it = f"\nAll of it is yours now. One way to do the last:\n{compare}"
    if FIRST_OF_ARRAYS in there:
        return all_of_it
    further = command("new", folder, "--from", str(FIRST_OF_ARRAYS))
    return f"{all_of_it}\nWith arrays it goes on:\nNext:    {further}"


def _keep(progress: Progress, folder: Path) -> None:
    try:
        progress.keep(folder)
    except OSError as error:
        print(f"How far you have come could not be written down: {error}", file=sys.stderr)


def _more(options: argparse.Namespace) -> int:
    """Say more about the check that failed last."""
    expect_workbench(options.folder)
    progress = Progress.of(options.folder)
    if not progress.failure:
        print(f"Nothing has failed. Now: {command('check', options.folder)}")
        return 0
    is_last = progress.shown >= len(progress.failure)
    progress.shown = min(progress.shown + 1, len(progress.failure))
    _keep(progress, options.folder)
    print(progress.failure[progress.shown - 1])
    if is_last:
        print("There is no further hint.")
    return 0


def _try(options: argparse.Namespace) -> int:
    """Open a Python in which the check that failed last has been run on your files."""
    expect_workbench(options.folder)
    at = Progress.of(options.folder).at
    if not at:
        numbers = (options.folder / "engine.py").is_file()
        first = "from micrograd import Value" if numbers else "from micrograd.tensors import Tensor"
        return running.interact(options.folder, "", [f"{first}\n"])
    number, place = at
    *before, check = load_milestone(number, own=True).checks[: place + 1]
    print(f"{check.title}, on your files. Ctrl-D ends it.\n", flush=True)
    unseen = "".join(example.source for old in before for example in old.examples)
    shown = [example.source for example in check.examples]
    return running.interact(options.folder, unseen, shown)


def _reset(options: argparse.Namespace) -> int:
    """Begin a file again, from its template; the one you have is kept beside it."""
    kept = reset(options.folder, options.file)
    print(f"{options.folder / options.file}.py: as in the beginning; yours is now {kept}")
    return 0


def _progress(options: argparse.Namespace) -> int:
    """Tell which milestones pass, and what is next."""
    expect_workbench(options.folder)
    print(Progress.of(options.folder).table(options.folder))
    return 0


def _solution(options: argparse.Namespace) -> int:
    """Show one way to do a milestone, once yours passes."""
    solution = show_solution(options.milestone, options.name)
    if not options.anyway and options.milestone not in Progress.of(options.folder).passed:
        raise WorkbenchError(f"expected milestone {options.milestone} to pass first, or --anyway")
    print(solution)
    return 0
