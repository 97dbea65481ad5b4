"""What a training run's record says is wrong with it.

The losses of a run, the loss of the best constant and the norms of the gradients are enough to
name the usual causes of failure. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from micrograd import _expect
from micrograd.causes import Cause, findings
from micrograd.run_record import RunRecord

__all__ = ["Cause", "Diagnosis", "diagnose_training_failure"]


MOST_ALTERNATIVES = 2


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a training run: true if all is well; two or three lines when printed.

    Attributes:
        cause: the most likely one.
        evidence: the numbers that speak for it.
        alternatives: what else fits, the likeliest first; at most two.
    """

    cause: Cause
    evidence: str
    alternatives: tuple[Cause, ...] = ()

    @property
    def recommendation(self) -> str:
        """What to do about it."""
        return self.cause.advice

    def __bool__(self) -> bool:
        return self.cause is Cause.HEALTHY

    def __str__(self) -> str:
        text = f"{self.cause.value}: {self.evidence}\n-> {self.recommendation}"
        if self.alternatives:
            text += f"\nor else: {', or '.join(cause.value for cause in self.alternatives)}"
        return text


def diagnose_training_failure(
    loss_history: Iterable[Any],
    gradient_history: Iterable[Any] | None = None,
    *,
    epoch: int = 1,
    baseline: float | None = None,
    input_scales: Iterable[Any] | None = None,
    first_step: tuple[float, float] | None = None,
    own_step: tuple[float, float] | None = None,
) -> Diagnosis:
    """Why a training run failed, from its record; the more of it is given, the surer.

    "Healthy" is said only where it can be known: the loss is at most a fifth of the baseline.

    Args:
        loss_history: the loss of each iteration; a ``TrainingMetrics`` will do.
        gradient_history: for each iteration, the norm of the gradient of each layer from input
            to output, as ``ParameterTracker.gradient_norms``; or of all together, as
            ``TrainingMetrics.gradient_norms``.
        epoch: iterations in one pass over the data. The loss of one mini-batch says little; the
            mean over an epoch says more.
        baseline: the loss of the best constant prediction, from ``constant_baseline``.
        input_scales: how far each input spreads: its standard deviation over the examples, as
            ``[column.spread for column in analyze_data(data).inputs]``.
        first_step: the loss before and after a tiny step against the gradient, as
            ``downhill`` finds them on the untrained network.
        own_step: the same for a tiny part of the program's own step.

    Raises:
        TypeError: if something is not a number that should be one.
        ValueError: if there are no losses, not as many gradient norms, or an empty epoch.

    >>> print(diagnose_training_failure([1.0, 40.0, 1600.0, float("inf")]))
    diverged: the loss went from 1 to 1.6e+03, and was inf in iteration 4
    -> lower the learning rate by 10; is the loss a sum that should be a mean?
    or else: not a number, or learning rate too high
    """
    losses = [_expect.number("a loss", loss) for loss in _expect.items("the losses", loss_history)]
    if not losses:
        raise ValueError("expected the loss of at least one iteration, got none")
    by_layer, norms = _norms(gradient_history, len(losses))
    run = RunRecord(
        losses,
        norms,
        _expect.whole("the epoch", epoch, 1),
        None if baseline is None else _expect.number("the baseline", baseline),
        tuple(
            _expect.number("a scale", s) for s in _expect.items("the scales", input_scales or ())
        ),
        _pair("first_step", first_step),
        _pair("own_step", own_step),
        by_layer,
    )
    (cause, evidence), *others = findings(run)
    rest = dict.fromkeys(other for other, _ in others if other is not cause)
    return Diagnosis(cause, evidence, tuple(rest)[:MOST_ALTERNATIVES])


def _norms(given: Iterable[Any] | None, iterations: int) -> tuple[bool, list[list[float]]]:
    """Whether the norms are those of layers, and for each iteration a list of them."""
    if given is None:
        return False, []
    kept = _expect.items("the gradient norms", given)
    by_layer = any(hasattr(row, "__iter__") for row in kept)
    rows = [
        [_expect.number("a gradient norm", n) for n in (row if hasattr(row, "__iter__") else [row])]
        for row in kept
    ]
    if len(rows) != iterations:
        raise ValueError(f"expected {iterations} gradient norms, got {len(rows)}")
    for i, row in enumerate(rows):
        if not row or len(row) != len(rows[0]):
            raise ValueError(
                "expected the gradient norms of as many layers in each iteration, at least one, "
                f"got {len(rows[0])} in iteration 1 and {len(row)} in iteration {i + 1}"
            )
    return by_layer, rows


def _pair(name: str, given: Any) -> tuple[float, float] | None:
    """The loss before and after a step."""
    if given is None:
        return None
    numbers = [_expect.number(name, number) for number in _expect.items(name, given)]
    if len(numbers) != 2:
        raise ValueError(f"expected {name} to be the loss before and after, got {given!r}")
    return numbers[0], numbers[1]
