"""What a training is measured against: the best constant, and a tiny step downhill.

A network that has learnt anything beats every prediction that is the same for all examples; and
a program that trains at all makes the loss fall when it goes a little way against the gradient.
Neither needs a finished run. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from micrograd import _expect
from micrograd.engine import Value
from micrograd.losses import LossFunction, mse_loss

__all__ = ["FirstStep", "constant_baseline", "downhill", "little_of"]

TINY_FALL = 1e-6  # of the loss: what a step must promise, to see whether it goes downhill
INVISIBLE = 1e-12  # of the loss: a promise that rounding would hide
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
NARROWINGS = 60  # by 0.618 each: what is left is 3e-13 of the first interval
DOUBLINGS = 60  # of the first stride of a search: there is no best constant nearer than 1e18
CYCLES = 50  # through all outputs of a prediction
SETTLED = 1e-9  # of the loss: a cycle that gains less was the last


def constant_baseline(
    targets: Iterable[Any], loss_fn: LossFunction = mse_loss, *, outputs: int | None = None
) -> float:
    """The loss of the best prediction that is the same for all examples.

    A network whose loss is not below it has learnt nothing. For ``mse_loss`` the best constant is
    the mean of the targets, and its loss their variance; for other losses it is searched for, one
    output after the other, by golden sections. That finds the lowest loss where the loss is
    convex in the predictions, as all losses of this package are; else it may find a local one.

    Args:
        targets: the targets, each a number; or the ``(inputs, target)`` pairs that a training
            takes, where a target may be a list of numbers. Taken once.
        loss_fn: the loss, from a list of predictions and the targets.
        outputs: numbers in a prediction, where a target does not tell: with ``cross_entropy``,
            whose targets are class numbers, the number of classes.

    Raises:
        TypeError: for targets that are neither numbers nor in pairs.
        ValueError: if there are none, and whatever ``loss_fn`` raises.

    >>> constant_baseline([1.0, 2.0, 6.0])
    4.666666666666667
    >>> from micrograd import binary_cross_entropy
    >>> round(constant_baseline([0.0, 1.0, 1.0, 1.0], binary_cross_entropy), 4)
    0.5623
    """
    answers = _targets(targets)
    first = answers[0]
    alone = outputs is None and not hasattr(first, "__len__")
    width = len(first) if outputs is None and not alone else _expect.whole("outputs", outputs or 1)

    def loss_of(constant: Sequence[float]) -> float:
        row: Any = [Value(c) for c in constant]
        loss = float(loss_fn([row[0] if alone else row] * len(answers), answers))
        return math.inf if math.isnan(loss) else loss

    if loss_fn is mse_loss:
        columns = [answers] if alone else list(zip(*answers))
        return loss_of([math.fsum(column) / len(answers) for column in columns])
    best = [0.0] * width
    lowest = loss_of(best)
    for _ in range(CYCLES if width > 1 else 1):
        before = lowest
        for i in range(width):
            along = partial(_with_one, loss_of, best, i)
            best[i] = _lowest(along, best[i])
            lowest = loss_of(best)
        if not before - lowest > SETTLED * abs(lowest):
            break
    return lowest


def _with_one(
    loss_of: Callable[[Sequence[float]], float], others: Sequence[float], i: int, one: float
) -> float:
    return loss_of([*others[:i], one, *others[i + 1 :]])


def _targets(given: Iterable[Any]) -> list[Any]:
    every = _expect.items("the targets", given)
    if not every:
        raise ValueError("expected at least one target, got none")
    if hasattr(every[0], "__len__"):
        every = [target for _, target in _expect.examples(every)]
    return every


def _lowest(loss: Callable[[float], float], start: float) -> float:
    """Where a function that falls and then rises is lowest, near ``start`` or anywhere else."""
    stride = 1.0 if loss(start + 1.0) <= loss(start - 1.0) else -1.0
    low, middle = start - stride, start
    for _ in range(DOUBLINGS):
        high = middle + stride
        if not loss(high) < loss(middle):
            break
        low, middle, stride = middle, high, 2.0 * stride
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(NARROWINGS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    return min((middle, left, right), key=loss)


@dataclass(frozen=True)
class FirstStep:
    """What a tiny step does to the loss: true if it goes downhill, the program's own included.

    Attributes:
        first_step: the loss before and after a tiny step against the gradient.
        own_step: the same for a tiny part of the program's own step; ``None`` if none was given.
    """

    first_step: tuple[float, float]
    own_step: tuple[float, float] | None = None

    def __bool__(self) -> bool:
        return all(
            after < before for before, after in filter(None, (self.first_step, self.own_step))
        )

    def __str__(self) -> str:
        lines = [("a tiny step against the gradient", self.first_step)]
        lines += [("a tiny part of the program's own step", self.own_step)] if self.own_step else []
        return "\n".join(f"{name}: the loss {_way(*pair)}" for name, pair in lines)


def _way(before: float, after: float) -> str:
    way = "falls" if after < before else "rises" if after > before else "does not change"
    return f"{way} ({before:.6g}, and {after - before:+.2g})"


def downhill(
    loss_fn: Callable[[], Value],
    parameters: Iterable[Any],
    own_step: Callable[[], object] | None = None,
) -> FirstStep:
    """Does the step go downhill? Ask before a training, of the network as it starts.

    Both steps are so short that their slope promises a millionth of the loss. Parameters and
    gradients are put back; what an optimiser remembers of ``own_step`` is not, so give it one of
    its own.

    Args:
        loss_fn: the loss, without arguments, on the same examples each time.
        parameters: what the loss depends on, taken once.
        own_step: moves the parameters by their gradients, as the program does it: the line of
            its loop in a function, or ``optimizer.step``.

    >>> w = Value(3.0)
    >>> def add_it():
    ...     w.data += 0.1 * w.grad
    >>> print(downhill(lambda: w * w, [w], add_it))
    a tiny step against the gradient: the loss falls (9, and -9e-06)
    a tiny part of the program's own step: the loss rises (9, and +9e-06)
    """
    nodes = _expect.parameters(parameters)
    kept = [(node.data, node.grad) for node in nodes]
    start = [data for data, _ in kept]
    try:
        for node in nodes:
            node.grad = 0.0
        loss = loss_fn()
        loss.backward()
        before = float(loss)
        gradients = [node.grad for node in nodes]
        _, after = little_of(nodes, start, [-g for g in gradients], before, loss_fn)
        first = (before, before if after is None else after)
        if own_step is None:
            return FirstStep(first)
        own_step()
        moves = [node.data - old for node, old in zip(nodes, start)]
        for node, gradient in zip(nodes, gradients):
            node.grad = gradient  # which the program may have zeroed
        _, after = little_of(nodes, start, moves, before, loss_fn)
        return FirstStep(first, (before, before if after is None else after))
    finally:
        for node, (data, grad) in zip(nodes, kept):
            node.data, node.grad = data, grad


def little_of(
    parameters: Sequence[Any],
    start: Sequence[float],
    moves: Sequence[float],
    loss: float,
    loss_fn: Callable[[], Value],
) -> tuple[float, float | None]:
    """The slope of the loss along ``moves`` from ``start``, and the loss after a little of them.

    The slope is by the gradients that the parameters have, and below 0 where the moves go against
    them. So little is taken that the slope promises a millionth of the loss. Where even all of the
    moves would promise too little to be seen, the second number is ``None``. Afterwards the
    parameters are where they were when it was called.
    """
    slope = sum(p.grad * move for p, move in zip(parameters, moves))
    if not (loss and math.isfinite(slope) and abs(slope) > INVISIBLE * abs(loss)):
        return slope, None
    part = min(1.0, TINY_FALL * abs(loss) / abs(slope))
    before = [p.data for p in parameters]
    try:
        for parameter, old, move in zip(parameters, start, moves):
            parameter.data = old + part * move
        return slope, float(loss_fn())
    finally:
        for parameter, data in zip(parameters, before):
            parameter.data = data
