"""The folder that a reader works in: how it is laid out, and what stands in it."""

from __future__ import annotations

import ast
import shlex
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from micrograd.milestones import Milestone, load_milestones
from micrograd.workbench.steps import solved, template

__all__ = [
    "BEFORE",
    "FILES",
    "FIRST_OF_ARRAYS",
    "WorkbenchError",
    "command",
    "expect_workbench",
    "finished",
    "lay_out",
    "milestones_in",
    "reset",
]

NUMBERS = ("engine", "nn", "training")
ARRAYS = ("tensor", "optim", "pictures", "attention")
FILES = (*NUMBERS, *ARRAYS)
"""What a reader writes: for milestones 1 to 4, and for 5 to 8, which need none of the others."""


FIRST_OF_ARRAYS = 5  # the milestone that begins with a file of its own


class WorkbenchError(Exception):
    """Something was asked for that cannot be done; the message says what was expected."""


BEFORE: dict[int, tuple[str, ...]] = {
    1: (),
    3: NUMBERS[:1],
    4: NUMBERS[:2],
    5: (),
    6: ARRAYS[:1],
    7: ARRAYS[:2],
    8: ARRAYS[:3],
}
"""Which of the files are finished where a milestone begins; the second begins within one."""


def lay_out(folder: Path, begin: int = 1) -> list[tuple[Path, bool]]:
    """Make ``folder`` and write the files to start from into it.

    Args:
        folder: where.
        begin: the milestone to begin at. What comes before it is there already: this package's
            own, with the modules beside it that it imports, or from 5 on the templates' solutions.

    Returns:
        Each file, and whether it is new. One that existed before is left as it was.

    Raises:
        WorkbenchError: if ``folder`` cannot be made or written to.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted = ARRAYS if begin >= FIRST_OF_ARRAYS else NUMBERS
        given = _given(begin)
        if wanted == NUMBERS and given:  # which want to be a package, as they are at home
            (folder / "__init__.py").touch()
        for name in (*wanted, *sorted(given.keys() - {*wanted})):
            try:
                with open(folder / f"{name}.py", "x", encoding="utf-8") as file:
                    file.write(given.get(name) or _template(name))
                made.append((folder / f"{name}.py", True))
            except FileExistsError:
                made.append((folder / f"{name}.py", False))
    except OSError as error:
        raise WorkbenchError(f"expected a folder that can be written, got {error}") from error
    return made


def reset(folder: Path, name: str) -> Path:
    """Begin one of the files again; what stood in it is kept beside it.

    Args:
        folder: where the file is.
        name: one of ``FILES``.

    Returns:
        Where the file as it was is now.

    Raises:
        WorkbenchError: if there is no such file, or it cannot be written.
    """
    file = folder / f"{name}.py"
    number = 1
    while (kept := folder / f"{name}.py.old{number}").exists():
        number += 1
    try:
        file.rename(kept)
        file.write_text(_template(name), "utf-8")
    except OSError as error:
        raise WorkbenchError(f"expected a file to begin again, got {error}") from error
    return kept


def milestones_in(folder: Path) -> list[Milestone]:
    """The milestones that there are files for: 1 to 4 with an engine, 5 to 8 with a tensor."""
    firsts = {False: NUMBERS[0], True: ARRAYS[0]}
    return [
        milestone
        for milestone in load_milestones(own=True)
        if (folder / f"{firsts[milestone.number >= FIRST_OF_ARRAYS]}.py").is_file()
    ]


def _given(begin: int) -> dict[str, str]:
    """What is finished where a milestone begins, and what that imports."""
    arrays = begin >= FIRST_OF_ARRAYS
    wanted = BEFORE[begin] if arrays else _with_imports(BEFORE[begin])
    return {name: finished(begin, name) for name in wanted}


def finished(number: int, name: str) -> str:
    """A module as it is once a milestone passes: this package's, or from 5 on the template's."""
    return solved(_steps(name)) if number >= FIRST_OF_ARRAYS else _module(name)


def _with_imports(modules: Iterable[str]) -> set[str]:
    """Modules of this package, and those of it that they import, to the end."""
    found: set[str] = set()
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            for node in ast.walk(ast.parse(_module(name))):
                if isinstance(node, ast.ImportFrom) and node.module == "micrograd":
                    todo += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    package, _, module = (node.module or "").partition(".")
                    todo += [module] if package == "micrograd" else []
    return found


def _module(name: str) -> str:
    return (files("micrograd") / f"{name}.py").read_text("utf-8")


def _template(name: str) -> str:
    if name in ARRAYS:
        return template(_steps(name))
    return (files("micrograd.workbench") / "templates" / f"{name}.txt").read_text("utf-8")


def _steps(name: str) -> str:
    return (files("micrograd.workbench") / "arrays" / f"{name}.txt").read_text("utf-8")


def expect_workbench(folder: Path) -> None:
    """Raise a :class:`WorkbenchError` unless ``folder`` has an engine.py or a tensor.py."""
    if not milestones_in(folder):
        raise WorkbenchError(
            f"expected a folder with your engine.py or tensor.py in it, got {folder}; "
            f"`{command('new', folder)}` makes one"
        )


def command(name: str, folder: Path, *arguments: str) -> str:
    """How one of the workbench's commands is typed here, for a shell."""
    python = Path(sys.executable)
    words = ["python", "-m", "micrograd.workbench", name, *arguments, str(folder)]
    if python.is_relative_to(Path.cwd()):  # a virtual environment that need not be active
        words[0] = str(python.relative_to(Path.cwd()))
    return shlex.join(words)
