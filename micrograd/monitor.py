"""Watching a training for trouble: its numbers, its gradients, and how its losses go.

The engine lets ``nan`` and infinities flow, as arithmetic does. Here they are looked for, beside
the slower kinds of trouble that show over many steps. The chapters "Numerical stability" and
"How runs go wrong" tell the story.
"""

from __future__ import annotations

import math
import operator
import statistics
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Any

from micrograd import _expect
from micrograd.clipping import gradient_size
from micrograd.training import pass_mean

__all__ = ["NumericalValidator", "StabilityEvent", "StabilityLevel", "StabilityMonitor"]


class StabilityLevel(Enum):
    """How bad it is: ``WARNING`` is for a person to look at, what follows needs an answer."""

    STABLE = "stable"
    WARNING = "warning"
    UNSTABLE = "unstable"
    CRITICAL = "critical"


@dataclass(frozen=True)
class NumericalValidator:
    """Tells healthy numbers from those that announce trouble.

    Args:
        nan_threshold: anything but 0 that is smaller than this is suspiciously small; positive.
        inf_threshold: anything larger than this is about to overflow; positive.
        gradient_clip_threshold: the largest gradient that is let through; positive.

    Raises:
        TypeError, ValueError: for a threshold that is no positive number.

    >>> NumericalValidator().validate_scalar(1e7, "w")
    (False, <StabilityLevel.UNSTABLE: 'unstable'>, 'large value 10000000.0 in w')
    """

    nan_threshold: float = 1e-8
    inf_threshold: float = 1e6
    gradient_clip_threshold: float = 10.0

    def __post_init__(self) -> None:
        for name, threshold in vars(self).copy().items():
            object.__setattr__(self, name, _expect.positive(name, threshold))

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
        self, gradients: Iterable[float]
    ) -> tuple[StabilityLevel, dict[str, Any]]:
        """How stable a set of gradients is, with their sizes and the ``issue`` if there is one.

        >>> NumericalValidator().analyze_gradient_flow([3.0, -12.0])[1]["issue"]
        'gradient_explosion'
        """
        gradients = _expect.items("the gradients", gradients)
        if not gradients:
            return StabilityLevel.WARNING, {"gradient_count": 0, "issue": "no_gradients"}
        sizes = [abs(gradient) for gradient in gradients if math.isfinite(gradient)]
        if len(sizes) < len(gradients):
            lost = {"gradient_count": len(gradients), "nan_count": len(gradients) - len(sizes)}
            return StabilityLevel.CRITICAL, {**lost, "issue": "nan_gradients"}
        largest, mean = max(sizes), pass_mean(sizes)
        analysis = {"max_gradient": largest, "mean_gradient": mean, "gradient_count": len(sizes)}
        if largest > self.gradient_clip_threshold:
            return StabilityLevel.UNSTABLE, {**analysis, "issue": "gradient_explosion"}
        if mean < self.nan_threshold:
            return StabilityLevel.WARNING, {**analysis, "issue": "gradient_vanishing"}
        return StabilityLevel.STABLE, analysis


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

    def as_dict(self) -> dict[str, Any]:
        """Its fields, to be written as JSON."""
        evidence = {name: float(number) for name, number in self.evidence.items()}
        return {**vars(self), "severity": self.severity.value, "evidence": evidence}

    @classmethod
    def from_dict(cls, given: Any) -> StabilityEvent:
        """The event that :meth:`as_dict` gave the fields of.

        Raises:
            ValueError: if they are not those of an event.
        """
        kinds = {"kind": str, "severity": str, "iteration": int, "evidence": dict,
                 "recommendation": str, "origin": str}  # fmt: skip
        parts = _expect.fields("an event", given, **kinds)
        evidence = parts["evidence"]
        _expect.fields("its evidence", evidence, **dict.fromkeys(evidence, float))
        return cls(**{**parts, "severity": StabilityLevel(parts["severity"])})

    def __str__(self) -> str:
        evidence = ", ".join(f"{name} {number:.4g}" for name, number in self.evidence.items())
        origin = f"; {self.origin}" if self.origin else ""
        return f"iteration {self.iteration}: {self.kind} ({evidence}{origin})"


SUDDEN = 100.0  # times the usual norm: above it, gradients have exploded
INSISTENT = 5  # updates in a row that make a vanishing or a divergence
SWINGING = 1.0 / 3.0  # of the mean loss: above it, the mean move is a swing
TURNING = 0.9  # of the moves of a swing turn round
IDLE = 0.1  # of the mean loss: a swing gains less from the first half of a window to the second
STILL = 1e-4  # of the mean loss: all that a stagnant loss moves in a window

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
        window = _expect.whole("window", window, 5)
        self.pass_length = _expect.whole("pass_length", pass_length, 1)
        self.validator = NumericalValidator() if validator is None else validator
        self.events: list[StabilityEvent] = []
        self.best_loss = math.inf
        self.improved = False
        self._losses: deque[float] = deque(maxlen=window)
        self._norms: deque[float] = deque(maxlen=window)
        self._unfinished: list[float] = []  # losses of the current pass
        self._faint = 0  # updates in a row with vanished gradients
        self._current: dict[str, StabilityEvent] = {}

    def update_metrics(
        self, loss: float, gradients: Iterable[float], iteration: int
    ) -> list[StabilityEvent]:
        """Look at one more update; returns the events that begin with it."""
        return self.assess(loss, *gradient_size(gradients), iteration)

    def assess(
        self, loss: float, norm: float, median: float, iteration: int
    ) -> list[StabilityEvent]:
        """Do as :meth:`update_metrics` does, given the gradients' ``gradient_size``."""
        loss, norm, self.improved = float(loss), float(norm), False
        if math.isfinite(loss) and math.isfinite(norm):
            found = self._look_at_gradients(norm, median)
            self._unfinished.append(loss)
            if len(self._unfinished) == self.pass_length:
                mean = pass_mean(self._unfinished)
                self._unfinished.clear()
                self._losses.append(mean)
                self.improved = mean < self.best_loss
                self.best_loss = min(mean, self.best_loss)
            found |= self._look_at_losses()
        else:
            found = {"nan": {"loss": loss, "gradient_norm": norm}}
        begun = {
            kind: event(kind, iteration, evidence)
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

    def state(self) -> dict[str, Any]:
        """All that decides about what it will notice: a copy, of one size, to be written as JSON.

        The events that have been reported are not in it.
        """
        return {
            "best_loss": self.best_loss,
            "losses": list(self._losses),
            "norms": list(self._norms),
            "unfinished": list(self._unfinished),
            "faint": self._faint,
            "current": [event.as_dict() for event in self._current.values()],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave.

        Raises:
            ValueError: if it is no such state; nothing is changed then.
        """
        _expect.fields("the monitor's state", state, best_loss=float, losses=list, norms=list,
                       unfinished=list, faint=int, current=list)  # fmt: skip
        window = self._losses.maxlen or 0
        room = {"losses": window, "norms": window, "unfinished": self.pass_length - 1}
        memory = {name: _expect.floats(name, state[name], most) for name, most in room.items()}
        current = list(map(StabilityEvent.from_dict, state["current"]))
        self._faint = _expect.whole("faint", state["faint"], 0)
        self.best_loss, self._unfinished = state["best_loss"], memory["unfinished"].copy()
        self._losses, self._norms = (deque(memory[name], window) for name in ("losses", "norms"))
        self._current = {event.kind: event for event in current}

    def _look_at_gradients(self, norm: float, median: float) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        if norm > self.validator.gradient_clip_threshold and len(self._norms) >= INSISTENT:
            usual = statistics.median(self._norms)
            if norm > SUDDEN * usual:
                found["explosion"] = {"gradient_norm": norm, "usual_norm": usual}
        self._norms.append(norm)
        self._faint = self._faint + 1 if median < self.validator.nan_threshold else 0
        if self._faint >= INSISTENT:
            found["vanishing"] = {"gradient_norm": norm, "median_gradient": median}
        return found

    def _look_at_losses(self) -> dict[str, dict[str, float]]:
        losses, found = list(self._losses), {}
        floor = self.validator.nan_threshold  # differences below it are rounding
        high = self.best_loss + max(abs(self.best_loss), floor)  # twice the best
        recent = losses[-INSISTENT:]
        if len(recent) == INSISTENT and min(recent) > high and recent[-1] > recent[0]:
            found["divergence"] = {"loss": losses[-1], "best_loss": self.best_loss}
        if len(losses) == self._losses.maxlen:
            size = pass_mean([*map(abs, losses)])
            moves = list(map(operator.sub, losses[1:], losses))
            swing = pass_mean([*map(abs, moves)])
            if swing > max(SWINGING * size, floor) and _share_of_turns(moves) >= TURNING:
                half = len(losses) // 2
                if pass_mean(losses[:half]) - pass_mean(losses[-half:]) < IDLE * size:
                    found["oscillation"] = {"swing": swing, "mean_loss": size}
            elif max(losses) - min(losses) <= STILL * size and size > floor:
                found["stagnation"] = {"loss": losses[-1], "moved": max(losses) - min(losses)}
        return found


def _share_of_turns(moves: Sequence[float]) -> float:
    """How often, of the times it could have, a movement changed its direction."""
    return sum(a * b < 0.0 for a, b in pairwise(moves)) / (len(moves) - 1)


def event(kind: str, iteration: int, evidence: dict[str, float]) -> StabilityEvent:
    """An event of a kind, with its severity and what usually helps."""
    severity, recommendation = _ADVICE[kind]
    return StabilityEvent(kind, severity, iteration, evidence, recommendation)
