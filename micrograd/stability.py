"""Watching a training for trouble, and getting it out of trouble.

The engine lets ``nan`` and infinities flow, as arithmetic does. Here they are looked for, in
numbers, graphs and whole runs, and answered: *keep the best parameters seen; when something
breaks, go back to them and on with smaller steps.* The part "When training goes wrong" tells
the story.
"""

from __future__ import annotations

import json
import math
import operator
import os
import random
import re
import reprlib
import statistics
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from itertools import pairwise
from numbers import Real
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from micrograd.engine import AnomalyError, Value, detect_anomaly
from micrograd.graphs import GraphProblem, GraphReport, validate_graph
from micrograd.nn import Module
from micrograd.training import (
    SGD,
    LossFunction,
    TrainingConfig,
    TrainingMetrics,
    _batches,
    _deferred_interrupt,
    _override,
    mse_loss,
    paused_collector,
    train_step,
)

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "DataOrder",
    "GraphProblem",
    "GraphReport",
    "NumericalValidator",
    "Recovery",
    "RecoveryManager",
    "StabilityEvent",
    "StabilityLevel",
    "StabilityMetrics",
    "StabilityMonitor",
    "clip_gradient_norm",
    "clip_gradient_values",
    "gradient_size",
    "train_network_with_stability",
    "validate_graph",
]


# Numbers


class StabilityLevel(Enum):
    """How bad it is: ``WARNING`` is for a person to look at, what follows needs an answer."""

    STABLE = "stable"
    WARNING = "warning"
    UNSTABLE = "unstable"
    CRITICAL = "critical"


@dataclass(frozen=True)
class NumericalValidator:
    """Tells healthy numbers from those that announce trouble.

    Two sets of thresholds are in use, ``(1e-10, 1e10, 5)`` and ``(1e-8, 1e6, 10)``. These are
    the second: the usual definitions of a vanished (1e-8) and an exploded gradient (10) agree
    with it, and 5 is a gradient that healthy runs on the book's data have in their first steps.

    Args:
        nan_threshold: anything but 0 that is smaller than this is suspiciously small.
        inf_threshold: anything larger than this is about to overflow.
        gradient_clip_threshold: the largest gradient that is let through.

    >>> NumericalValidator().validate_scalar(1e7, "w")
    (False, <StabilityLevel.UNSTABLE: 'unstable'>, 'large value 10000000.0 in w')
    """

    nan_threshold: float = 1e-8
    inf_threshold: float = 1e6
    gradient_clip_threshold: float = 10.0

    def validate_scalar(self, value: float, context: str = "") -> tuple[bool, StabilityLevel, str]:
        """Whether ``value`` may be used, how stable it is, and what is the matter with it."""
        where = f" in {context}" if context else ""
        if not math.isfinite(value):
            return False, StabilityLevel.CRITICAL, f"{value}{where}"
        if abs(value) > self.inf_threshold:
            return False, StabilityLevel.UNSTABLE, f"large value {value}{where}"
        if 0.0 < abs(value) < self.nan_threshold:
            return True, StabilityLevel.WARNING, f"very small value {value}{where}"
        return True, StabilityLevel.STABLE, ""

    def clip_gradient(self, gradient: float) -> float:
        """The gradient, no further from 0 than the threshold; ``nan`` stays ``nan``."""
        if abs(gradient) > self.gradient_clip_threshold:
            return math.copysign(self.gradient_clip_threshold, gradient)
        return gradient

    def analyze_gradient_flow(
        self, gradients: Sequence[float]
    ) -> tuple[StabilityLevel, dict[str, Any]]:
        """How stable a set of gradients is, with their sizes and the ``issue`` if there is one.

        >>> NumericalValidator().analyze_gradient_flow([3.0, -12.0])[1]["issue"]
        'gradient_explosion'
        """
        if not gradients:
            return StabilityLevel.WARNING, {"gradient_count": 0, "issue": "no_gradients"}
        sizes = [abs(gradient) for gradient in gradients if math.isfinite(gradient)]
        if len(sizes) < len(gradients):
            lost = {"gradient_count": len(gradients), "nan_count": len(gradients) - len(sizes)}
            return StabilityLevel.CRITICAL, {**lost, "issue": "nan_gradients"}
        largest, mean = max(sizes), statistics.fmean(sizes)
        analysis = {
            "max_gradient": largest,
            "mean_gradient": mean,
            "gradient_count": len(sizes),
        }
        if largest > self.gradient_clip_threshold:
            return StabilityLevel.UNSTABLE, {**analysis, "issue": "gradient_explosion"}
        if mean < self.nan_threshold:
            return StabilityLevel.WARNING, {**analysis, "issue": "gradient_vanishing"}
        return StabilityLevel.STABLE, analysis


def clip_gradient_norm(parameters: Sequence[Value], max_norm: float) -> float:
    """Scale all gradients down together, so that their norm is at most ``max_norm``.

    Their direction stays as it is (Pascanu et al., 2013). If the norm is not finite there is
    no direction to keep, and the gradients are left alone.

    Returns:
        The norm before.

    Raises:
        ValueError: if ``max_norm`` is not a positive, finite number.

    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 30.0, 40.0
    >>> clip_gradient_norm([a, b], 5.0), a.grad, b.grad
    (50.0, 3.0, 4.0)
    """
    _expect_positive("max_norm", max_norm)
    norm = math.hypot(*(parameter.grad for parameter in parameters))
    if max_norm < norm < math.inf:
        for parameter in parameters:
            parameter.grad *= max_norm / norm
    return norm


def clip_gradient_values(parameters: Sequence[Value], limit: float) -> int:
    """Bring each gradient into [-limit, limit] by itself; their direction may change.

    Returns:
        How many gradients were clipped.

    Raises:
        ValueError: if ``limit`` is not a positive, finite number.

    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 3.0, 40.0
    >>> clip_gradient_values([a, b], 5.0), a.grad, b.grad
    (1, 3.0, 5.0)
    """
    _expect_positive("limit", limit)
    large = [parameter for parameter in parameters if abs(parameter.grad) > limit]
    for parameter in large:
        parameter.grad = math.copysign(limit, parameter.grad)
    return len(large)


def _expect_positive(name: str, number: float) -> None:
    if not 0.0 < number < math.inf:
        raise ValueError(f"expected {name} to be a positive, finite number, got {number}")


def _expect_count(name: str, count: int, least: int) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count < least:
        raise ValueError(f"expected {name} to be a whole number of at least {least}, got {count!r}")


# Runs


@dataclass(frozen=True)
class StabilityEvent:
    """Something that happened to a training.

    Attributes:
        kind: ``nan`` (a number that is not finite), ``explosion``, ``vanishing``,
            ``oscillation``, ``stagnation`` or ``divergence``.
        severity: an ``UNSTABLE`` or ``CRITICAL`` event asks for an intervention.
        iteration: when it was noticed, counted from 1.
        evidence: the numbers it was noticed by.
        recommendation: what usually helps.
        origin: the operation in which it began, if that is known.
    """

    kind: str
    severity: StabilityLevel
    iteration: int
    evidence: dict[str, float] = field(hash=False)
    recommendation: str
    origin: str = ""

    def __str__(self) -> str:
        evidence = ", ".join(f"{name} {number:.4g}" for name, number in self.evidence.items())
        origin = f"; {self.origin}" if self.origin else ""
        return f"iteration {self.iteration}: {self.kind} ({evidence}{origin})"


_ADVICE = {
    "nan": (
        StabilityLevel.CRITICAL,
        "go back to finite parameters and take smaller steps; detect_anomaly() names the operation",
    ),
    "explosion": (
        StabilityLevel.UNSTABLE,
        "clip the gradients, take smaller steps, or start from smaller weights",
    ),
    "divergence": (StabilityLevel.UNSTABLE, "go back to the best parameters, take smaller steps"),
    "oscillation": (StabilityLevel.UNSTABLE, "take smaller steps, or larger batches"),
    "vanishing": (
        StabilityLevel.WARNING,
        "look at the gradients layer by layer; another initialisation or activation",
    ),
    "stagnation": (
        StabilityLevel.WARNING,
        "stop if the loss is good enough; otherwise larger steps or another initialisation",
    ),
}


class StabilityMonitor:
    """Watches losses and gradients go by, and says when they look wrong.

    ======================  ==============================================================
    ``nan``                 the loss or a gradient is not finite
    ``explosion``           the gradients' norm is above 10 and 100 times its usual size
    ``vanishing``           half of the gradients are below 1e-8, 5 times in a row
    ``divergence``          the loss is above twice its best 5 times in a row, and rising
    ``oscillation``         the loss goes up and down by turns, by a third, to no avail
    ``stagnation``          the loss has not moved by 1 part in 10,000 for a whole window
    ======================  ==============================================================

    The last two need a full window; the thresholds 10 and 1e-8 are the validator's. What lasts
    is reported once, when it begins. Converged runs stagnate too: only a person can tell.

    Args:
        window: how many losses and norms to look back on, at least 5.
        pass_length: updates that go through all data once. Losses are averaged over as many,
            as those of single batches are not comparable.
        validator: holds the thresholds.

    Attributes:
        events: all that has been reported.
        best_loss: the lowest (mean) loss.
        improved: whether the last update gave a new one.

    >>> monitor = StabilityMonitor()
    >>> for iteration, loss in enumerate([1.0, 3.0, 4.0, 5.0, 6.0, 7.0], start=1):
    ...     events = monitor.update_metrics(loss, [0.5, -0.5], iteration)
    >>> print(events[0])
    iteration 6: divergence (loss 7, best_loss 1)
    >>> monitor.should_intervene()[:2]
    (True, 'divergence')
    """

    def __init__(
        self,
        window: int = 20,
        *,
        pass_length: int = 1,
        validator: NumericalValidator | None = None,
    ) -> None:
        _expect_count("window", window, 5)
        _expect_count("pass_length", pass_length, 1)
        self.pass_length = pass_length
        self.validator = validator or NumericalValidator()
        self.events: list[StabilityEvent] = []
        self.best_loss = math.inf
        self.improved = False
        self._losses: deque[float] = deque(maxlen=window)
        self._norms: deque[float] = deque(maxlen=window)
        self._unfinished: list[float] = []  # losses of the current pass
        self._faint = 0  # updates in a row with vanished gradients
        self._current: dict[str, StabilityEvent] = {}

    def update_metrics(
        self, loss: float, gradients: Sequence[float], iteration: int
    ) -> list[StabilityEvent]:
        """Look at one more update; returns the events that begin with it."""
        return self.assess(loss, *gradient_size(gradients), iteration)

    def assess(
        self, loss: float, norm: float, median: float, iteration: int
    ) -> list[StabilityEvent]:
        """Do as :meth:`update_metrics` does, given the gradients' :func:`gradient_size`."""
        self.improved = False
        if math.isfinite(loss) and math.isfinite(norm):
            found = self._look_at_gradients(norm, median)
            self._unfinished.append(loss)
            if len(self._unfinished) == self.pass_length:
                mean = math.fsum(self._unfinished) / self.pass_length
                self._unfinished.clear()
                self._losses.append(mean)
                self.improved = mean < self.best_loss
                self.best_loss = min(mean, self.best_loss)
            found |= self._look_at_losses()
        else:
            found = {"nan": {"loss": loss, "gradient_norm": norm}}
        begun = {
            kind: _event(kind, iteration, evidence)
            for kind, evidence in found.items()
            if kind not in self._current
        }
        self._current = {kind: begun.get(kind) or self._current[kind] for kind in found}
        self.events += begun.values()
        return list(begun.values())

    def should_intervene(self) -> tuple[bool, str, dict[str, Any]]:
        """Whether something must be done now, the kind of trouble, and the event's fields."""
        for kind, event in self._current.items():
            if event.severity in (StabilityLevel.UNSTABLE, StabilityLevel.CRITICAL):
                return True, kind, vars(event).copy()
        return False, "", {}

    def reset(self) -> None:
        """Forget the windows, as after going back to older parameters, but not the best loss."""
        for memory in (self._losses, self._norms, self._unfinished, self._current):
            memory.clear()
        self._faint = 0

    def _look_at_gradients(self, norm: float, median: float) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        if norm > self.validator.gradient_clip_threshold and len(self._norms) >= 5:
            usual = statistics.median(self._norms)
            if norm > 100.0 * usual:
                found["explosion"] = {"gradient_norm": norm, "usual_norm": usual}
        self._norms.append(norm)
        self._faint = self._faint + 1 if median < self.validator.nan_threshold else 0
        if self._faint >= 5:
            found["vanishing"] = {"gradient_norm": norm, "median_gradient": median}
        return found

    def _look_at_losses(self) -> dict[str, dict[str, float]]:
        losses, found = list(self._losses), {}
        floor = self.validator.nan_threshold  # differences below it are rounding
        high = self.best_loss + max(abs(self.best_loss), floor)  # twice the best
        if len(losses) >= 5 and min(losses[-5:]) > high and losses[-1] > losses[-5]:
            found["divergence"] = {"loss": losses[-1], "best_loss": self.best_loss}
        if len(losses) == self._losses.maxlen:
            size = math.fsum(map(abs, losses)) / len(losses)
            moves = list(map(operator.sub, losses[1:], losses))
            swing = math.fsum(map(abs, moves)) / len(moves)
            if swing > max(size / 3.0, floor) and _share_of_turns(moves) >= 0.9:
                half = len(losses) // 2
                gain = math.fsum(losses[:half]) - math.fsum(losses[-half:])
                if gain < 0.1 * half * size:
                    found["oscillation"] = {"swing": swing, "mean_loss": size}
            elif max(losses) - min(losses) <= 1e-4 * size and size > floor:
                found["stagnation"] = {"loss": losses[-1], "moved": max(losses) - min(losses)}
        return found


def _share_of_turns(moves: Sequence[float]) -> float:
    """How often, of the times it could have, a movement changed its direction."""
    return sum(a * b < 0.0 for a, b in pairwise(moves)) / (len(moves) - 1)


def gradient_size(gradients: Sequence[float]) -> tuple[float, float]:
    """The norm of some gradients, and the median of their magnitudes: ``nan`` for none.

    >>> gradient_size([3.0, -4.0, 0.0])
    (5.0, 3.0)
    """
    magnitudes = sorted(map(abs, gradients))
    return math.hypot(*magnitudes), magnitudes[len(magnitudes) // 2] if magnitudes else math.nan


def _event(kind: str, iteration: int, evidence: dict[str, float]) -> StabilityEvent:
    severity, recommendation = _ADVICE[kind]
    return StabilityEvent(kind, severity, iteration, evidence, recommendation)


# Checkpoints


class CheckpointError(ValueError):
    """A checkpoint that cannot be read, or does not fit."""


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

    def __str__(self) -> str:
        return (
            f"iteration {self.iteration}: back to the parameters after iteration "
            f"{self.restored_iteration}, learning rate {self.learning_rate:.4g}"
        )


@dataclass
class StabilityMetrics(TrainingMetrics):
    """The whole story of a guarded run: the losses, and what else happened.

    ``stopped_because`` may also be ``unrecoverable``: there was trouble once more than it was
    allowed to recover from; the last event says what. It is never ``diverged``.

    Attributes:
        gradient_norms: the norm of all gradients in each iteration, after clipping.
        gradient_medians: the median of their magnitudes.
        events: what the monitor noticed.
        recoveries: each return to older parameters.
        clipped: iterations whose gradients were clipped.
        learning_rate: the one it ended with.
    """

    gradient_norms: list[float] = field(default_factory=list)
    gradient_medians: list[float] = field(default_factory=list)
    events: list[StabilityEvent] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    clipped: int = 0
    learning_rate: float = 0.0

    def should_stop(self, config: TrainingConfig) -> str:
        """Why training should end now; a loss that is not finite is no reason by itself."""
        reason = super().should_stop(config)
        if reason == "diverged":
            return "max_iterations" if self.iterations >= config.max_iterations else ""
        return reason

    def __str__(self) -> str:
        story: list[StabilityEvent | Recovery] = [*self.events, *self.recoveries]
        story.sort(key=lambda chapter: chapter.iteration)  # stable: an event before its recovery
        return "\n".join([super().__str__(), *map(str, story)])


@dataclass(frozen=True)
class DataOrder:
    """What decides which examples an iteration sees.

    Attributes:
        examples: how many there are.
        batch_size: as in the configuration.
        seed: as in the configuration.
        random_state: of the ``random`` module, where that decides, as the current pass began:
            625 numbers below 2**32.
        random_gauss: the rest of that state.
    """

    examples: int
    batch_size: int | None = None
    seed: int | None = None
    random_state: tuple[int, ...] | None = None
    random_gauss: float | None = None

    def __post_init__(self) -> None:
        if self.examples < 1 or (self.batch_size is not None and self.batch_size < 1):
            raise CheckpointError(f"expected examples in batches, got {self.examples} examples "
                                  f"in batches of {self.batch_size}")  # fmt: skip
        if self.random_state is not None:
            try:
                if not all(0 <= number < 2**32 for number in self.random_state):
                    raise ValueError("a number is out of range")
                random.Random().setstate((3, self.random_state, self.random_gauss))
            except ValueError as error:
                raise CheckpointError(f"expected a random state, got another: {error}") from None

    def __str__(self) -> str:
        """What stays the same throughout a run."""
        state = "" if self.random_state is None else ", as the random module has it"
        return f"examples={self.examples}, batch_size={self.batch_size}, seed={self.seed}{state}"

    @property
    def pass_length(self) -> int:
        """Iterations that go through all examples once."""
        return math.ceil(self.examples / (self.batch_size or self.examples))

    def now(self) -> DataOrder:
        """The same at the beginning of a pass, with the present state of the randomness."""
        if self.seed is not None or self.pass_length == 1:
            return self
        _, state, gauss = random.getstate()
        return replace(self, random_state=state, random_gauss=gauss)

    def skip(self, batches: Iterator[Any], iteration: int) -> None:
        """Bring new ``batches`` to where they were after ``iteration`` iterations."""
        if self.seed is None:
            iteration %= self.pass_length
        if self.random_state is not None:
            random.setstate((3, self.random_state, self.random_gauss))
        for _ in range(iteration):
            next(batches)


@dataclass(frozen=True)
class Checkpoint:
    """A training at one moment: parameters, and the optimiser and metrics that belong to them.

    Attributes:
        iteration: completed iterations.
        parameters: the numbers.
        gradients: theirs, one for each.
        learning_rate: the optimiser's.
        metrics: of the run until then.
        best: the best parameters until then, as a checkpoint of their own.
        order: the order of the examples.

    Raises:
        CheckpointError: if the parts do not fit together.

    >>> w = Value(0.1)
    >>> checkpoint = Checkpoint.capture([w], iteration=7)
    >>> w.data = 5.0
    >>> Checkpoint.from_json(checkpoint.to_json()).restore([w])
    >>> w.data
    0.1
    """

    iteration: int
    parameters: tuple[float, ...]
    gradients: tuple[float, ...]
    learning_rate: float | None = None
    metrics: StabilityMetrics | None = None
    best: Checkpoint | None = None
    order: DataOrder | None = None

    def __post_init__(self) -> None:
        if self.iteration < 0:
            raise CheckpointError(f"expected an iteration of at least 0, got {self.iteration}")
        others = (self.gradients, *([self.best.parameters] if self.best else []))
        for numbers in others:
            if len(numbers) != len(self.parameters):
                raise CheckpointError(
                    f"expected as many gradients and best parameters as the {len(self.parameters)} "
                    f"parameters, got {len(numbers)}"
                )
        if self.learning_rate is not None and not 0.0 <= self.learning_rate < math.inf:
            raise CheckpointError(f"expected a learning rate, got {self.learning_rate}")

    @classmethod
    def capture(
        cls,
        parameters: Sequence[Value],
        iteration: int,
        optimizer: SGD | None = None,
        metrics: TrainingMetrics | None = None,
    ) -> Checkpoint:
        """How things are now; what happens to the arguments later does not change it."""
        return cls(
            iteration,
            tuple([float(parameter.data) for parameter in parameters]),
            tuple([float(parameter.grad) for parameter in parameters]),
            None if optimizer is None else float(optimizer.learning_rate),
            None if metrics is None else StabilityMetrics(**_copied_fields(metrics)),
        )

    def restore(
        self,
        parameters: Sequence[Value],
        optimizer: SGD | None = None,
        metrics: TrainingMetrics | None = None,
    ) -> None:
        """Make everything as it was.

        Raises:
            CheckpointError: if there are more or fewer parameters than there were, or no
                optimiser or metrics were kept; nothing has been changed then.
        """
        if len(parameters) != len(self.parameters):
            raise CheckpointError(
                f"expected {len(self.parameters)} parameters, as in the checkpoint, "
                f"got {len(parameters)}"
            )
        if (optimizer and self.learning_rate is None) or (
            metrics is not None and self.metrics is None
        ):
            raise CheckpointError("expected a checkpoint with an optimiser and metrics")
        for parameter, data, grad in zip(parameters, self.parameters, self.gradients):
            parameter.data, parameter.grad = data, grad
        if optimizer and self.learning_rate is not None:
            optimizer.learning_rate = self.learning_rate
        if metrics is not None and self.metrics is not None:
            kept = _copied_fields(self.metrics)
            for name in vars(metrics):
                setattr(metrics, name, kept[name])

    def to_json(self) -> str:
        """All of it as JSON, a line for each field, every float exact to the bit.

        JSON has no word for what is not finite: those floats are the strings ``nan``, ``inf``
        and ``-inf``, and ``nan:`` with 16 hexadecimal digits for a ``nan`` with other bits.
        """
        content = {"format": _FORMAT, "version": _VERSION, **_encode(self)}
        lines = [f'"{name}": {json.dumps(item)}' for name, item in content.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Checkpoint:
        """The checkpoint that :meth:`to_json` wrote.

        Raises:
            CheckpointError: for anything else, saying what was expected where.
        """
        try:
            text = text.decode() if isinstance(text, bytes) else text
            content = json.loads(text, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            raise CheckpointError(f"expected a checkpoint in JSON: {error}") from None
        header = None
        if isinstance(content, dict):
            header = [content.pop(name, None) for name in ("format", "version")]
        if header != [_FORMAT, _VERSION] or type(header[1]) is not int:
            raise CheckpointError(
                f"expected a {_FORMAT} of version {_VERSION}, got {reprlib.repr(header)}"
            )
        checkpoint = _decode(cls, content, "checkpoint")
        assert isinstance(checkpoint, cls)
        return checkpoint

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, so that at any moment the file is the old or the new one, whole.

        The text goes to ``<path>.tmp`` and on to the disk before it takes the file's place.

        Raises:
            OSError: if that fails; the file is as it was then.
        """
        target = Path(path).resolve()
        temporary = target.with_name(target.name + ".tmp")
        try:
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.write(self.to_json())
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if hasattr(os, "O_DIRECTORY"):  # elsewhere a folder cannot be opened, nor need it be
            folder = os.open(target.parent, os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Checkpoint:
        """Read it from a file.

        Raises:
            OSError: if there is no such file, or it may not be read.
            CheckpointError: if it is not a whole and valid checkpoint.
        """
        content = Path(path).read_bytes()
        try:
            return cls.from_json(content)
        except CheckpointError as error:
            raise CheckpointError(f"{os.fspath(path)}: {error}") from None


class RecoveryManager:
    """The last few checkpoints of a run, in memory, the oldest of which give way to new ones.

    Args:
        max_checkpoints: how many to keep, at least 1.

    >>> w, manager = Value(1.0), RecoveryManager()
    >>> manager.create_checkpoint([w], iteration=10)
    'checkpoint_10'
    >>> w.data = float("nan")
    >>> manager.restore_checkpoint([w]), w.data
    (10, 1.0)
    """

    def __init__(self, max_checkpoints: int = 5) -> None:
        _expect_count("max_checkpoints", max_checkpoints, 1)
        self.max_checkpoints = max_checkpoints
        self.checkpoints: dict[str, Checkpoint] = {}

    def create_checkpoint(
        self,
        parameters: Sequence[Value],
        iteration: int,
        optimizer: SGD | None = None,
        metrics: TrainingMetrics | None = None,
    ) -> str:
        """Keep how things are now; returns the name of the checkpoint."""
        return self.add(Checkpoint.capture(parameters, iteration, optimizer, metrics))

    def add(self, checkpoint: Checkpoint) -> str:
        """Keep a checkpoint, in place of an older one of the same iteration if there is one."""
        name = f"checkpoint_{checkpoint.iteration}"
        self.checkpoints.pop(name, None)
        self.checkpoints[name] = checkpoint
        if len(self.checkpoints) > self.max_checkpoints:
            del self.checkpoints[next(iter(self.checkpoints))]
        return name

    def find(self, checkpoint_id: str | None = None) -> Checkpoint:
        """The checkpoint of that name, by default the newest.

        Raises:
            CheckpointError: if there is none.
        """
        name = checkpoint_id or next(reversed(self.checkpoints), "")
        if name not in self.checkpoints:
            known = ", ".join(self.checkpoints) or "none"
            raise CheckpointError(f"expected one of the checkpoints ({known}), got {name!r}")
        return self.checkpoints[name]

    def restore_checkpoint(
        self,
        parameters: Sequence[Value],
        checkpoint_id: str | None = None,
        optimizer: SGD | None = None,
        metrics: TrainingMetrics | None = None,
    ) -> int:
        """Make everything as it was at a checkpoint; returns its iteration.

        Raises:
            CheckpointError: if there is none, or it does not fit; nothing is changed then.
        """
        checkpoint = self.find(checkpoint_id)
        checkpoint.restore(parameters, optimizer, metrics)
        return checkpoint.iteration


_FORMAT, _VERSION = "micrograd checkpoint", 1


def _copied_fields(metrics: TrainingMetrics) -> dict[str, Any]:
    return {k: v.copy() if isinstance(v, list) else v for k, v in vars(metrics).items()}


def _encode(item: Any) -> Any:
    """``item`` in the terms of JSON."""
    if isinstance(item, float) and not math.isfinite(item):
        bits = struct.pack(">d", item).hex()
        unusual = math.isnan(item) and bits != "7ff8000000000000"
        return f"nan:{bits}" if unusual else str(item)
    if is_dataclass(item):
        return {f.name: _encode(getattr(item, f.name)) for f in fields(item)}
    if isinstance(item, (list, tuple)):
        return [_encode(element) for element in item]
    if isinstance(item, dict):
        return {name: _encode(element) for name, element in item.items()}
    return item.value if isinstance(item, Enum) else item


def _decode(kind: Any, item: Any, where: str) -> Any:
    """``item``, which came from JSON, as an object of the type ``kind``: types are the schema."""
    outer, inner = get_origin(kind), get_args(kind)
    if outer is UnionType:  # of something and None
        return None if item is None else _decode(inner[0], item, where)
    if outer in (list, tuple) and type(item) is list:
        return outer([_decode(inner[0], x, f"{where}[{i}]") for i, x in enumerate(item)])
    if outer is dict and type(item) is dict:
        return {name: _decode(inner[1], x, f"{where}.{name}") for name, x in item.items()}
    if is_dataclass(kind) and type(item) is dict:
        hints = get_type_hints(kind)
        if item.keys() != hints.keys():
            expected, given = ", ".join(hints), reprlib.repr(list(item))
            raise CheckpointError(f"{where}: expected the fields {expected}; got {given}")
        parts = {name: _decode(hints[name], x, f"{where}.{name}") for name, x in item.items()}
        return kind(**parts)  # type: ignore[operator]
    if kind is float and type(item) is str and re.fullmatch("nan|-?inf|nan:[0-9a-f]{16}", item):
        number = struct.unpack(">d", bytes.fromhex(item[4:]))[0] if ":" in item else float(item)
        if not math.isfinite(number):
            return number
    elif type(item) is kind and (kind is not float or math.isfinite(item)):
        return item
    elif kind is StabilityLevel and type(item) is str and item in {x.value for x in kind}:
        return kind(item)
    expected = getattr(kind, "__name__", str(kind))
    raise CheckpointError(f"{where}: expected a {expected}, got {reprlib.repr(item)}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise CheckpointError("a name stands twice in one object")
    return content


# Training


def train_network_with_stability(
    mlp: Module,
    training_data: Sequence[tuple[Any, Any]],
    config: TrainingConfig | None = None,
    loss_fn: LossFunction = mse_loss,
    verbose: bool = True,
    *,
    checkpoint_file: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
    resume: bool = False,
    max_recoveries: int = 10,
    gradient_clip: float | None = None,
    validator: NumericalValidator | None = None,
    **overrides: Any,
) -> StabilityMetrics:
    """Train as ``train_network`` does, bit for bit, until something goes wrong; then recover.

    To recover is to go back to the best parameters seen, halve the learning rate, and go on.
    The parameters are finite whenever this returns. When it could not recover any more
    (``stopped_because`` is ``unrecoverable``), they are the best ones.

    Args:
        mlp: the network; its parameters are changed in place.
        training_data: ``(inputs, target)`` pairs.
        config: what to do and when to stop; a ``TrainingConfig`` by default.
        loss_fn: the loss, from a list of predictions and a list of targets.
        verbose: print the loss now and then, what went wrong, and why training stopped.
        checkpoint_file: where to write checkpoints: at the start, now and then, at the end.
        checkpoint_every: iterations between two of them, at least 1.
        resume: go on from the checkpoint file if there is one. The run ends with the bits of
            one that was never interrupted; its learning rate is the file's.
        max_recoveries: how often to recover before giving up, at least 0.
        gradient_clip: largest norm of the gradients, see :func:`clip_gradient_norm`; ``None``
            does not clip.
        validator: thresholds other than the usual ones; ``inf_threshold`` bounds the parameters.
        overrides: fields of the config to replace, such as ``learning_rate=0.1``.

    Returns:
        The losses and all that happened.

    Raises:
        TypeError, ValueError: as ``train_network`` does, and for data or parameters that are
            not finite to begin with.
        CheckpointError: if the file to resume from is not valid, or belongs to a network with
            another number of parameters, or to data in another order; nothing is changed then.
        OSError: if a checkpoint cannot be written.

    >>> from micrograd import MLP, noisy_line
    >>> import random
    >>> random.seed(0)
    >>> metrics = train_network_with_stability(
    ...     MLP(1, [1]), noisy_line(20), learning_rate=5.0, verbose=False)
    >>> [recovery.reason for recovery in metrics.recoveries], metrics.learning_rate
    (['explosion', 'explosion', 'divergence'], 0.625)
    >>> metrics.best_loss < 0.01
    True
    """
    config = _override(config or TrainingConfig(), overrides)
    _expect_count("checkpoint_every", checkpoint_every, 1)
    _expect_count("max_recoveries", max_recoveries, 0)
    if resume and checkpoint_file is None:
        raise ValueError("expected a checkpoint_file to resume from, got none")
    _expect_finite_data(training_data)
    optimizer = _ClippingSGD(mlp.parameters(), config.learning_rate, gradient_clip)
    validator = validator or NumericalValidator()
    run = _Run(mlp, training_data, config, loss_fn, optimizer, validator, max_recoveries)
    if resume and checkpoint_file is not None and os.path.exists(checkpoint_file):
        run.resume(Checkpoint.load(checkpoint_file))
    elif checkpoint_file is not None:
        run.checkpoint().save(checkpoint_file)

    with _deferred_interrupt() as interrupted:
        while not run.metrics.stopped_because:
            try:
                run.iterate()
                metrics = run.metrics
                metrics.stopped_because = metrics.stopped_because or interrupted()
                if verbose and metrics.iterations % config.report_every == 0:
                    print(f"Iteration {metrics.iterations}: Loss = {metrics[-1]:.6f}")
                if checkpoint_file is not None and metrics.iterations % checkpoint_every == 0:
                    run.checkpoint().save(checkpoint_file)
            except KeyboardInterrupt:
                run.rewind()
                run.metrics.stopped_because = "interrupted"
        if checkpoint_file is not None:
            run.checkpoint().save(checkpoint_file)
    if verbose:
        print(run.metrics)
    return run.metrics


class _ClippingSGD(SGD):
    """Gradient descent that clips first, and takes no step along what is not finite.

    Attributes:
        clipped: how often it has clipped.
    """

    def __init__(
        self, parameters: Sequence[Value], learning_rate: float, gradient_clip: float | None
    ) -> None:
        super().__init__(parameters, learning_rate)
        if gradient_clip is not None:
            _expect_positive("gradient_clip", gradient_clip)
        self.gradient_clip = gradient_clip
        self.clipped = 0

    def step(self) -> None:
        if self.gradient_clip is not None:
            norm = clip_gradient_norm(self.parameters, self.gradient_clip)
            self.clipped += self.gradient_clip < norm < math.inf
        if all(math.isfinite(parameter.grad) for parameter in self.parameters):
            super().step()


class _Run:
    """The state of a guarded training, and its steps."""

    def __init__(
        self,
        mlp: Module,
        data: Sequence[tuple[Any, Any]],
        config: TrainingConfig,
        loss_fn: LossFunction,
        optimizer: _ClippingSGD,
        validator: NumericalValidator,
        max_recoveries: int,
    ) -> None:
        for i, parameter in enumerate(optimizer.parameters):
            usable, _, problem = validator.validate_scalar(parameter.data, f"parameter [{i}]")
            if not usable:
                raise ValueError(f"expected healthy parameters to start from, got {problem}")
        self.mlp: Any = mlp
        self.config = config
        self.loss_fn = loss_fn
        self.optimizer = optimizer
        self.validator = validator
        self.max_recoveries = max_recoveries
        self.order = DataOrder(len(data), config.batch_size, config.seed).now()
        self.batches = _batches(data, config)
        self.monitor = StabilityMonitor(pass_length=self.order.pass_length, validator=validator)
        self.metrics = StabilityMetrics(learning_rate=config.learning_rate)
        self.best = RecoveryManager(max_checkpoints=1)
        self.begin()
        self.best.add(self.before)

    def begin(self) -> None:
        """Remember how things are before an iteration; the lists are shared and only grow."""
        self.before = Checkpoint.capture(
            self.optimizer.parameters, self.metrics.iterations, self.optimizer
        )
        self.past = replace(self.metrics), self.order

    def iterate(self) -> None:
        """One iteration: a step, a look at it, and a recovery if it needs one."""
        self.begin()
        metrics, parameters = self.metrics, self.optimizer.parameters
        inputs, targets = next(self.batches)
        loss = train_step(self.mlp, inputs, targets, self.optimizer, self.loss_fn)
        norm, median = gradient_size([parameter.grad for parameter in parameters])
        iteration, limit = metrics.iterations + 1, self.validator.inf_threshold
        events = self.monitor.assess(loss, norm, median, iteration)
        _, reason, _ = self.monitor.should_intervene()
        spoilt = [parameter.data for parameter in parameters if not abs(parameter.data) <= limit]
        if spoilt:
            kind = "divergence" if math.isfinite(spoilt[0]) else "nan"
            events.append(_event(kind, iteration, {"parameter": spoilt[0], "limit": limit}))
            reason = reason or kind
        elif self.monitor.improved:
            self.best.add(self.before)
        if events and events[-1].kind == "nan":
            events[-1] = replace(events[-1], origin=self.origin(inputs, targets))
        self.record(loss, norm, median, events)
        if reason:
            self.recover(reason)
        metrics.stopped_because = metrics.stopped_because or metrics.should_stop(self.config)

    def record(
        self, loss: float, norm: float, median: float, events: Sequence[StabilityEvent]
    ) -> None:
        """Write down one more iteration."""
        metrics = self.metrics
        metrics.gradient_norms.append(norm)
        metrics.gradient_medians.append(median)
        metrics.events += events
        metrics.clipped = self.optimizer.clipped
        if math.isfinite(loss):
            metrics.update(loss, self.config.min_improvement)
        else:
            metrics.losses.append(loss)
        if metrics.iterations % self.order.pass_length == 0:
            self.order = self.order.now()

    def origin(self, inputs: Sequence[Any], targets: Any) -> str:
        """The operation that a failed step went wrong in, found by doing it again."""
        try:
            with detect_anomaly(), paused_collector():
                self.loss_fn([self.mlp(x) for x in inputs], targets).backward()
        except AnomalyError as error:
            return str(error)
        return ""

    def recover(self, reason: str) -> None:
        """Go back to the best parameters, and on with half the learning rate, or give up."""
        metrics, optimizer = self.metrics, self.optimizer
        learning_rate = optimizer.learning_rate / 2.0
        restored = self.best.restore_checkpoint(optimizer.parameters)
        if len(metrics.recoveries) >= self.max_recoveries:
            metrics.stopped_because = "unrecoverable"
            return
        optimizer.learning_rate = metrics.learning_rate = learning_rate
        metrics.patience_counter = 0
        metrics.recoveries.append(Recovery(metrics.iterations, reason, restored, learning_rate))
        self.monitor.reset()

    def rewind(self) -> None:
        """Make everything as it was before the last iteration began."""
        self.before.restore(self.optimizer.parameters, self.optimizer)
        self.metrics, self.order = self.past
        done, metrics = self.before.iteration, self.metrics
        for numbers in (metrics.losses, metrics.gradient_norms, metrics.gradient_medians):
            del numbers[done:]
        metrics.events = [event for event in metrics.events if event.iteration <= done]
        metrics.recoveries = [each for each in metrics.recoveries if each.iteration <= done]

    def checkpoint(self) -> Checkpoint:
        """All that is needed to go on from here."""
        metrics, optimizer = self.metrics, self.optimizer
        now = Checkpoint.capture(optimizer.parameters, metrics.iterations, optimizer, metrics)
        return replace(now, best=self.best.find(), order=self.order)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint; the monitor lives through all that has been recorded."""
        metrics, best, order = checkpoint.metrics, checkpoint.best, checkpoint.order
        if metrics is None or best is None or order is None or checkpoint.learning_rate is None:
            raise CheckpointError("expected the checkpoint of a run, got one of parameters only")
        for series in (metrics.losses, metrics.gradient_norms, metrics.gradient_medians):
            if len(series) != checkpoint.iteration:
                raise CheckpointError(
                    f"expected metrics of {checkpoint.iteration} iterations, got {len(series)}"
                )
        if str(order) != str(self.order):
            raise CheckpointError(f"expected data in the order {order}; got {self.order}")
        checkpoint.restore(self.optimizer.parameters, self.optimizer)
        self.metrics, self.order, self.optimizer.clipped = metrics, order, metrics.clipped
        self.best.add(best)
        order.skip(self.batches, checkpoint.iteration)
        recovered = {recovery.iteration for recovery in metrics.recoveries}
        for i in range(checkpoint.iteration):
            self.monitor.assess(
                metrics.losses[i], metrics.gradient_norms[i], metrics.gradient_medians[i], i + 1
            )
            if i + 1 in recovered:
                self.monitor.reset()
        given_up = metrics.stopped_because == "unrecoverable"
        if not given_up or len(metrics.recoveries) < self.max_recoveries:
            metrics.stopped_because = metrics.should_stop(self.config)


def _expect_finite_data(data: Sequence[tuple[Any, Any]]) -> None:
    if not data:
        raise ValueError("expected at least one training example, got none")
    for i, example in enumerate(data):
        for number in _numbers(example):
            if not math.isfinite(number):
                raise ValueError(f"expected finite data, got {number} in example {i}: {example}")


def _numbers(item: Any) -> Iterator[float]:
    """All numbers in a nest of lists."""
    if isinstance(item, (Real, Value)):
        yield float(item)
    elif hasattr(item, "__len__") and not isinstance(item, (str, bytes)):
        for element in item:
            yield from _numbers(element)
