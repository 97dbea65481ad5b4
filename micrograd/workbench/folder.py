"""The folder that a reader works in: how it is laid out, and what stands in it."""

from __future__ import annotations

import shlex
import sys
from importlib.resources import files
from pathlib import Path

__all__ = ["TEMPLATES", "WorkbenchError", "command", "expect_workbench", "lay_out"]

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
            template = files("micrograd.workbench") / "templates" / f"{name}.txt"
            try:
                with open(folder / f"{name}.py", "x", encoding="utf-8") as file:
                    file.write(template.read_text("utf-8"))
                made.append((folder / f"{name}.py", True))
            except FileExistsError:
                made.append((folder / f"{name}.py", False))
    except OSError as error:
        raise WorkbenchError(f"expected a folder that can be written, got {error}") from error
    return made


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
