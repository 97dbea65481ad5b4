"""The engine without what makes it fast: tuples of parents and derivatives, one walk for all.

It is what a reader's own engine grows into, so the learners' mistakes are planted in this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Complex, Number, Real
from typing import SupportsFloat

__all__ = ["AnomalyError", "GraphCycleError", "Value", "detect_anomaly", "topological_order"]


class GraphCycleError(ValueError):
    """A computational graph in which a value depends on itself."""


class AnomalyError(ArithmeticError):
    """An operation gave ``nan`` or an infinity while :func:`detect_anomaly` was on."""


class Value:
    """A real number that is a node of a computational graph.

    Args:
        data: the number itself; anything that is a real number is converted to ``float``.
        _children: the values this one was computed from (its parents in the graph), in order.
        _op: the operation that computed it; empty for a leaf.
        label: a name, used in figures and reports only.
        _derivatives: the derivative of this value with respect to each parent. An edge given
            without one gets ``nan``: an unknown derivative makes an unknown gradient.

    Attributes:
        data: the number, a ``float``.
        grad: derivative of the value that ``backward()`` was last called on with respect to
            this one, a ``float``; leaves accumulate it over calls.

    Raises:
        TypeError: if ``data`` is not a real number.
        ValueError: if there are derivatives, but not one for each parent.

    >>> x = Value(3.0)
    >>> y = x * x + 1
    >>> y.backward()
    >>> y.data, x.grad
    (10.0, 6.0)
    """

    __slots__ = ("data", "grad", "label", "_op", "_parents", "_derivatives")

    data: float
    grad: float
    label: str
    _op: str
    _parents: tuple[Value, ...]
    _derivatives: tuple[float, ...]

    def __init__(
        self,
        data: SupportsFloat,
        _children: tuple[Value, ...] = (),
        _op: str = "",
        label: str = "",
        _derivatives: tuple[float, ...] | None = None,
    ) -> None:
        self.data = data if type(data) is float else _real(data)
        self.grad = 0.0
        self.label = label
        self._op = _op
        self._parents = tuple(_children)
        if _derivatives is None:
            _derivatives = (math.nan,) * len(self._parents)
        elif len(_derivatives) != len(self._parents):
            raise ValueError(
                f"expected one derivative for each of {len(self._parents)} parents, "
                f"got {len(_derivatives)}"
            )
        self._derivatives = tuple(_derivatives)

    @property
    def _prev(self) -> frozenset[Value]:
        """The distinct parents."""
        return frozenset(self._parents)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __float__(self) -> float:
        return self.data

    def __add__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return _record(self.data + other.data, (self, other), (1.0, 1.0), "+")

    def __sub__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return _record(self.data - other.data, (self, other), (1.0, -1.0), "-")

    def __mul__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return _record(self.data * other.data, (self, other), (other.data, self.data), "*")

    def __truediv__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        quotient = _divide(self.data, other.data)
        # d(a/b)/da = 1/b, d(a/b)/db = -(a/b)/b
        derivatives = (_divide(1.0, other.data), _divide(-quotient, other.data))
        return _record(quotient, (self, other), derivatives, "/")

    def __neg__(self) -> Value:
        return _record(-self.data, (self,), (-1.0,), "neg")

    def __pow__(self, exponent: SupportsFloat) -> Value:
        n = float(exponent) if isinstance(exponent, Value) else _real(exponent)
        result = _power(self.data, n)
        # d(x**n)/dx = n x**(n-1), and 0 for n = 0 even at x = 0
        slope = n * _power(self.data, n - 1.0) if n else 0.0
        if not isinstance(exponent, Value):
            return _record(result, (self,), (slope,), f"**{exponent}")
        # d(x**n)/dn = x**n log x, and 0 at x = 0, where x**n does not move with n >= 0
        growth = 0.0 if self.data == 0.0 and n >= 0.0 else result * _log(self.data)
        return _record(result, (self, exponent), (slope, growth), "**")

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: SupportsFloat) -> Value:
        return Value(other) - self

    def __rtruediv__(self, other: SupportsFloat) -> Value:
        return Value(other) / self

    def __rpow__(self, other: SupportsFloat) -> Value:
        return Value(other) ** self

    def exp(self) -> Value:
        """The exponential; ``d exp(x)/dx = exp(x)``. Overflows to ``inf`` above 709.78."""
        e = _exp(self.data)
        return _record(e, (self,), (e,), "exp")

    def log(self) -> Value:
        """The natural logarithm; ``d log(x)/dx = 1/x``. ``-inf`` at 0, ``nan`` below it."""
        return _record(_log(self.data), (self,), (_divide(1.0, self.data),), "log")

    def sqrt(self) -> Value:
        """The square root; ``d sqrt(x)/dx = 1/(2 sqrt(x))``. ``nan`` for negative numbers."""
        root = math.sqrt(self.data) if self.data >= 0.0 else math.nan
        return _record(root, (self,), (_divide(0.5, root),), "sqrt")

    def tanh(self) -> Value:
        """The hyperbolic tangent, in [-1, 1]; ``d tanh(x)/dx = 1 - tanh(x)**2``."""
        t = math.tanh(self.data)
        return _record(t, (self,), (1.0 - t * t,), "tanh")

    def sigmoid(self) -> Value:
        """The logistic function ``1/(1 + exp(-x))``, in [0, 1]; its slope is ``s (1 - s)``."""
        e = _exp(-abs(self.data))  # never overflows
        s = (e if self.data < 0.0 else 1.0) / (1.0 + e)
        return _record(s, (self,), (s * (1.0 - s),), "sigmoid")

    def relu(self) -> Value:
        """``max(0, x)``; its slope is 1 above 0 and 0 elsewhere. ``nan`` stays ``nan``."""
        off = self.data <= 0.0
        return _record(0.0 if off else self.data, (self,), (0.0 if off else 1.0,), "relu")

    def __abs__(self) -> Value:
        sign = float((self.data > 0.0) - (self.data < 0.0))  # 0 at the kink
        return _record(abs(self.data), (self,), (sign,), "abs")

    def _backward(self) -> None:
        """Give each parent its share of the blame: this gradient times the local derivative."""
        grad = self.grad
        if len(self._parents) == 2:  # as most are: the loop below, written out for speed
            a, b = self._parents
            da, db = self._derivatives
            a.grad += da * grad
            b.grad += db * grad
        else:
            for parent, derivative in zip(self._parents, self._derivatives):
                parent.grad += derivative * grad

    def backward(self) -> None:
        """Set ``grad`` of everything this value depends on to d(this value)/d(that).

        Gradients of leaves accumulate over calls, until set to 0; those of interior values
        are reset first. So a second call exactly doubles what the first added to a leaf.

        Raises:
            GraphCycleError: if the graph has been tampered with and contains a cycle.
            AnomalyError: under :func:`detect_anomaly`, if a gradient comes out not finite.

        >>> a, b = Value(2.0), Value(3.0)
        >>> ((a + b) * a).backward()
        >>> a.grad, b.grad
        (7.0, 2.0)
        """
        order = topological_order(self)
        leaves = [(value, value.grad) for value in order if not value._parents]
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        if _record is _checked_node:
            _checked_walk(order)
        else:
            for value in reversed(order):
                value._backward()
        for leaf, before in leaves:
            leaf.grad += before


def _node(
    data: float, parents: tuple[Value, ...], derivatives: tuple[float, ...], op: str
) -> Value:
    """The value an operation ends in, built without the conversions and checks of a leaf."""
    value = object.__new__(Value)
    value.data = data
    value.grad = 0.0
    value.label = ""
    value._op = op
    value._parents = parents
    value._derivatives = derivatives
    return value


_record = _node  # what every operation calls; `detect_anomaly` puts a stricter one in its place


def topological_order(root: Value) -> list[Value]:
    """Everything ``root`` depends on, each value after all of its parents; ``root`` is last.

    A depth-first search that keeps its own stack: depth costs memory and nothing else.

    Raises:
        GraphCycleError: showing the cycle, if there is one.

    >>> a, b = Value(1.0, label="a"), Value(2.0, label="b")
    >>> [v.label or v._op for v in topological_order((a + b) * b)]
    ['a', 'b', '+', '*']
    """
    order: dict[Value, None] = {}  # a dict, to see at once whether a value is in it
    path: dict[Value, Iterator[Value]] = {}  # who waits for `value`, with the parents to come
    value, parents = root, iter(root._parents)
    while True:
        for parent in parents:
            if parent not in order:
                path[value] = parents
                if parent in path:
                    raise GraphCycleError(_show_cycle(list(path), parent))
                value, parents = parent, iter(parent._parents)
                break
        else:
            order[value] = None
            if not path:
                return list(order)
            value, parents = path.popitem()


def _show_cycle(path: list[Value], again: Value) -> str:
    cycle = [*path[path.index(again) :], again]
    names = " <- ".join(value.label or value._op or repr(value) for value in cycle)
    return f"expected an acyclic graph, got a value that depends on itself: {names}"


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Within this context, stop at the first operation that gives ``nan`` or an infinity.

    Values and local derivatives are checked as they are recorded, gradients by
    ``backward()``. Outside the context it costs nothing. It holds for the whole process.

    Raises:
        AnomalyError: naming the operation and its operands.

    >>> with detect_anomaly():
    ...     Value(0.0).log()  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    micrograd.engine.AnomalyError: log of Value(data=0.0, grad=0.0) gave -inf
    """
    global _record
    before, _record = _record, _checked_node
    try:
        yield
    finally:
        _record = before


def _checked_node(
    data: float, parents: tuple[Value, ...], derivatives: tuple[float, ...], op: str
) -> Value:
    value = _node(data, parents, derivatives, op)
    _expect_finite(value, "gave", data)
    for derivative in derivatives:
        _expect_finite(value, "has the local derivative", derivative)
    return value


def _checked_walk(order: list[Value]) -> None:
    for value in reversed(order):
        value._backward()
        for parent in value._parents:
            _expect_finite(value, f"passed on to {parent!r} the gradient", parent.grad)


def _expect_finite(value: Value, did: str, number: float) -> None:
    if not math.isfinite(number):
        operands = " and ".join(map(repr, value._parents))
        raise AnomalyError(f"{value._op} of {operands} {did} {number}")


def _real(number: SupportsFloat) -> float:
    """``number`` as a float, if it is a real number."""
    if isinstance(number, Real) or (isinstance(number, Number) and not isinstance(number, Complex)):
        return float(number)
    hint = " (use the Value itself, or its .data)" if isinstance(number, Value) else ""
    raise TypeError(f"expected a real number, got {type(number).__name__} {number!r}{hint}")


# Python raises where the floating-point standard has an answer; these four give the answer.
def _divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return a * math.copysign(math.inf, b)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):  # overflow, a power of 0 below 0, or no real result
        if base < 0.0 and not exponent.is_integer():
            return math.nan
        return math.copysign(math.inf, base) if exponent % 2.0 == 1.0 else math.inf


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _log(x: float) -> float:
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan
