"""The folder that a reader works in: how it is laid out, and what stands in it."""

from __future__ import annotations

import ast
import shlex
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

__all__ = [
    "BEFORE",
    "TEMPLATES",
    "WorkbenchError",
    "command",
    "expect_workbench",
    "lay_out",
    "reset",
]

TEMPLATES = ("engine", "nn", "training")


class WorkbenchError(Exception):
    """Something was asked for that cannot be done; the message says what was expected."""


BEFORE = {1: (), 3: ("engine",), 4: ("engine", "nn")}
"""Which of the files are finished where a milestone begins; the second begins within one."""


def lay_out(folder: Path, begin: int = 1) -> list[tuple[Path, bool]]:
    """Make ``folder`` and write the files to start from into it.

    Args:
        folder: where.
        begin: the milestone to begin at, 1, 3 or 4. What comes before it is this package's own,
            with the modules beside it that it imports.

    Returns:
        Each file, and whether it is new. One that existed before is left as it was.

    Raises:
        WorkbenchError: if ``folder`` cannot be made or written to.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        given = _with_imports(BEFORE[begin])
        if given:  # which want to be a package, as they are at home
            (folder / "__init__.py").touch()
        for name in (*TEMPLATES, *sorted(given - {*TEMPLATES})):
            try:
                with open(folder / f"{name}.py", "x", encoding="utf-8") as file:
                    file.write(_module(name) if name in given else _template(name))
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
        name: one of ``TEMPLATES``.

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
    return (files("micrograd.workbench") / "templates" / f"{name}.txt").read_text("utf-8")


def expect_workbench(folder: Path) -> None:
    """Raise a :class:`WorkbenchError` unless ``folder`` has an engine.py."""
    if not (folder / "engine.py").is_file():
        raise WorkbenchError(
            f"expected a folder with your engine.py in it, got {folder}; "
            f"`{command('new', folder)}` makes one"
        )


def command(name: str, folder: Path, *arguments: str) -> str:
    """How one of the workbench's commands is typed here, for a shell."""
    python = Path(sys.executable)
    words = ["python", "-m", "micrograd.workbench", name, *arguments, str(folder)]
    if python.is_relative_to(Path.cwd()):  # a virtual environment that need not be active
        words[0] = str(python.relative_to(Path.cwd()))
    return shlex.join(words)
