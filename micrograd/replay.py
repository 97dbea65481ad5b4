"""A recorded graph of values, run again as vectors: level by level of the graph, in NumPy.

What does not depend on each other can be done at the same time. Values that are equally far from
the leaves, and come from the same operation, are computed by one operation on arrays, and their
gradients too. The chapter "The same graph, as vectors" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from micrograd import _expect
from micrograd.engine import Value
from micrograd.walk import AnomalyError, anomalies_wanted, topological_order

np: Any = _expect.installed("numpy", "NumPy", "tensors")

__all__ = ["Replay"]

Array = Any


class _Operation(NamedTuple):
    """An operation on whole arrays: its results, and what they owe to its operands."""

    forward: Callable[..., Array]
    back: Callable[..., tuple[Array, ...]]  # from gradients, results and operands
    looks: bool = True  # whether it looks at the results and the operands


def _one(forward: Callable[[Array], Array], slope: Callable[[Array, Array], Array]) -> _Operation:
    """An operation with one operand, and its derivative."""
    return _Operation(forward, lambda g, y, x: (g * slope(y, x),))


def _power(x: Array, n: Array) -> tuple[Array, Array]:
    """The derivatives of ``x**n`` by both."""
    y = np.power(x, n)
    by_base = np.where(np.equal(n, 0.0), 0.0, n * np.power(x, n - 1.0))
    return by_base, np.where((x == 0.0) & np.greater_equal(n, 0.0), 0.0, y * np.log(x))


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x < 0.0, e, 1.0) / (1.0 + e)


def _logistic_slope(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return e / (1.0 + e) ** 2


def _normal(x: Array) -> Array:
    """The normal distribution function."""
    return 0.5 * _erfc(-x / math.sqrt(2.0))


def _gelu_slope(x: Array) -> Array:
    return _normal(x) + x * np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


_erfc: Any = np.vectorize(math.erfc, otypes=[float])

_OPERATIONS = {
    "+": _Operation(np.add, lambda g: (g, g), looks=False),
    "-": _Operation(np.subtract, lambda g: (g, -g), looks=False),
    "*": _Operation(np.multiply, lambda g, y, a, b: (g * b, g * a)),
    "/": _Operation(np.divide, lambda g, y, a, b: (g * (1.0 / b), g * (-y / b))),
    "**": _Operation(np.power, lambda g, y, a, b: tuple(g * d for d in _power(a, b))),
    "neg": _Operation(np.negative, lambda g: (-g,), looks=False),
    "abs": _one(np.abs, lambda y, x: (x > 0.0) * 1.0 - (x < 0.0)),
    "exp": _one(np.exp, lambda y, x: y),
    "log": _one(np.log, lambda y, x: 1.0 / x),
    "sqrt": _one(np.sqrt, lambda y, x: 0.5 / y),
    "tanh": _one(np.tanh, lambda y, x: 1.0 - y * y),
    "sigmoid": _one(_sigmoid, lambda y, x: _logistic_slope(x)),
    "softplus": _one(
        lambda x: np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x))), lambda y, x: _sigmoid(x)
    ),
    "relu": _one(lambda x: np.maximum(x, 0.0), lambda y, x: ~(x <= 0.0) * 1.0),
    "gelu": _one(lambda x: x * _normal(x), lambda y, x: _gelu_slope(x)),
    "maximum": _Operation(
        np.maximum,
        lambda g, y, a, b: (
            g * np.where(a == b, 0.5, ~(a < b)),
            g * np.where(a == b, 0.5, ~(b < a)),
        ),
    ),
}


def _operation(op: str) -> _Operation | None:
    """What an operation of the engine does to arrays; ``None`` for one that is not known."""
    if op.startswith("**") and op != "**":
        above, _, below = op[2:].partition("/")  # a Fraction shows itself so
        try:
            # An array: NumPy takes the root for the number 0.5, which differs at -inf.
            n = np.array([float(above) / float(below or 1)])
        except (ValueError, ZeroDivisionError):
            return None
        return _one(lambda x: np.power(x, n), lambda y, x: _power(x, n)[0])
    if op.startswith("leaky_relu"):
        slope = float(op.removeprefix("leaky_relu") or 0.01)

        def gain(x: Array) -> Array:
            return np.where(x > 0.0, 1.0, slope)

        return _one(lambda x: gain(x) * x, lambda y, x: gain(x))
    return _OPERATIONS.get(op)


class _Operand(NamedTuple):
    """Where one operand of each value of a group stands, and how gradients get back there."""

    places: Any  # numbers, or a slice where they stand side by side
    order: Any  # sorted by their place, the gradients of a value used twice stand together
    first: Any  # where those of each value begin; None if each is used once

    @classmethod
    def at(cls, places: Array) -> tuple[Any, _Operand]:
        """How to read the operands, and how to write to them."""
        unique, counts = np.unique(places, return_counts=True)
        reading = _side_by_side(places)
        if len(unique) == len(places):
            return reading, cls(reading, None, None)
        order = np.argsort(places, kind="stable")
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return reading, cls(_side_by_side(unique), order, first)


def _side_by_side(places: Array) -> Any:
    """A slice is read without a copy."""
    start = int(places[0])
    beside = len(places) == 1 or bool((np.diff(places) == 1).all())
    return slice(start, start + len(places)) if beside else places


class _Group(NamedTuple):
    """Values of one operation and one level: what is done in one go."""

    op: str
    operation: _Operation
    results: slice
    reading: list[Any]  # the places of the first operands, of the second ones
    operands: list[_Operand]


class Replay:
    """A graph that has been recorded once, to be run again with other numbers in its leaves.

    The graph is fixed. A branch that Python took while it was recorded is taken for ever, and so
    is the number of examples: if the next graph may be another one, :meth:`expect` says so. Only
    leaves are read and written: the data and gradients of interior values stay what they were.

    Values agree with the engine's to the last few bits, since NumPy rounds some functions in
    another way than Python.

    Args:
        root: the value to be computed again.

    Attributes:
        leaves: the leaves of the graph, in the order in which they are read.
        nodes: how many values the graph has.
        groups: how many operations on arrays are done in their place.

    Raises:
        TypeError: if it is no ``Value``.
        ValueError: for an operation that is none of the engine's.
        GraphCycleError: if there is a cycle.

    >>> x, y = Value(2.0), Value(3.0)
    >>> replay = Replay(x * y + x)
    >>> x.data = 5.0
    >>> replay.forward()
    20.0
    >>> replay.backward()
    >>> x.grad, y.grad
    (4.0, 5.0)
    """

    def __init__(self, root: Value) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"expected a Value to replay, got {_expect.show(root)}")
        order = topological_order(root)
        number = {value: i for i, value in enumerate(order)}
        parents = [[number[parent] for parent in value._parents] for value in order]
        self._shape = _shape_of(order, parents)
        self.leaves = [value for value in order if not value._parents]
        self.nodes = len(order)
        # The leaves come first, and then group after group, so that results stand side by side.
        place = np.empty(len(order), dtype=np.intp)
        place[[number[leaf] for leaf in self.leaves]] = np.arange(len(self.leaves))
        done = len(self.leaves)
        self._plan: list[_Group] = []
        for op, members in _groups(order, parents):
            operation = _operation(op)
            if operation is None:
                raise ValueError(f"expected an operation of the engine to replay, got {op!r}")
            place[members] = np.arange(done, done + len(members))
            columns = [place[list(column)] for column in zip(*(parents[i] for i in members))]
            reading, operands = zip(*map(_Operand.at, columns))
            results = slice(done, done + len(members))
            self._plan.append(_Group(op, operation, results, list(reading), list(operands)))
            done += len(members)
        self.groups = len(self._plan)
        self._data, self._gradients = np.empty(done), np.empty(done)
        self._root, self._computed = int(place[-1]), False

    def forward(self) -> float:
        """Compute the root from what is now in the leaves; returns its number.

        Raises:
            AnomalyError: under ``detect_anomaly``, at the first operation that gives a number
                that is not finite.
        """
        data = self._data
        data[: len(self.leaves)] = [leaf.data for leaf in self.leaves]
        checked = anomalies_wanted()
        with np.errstate(all="ignore"):
            for op, operation, results, reading, _ in self._plan:
                data[results] = operation.forward(*[data[places] for places in reading])
                if checked and not np.isfinite(data[results]).all():
                    wrong = data[results][~np.isfinite(data[results])][0]
                    raise AnomalyError(f"{op} gave {wrong} in the replay of a graph")
        self._computed = True
        return float(data[self._root])

    def backward(self) -> None:
        """Add to the gradient of each leaf what ``root.backward()`` would, after :meth:`forward`.

        The slopes are those of the numbers of the last :meth:`forward`.

        Raises:
            ValueError: if there was none yet.
        """
        data, gradients = self._data, self._gradients
        if not self._computed:
            raise ValueError("expected forward() before the first backward(), got none")
        summed = np.add.reduceat
        gradients.fill(0.0)
        gradients[self._root] = 1.0
        with np.errstate(all="ignore"):
            for _, operation, results, reading, operands in reversed(self._plan):
                above = gradients[results]
                if operation.looks:
                    shares = operation.back(above, data[results], *[data[at] for at in reading])
                else:
                    shares = operation.back(above)
                for (places, order, first), share in zip(operands, shares):
                    # Each value gets what the results that it went into owe it.
                    gradients[places] += share if order is None else summed(share[order], first)
        for leaf, gradient in zip(self.leaves, gradients[: len(self.leaves)].tolist()):
            leaf.grad += gradient

    def expect(self, root: Value) -> None:
        """Compare a graph that was recorded afresh with the one that is replayed.

        Raises:
            ValueError: if another operation, or another number of them, is recorded now.

        >>> def steep(x):
        ...     return x * x if x.data > 0.0 else -x
        >>> replay = Replay(steep(Value(1.0)))
        >>> replay.expect(steep(Value(2.0)))
        >>> replay.expect(steep(Value(-2.0)))
        Traceback (most recent call last):
            ...
        ValueError: expected the graph that was recorded, got another: '*' has become 'neg'
        """
        order = topological_order(root)
        number = {value: i for i, value in enumerate(order)}
        now = _shape_of(order, [[number[parent] for parent in v._parents] for v in order])
        if now == self._shape:
            return
        changed = next(((a, b) for a, b in zip(self._shape, now) if a != b), None)
        if changed is None:
            told = f"{len(self._shape)} values have become {len(now)}"
        elif changed[0][0] != changed[1][0]:
            told = " has become ".join(repr(op or "a leaf") for op, _ in changed)
        else:
            told = f"{changed[0][0]!r} has other operands"
        raise ValueError(f"expected the graph that was recorded, got another: {told}")

    def __repr__(self) -> str:
        return f"<Replay: {self.nodes} values in {self.groups} groups>"


def _shape_of(order: Sequence[Value], parents: list[list[int]]) -> list[tuple[str, list[int]]]:
    """A graph without its numbers: of each value, the operation and the places of its parents."""
    return [(value._op, own) for value, own in zip(order, parents)]


def _groups(order: Sequence[Value], parents: list[list[int]]) -> list[tuple[str, list[int]]]:
    """The values of each operation and level; a level is one above the highest of the parents."""
    level = [0] * len(order)
    groups: dict[tuple[int, str], list[int]] = {}
    for i, value in enumerate(order):
        if parents[i]:
            level[i] = 1 + max(level[parent] for parent in parents[i])
            groups.setdefault((level[i], value._op), []).append(i)
    return [(op, groups[height, op]) for height, op in sorted(groups)]
