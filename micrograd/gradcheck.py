"""Finite differences: a slow second opinion on every gradient.

A central difference knows nothing of graphs or chain rules; it only calls a function twice. It
cannot share a mistake with the backward pass, so where the two agree, a mistake in either is
unlikely. The chapter "Gradient checking" tells the story.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from numbers import Real
from typing import Any

from micrograd import _expect
from micrograd.walk import Node

__all__ = ["GradientComparison", "GradientReport", "gradient_check", "numerical_gradient"]


def numerical_gradient(f: Callable[[float], float], x: float, eps: float = 1e-5) -> float:
    """The central difference ``(f(x + h) - f(x - h)) / 2h``, with ``h = eps * max(1, |x|)``.

    Its error is ``h**2 / 6`` times the third derivative, plus rounding of the order of
    ``1e-16 * |f| / h``. The denominator is the distance of the two points as they were rounded,
    not ``2h``.

    Raises:
        TypeError, ValueError: if ``eps`` is not a positive, finite number.

    >>> round(numerical_gradient(lambda x: x**3, 2.0), 6)
    12.0
    """
    h = _expect.positive("eps", eps) * max(1.0, abs(x))
    above, below = x + h, x - h
    if above == below:
        raise ValueError(f"expected eps to be large enough to move {x}, got {eps}")
    return (f(above) - f(below)) / (above - below)


@dataclass(frozen=True)
class GradientComparison:
    """Two answers to one question: how fast the loss grows with a parameter, or with several.

    Attributes:
        name: the parameter's label, or its place in the list; with the place in it, if it is an
            array; ``direction 1`` and so on, where all move at once.
        analytic: the gradient from ``backward()``.
        numeric: the gradient from finite differences.
        relative_error: their distance over the larger of them, or over the floor of the check.
        passed: whether the error is within the tolerance; never for ``nan``.
    """

    name: str
    analytic: float
    numeric: float
    relative_error: float
    passed: bool


@dataclass(frozen=True)
class GradientReport:
    """What :func:`gradient_check` found: true if all passed, and a table when printed.

    Attributes:
        comparisons: one for each number or direction, in order; iterating gives them too.
        tolerance: the largest relative error that passed.
    """

    comparisons: tuple[GradientComparison, ...]
    tolerance: float

    def __bool__(self) -> bool:
        return all(comparison.passed for comparison in self.comparisons)

    def __len__(self) -> int:
        return len(self.comparisons)

    def __iter__(self) -> Iterator[GradientComparison]:
        return iter(self.comparisons)

    def __str__(self) -> str:
        failed = sum(not comparison.passed for comparison in self.comparisons)
        width = max([9, *(len(comparison.name) for comparison in self.comparisons)])
        lines = [f"{'parameter':{width}}  {'analytic':>13}  {'numeric':>13}  relative error"]
        for c in self.comparisons:
            lines.append(
                f"{c.name:{width}}  {c.analytic:13.6g}  {c.numeric:13.6g}  "
                f"{c.relative_error:14.1e}{'' if c.passed else '  WRONG'}"
            )
        verdict = (
            f"{failed} of {len(self)} gradients are wrong" if failed else "all gradients agree"
        )
        return "\n".join([*lines, f"{verdict} (tolerance {self.tolerance:g})"])


def gradient_check(
    loss_fn: Callable[[], Any],
    parameters: Iterable[Node],
    eps: float = 1e-5,
    tolerance: float = 1e-6,
    *,
    directions: int | None = None,
    rng: random.Random | None = None,
) -> GradientReport:
    """Compare the gradients of ``loss_fn()`` from ``backward()`` with finite differences.

    By default each number is moved by itself, for two more losses each. Where there are many,
    ``directions=3`` moves all of them at once along three random directions, for two losses each;
    a wrong gradient shows there as well, but not whose it is.

    Args:
        loss_fn: computes a loss from the parameters, afresh at each call, without arguments.
        parameters: the leaves to check, numbers or arrays; their data and gradients are left as
            they were.
        eps: relative step of the finite difference, positive.
        tolerance: largest relative error that passes, positive. Gradients that are small
            beside the loss are held to ``tolerance * max(1, |loss|) / 1000`` instead, which
            is about the noise of a finite difference.
        directions: how many random directions to look along, at least 1; ``None`` for entry by
            entry.
        rng: where the directions are drawn from; by default they are the same at every call.

    Returns:
        A report that is true if all gradients pass, and a table when printed.

    Raises:
        TypeError: if ``loss_fn`` does not return a ``Value``, or ``parameters`` are not a list of
            them.
        ValueError: if there are no parameters, ``eps`` or ``tolerance`` is not positive, or
            two calls of ``loss_fn`` differ.

    >>> from micrograd import Value
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> report = gradient_check(lambda: a * a + b * b, [a, b])
    >>> bool(report), report.comparisons[1].analytic
    (True, 6.0)
    >>> bool(gradient_check(lambda: a * a + b * b, [a, b], directions=3))
    True
    """
    checked = _expect.parameters(parameters)
    if not checked:
        raise ValueError("expected at least one parameter to check, got none")
    eps, tolerance = _expect.positive("eps", eps), _expect.positive("tolerance", tolerance)
    before = [(parameter.data, parameter.grad) for parameter in checked]
    try:
        for parameter in checked:
            parameter.data = _in_full(parameter.data)
            parameter.grad = 0.0
        loss = _loss_of(loss_fn)
        size, again = float(loss.data), float(_loss_of(loss_fn).data)
        if again != size and not (math.isnan(again) and math.isnan(size)):
            raise ValueError(f"expected the same loss from two calls, got {size} and {again}")
        loss.backward()
        if directions is None:
            moves = _entries(checked)
        else:
            count = _expect.whole("directions", directions, 1)
            moves = _directions(checked, count, rng or random.Random(0))
        floor = max(1.0, abs(size)) / 1000.0
        comparisons = [_compare(loss_fn, move, eps, tolerance, floor) for move in moves]
    finally:
        for parameter, (data, grad) in zip(checked, before):
            parameter.data, parameter.grad = data, grad
    return GradientReport(tuple(comparisons), tolerance)


def _in_full(data: Any) -> Any:
    """The same numbers in double precision: in single precision the step would be rounded off."""
    return float(data) if isinstance(data, Real) else data.astype(float)


def _loss_of(loss_fn: Callable[[], Any]) -> Any:
    loss = loss_fn()
    if not hasattr(loss, "backward"):
        raise TypeError(f"expected loss_fn to return a Value, got {type(loss).__name__}")
    if getattr(loss.data, "size", 1) != 1:
        raise ValueError(f"expected loss_fn to return one number, got the shape {loss.data.shape}")
    return loss


@dataclass(frozen=True)
class _Move:
    """Where the parameters are moved to: for each of some, how far in one unit of ``scale``."""

    name: str
    steps: list[tuple[Any, Any]]
    scale: float = 1.0


def _entries(parameters: list[Any]) -> Iterator[_Move]:
    """Each number by itself, in units of its own size."""
    for i, parameter in enumerate(parameters):
        for k, number in enumerate(_numbers(parameter.data)):
            name = (parameter.label or f"[{i}]") + _place(parameter.data, k)
            scale = max(1.0, abs(number))
            yield _Move(name, [(parameter, _array(parameter.data, {k: scale}))], scale)


def _directions(parameters: list[Any], count: int, rng: random.Random) -> Iterator[_Move]:
    """All numbers at once, each up or down, and together no further than one of them by itself."""
    numbers = [list(_numbers(parameter.data)) for parameter in parameters]
    share = 1.0 / math.sqrt(sum(map(len, numbers)))
    for i in range(count):
        ways = [
            {k: rng.choice((-share, share)) * max(1.0, abs(x)) for k, x in enumerate(entries)}
            for entries in numbers
        ]
        yield _Move(
            f"direction {i + 1}", [(p, _array(p.data, way)) for p, way in zip(parameters, ways)]
        )


def _numbers(data: Any) -> Iterator[float]:
    return map(float, data.flat if hasattr(data, "flat") else [data])


def _place(data: Any, k: int) -> str:
    """Where the ``k``-th number of an array is, such as ``[2, 0]``; nothing for a number."""
    place: list[int] = []
    for width in reversed(getattr(data, "shape", ())):
        k, index = divmod(k, width)
        place.insert(0, index)
    return str(place) if place else ""


def _array(like: Any, entries: dict[int, float]) -> Any:
    """A number, or an array of the shape of ``like``, with these entries and 0 elsewhere."""
    if not hasattr(like, "flat"):
        return entries[0]
    array = like.copy()
    array[...] = 0.0
    for k, entry in entries.items():
        array.flat[k] = entry
    return array


def _compare(
    loss_fn: Callable[[], Any], move: _Move, eps: float, tolerance: float, floor: float
) -> GradientComparison:
    start = [parameter.data for parameter, _ in move.steps]
    analytic = sum(_total(p.grad * step) for p, step in move.steps) / move.scale

    def loss_at(t: float) -> float:
        for (parameter, step), data in zip(move.steps, start):
            parameter.data = data + t * step
        return float(loss_fn().data)

    try:
        numeric = numerical_gradient(loss_at, 0.0, eps) / move.scale
    finally:
        for (parameter, _), data in zip(move.steps, start):
            parameter.data = data
    error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
    return GradientComparison(move.name, analytic, numeric, error, error <= tolerance)


def _total(product: Any) -> float:
    return float(product.sum() if hasattr(product, "sum") else product)
