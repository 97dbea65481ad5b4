"""What a training run's record says is wrong with it.

The losses of a run, and the norms of its gradients if they were kept, are enough to name the
usual causes of failure. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

__all__ = ["Cause", "Diagnosis", "diagnose_training_failure"]

VANISHED = 1e-3  # gradients of the first layers beside those of the last


class Cause(Enum):
    """What may be wrong with a training run, in words."""

    HEALTHY = "healthy"
    NAN = "not a number"
    DIVERGED = "diverged"
    OSCILLATING = "oscillating"
    VANISHING = "vanishing gradients"
    ZERO = "zero gradients"
    SLOW = "learning rate too low"
    ACCUMULATING = "gradients never zeroed"
    STAGNATED = "stagnated"


_ADVICE = {
    Cause.HEALTHY: "nothing to do",
    Cause.NAN: "run one step under detect_anomaly(), which names the operation; check the data",
    Cause.DIVERGED: "lower the learning rate by 10 or clip the gradients; are they zeroed?",
    Cause.OSCILLATING: "lower the learning rate by 2 to 10; are gradients zeroed?",
    Cause.VANISHING: "another initialisation or activation, or fewer layers",
    Cause.ZERO: "look for dead neurons, for weights that are all 0, and for a graph cut in two",
    Cause.SLOW: "raise the learning rate by 10",
    Cause.ACCUMULATING: "call zero_grad() before each backward()",
    Cause.STAGNATED: "look at the data and debug one step; more neurons, or a slower decay",
}

FEWEST = 8  # epochs that show a trend
LEARNED = 0.2  # of the starting loss: at or below it, a run has learned
GREW = 2.0  # times the starting loss: above it, a run has diverged
EXPLODED = 1e3  # times the first loss, some time before the numbers end
PILED_UP = 1.15  # times the first gradient norm: the second, where gradients add up
AGAINST = -0.65  # correlation of loss and gradient norm over the first steps, where they do
SWING = 0.05  # mean change of the loss from epoch to epoch, beside the starting loss
AIMLESS = 0.25  # of those changes that is progress
FLAT = 1e-4  # of the starting loss: all that a loss on a plateau ever moves
HARDLY = 0.5  # of the starting loss: at or above it, a steady run is slow
STEADY = 0.15  # of the progress that is made in the last quarter
SETTLED = 0.05  # relative change from the third to the last quarter


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a training run; true if anything is.

    Attributes:
        cause: the most likely one.
        evidence: the numbers that speak for it.
    """

    cause: Cause
    evidence: str

    @property
    def recommendation(self) -> str:
        """What to do about it."""
        return _ADVICE[self.cause]

    def __bool__(self) -> bool:
        return self.cause is not Cause.HEALTHY

    def __str__(self) -> str:
        return f"{self.cause.value}: {self.evidence}\n-> {self.recommendation}"


def diagnose_training_failure(
    loss_history: Sequence[float],
    gradient_history: Sequence[float | Sequence[float]] | None = None,
    *,
    epoch: int = 1,
) -> Diagnosis:
    """Why a training run failed, from its losses and the norms of its gradients.

    Args:
        loss_history: the loss of each iteration.
        gradient_history: for each iteration, the norm of the gradient of each layer from input
            to output, as ``ParameterTracker.gradient_norms``; or of all together.
        epoch: iterations in one pass over the data. The loss of one mini-batch says little; the
            mean over an epoch says more.

    Raises:
        ValueError: if there are no losses, not as many gradient norms, or an empty epoch.

    >>> print(diagnose_training_failure([1.0, 40.0, 1600.0, math.inf]))
    diverged: the loss grew from 1 to 1.6e+03 before it was inf
    -> lower the learning rate by 10 or clip the gradients; are they zeroed?
    """
    losses = list(loss_history)
    norms = [[n] if isinstance(n, (int, float)) else list(n) for n in gradient_history or ()]
    if not losses:
        raise ValueError("expected the loss of at least one iteration, got none")
    if gradient_history is not None and len(norms) != len(losses):
        raise ValueError(f"expected {len(losses)} gradient norms, got {len(norms)}")
    if epoch < 1:
        raise ValueError(f"expected an epoch of at least 1 iteration, got {epoch}")
    return Diagnosis(*next(_findings(losses, norms, epoch)))


def _findings(
    losses: list[float], norms: list[list[float]], epoch: int
) -> Iterator[tuple[Cause, str]]:
    """Everything that fits, the surest first; the last always does."""
    for i, numbers in enumerate(zip(losses, *zip(*norms))):
        if not all(map(math.isfinite, numbers)):
            peak = max(losses[:i], default=0.0)
            if peak > EXPLODED * losses[0]:
                grew = f"the loss grew from {losses[0]:.3g} to {peak:.3g}"
                yield Cause.DIVERGED, f"{grew} before it was {losses[i]}"
            what = "loss" if not math.isfinite(losses[i]) else "gradient"
            yield Cause.NAN, f"the {what} of iteration {i + 1} was not finite, all at once"

    losses = [_mean(losses[i : i + epoch]) for i in range(0, len(losses), epoch)]
    norms = [[_mean(n) for n in zip(*norms[i : i + epoch])] for i in range(0, len(norms), epoch)]
    totals = [math.hypot(*layers) for layers in norms]
    n = len(losses)
    start = _mean(losses[: max(1, n // 20)])
    third, end = _mean(losses[n // 2 : -(n // 4) or n]), _mean(losses[-max(1, n // 4) :])
    went = f"the loss went from {start:.3g} to {end:.3g}"

    if n >= FEWEST and norms and losses[1] < losses[0] and totals[1] > PILED_UP * totals[0]:
        r = _correlation(losses[:FEWEST], totals[:FEWEST])
        if r < AGAINST:
            yield Cause.ACCUMULATING, f"gradients grew as the loss fell (correlation {r:.2f})"
    if end > GREW * start:
        yield Cause.DIVERGED, went
    if n < FEWEST:
        yield Cause.HEALTHY, f"{went}; {n} iterations are too few to tell more"
    if end <= LEARNED * start:
        yield Cause.HEALTHY, went

    for i, layer in enumerate(zip(*norms)):
        moving = [norm for norm in layer if norm]  # at a minimum, they would have faded away
        if not any(layer[n // 2 :]) and min(moving, default=1.0) > VANISHED * layer[0]:
            yield Cause.ZERO, f"{went}, and the gradient of layers[{i}] was exactly 0"
    if not norms and max(losses) == min(losses):
        yield Cause.ZERO, f"the loss was {start:.3g} all the time"
    if norms and norms[0][0] < VANISHED * max(norms[0]):
        share = norms[0][0] / max(norms[0])
        yield Cause.VANISHING, f"the first layer's gradient was {share:.1g} of the largest"
    if norms and totals[0] < VANISHED * start:
        yield Cause.VANISHING, f"a loss of {start:.3g} had gradients of only {totals[0]:.1g}"
    if not norms and max(losses) - min(losses) < FLAT * start:
        yield Cause.VANISHING, f"{went}: a plateau from the start"

    late = losses[n // 2 :]
    changes = [abs(b - a) for a, b in pairwise(late)]
    if _mean(changes) > SWING * start and third - end < AIMLESS * sum(changes) / 2.0:
        yield Cause.OSCILLATING, f"{went}, jumping by {_mean(changes):.2g} each time on the way"
    if HARDLY * start < end < start and third - end > STEADY * (start - end):
        yield Cause.SLOW, f"{went} in {n} iterations, as steadily at the end as before"
    if third - end < SETTLED * third or end >= start:
        yield Cause.STAGNATED, f"{went} and stayed there"
    yield Cause.HEALTHY, f"{went} and is still falling"


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)  # which overflows to infinity, where fmean raises


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    x, y = _mean(xs), _mean(ys)
    both = math.hypot(*(a - x for a in xs)) * math.hypot(*(b - y for b in ys))
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / both if both else 0.0
