"""The folder that a reader works in: how it is laid out, and what stands in it."""

from __future__ import annotations

import shlex
import sys
from importlib.resources import files
from pathlib import Path

__all__ = ["TEMPLATES", "WorkbenchError", "command", "expect_workbench", "lay_out", "reset"]

TEMPLATES = ("engine", "nn", "training")


class WorkbenchError(Exception):
    """Something was asked for that cannot be done; the message says what was expected."""


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
            try:
                with open(folder / f"{name}.py", "x", encoding="utf-8") as file:
                    file.write(_template(name))
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
        name: one of :data:`TEMPLATES`.

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
