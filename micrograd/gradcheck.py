"""Finite differences: a slow second opinion on every gradient.

A central difference knows nothing of graphs or chain rules; it only calls a function twice.
Where it and the backward pass agree, both are right. The chapter "Gradient checking" tells
the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from micrograd.engine import Value

__all__ = ["GradientComparison", "GradientReport", "gradient_check", "numerical_gradient"]


def numerical_gradient(f: Callable[[float], float], x: float, eps: float = 1e-5) -> float:
    """The central difference ``(f(x + h) - f(x - h)) / 2h``, with ``h = eps * max(1, |x|)``.

    Its error is ``h**2 / 6`` times the third derivative, plus rounding of the order of
    ``1e-16 * |f| / h``.

    Raises:
        ValueError: if ``eps`` is not positive.

    >>> round(numerical_gradient(lambda x: x**3, 2.0), 6)
    12.0
    """
    if not 0.0 < eps < math.inf:
        raise ValueError(f"expected eps to be a positive number, got {eps}")
    h = eps * max(1.0, abs(x))
    return (f(x + h) - f(x - h)) / (2.0 * h)


@dataclass(frozen=True)
class GradientComparison:
    """One parameter's two gradients.

    Attributes:
        name: the parameter's label, or its place in the list.
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
        comparisons: one for each parameter, in order; iterating over the report gives them.
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
    loss_fn: Callable[[], Value],
    parameters: Sequence[Value],
    eps: float = 1e-5,
    tolerance: float = 1e-6,
) -> GradientReport:
    """Compare the gradients of ``loss_fn()`` from ``backward()`` with finite differences.

    Args:
        loss_fn: computes a loss from the parameters, afresh at each call, without arguments.
        parameters: the leaves to check; their data and gradients are left as they were.
        eps: relative step of the finite difference, positive.
        tolerance: largest relative error that passes, positive. Gradients that are small
            beside the loss are held to ``tolerance * max(1, |loss|) / 1000`` instead, which
            is about the noise of a finite difference.

    Returns:
        A report that is true if all gradients pass, and a table when printed.

    Raises:
        TypeError: if ``loss_fn`` does not return a ``Value``.
        ValueError: if there are no parameters, ``eps`` or ``tolerance`` is not positive, or
            two calls of ``loss_fn`` differ.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> report = gradient_check(lambda: a * a + b * b, [a, b])
    >>> bool(report), report.comparisons[1].analytic
    (True, 6.0)
    """
    if not parameters:
        raise ValueError("expected at least one parameter to check, got none")
    for name, number in (("eps", eps), ("tolerance", tolerance)):
        if not 0.0 < number < math.inf:
            raise ValueError(f"expected {name} to be a positive number, got {number}")

    before = [parameter.grad for parameter in parameters]
    loss = loss_fn()
    if not isinstance(loss, Value):
        raise TypeError(f"expected loss_fn to return a Value, got {type(loss).__name__}")
    again = loss_fn().data
    if again != loss.data and not (math.isnan(again) and math.isnan(loss.data)):
        raise ValueError(f"expected the same loss from two calls, got {loss.data} and {again}")
    for parameter in parameters:
        parameter.grad = 0.0
    try:
        loss.backward()
        analytic = [parameter.grad for parameter in parameters]
    finally:
        for parameter, grad in zip(parameters, before):
            parameter.grad = grad

    floor = max(1.0, abs(loss.data)) / 1000.0
    comparisons = []
    for i, parameter in enumerate(parameters):
        numeric = _numerical_gradient_of(loss_fn, parameter, eps)
        error = abs(analytic[i] - numeric) / max(abs(analytic[i]), abs(numeric), floor)
        name = parameter.label or f"[{i}]"
        comparisons.append(
            GradientComparison(name, analytic[i], numeric, error, error <= tolerance)
        )
    return GradientReport(tuple(comparisons), tolerance)


def _numerical_gradient_of(loss_fn: Callable[[], Value], parameter: Value, eps: float) -> float:
    def loss_at(x: float) -> float:
        parameter.data = x
        return loss_fn().data

    original = parameter.data
    try:
        return numerical_gradient(loss_at, original, eps)
    finally:
        parameter.data = original
