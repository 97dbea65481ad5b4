"""Functions of several values: the larger of two, and shares that add up to 1.

Each is written with what is public of the engine, as functions of one's own can be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import SupportsFloat

from micrograd.engine import Value, record

__all__ = ["maximum", "softmax"]


def maximum(a: SupportsFloat, b: SupportsFloat) -> Value:
    """The larger of two numbers; where they are equal, each gets half the gradient.

    ``nan`` if one of them is, as in PyTorch, whose slopes these are.

    >>> x = Value(3.0)
    >>> maximum(x, 1.0).backward()
    >>> x.grad
    1.0
    """
    a, b = _value(a), _value(b)
    x, y = a.data, b.data
    larger = max(x, y) if x == x and y == y else math.nan
    da = 0.0 if x < y else 0.5 if x == y else 1.0
    db = 0.0 if y < x else 0.5 if x == y else 1.0
    return record(larger, (a, b), (da, db), "maximum")


def softmax(values: Iterable[SupportsFloat]) -> list[Value]:
    """``exp(x_i) / sum(exp(x_j))``: positive shares that add up to 1, largest for the largest.

    The largest number is first taken from all of them, which changes no share and lets nothing
    overflow.

    >>> [share.data for share in softmax([1000.0, 1000.0])]
    [0.5, 0.5]
    """
    logits = [_value(x) for x in values]
    largest = max((logit.data for logit in logits), default=0.0)
    powers = [(logit - largest).exp() for logit in logits]
    total = sum(powers, Value(0.0))
    return [power / total for power in powers]


def _value(number: SupportsFloat) -> Value:
    return number if isinstance(number, Value) else Value(number)
