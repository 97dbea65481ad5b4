"""A folder for the reader's own engine, and the milestones run against what is in it.

``python -m micrograd.workbench new DIR`` lays the folder out, ``check`` runs the milestones of
the book on it in order and stops at the first thing that is wrong, ``hint`` says more about that,
``progress`` tells how far one has come and ``solution`` shows how this package does it. The
chapter "Build it yourself" tells the story.

The reader's code runs in a process of its own, with a time limit. That process only reports what
came of each example; whether it was right is decided here.
"""

from __future__ import annotations

import argparse
import ast
import doctest
import json
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from micrograd.milestones import Check, Milestone, load_milestone, load_milestones

__all__ = [
    "Failure",
    "Progress",
    "Result",
    "WorkbenchError",
    "check_milestone",
    "check_workbench",
    "lay_out",
    "main",
    "show_failure",
    "show_solution",
    "watch",
]

TEMPLATES = ("engine", "nn", "training")
DEFAULT = "workbench"
LIMIT = 10.0  # seconds for one example; the slowest takes a tenth of that
WIDTH = 88  # columns, so that it fits a page of the book
NO_END = "no end"
UNWRITTEN = "NotImplementedError"

SOLUTIONS = {
    1: """engine.py Value.__init__ Value.__add__ Value.__sub__ Value.__mul__ Value.__truediv__
          Value.__neg__ Value.__pow__ Value.__rsub__ Value.__rtruediv__ Value.tanh _node""",
    2: "engine.py Value._backward Value.backward topological_order",
    3: "nn.py Neuron Layer MLP",
    4: """training.py mse_loss _mean gradient_descent_step train_step TrainingMetrics.update
          TrainingMetrics.should_stop train_network""",
}
"""What of the package a milestone is about: a file, and names in it."""


class WorkbenchError(Exception):
    """Something was asked for that cannot be done; the message says what was expected."""


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
    """

    milestone: int
    check: Check
    run: str
    expected: str
    came: str
    where: str = ""
    printed: str = ""

    @property
    def hints(self) -> list[str]:
        """The hints that fit, those for this very answer first."""
        if self.came.startswith(UNWRITTEN):
            first = ["this part is not written yet. Follow its numbered steps, then check again."]
        else:
            first = [hint.text for hint in self.check.hints if any(map(self._is, hint.when))]
        return first + [hint.text for hint in self.check.hints if not hint.when]

    def _is(self, condition: str) -> bool:
        return f"{self.came} ".replace(": ", " ").startswith(f"{condition} ")


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


def lay_out(folder: Path) -> list[tuple[Path, bool]]:
    """Make ``folder`` and write the files to start from into it.

    Returns:
        Each file, and whether it is new. One that existed before is left as it was.

    Raises:
        WorkbenchError: if ``folder`` cannot be made or written to.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in TEMPLATES:
            template = files(__name__) / "templates" / f"{name}.txt"
            try:
                with open(folder / f"{name}.py", "x", encoding="utf-8") as file:
                    file.write(template.read_text("utf-8"))
                made.append((folder / f"{name}.py", True))
            except FileExistsError:
                made.append((folder / f"{name}.py", False))
    except OSError as error:
        raise WorkbenchError(f"expected a folder that can be written, got {error}") from error
    return made


def check_milestone(folder: Path, milestone: Milestone, limit: float = LIMIT) -> Result:
    """Run the checks of one milestone on the files in ``folder``, up to the first that fails.

    Args:
        folder: holds engine.py, and nn.py and training.py for the later milestones.
        milestone: what to run.
        limit: seconds that one example may take.

    Raises:
        WorkbenchError: if there is no engine.py in ``folder``.
    """
    expect_workbench(folder)
    examples = [(check, example) for check in milestone.checks for example in _examples(check)]
    answers = _answers(folder, [example.source for _, example in examples], limit)
    run: dict[Check, str] = {}  # by what was being checked
    printed: dict[Check, str] = {}
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
    for milestone in load_milestones() if only is None else [load_milestone(only)]:
        result = check_milestone(folder, milestone, limit)
        yield result
        if result.failure:
            return


def expect_workbench(folder: Path) -> None:
    """Raise a :class:`WorkbenchError` unless ``folder`` has an engine.py."""
    if not (folder / "engine.py").is_file():
        raise WorkbenchError(
            f"expected a folder with your engine.py in it, got {folder}; "
            f"`{_command('new', folder)}` makes one"
        )


def _examples(check: Check) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(check.doctest)


def _answers(folder: Path, sources: list[str], limit: float) -> Iterator[dict[str, str]]:
    """What came of each example, one for each: a process that ends early is told as well."""
    folder = folder.resolve()
    command = [sys.executable, "-P", str(files(__name__) / "child.py")]
    request = json.dumps({"folder": str(folder), "examples": sources, "limit": limit})
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        cwd=folder,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request + "\n")
            process.stdin.close()
            for _ in sources:
                line = process.stdout.readline()
                if line.startswith("{"):
                    yield json.loads(line)
                else:
                    yield _ending(process, line + process.stdout.read(), folder)
        finally:
            process.kill()


def _ending(process: subprocess.Popen[str], last_words: str, folder: Path) -> dict[str, str]:
    """What to say of a process that ended before it answered."""
    code = process.wait()
    if not last_words.startswith("Timeout"):
        came = f"the end of the process: exit code {code}"
        return {"came": came, "where": "", "printed": ""}
    frames = re.findall(r'File "(.*)", line (\d+) in (\S+)', last_words)
    places = [
        f"{Path(file).name}, line {line}, in {name}"
        for file, line, name in frames
        if Path(file).parent == folder
    ]
    return {"came": NO_END, "where": "".join(places[:1]), "printed": ""}


def show_failure(failure: Failure, shown: int = 1) -> str:
    """A failure as text: what was run, what was expected, what came, and a number of hints."""
    came, where = failure.came, failure.where
    if came.startswith(UNWRITTEN):
        came = f"{came.removeprefix(UNWRITTEN + ': ')} is not written yet"
        where = where.partition(", in ")[0]
    elif came == NO_END:
        came = "nothing: it was still running when its time was up"
    elif came.startswith("the end of the process"):
        came = f"nothing: your code ended the process ({came.partition(': ')[2]})"
    lines = [f"Failed: {failure.check.title}", "", textwrap.indent(failure.run, "    "), ""]
    lines += [f"  expected  {failure.expected or 'no answer, and no error'}"]
    lines += [f"  came      {came or 'no answer'}"]
    place, _, code = where.partition(": ")
    lines += [f"  where     {place}"] if place else []
    lines += [f"            {code}"] if code else []
    if failure.printed:
        lines += ["  printed", textwrap.indent(_shortened(failure.printed), "    | ")]
    lines += ["", *map(_hint, failure.hints[:shown])]
    lines += [_wrapped("Read: ", f'{_page(failure.check.chapter)}, "{failure.check.section}"')]
    return "\n".join(lines)


def _hint(text: str) -> str:
    return _wrapped("Hint: ", text)


def _wrapped(label: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label))


def _page(chapter: str) -> str:
    return f"book/{chapter}.md"


def _shortened(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:5], f"and {len(lines) - 5} lines more"] if len(lines) > 6 else lines)


def show_solution(number: int) -> str:
    """The parts of this package that a milestone is about.

    Raises:
        ValueError: if there is no such milestone.
    """
    load_milestone(number)  # says so if there is none
    name, *wanted = SOLUTIONS[number].split()
    source = (files("micrograd") / name).read_text("utf-8")
    found = dict(_definitions(ast.parse(source), source))
    return "\n\n".join([f"# micrograd/{name}", *(found[one] for one in wanted)])


def _definitions(tree: ast.AST, source: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            text = ast.get_source_segment(source, node, padded=True) or ""
            yield prefix + node.name, text
            yield from _definitions(node, source, f"{prefix}{node.name}.")


@dataclass
class Progress:
    """How far a workbench has come; kept in its folder as ``.progress.json``.

    Attributes:
        passed: the milestones that passed when they were last run.
        failure: the check that failed last, as text with one hint more in each place; empty if
            none did.
        shown: how many hints of it have been shown.
    """

    passed: list[int] = field(default_factory=list)
    failure: list[str] = field(default_factory=list)
    shown: int = 0

    @staticmethod
    def of(folder: Path) -> Progress:
        """What is kept in ``folder``; nothing yet, if that cannot be read."""
        try:
            return Progress(**json.loads((folder / ".progress.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Progress()

    def keep(self, folder: Path) -> None:
        """Write it to ``folder``."""
        (folder / ".progress.json").write_text(json.dumps(vars(self)) + "\n", "utf-8")

    def note(self, result: Result) -> None:
        """Take in how a milestone went; the hints shown of a failure that is known stay shown."""
        number, failure = result.milestone.number, result.failure
        self.passed = sorted({*self.passed, number} - ({number} if failure else set()))
        if failure:
            counts = range(1, len(failure.hints) + 1)
            texts = [show_failure(failure, count) for count in counts]
            self.shown = self.shown if texts == self.failure else 1
            self.failure = texts

    def __str__(self) -> str:
        lines = []
        following = next((m for m in load_milestones() if m.number not in self.passed), None)
        for milestone in load_milestones():
            if milestone.number in self.passed:
                state = "passed"
            else:
                state = "next" if milestone == following else ""
            lines.append(f"  {milestone.number}  {milestone.title:36}{state}".rstrip())
        return "\n".join(lines)


def watch(folder: Path, act: Callable[[], object], pause: float = 0.3) -> None:
    """Call ``act`` now and whenever a Python file in ``folder`` has been saved, until Ctrl-C."""

    def stamps() -> list[tuple[str, int]]:
        return sorted((file.name, file.stat().st_mtime_ns) for file in folder.glob("*.py"))

    try:
        while True:
            seen = stamps()
            act()
            print("\nWaiting for a file to be saved. Ctrl-C ends it.\n", flush=True)
            while stamps() == seen:
                time.sleep(pause)
    except KeyboardInterrupt:
        print()


def main(arguments: Sequence[str]) -> int:
    """The command line: ``new``, ``check``, ``hint``, ``progress`` and ``solution``.

    Returns:
        0 if all is well, 1 if a check failed, 2 if the request made no sense.
    """
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except (WorkbenchError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m micrograd.workbench", description="Build micrograd yourself."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(act: Callable[[argparse.Namespace], int], name: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=act.__doc__, description=act.__doc__)
        added.set_defaults(command=act)
        return added

    def folder(added: argparse.ArgumentParser) -> None:
        added.add_argument("folder", nargs="?", type=Path, default=Path(DEFAULT), metavar="DIR")

    folder(command(_new, "new"))
    checking = command(_check, "check")
    folder(checking)
    checking.add_argument("--milestone", type=int, metavar="N", help="run this one alone")
    checking.add_argument("--watch", action="store_true", help="run again whenever you save")
    checking.add_argument(
        "--limit", type=float, default=LIMIT, help="seconds an example may take (default 10)"
    )
    folder(command(_more, "hint"))
    folder(command(_progress, "progress"))
    solving = command(_solution, "solution")
    solving.add_argument("milestone", type=int, metavar="N")
    folder(solving)
    solving.add_argument("--anyway", action="store_true", help="even if it does not pass yet")
    return parser


def _new(options: argparse.Namespace) -> int:
    """Lay out a folder with the files to start from."""
    for file, is_new in lay_out(options.folder):
        print(f"{file}: {'written' if is_new else 'kept as it is'}")
    print(f"\nNow: {_command('check', options.folder)}")
    return 0


def _check(options: argparse.Namespace) -> int:
    """Run the milestones on your code, up to the first check that fails."""
    expect_workbench(options.folder)
    if options.watch:
        watch(options.folder, lambda: _check_once(options))
        return 0
    return _check_once(options)


def _check_once(options: argparse.Namespace) -> int:
    progress = Progress.of(options.folder)
    code = 0
    for result in check_workbench(options.folder, options.milestone, options.limit):
        progress.note(result)
        milestone, failure = result.milestone, result.failure
        count = len(milestone.checks)
        did = f"{result.passed} of {count} checks pass" if failure else f"all {count} checks pass"
        print(f"Milestone {milestone.number}, {milestone.title}: {did}", flush=True)
        if failure:
            code = 1
            print(f"\n{progress.failure[progress.shown - 1]}")
            print(_wrapped("More: ", _command("hint", options.folder)))
        elif result.printed:
            print(f"  Your code printed:\n{textwrap.indent(_shortened(result.printed), '    | ')}")
    if not code:
        progress.failure, progress.shown = [], 0
    print(f"\n{progress}")
    progress.keep(options.folder)
    return code


def _more(options: argparse.Namespace) -> int:
    """Say more about the check that failed last."""
    expect_workbench(options.folder)
    progress = Progress.of(options.folder)
    if not progress.failure:
        print(f"Nothing has failed. Now: {_command('check', options.folder)}")
        return 0
    is_last = progress.shown >= len(progress.failure)
    progress.shown = min(progress.shown + 1, len(progress.failure))
    print(progress.failure[progress.shown - 1])
    if is_last:
        print("There is no further hint.")
    progress.keep(options.folder)
    return 0


def _progress(options: argparse.Namespace) -> int:
    """Tell which milestones pass, and what is next."""
    expect_workbench(options.folder)
    print(Progress.of(options.folder))
    return 0


def _solution(options: argparse.Namespace) -> int:
    """Show how this package does a milestone, once yours passes."""
    solution = show_solution(options.milestone)
    if not options.anyway and options.milestone not in Progress.of(options.folder).passed:
        raise WorkbenchError(f"expected milestone {options.milestone} to pass first, or --anyway")
    print(solution)
    return 0


def _command(name: str, folder: Path) -> str:
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):  # a virtual environment that need not be active
        return f"{python.relative_to(Path.cwd())} -m micrograd.workbench {name} {folder}"
    return f"python -m micrograd.workbench {name} {folder}"
