"""A scalar that remembers how it was computed, and can say what it was sensitive to.

One idea carries this module: *an operation records, as plain numbers, its parents and the
derivative of its result with respect to each of them; the backward pass only ever multiplies
and adds.* The chapters "Recording operations" and "The backward pass" tell the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import copy, deepcopy
from typing import Any, SupportsFloat

from micrograd._numbers import AsNumber, divide, exp, log, logistic, normal, power, real
from micrograd.walk import (
    AnomalyError,
    GraphCycleError,
    backward,
    checked,
    detect_anomaly,
    fold,
    spread,
    switches,
    topological_order,
)

__all__ = [
    "AnomalyError",
    "GraphCycleError",
    "Value",
    "backward",
    "detect_anomaly",
    "record",
    "topological_order",
]

_OWN = "an operation of one's own is record(data, parents, derivatives, op), from micrograd.engine"


class Value(AsNumber):
    """A real number that is a node of a computational graph.

    Args:
        data: the number itself; anything that is a real number is converted to ``float``.
        _children: the values this one was computed from (its parents in the graph), in order.
        _op: the operation that computed it; empty for a leaf.
        label: a name, used in figures and reports only.
        _derivatives: the derivative of this value with respect to each parent. Without them
            ``backward()`` stops here with an error.

    Attributes:
        data: the number, a ``float``.
        grad: derivative of the value that ``backward()`` was last called on with respect to
            this one, a ``float``; leaves accumulate it over calls.

    Raises:
        TypeError: if ``data`` is not a real number, or ``_op`` is not text.
        ValueError: if there are derivatives, but not one for each parent.

    >>> x = Value(3.0)
    >>> y = x * x + 1
    >>> y.backward()
    >>> y.data, x.grad
    (10.0, 6.0)
    """

    # Two parents and two derivatives have slots of their own: tuples would be more objects to
    # make, and for Python's cyclic collector to look at again and again.
    __slots__ = ("data", "grad", "_label", "_op", "_a", "_da", "_b", "_db", "_mark")

    data: float
    grad: float
    _label: str  # not there until it is given
    _op: str
    _a: Any  # the first parent, or None; if there are more than two, the tuple of them all
    _da: Any  # the derivative with respect to it, or the tuple of them all
    _b: Any  # the second parent, or None
    _db: Any
    _mark: object  # how far a search of the graph has got with this value

    def __init__(
        self,
        data: SupportsFloat,
        _children: Iterable[Value] = (),
        _op: str = "",
        label: str = "",
        _derivatives: Iterable[float] | None = None,
    ) -> None:
        if type(_op) is not str:
            raise TypeError(f"expected the name of an operation, got {_op!r}: {_OWN}")
        self.data = data if type(data) is float else real(data)
        self.grad = 0.0
        self._op = _op
        self._mark = self._a = self._da = self._b = self._db = None
        if label:
            self.label = label
        if _children:
            self._parents = tuple(_children)
            if type(self)._backward is not Value._backward:  # a subclass with a way of its own:
                self._a, self._b = self._parents, None  # not to be walked with the pairs
        if _derivatives is not None:
            self._derivatives = tuple(_derivatives)
            edges, got = len(self._parents), len(self._derivatives)
            if edges != got:
                raise ValueError(f"expected one derivative for each of {edges} parents, got {got}")

    @property
    def label(self) -> str:
        """A name, used in figures and reports only."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, name: str) -> None:
        self._label = name

    @property
    def parents(self) -> tuple[Value, ...]:
        """The values this one was computed from, in order; ``x + x`` has ``x`` twice."""
        return spread(self._a, self._b)

    @property
    def _parents(self) -> tuple[Value, ...]:
        return spread(self._a, self._b)

    @_parents.setter
    def _parents(self, parents: Iterable[Value]) -> None:
        self._a, self._b = fold(parents)

    @property
    def _derivatives(self) -> tuple[float, ...]:
        return spread(self._da, self._db)

    @_derivatives.setter
    def _derivatives(self, derivatives: Iterable[float]) -> None:
        self._da, self._db = fold(derivatives)

    @property
    def _prev(self) -> set[Value]:
        """The distinct parents."""
        return set(self._parents)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else _constant(other)
        return _record(self.data + other.data, "+", self, 1.0, other, 1.0)

    def __sub__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else _constant(other)
        return _record(self.data - other.data, "-", self, 1.0, other, -1.0)

    def __mul__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else _constant(other)
        return _record(self.data * other.data, "*", self, other.data, other, self.data)

    def __truediv__(self, other: SupportsFloat) -> Value:
        other = other if isinstance(other, Value) else _constant(other)
        quotient = divide(self.data, other.data)
        # d(a/b)/da = 1/b, d(a/b)/db = -(a/b)/b
        da, db = divide(1.0, other.data), divide(-quotient, other.data)
        return _record(quotient, "/", self, da, other, db)

    def __pow__(self, exponent: SupportsFloat) -> Value:
        plain = not isinstance(exponent, Value)
        n = real(exponent) if plain else float(exponent)
        result = power(self.data, n)
        # d(x**n)/dx = n x**(n-1), and 0 for n = 0 even at x = 0
        slope = n * power(self.data, n - 1.0) if n else 0.0
        if plain:
            return _record(result, f"**{exponent}", self, slope)
        # d(x**n)/dn = x**n log x, and 0 at x = 0, where x**n does not move with n >= 0
        growth = 0.0 if self.data == 0.0 and n >= 0.0 else result * log(self.data)
        return _record(result, "**", self, slope, exponent, growth)

    __rmul__ = __mul__

    def __radd__(self, other: SupportsFloat) -> Value:
        # sum() begins with the int 0, which is nothing to record
        return self if type(other) is int and other == 0 else self + other

    def __rsub__(self, other: SupportsFloat) -> Value:
        return _constant(other) - self

    def __rtruediv__(self, other: SupportsFloat) -> Value:
        return _constant(other) / self

    def __rpow__(self, other: SupportsFloat) -> Value:
        return _constant(other) ** self

    def __neg__(self) -> Value:
        return _record(-self.data, "neg", self, -1.0)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        sign = float((self.data > 0.0) - (self.data < 0.0))  # 0 at the kink
        return _record(abs(self.data), "abs", self, sign)

    def exp(self) -> Value:
        """The exponential; ``d exp(x)/dx = exp(x)``. Overflows to ``inf`` above 709.78."""
        e = exp(self.data)
        return _record(e, "exp", self, e)

    def log(self) -> Value:
        """The natural logarithm; ``d log(x)/dx = 1/x``. ``-inf`` at 0, ``nan`` below it."""
        return _record(log(self.data), "log", self, divide(1.0, self.data))

    def sqrt(self) -> Value:
        """The square root; ``d sqrt(x)/dx = 1/(2 sqrt(x))``. ``nan`` for negative numbers."""
        root = math.sqrt(self.data) if self.data >= 0.0 else math.nan
        return _record(root, "sqrt", self, divide(0.5, root))

    def tanh(self) -> Value:
        """The hyperbolic tangent, in [-1, 1]; ``d tanh(x)/dx = 1 - tanh(x)**2``."""
        t = math.tanh(self.data)
        return _record(t, "tanh", self, 1.0 - t * t)

    def sigmoid(self) -> Value:
        """The logistic function ``s = 1/(1 + exp(-x))``, in [0, 1]; its slope is ``s (1 - s)``."""
        s, slope = logistic(self.data)
        return _record(s, "sigmoid", self, slope)

    def softplus(self) -> Value:
        """``log(1 + exp(x))``, exact for large and small x; its slope is ``sigmoid(x)``."""
        x = self.data
        above = (x if x > 0.0 else 0.0) + math.log1p(exp(-abs(x)))
        return _record(above, "softplus", self, logistic(x)[0])

    def relu(self) -> Value:
        """``max(0, x)``; its slope is 1 above 0 and 0 elsewhere. ``nan`` stays ``nan``."""
        off = self.data <= 0.0
        return _record(0.0 if off else self.data, "relu", self, 0.0 if off else 1.0)

    def leaky_relu(self, slope: float = 0.01) -> Value:
        """``x`` above 0 and ``slope * x`` elsewhere, so that it never goes quite flat."""
        gain = 1.0 if self.data > 0.0 else real(slope)
        op = "leaky_relu" if slope == 0.01 else f"leaky_relu {slope}"
        return _record(gain * self.data, op, self, gain)

    def gelu(self) -> Value:
        """``x P(x)``, P the normal distribution, exactly (not its approximation by ``tanh``)."""
        share, bell = normal(self.data)  # the slope of P is the bell curve
        return _record(self.data * share, "gelu", self, share + self.data * bell)

    def backward(self) -> None:
        """Set ``grad`` of everything this value depends on: see :func:`backward`."""
        backward(self)

    @property
    def _backward(self) -> Callable[[], None]:
        """Give each parent its share of the blame: this gradient times the local derivative."""
        return self._pass_back

    @_backward.setter
    def _backward(self, function: object) -> None:
        raise AttributeError(f"expected no _backward: derivatives are recorded as numbers; {_OWN}")

    def _pass_back(self) -> None:
        parents, derivatives = self._parents, self._derivatives
        if len(derivatives) < len(parents):
            raise TypeError(
                f"expected a derivative for each of the {len(parents)} parents of "
                f"{self.label or self._op or repr(self)}, got {len(derivatives)}: {_OWN}"
            ) from None
        for parent, derivative in zip(parents, derivatives):
            parent.grad += derivative * self.grad

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for value in topological_order(self):  # parents first: no recursion, however deep
            if id(value) not in memo:
                memo[id(value)] = twin = copy(value)
                twin._parents = tuple(memo[id(parent)] for parent in value._parents)
                for name, item in getattr(value, "__dict__", {}).items():  # of a subclass
                    setattr(twin, name, deepcopy(item, memo))
        root: Value = memo[id(self)]
        return root


def record(
    data: SupportsFloat,
    parents: Iterable[Value],
    derivatives: Iterable[SupportsFloat],
    op: str,
    label: str = "",
) -> Value:
    """The result of an operation of one's own, with any number of parents.

    Args:
        data: the result.
        parents: the values it was computed from, in order.
        derivatives: the derivative of the result with respect to each parent, a number.
        op: the operation's name.
        label: a name for the result.

    Raises:
        TypeError: for a parent that is no ``Value``, or a name that is no text.
        ValueError: if there is not one derivative for each parent.

    >>> def sin(x):
    ...     return record(math.sin(x.data), [x], [math.cos(x.data)], "sin")
    >>> x = Value(0.0)
    >>> sin(2.0 * x).backward()
    >>> x.grad
    2.0
    """
    parents = tuple(parents)
    for i, parent in enumerate(parents):
        if not isinstance(parent, Value):
            raise TypeError(f"expected parent {i} to be a Value, got {parent!r}")
    return checked(Value(data, parents, op, label, map(real, derivatives)))


def _node(
    data: float, op: str, a: Any = None, da: Any = None, b: Any = None, db: Any = None
) -> Value:
    """The value an operation ends in, built without the conversions and checks of a leaf."""
    value = _new(Value)
    value.data = data
    value.grad = 0.0
    value._op = op
    value._a = a
    value._da = da
    value._b = b
    value._db = db
    value._mark = None
    return value


def _checked_node(data: float, op: str, *edges: Any) -> Value:
    return checked(_node(data, op, *edges))


def _check_records(on: bool) -> None:
    global _record
    _record = _checked_node if on else _node


_new = object.__new__
_record = _node  # what every operation calls; `detect_anomaly` puts the stricter one in its place
switches.append(_check_records)


def _constant(number: SupportsFloat) -> Value:
    """An operand that is a number, as a leaf."""
    return _node(number if type(number) is float else real(number), "")
