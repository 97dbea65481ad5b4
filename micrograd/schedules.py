"""Schedules: how the learning rate changes from step to step.

A schedule is a function of the number of steps taken so far, and gives the factor on the learning
rate, so that it says the same of every rate. An optimiser takes one as ``schedule=``. The chapter
"Optimisers and schedules" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, SupportsFloat

from micrograd import _expect

__all__ = [
    "LearningRateScheduler",
    "Schedule",
    "constant",
    "cosine_decay",
    "exponential_decay",
    "step_decay",
    "warmup",
]

Schedule = Callable[[int], float]
"""The factor on the learning rate at a step, counted from 0."""


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:  # the optimiser refuses it by name
        return math.inf


def constant() -> Schedule:
    """The same rate all the time.

    >>> constant()(1000)
    1.0
    """
    return lambda step: 1.0


def step_decay(every: int, factor: SupportsFloat = 0.1) -> Schedule:
    """Times ``factor`` once in ``every`` steps, at once: ``factor**(step // every)``.

    Args:
        every: steps between two changes, at least 1.
        factor: of one change, positive.

    >>> [step_decay(10, 0.5)(step) for step in (0, 9, 10, 20)]
    [1.0, 1.0, 0.5, 0.25]
    """
    every, by = _expect.whole("every", every, 1), _expect.positive("factor", factor)
    return lambda step: _power(by, step // every)


def exponential_decay(every: int, factor: SupportsFloat = 0.1) -> Schedule:
    """Times ``factor`` once in ``every`` steps, smoothly: ``factor**(step / every)``.

    Args:
        every: steps after which ``factor`` is reached, at least 1.
        factor: reached by then, positive.

    >>> [exponential_decay(10, 0.25)(step) for step in (0, 5, 10)]
    [1.0, 0.5, 0.25]
    """
    every, by = _expect.whole("every", every, 1), _expect.positive("factor", factor)
    return lambda step: _power(by, step / every)


def cosine_decay(total: int, floor: SupportsFloat = 0.0) -> Schedule:
    """From 1 down to ``floor`` along half a cosine, and ``floor`` from then on.

    ``floor + (1 - floor) (1 + cos(pi step / total)) / 2``: Loshchilov and Hutter (2017), without
    restarts.

    Args:
        total: steps until the floor is reached, at least 1.
        floor: the lowest factor, in [0, 1).

    >>> [round(cosine_decay(10)(step), 6) for step in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 0.0]
    """
    total, low = _expect.whole("total", total, 1), _expect.finite("floor", floor, 0.0, 1.0)

    def factor(step: int) -> float:
        done = min(step / total, 1.0)
        return low + (1.0 - low) * (1.0 + math.cos(math.pi * done)) / 2.0

    return factor


def warmup(steps: int, then: Schedule | None = None) -> Schedule:
    """In a straight line from ``1 / steps`` up to 1 over the first ``steps``; ``then`` takes over.

    Args:
        steps: how many, at least 1.
        then: the schedule after them, which counts its own steps from 0; constant by default.

    >>> [warmup(4, cosine_decay(10))(step) for step in (0, 1, 3, 4)]
    [0.25, 0.5, 1.0, 1.0]
    """
    steps, after = _expect.whole("steps", steps, 1), constant() if then is None else then
    return lambda step: (step + 1) / steps if step < steps else after(step - steps)


_KINDS: dict[str, Callable[..., Schedule]] = {
    "constant": constant,
    "step": step_decay,
    "exponential": exponential_decay,
    "cosine": cosine_decay,
    "warmup": warmup,
}


class LearningRateScheduler:
    """Sets an optimiser's learning rate from outside, epoch by epoch.

    The same schedules as above, for a loop that counts epochs and not steps. ``initial_lr`` is
    the rate that the factors apply to.

    Args:
        optimizer: whatever has a ``learning_rate``.
        schedule_type: ``constant``, ``step``, ``exponential``, ``cosine`` or ``warmup``.
        options: of that schedule, such as ``every=10, factor=0.5``.

    >>> from micrograd import SGD, Value
    >>> optimizer = SGD([Value(1.0)], 0.1)
    >>> scheduler = LearningRateScheduler(optimizer, "step", every=10, factor=0.5)
    >>> scheduler.step(epoch=10)
    >>> optimizer.learning_rate
    0.05
    """

    def __init__(self, optimizer: Any, schedule_type: str = "step", **options: Any) -> None:
        kind = _KINDS[_expect.choice("schedule_type", schedule_type, _KINDS)]
        if schedule_type in ("step", "exponential"):
            options = {"every": 1, **options}
        self.optimizer = optimizer
        self.schedule_type = schedule_type
        self.initial_lr = _expect.finite("the learning rate", optimizer.learning_rate, 0.0)
        self.schedule = kind(**options)

    def step(self, epoch: int, loss: float | None = None) -> None:
        """Set the rate of ``epoch``, counted from 0; no schedule here looks at the loss."""
        epoch = _expect.whole("epoch", epoch, 0)
        self.optimizer.learning_rate = self.initial_lr * self.schedule(epoch)
