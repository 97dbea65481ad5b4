"""Real numbers: what is one, what stands for one, and arithmetic that never raises.

Where Python raises, the floating-point standard has an answer: overflow gives an infinity, 1/0
too, and what has no real answer is ``nan``, as in PyTorch's float64. The chapter "Recording
operations" tells of the edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from numbers import Complex, Number, Real
from typing import Any, SupportsFloat

__all__ = [
    "AsNumber",
    "divide",
    "entries",
    "exp",
    "log",
    "logistic",
    "normal",
    "numbers_within",
    "power",
    "real",
]


def real(number: SupportsFloat) -> float:
    """``number`` as a float, if it is a real number.

    >>> real(3)
    3.0
    """
    kind = type(number)
    if kind is float or kind is int or isinstance(number, Real):
        return float(number)
    if isinstance(number, Number) and not isinstance(number, Complex):  # as a Decimal is
        return float(number)
    hint = ""
    if isinstance(number, AsNumber):
        hint = f" (use the {kind.__name__} itself, or its .data)"
    elif hasattr(number, "__array_ufunc__"):
        hint = " (an array stands on the left: array * value)"
    raise TypeError(f"expected a real number, got {kind.__name__} {number!r}{hint}")


def entries(data: Any) -> list[float]:
    """The numbers in a number or in an array, one after the other.

    >>> entries(2.0)
    [2.0]
    """
    return [data] if isinstance(data, (float, int)) else list(map(float, data.flat))


class AsNumber:
    """Stands for its ``data`` where Python compares, rounds, formats or converts a number.

    Equality and hash are those of the object: two equal numbers are two.
    """

    __slots__ = ()

    data: float

    def __float__(self) -> float:
        return self.data

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else str(self)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.data, digits)

    def __lt__(self, other: SupportsFloat) -> bool:
        return self.data < _number(other)

    def __le__(self, other: SupportsFloat) -> bool:
        return self.data <= _number(other)

    def __gt__(self, other: SupportsFloat) -> bool:
        return self.data > _number(other)

    def __ge__(self, other: SupportsFloat) -> bool:
        return self.data >= _number(other)


def _number(operand: Any) -> float:
    return operand.data if isinstance(operand, AsNumber) else real(operand)


def divide(a: float, b: float) -> float:
    """``a / b``; a division by 0 gives an infinity, or ``nan`` for 0/0.

    >>> divide(1.0, -0.0)
    -inf
    """
    try:
        return a / b
    except ZeroDivisionError:
        return a * math.copysign(math.inf, b)


def power(base: float, exponent: float) -> float:
    """``base ** exponent``; ``nan`` where only a complex number would do.

    >>> power(10.0, 1000.0), power(-8.0, 1 / 3)
    (inf, nan)
    """
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):  # overflow, a power of 0 below 0, or no real result
        if base < 0.0 and not exponent.is_integer():
            return math.nan
        return math.copysign(math.inf, base) if exponent % 2.0 == 1.0 else math.inf


def exp(x: float) -> float:
    """The exponential; ``inf`` above 709.78.

    >>> exp(1000.0)
    inf
    """
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def log(x: float) -> float:
    """The natural logarithm; ``-inf`` at 0, ``nan`` below it.

    >>> log(0.0), log(-1.0)
    (-inf, nan)
    """
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


def logistic(x: float) -> tuple[float, float]:
    """``1/(1 + exp(-x))`` and its slope, each exact on both sides of 0.

    >>> logistic(0.0)
    (0.5, 0.25)
    """
    e = exp(-abs(x))  # never overflows
    return (e if x < 0.0 else 1.0) / (1.0 + e), e / (1.0 + e) ** 2


def normal(x: float) -> tuple[float, float]:
    """The normal distribution function at ``x``, and its slope, the bell curve.

    >>> normal(0.0)
    (0.5, 0.3989422804014327)
    """
    return 0.5 * math.erfc(-x / math.sqrt(2.0)), exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def numbers_within(item: Any) -> Iterator[float]:
    """All numbers in a nest of lists or arrays; what is no number is passed over.

    >>> list(numbers_within([1, [2.0, "three"]]))
    [1.0, 2.0]
    """
    if isinstance(item, (Real, AsNumber)):
        yield float(item)
    elif hasattr(item, "__len__") and not isinstance(item, (str, bytes)):
        for element in item:
            yield from numbers_within(element)
