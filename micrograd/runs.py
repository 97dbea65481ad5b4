"""A run on disk: its newest checkpoint, and beside it a line for each step it has taken.

The checkpoint is written again at each save and stays as large as it is; the history only grows.
The chapter "Recovery" tells the story.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from micrograd import _expect, _files
from micrograd.batches import RandomModule
from micrograd.checkpoints import Checkpoint, CheckpointError, Stateful
from micrograd.loop import Step
from micrograd.monitor import StabilityEvent
from micrograd.nn import Module

__all__ = ["Recovery", "RunFile"]


@dataclass(frozen=True)
class Recovery:
    """One return to older parameters.

    Attributes:
        iteration: when, counted from 1.
        reason: the kind of event.
        restored_iteration: the iteration whose starting parameters came back, less 1.
        learning_rate: the lower one that training went on with.
    """

    iteration: int
    reason: str
    restored_iteration: int
    learning_rate: float

    @classmethod
    def from_dict(cls, given: Any, name: str = "a recovery") -> Recovery:
        """The recovery with these fields; a ``ValueError`` if they are not those of one."""
        kinds = {"iteration": int, "reason": str, "restored_iteration": int, "learning_rate": float}
        return cls(**_expect.fields(name, given, **kinds))

    def __str__(self) -> str:
        return (
            f"iteration {self.iteration}: back to the parameters after iteration "
            f"{self.restored_iteration}, learning rate {self.learning_rate:.4g}"
        )


class RunFile:
    """Where a run is kept: ``FILE`` has its newest checkpoint, ``FILE.history`` its steps.

    A run never overwrites another: a file that is there already has to be resumed, or given up
    with ``overwrite``.

    Args:
        file: the checkpoint's; its history stands beside it.
        model: whose parameters are kept.
        overwrite: whether what is there already may be lost.
        parts: what else decides how the run goes on, by name: ``optimizer``, ``batches``,
            ``monitor``. The ``random`` module's state is always kept.

    Attributes:
        best: the best parameters that the run had, if it was resumed and a guard had kept them.

    >>> import tempfile
    >>> from micrograd import MLP, SGD, Batches, steps, xor
    >>> net = MLP(2, [2, 1])
    >>> batches, optimizer = Batches(xor(), 2, seed=1), SGD(net.parameters(), 0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = RunFile(f"{folder}/run.json", net, optimizer=optimizer, batches=batches)
    ...     file.save([next(steps(net, batches, optimizer))])
    ...     [step.iteration for step in file.resume()]
    [1]
    """

    def __init__(
        self,
        file: str | os.PathLike[str],
        model: Module,
        *,
        overwrite: bool = False,
        **parts: Stateful,
    ) -> None:
        self.path = Path(file).resolve()
        self.history = self.path.with_name(self.path.name + ".history")
        self.best: Checkpoint | None = None
        self._model = model
        # Last, because batches that are put back draw the order of their pass once more.
        self._parts: dict[str, Stateful] = {**parts, "random": RandomModule()}
        self._overwrite = overwrite
        self._saved: int | None = None  # iterations in the file, once it is ours
        self._size = 0  # bytes of the history that they take

    @property
    def resumed(self) -> bool:
        """Whether the file is that of this run already."""
        return self._saved is not None

    def save(self, steps: Sequence[Step], best: Checkpoint | None = None) -> None:
        """Write how things are, and the steps since the last save.

        Raises:
            CheckpointError: if the file is there already, and neither resumed nor given up.
            ValueError: if the steps do not go on from those that were saved before.
            OSError: if it cannot be written; the checkpoint is as it was then.
        """
        done = self._saved or 0
        for step in steps:
            done += 1
            if step.iteration != done:
                raise ValueError(
                    f"expected step {done} of the run, got {step.iteration}: a run that is taken "
                    "up again counts on, steps(..., completed=...)"
                )
        if self._saved is None:
            self._begin()
        lines = "".join(_files.to_json(_line(step), lines=False) + "\n" for step in steps)
        with self.history.open("r+b") as file:
            file.truncate(self._size)  # what a save that failed may have left
            file.seek(self._size)
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
        Checkpoint.capture(self._model, done, best=best, **self._parts).save(self.path)
        self._saved, self._size = done, self._size + len(lines)

    def _begin(self) -> None:
        there = [self.path.name] if self.path.exists() else []
        if self.history.exists() and self.history.stat().st_size:
            there.append(self.history.name)
        if there and not self._overwrite:
            raise CheckpointError(
                f"expected a new file for a new run, but {' and '.join(there)} of "
                f"{self.path.parent} would be lost: resume it, or overwrite it"
            )
        # The old checkpoint goes first: a history that is not its own would never be taken for it.
        self.path.unlink(missing_ok=True)
        self.history.write_bytes(b"")
        self._saved, self._size = 0, 0

    def resume(self) -> list[Step]:
        """Go on from the file: returns the steps of the past, or none if there is no file.

        Raises:
            CheckpointError: if it is not valid, or belongs to another network, other data or
                another optimiser; nothing is changed then.
            OSError: if it may not be read.
        """
        if not self.path.exists():
            return []
        checkpoint = Checkpoint.load(self.path)
        try:
            past, size = self._past(checkpoint.iteration)
            checkpoint.restore(self._model, **self._parts)
        except (CheckpointError, ValueError) as error:
            raise CheckpointError(f"{self.path}: {error}") from None
        os.truncate(self.history, size)  # what came after the checkpoint is lost
        self.best, self._saved, self._size = checkpoint.best, checkpoint.iteration, size
        return past

    def _past(self, iterations: int) -> tuple[list[Step], int]:
        """The first steps of the history, and how many bytes they take."""
        if not self.history.exists():
            raise CheckpointError(f"expected its history beside it, {self.history.name}, got none")
        lines = self.history.read_bytes().splitlines(keepends=True)[:iterations]
        if len(lines) < iterations:
            raise CheckpointError(
                f"expected a history of {iterations} steps in {self.history.name}, got {len(lines)}"
            )
        steps = [_step(_files.from_json(line), i) for i, line in enumerate(lines, start=1)]
        return steps, sum(map(len, lines))


def _line(step: Step) -> dict[str, Any]:
    """What the history keeps of a step."""
    return {
        "iteration": step.iteration,
        "loss": step.loss,
        "gradient_norm": step.gradient_norm,
        "clipped": step.clipped,
        "stop": step.stop,
        "held_out": step.held_out,
        "events": [event.as_dict() for event in step.events],
        "recovery": step.recovery and vars(step.recovery),
    }


def _step(line: dict[str, Any], iteration: int) -> Step:
    """The step that a line of the history tells of."""
    name = f"step {iteration} of the history"
    held_out, recovery = line.pop("held_out", None), line.pop("recovery", None)
    kinds: dict[str, type] = {"iteration": int, "loss": float, "gradient_norm": float}
    kinds |= {"clipped": bool, "stop": str, "events": list}
    parts = _expect.fields(name, line, **kinds)
    if parts["iteration"] != iteration:
        raise CheckpointError(f"expected {name}, got that of iteration {parts['iteration']}")
    if held_out is not None:
        _expect.fields(name, {"held_out": held_out}, held_out=float)
    if recovery is not None:
        recovery = Recovery.from_dict(recovery, f"{name}: recovery")
    events = list(map(StabilityEvent.from_dict, parts["events"]))
    return Step(**{**parts, "events": events, "held_out": held_out, "recovery": recovery})
