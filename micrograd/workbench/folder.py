"""The folder that a reader works in: how it is laid out, and what stands in it."""

from __future__ import annotations

import shlex
import sys
from importlib.resources import files
from pathlib import Path

from micrograd.milestones import Milestone, load_milestones
from micrograd.workbench.steps import solved, template

__all__ = [
    "FILES",
    "FIRST_OF_ARRAYS",
    "PARTS",
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


PARTS: dict[int, dict[str, str]] = {
    1: {
        "engine": """Value.__init__ Value.__repr__ Value.__add__ Value.__mul__ Value.__pow__
            Value.__neg__ Value.__sub__ Value.__truediv__ Value.__radd__ Value.__rmul__
            Value.__rsub__ Value.__rtruediv__ Value.tanh"""
    },
    2: {"engine": "Value.backward Value._build_topo"},
    3: {"nn": "Neuron Layer MLP"},
    4: {
        "training": """TrainingMetrics zero_gradients mse_loss gradient_descent_step
            train_network"""
    },
    5: {"tensor": "broadcast_backward TensorValue _tensor"},
    6: {"optim": "Optimizer SGD Adam LearningRateScheduler"},
    7: {"pictures": "ConvolutionalLayer BatchNorm"},
    8: {"attention": "softmax MultiHeadAttention"},
}
"""What a milestone asks for: names, by the file that they stand in."""


def lay_out(folder: Path, begin: int = 1) -> list[tuple[Path, bool]]:
    """Make ``folder`` and write the files to start from into it.

    Args:
        folder: where.
        begin: the milestone to begin at. What the ones before it ask for is done already.

    Returns:
        Each file, and whether it is new. One that existed before is left as it was.

    Raises:
        WorkbenchError: if ``folder`` cannot be made or written to.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS if begin >= FIRST_OF_ARRAYS else NUMBERS:
            try:
                with open(folder / f"{name}.py", "x", encoding="utf-8") as file:
                    file.write(_start(name, begin))
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
        file.write_text(_start(name), "utf-8")
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


def finished(name: str) -> str:
    """One of ``FILES`` with all its steps done."""
    return solved(_steps(name))


def _start(name: str, begin: int = 1) -> str:
    """One of ``FILES`` as it is where a milestone begins."""
    asked = {number: parts[name].split() for number, parts in PARTS.items() if name in parts}
    if max(asked) < begin:
        return finished(name)
    return template(
        _steps(name), [part for number in asked if number < begin for part in asked[number]]
    )


def _steps(name: str) -> str:
    return (files("micrograd.workbench") / "templates" / f"{name}.txt").read_text("utf-8")


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
