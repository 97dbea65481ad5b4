"""The walk back through a graph: an order in which it can be done, and the doing of it.

It serves whatever has parents, numbers and arrays alike (:class:`Node`), and knows nothing of
what they compute. The chapter "The backward pass" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, Protocol, TypeVar

__all__ = [
    "AnomalyError",
    "GraphCycleError",
    "Node",
    "backward",
    "detect_anomaly",
    "topological_order",
]


class GraphCycleError(ValueError):
    """A computational graph in which a value depends on itself."""


class AnomalyError(ArithmeticError):
    """An operation gave ``nan`` or an infinity while :func:`detect_anomaly` was on."""


class Node(Protocol):
    """What the walk asks of a node.

    ``_backward()`` adds, to the ``grad`` of each of ``_parents``, what the node's own ``grad``
    comes to there. Nodes are hashable and equal by identity. One whose gradients are not numbers
    tells :func:`detect_anomaly` with ``_finite(grad)`` whether a gradient is finite.
    """

    data: Any
    grad: Any

    @property
    def _parents(self) -> tuple[Any, ...]: ...

    @property
    def _backward(self) -> Callable[[], None]: ...


def is_node(thing: object) -> bool:
    """Whether the walk could go through it: a ``Value``, or what else has parents and a gradient.

    >>> from micrograd import Value
    >>> is_node(Value(1.0)), is_node(1.0)
    (True, False)
    """
    return hasattr(type(thing), "_backward")


N = TypeVar("N", bound=Node)


def backward(root: Node) -> None:
    """Set ``grad`` of everything that ``root`` depends on to d(root)/d(that).

    Gradients of leaves accumulate over calls, until set to 0; those of interior nodes are reset
    first. So a second call exactly doubles what the first added to a leaf. If the walk raises,
    leaves are left with what they had.

    Raises:
        GraphCycleError: if the graph has been tampered with and contains a cycle.
        AnomalyError: under :func:`detect_anomaly`, if a gradient comes out not finite.
        TypeError: at an operation that has not recorded its derivatives.

    >>> from micrograd import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> backward((a + b) * a)
    >>> a.grad, b.grad
    (7.0, 2.0)
    """
    pairs = _order_of_pairs(root)
    order = pairs or _order_of_any(root)
    if pairs:  # most of which have no gradient yet
        used = [node for node in pairs if node.grad]
        leaves = [node for node in used if node._a is None]
    else:
        used = order
        leaves = [node for node in order if not node._parents]
    before = [leaf.grad for leaf in leaves]
    for node in used:
        node.grad = 0.0
    root.grad = 1.0
    walk = _walk
    if anomalies_wanted():
        walk = _checked_walk
    elif pairs and isinstance(type(root)._backward, property):  # nothing else put in its place
        walk = _walk_pairs
    try:
        walk(order)
    except BaseException:
        for node in order:
            if not node._parents:  # a leaf, which may have been given a part
                node.grad = 0.0
        raise
    finally:
        for leaf, grad in zip(leaves, before):
            leaf.grad = leaf.grad + grad


def _walk(order: list[Any]) -> None:
    for node in reversed(order):
        node._backward()


def topological_order(root: N) -> list[N]:
    """Everything ``root`` depends on, each node after all of its parents; ``root`` is last.

    A depth-first search that keeps its own stack: depth costs memory and nothing else.

    Raises:
        GraphCycleError: showing the cycle, if there is one.

    >>> from micrograd import Value
    >>> a, b = Value(1.0, label="a"), Value(2.0, label="b")
    >>> [v.label or v._op for v in topological_order((a + b) * b)]
    ['a', 'b', '+', '*']
    """
    return _order_of_pairs(root) or _order_of_any(root)


def _order_of_any(root: N) -> list[N]:
    order: dict[N, None] = {}  # a dict, to see at once whether a node is in it
    path: dict[N, Iterator[N]] = {}  # who waits for `node`, with the parents to come
    node, parents = root, iter(root._parents)
    while True:
        for parent in parents:
            if parent not in order:
                path[node] = parents
                if parent in path:
                    raise GraphCycleError(_show_cycle(list(path), parent))
                node, parents = parent, iter(parent._parents)
                break
        else:
            order[node] = None
            if not path:
                return list(order)
            node, parents = path.popitem()


def _show_cycle(path: list[Any], again: Any) -> str:
    cycle = [*path[path.index(again) :], again]
    names = " <- ".join(
        getattr(node, "label", "") or getattr(node, "_op", "") or repr(node) for node in cycle
    )
    return f"expected an acyclic graph, got a value that depends on itself: {names}"


# The same once more, for speed, where each node keeps at most two parents, in the slots `_a` and
# `_b`, and what it owes to them in `_da` and `_db`: a backward pass takes half the time. What is
# in two such slots: nothing, one thing, two, or more in one tuple in the first, which is no node.


def spread(first: Any, second: Any) -> tuple[Any, ...]:
    """What two slots hold, as one tuple."""
    if second is not None:
        return first, second
    return () if first is None else first if type(first) is tuple else (first,)


def fold(things: Iterable[Any]) -> tuple[Any, Any]:
    """The other way round: what two slots are to hold.

    >>> spread(*fold([1.0, 2.0, 3.0]))
    (1.0, 2.0, 3.0)
    """
    things = tuple(things)
    if len(things) == 2 and None not in things:
        return things
    return (things[0] if len(things) == 1 else things or None), None


def _order_of_pairs(root: Any) -> list[Any]:
    """The topological order; empty if there is a cycle, or a node of another kind.

    A node is marked when the search comes to it and when it is done with it, instead of being
    looked up. Each search has marks of its own.
    """
    waiting, done = object(), object()
    order: list[Any] = []
    path: list[Any] = []
    node = root
    try:
        while True:
            node._mark = waiting
            if (parent := node._a) is None or parent._mark is done:
                while (parent := node._b) is None or parent._mark is done:
                    node._mark = done
                    order.append(node)
                    if not path:
                        return order
                    node = path.pop()
            if parent._mark is waiting:
                return []
            path.append(node)
            node = parent
    except AttributeError:
        return []


def _walk_pairs(order: list[Any]) -> None:
    try:
        for node in reversed(order):
            grad = node.grad
            if (b := node._b) is not None:
                node._a.grad += node._da * grad
                b.grad += node._db * grad
            elif (a := node._a) is not None:
                a.grad += node._da * grad
    except TypeError:  # no derivative
        node._backward()  # says so
        raise


_lock = Lock()
_open: set[object] = set()  # one object for each `with detect_anomaly()` that has not ended
_entered: ContextVar[tuple[object, ...]] = ContextVar("entered", default=())  # by this thread
switches: list[Callable[[bool], None]] = []
"""What is told when the first detection begins, and when the last has ended."""


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Within this context, stop at the first operation that gives ``nan`` or an infinity.

    Values and local derivatives are checked as they are recorded, gradients by ``backward()``.
    It holds for the thread (or asynchronous task) that entered it, and ends with its own context,
    whichever others there are. Where there is none it costs nothing.

    Raises:
        AnomalyError: naming the operation and its operands.

    >>> from micrograd import Value
    >>> with detect_anomaly():
    ...     Value(0.0).log()
    Traceback (most recent call last):
        ...
    micrograd.walk.AnomalyError: log of Value(data=0.0, grad=0.0) gave -inf
    """
    here = object()
    try:
        with _lock:
            _open.add(here)
            _switch(True)
        _entered.set((*_open.intersection(_entered.get()), here))
        yield
    finally:
        with _lock:
            _open.discard(here)
            _switch(bool(_open))


def _switch(on: bool) -> None:
    for switch in switches:
        switch(on)


def anomalies_wanted() -> bool:
    """Whether this thread is within :func:`detect_anomaly`."""
    return bool(_open) and not _open.isdisjoint(_entered.get())


def checked(node: N) -> N:
    """A node just recorded, if :func:`detect_anomaly` has nothing against its numbers.

    Looks at its ``data``, and at its ``_derivatives`` if it has such.

    Raises:
        AnomalyError: naming the operation, if a number is ``nan`` or infinite.

    >>> from micrograd import Value
    >>> with detect_anomaly():
    ...     checked(Value(2.0))
    Value(data=2.0, grad=0.0)
    """
    if anomalies_wanted():
        _expect_finite(node, "gave", node.data)
        for derivative in getattr(node, "_derivatives", ()):
            _expect_finite(node, "has the local derivative", derivative)
    return node


def _checked_walk(order: list[Any]) -> None:
    for node in reversed(order):
        node._backward()
        for parent in node._parents:
            _expect_finite(node, f"passed on to {parent!r} the gradient", parent.grad)


def _expect_finite(node: Any, did: str, number: Any) -> None:
    if not getattr(node, "_finite", math.isfinite)(number):
        operands = " and ".join(map(repr, node._parents))
        raise AnomalyError(f"{node._op} of {operands} {did} {number}")
