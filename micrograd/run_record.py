"""The record of a training run, and what can be read off it: the evidence of a diagnosis.

It knows numbers and no causes. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

__all__ = ["RunRecord", "mean"]

CLOSE = 0.9  # of the best constant's loss: the rest may be chance


@dataclass(frozen=True)
class RunRecord:
    """What is known of a run. What is not known is empty or ``None``.

    Attributes:
        every_loss: the loss of each iteration.
        every_norm: for each iteration, the norm of the gradient of each layer; may be empty.
        epoch: iterations in a pass over the data.
        baseline: the loss of the best constant prediction.
        scales: how far each input spreads.
        first_step: loss before and after a tiny step against the gradient.
        own_step: the same for a tiny part of the program's own step.
        by_layer: whether the norms are those of layers, not of all parameters together.
    """

    every_loss: list[float]
    every_norm: list[list[float]]
    epoch: int = 1
    baseline: float | None = None
    scales: tuple[float, ...] = ()
    first_step: tuple[float, float] | None = None
    own_step: tuple[float, float] | None = None
    by_layer: bool = False

    @cached_property
    def constant(self) -> float:
        """The baseline, or ``nan`` where it is not known or can measure nothing."""
        known = self.baseline is not None and 0.0 < self.baseline < math.inf
        return self.baseline if known and self.baseline is not None else math.nan

    @cached_property
    def stopped(self) -> int | None:
        """The first iteration, from 0, whose loss or gradient was not finite; ``None`` if none."""
        for i, loss in enumerate(self.every_loss):
            norms = self.every_norm[i] if self.every_norm else []
            if not all(map(math.isfinite, [loss, *norms])):
                return i
        return None

    @cached_property
    def losses(self) -> list[float]:
        """The losses for as long as all numbers were finite."""
        return self.every_loss[: self.stopped]

    @cached_property
    def norms(self) -> list[list[float]]:
        """The gradient norms for as long as all numbers were finite."""
        return self.every_norm[: self.stopped]

    @cached_property
    def lengths(self) -> list[float]:
        """The norm of all gradients together, in each of these iterations."""
        return [math.hypot(*layers) for layers in self.norms]

    @cached_property
    def passes(self) -> list[float]:
        """The mean loss of each whole pass: that of one batch says little."""
        return _means(self.losses, self.epoch)

    @cached_property
    def slopes(self) -> list[float]:
        """The mean norm of all gradients, of each pass."""
        return _means(self.lengths, self.epoch)

    @cached_property
    def start(self) -> float:
        """The mean loss of the first pass."""
        return self.passes[0]

    @cached_property
    def end(self) -> float:
        """The mean loss of the last tenth of all passes."""
        return mean(self.passes[-max(1, len(self.passes) // 10) :])

    @cached_property
    def progress_late(self) -> float:
        """The share of all progress that was made from the third quarter to the last."""
        n = len(self.passes)
        last = mean(self.passes[-max(1, n // 4) :])
        third = mean(self.passes[n // 2 : n - n // 4])
        return (third - last) / (self.start - last) if self.start > last else 0.0

    @cached_property
    def detour(self) -> float:
        """How far the loss moved up and down in the second half, for each step of net change."""
        late = self.passes[len(self.passes) // 2 :]
        moved, gained = sum(abs(b - a) for a, b in pairwise(late)), abs(late[-1] - late[0])
        return moved / gained if gained else math.inf if moved else 1.0

    @cached_property
    def swing(self) -> float:
        """How far the loss moves from pass to pass in the second half, as a share of itself."""
        late = self.passes[len(self.passes) // 2 :]
        moves = [abs(b - a) for a, b in pairwise(late)]
        return mean(moves) / mean(late) if moves and mean(late) else 0.0

    @cached_property
    def slope_kept(self) -> float:
        """The gradient's length in the last quarter, beside that of the first pass; or ``nan``."""
        if not self.slopes or not self.slopes[0]:
            return math.nan
        return mean(self.slopes[-max(1, len(self.slopes) // 4) :]) / self.slopes[0]

    @cached_property
    def shares(self) -> list[float]:
        """The gradient's length in each layer in the first pass, beside the largest of them."""
        layers = [mean(layer) for layer in zip(*self.norms[: self.epoch])]
        largest = max(layers, default=0.0)
        return [layer / largest for layer in layers] if largest else layers

    def silent(self, first: int = 0) -> list[int]:
        """The layers whose gradient was exactly 0 in every iteration from ``first`` on."""
        return [i for i, layer in enumerate(zip(*self.norms[first:])) if not any(layer)]

    @cached_property
    def went(self) -> str:
        """The run in a few words, beside the best constant if that is known."""
        story = f"the loss went from {self.start:.3g} to {self.end:.3g}"
        if math.isnan(self.constant):
            return story
        if self.end > CLOSE * self.constant:
            return f"{story}, no better than the best constant's {self.constant:.3g}"
        return f"{story}, where the best constant has {self.constant:.3g}"


def mean(numbers: Sequence[float]) -> float:
    """Their mean, which overflows to infinity where ``fmean`` raises."""
    return sum(numbers) / len(numbers)


def _means(numbers: Sequence[float], length: int) -> list[float]:
    """Of each run of ``length`` numbers; what is left over counts only if there is no other."""
    whole = range(0, len(numbers) - length + 1, length)
    return [mean(numbers[i : i + length]) for i in whole or range(len(numbers) > 0)]
