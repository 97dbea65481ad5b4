"""Engines that were not chosen, so that what was chosen can show its worth.

First a ladder, from the textbook's form to the package's, one trick at a time; each rung is a
small engine of its own with the operations the workload needs. Then single parts of the package
written another way, to be put in the place of its own.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def pause() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# The ladder


def closure_engine(*, slots: bool, parents: Callable[[Any], Any]) -> Any:
    """Each operation leaves a closure; attributes in slots or in a dictionary."""

    class Value:
        if slots:
            __slots__ = ("data", "grad", "_backward", "_prev", "_op")

        _backward: Callable[[], None]

        def __init__(self, data: float, _children: Any = (), _op: str = "") -> None:
            self.data = data
            self.grad = 0.0
            self._backward = nothing
            self._prev = parents(_children)
            self._op = _op

        def __add__(self, other: Any) -> Value:
            other = other if isinstance(other, Value) else Value(other)
            out = Value(self.data + other.data, (self, other), "+")

            def _backward() -> None:
                self.grad += out.grad
                other.grad += out.grad

            out._backward = _backward
            return out

        def __mul__(self, other: Any) -> Value:
            other = other if isinstance(other, Value) else Value(other)
            out = Value(self.data * other.data, (self, other), "*")

            def _backward() -> None:
                self.grad += other.data * out.grad
                other.grad += self.data * out.grad

            out._backward = _backward
            return out

        def relu(self) -> Value:
            out = Value(max(0.0, self.data), (self,), "relu")

            def _backward() -> None:
                self.grad += (out.data > 0.0) * out.grad

            out._backward = _backward
            return out

        __radd__ = __add__
        __rmul__ = __mul__

        def backward(self) -> None:
            order = recursive_order(self, "_prev")
            self.grad = 1.0
            for value in reversed(order):
                value._backward()

    return Value


def nothing() -> None:
    """What the closure of a leaf does."""


def number_engine(*, stack: bool = False, bare: bool = False, pair: bool = False) -> Any:
    """Each operation records its derivatives.

    Args:
        stack: the search keeps its own stack, and knows a cycle, rather than being recursive.
        bare: operations build their result without ``__init__``.
        pair: two parents are served without a loop.
    """

    class Value:
        __slots__ = ("data", "grad", "label", "_op", "_parents", "_derivatives")

        def __init__(
            self, data: float, _children: Any = (), _derivatives: Any = (), _op: str = ""
        ) -> None:
            if len(_children) != len(_derivatives):
                raise ValueError("expected a derivative for each parent")
            self.data = data if type(data) is float else float(data)
            self.grad = 0.0
            self.label = ""
            self._op = _op
            self._parents = tuple(_children)
            self._derivatives = tuple(_derivatives)

        def __add__(self, other: Any) -> Value:
            other = other if isinstance(other, Value) else Value(other)
            return record(self.data + other.data, (self, other), (1.0, 1.0), "+")

        def __mul__(self, other: Any) -> Value:
            other = other if isinstance(other, Value) else Value(other)
            return record(self.data * other.data, (self, other), (other.data, self.data), "*")

        def relu(self) -> Value:
            off = self.data <= 0.0
            return record(0.0 if off else self.data, (self,), (0.0 if off else 1.0,), "relu")

        __radd__ = __add__
        __rmul__ = __mul__

        def backward(self) -> None:
            order = search(self)
            leaves = [(value, value.grad) for value in order if not value._parents]
            for value in order:
                value.grad = 0.0
            self.grad = 1.0
            for value in reversed(order):
                value._backward()
            for leaf, before in leaves:
                leaf.grad += before

        _backward = with_the_pair if pair else in_a_loop

    def node(data: float, parents: Any, derivatives: Any, op: str) -> Value:
        value = object.__new__(Value)
        value.data = data
        value.grad = 0.0
        value.label = ""
        value._op = op
        value._parents = parents
        value._derivatives = derivatives
        return value

    record: Callable[..., Value] = node if bare else Value
    search = own_stack if stack else recursive_order
    return Value


def in_a_loop(self: Any) -> None:
    grad = self.grad
    for parent, derivative in zip(self._parents, self._derivatives):
        parent.grad += derivative * grad


def with_the_pair(self: Any) -> None:
    grad = self.grad
    if len(self._parents) == 2:
        a, b = self._parents
        da, db = self._derivatives
        a.grad += da * grad
        b.grad += db * grad
    else:
        for parent, derivative in zip(self._parents, self._derivatives):
            parent.grad += derivative * grad


def slot_engine() -> Any:
    """Two parents and two derivatives in slots, and marks instead of look-ups: no tuples."""

    class Value:
        __slots__ = ("data", "grad", "_op", "_a", "_da", "_b", "_db", "_mark")

        def __init__(self, data: float) -> None:
            self.data = data if type(data) is float else float(data)
            self.grad = 0.0
            self._op = ""
            self._a = self._da = self._b = self._db = self._mark = None

        def __add__(self, other: Any) -> Value:
            other = other if isinstance(other, Value) else Value(other)
            return record(self.data + other.data, "+", self, 1.0, other, 1.0)

        def __mul__(self, other: Any) -> Value:
            other = other if isinstance(other, Value) else Value(other)
            return record(self.data * other.data, "*", self, other.data, other, self.data)

        def relu(self) -> Value:
            off = self.data <= 0.0
            return record(0.0 if off else self.data, "relu", self, 0.0 if off else 1.0)

        __radd__ = __add__
        __rmul__ = __mul__

        def backward(self) -> None:
            order = marked_order(self)
            leaves = [value for value in order if value._a is None and value.grad]
            before = [leaf.grad for leaf in leaves]
            for value in order:
                value.grad = 0.0
            self.grad = 1.0
            pairs_passed_back(order)
            for leaf, grad in zip(leaves, before):
                leaf.grad += grad

    def record(data: float, op: str, a: Any, da: Any, b: Any = None, db: Any = None) -> Value:
        value = object.__new__(Value)
        value.data = data
        value.grad = 0.0
        value._op = op
        value._a = a
        value._da = da
        value._b = b
        value._db = db
        value._mark = None
        return value

    return Value


def pairs_passed_back(order: list[Any]) -> None:
    for value in reversed(order):
        grad = value.grad
        if (b := value._b) is not None:
            value._a.grad += value._da * grad
            b.grad += value._db * grad
        elif (a := value._a) is not None:
            a.grad += value._da * grad


def marked_order(root: Any) -> list[Any]:
    """The package's way for pairs."""
    waiting, done = object(), object()
    order: list[Any] = []
    path: list[Any] = []
    value = root
    while True:
        value._mark = waiting
        if (parent := value._a) is None or parent._mark is done:
            while (parent := value._b) is None or parent._mark is done:
                value._mark = done
                order.append(value)
                if not path:
                    return order
                value = path.pop()
        if parent._mark is waiting:
            raise ValueError("expected no cycle")
        path.append(value)
        value = parent


class FourSlots:
    """A small engine of the published kind: a constructor, tuples, a recursive walk.

    It does no more than it must: subtraction and division are made of the other operations,
    gradients accumulate everywhere, and a deep graph ends in a RecursionError.
    """

    __slots__ = ("children", "data", "grad", "slopes")

    def __init__(
        self, data: float, children: tuple[Any, ...] = (), slopes: tuple[float, ...] = ()
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.slopes = slopes

    def __add__(self, other: Any) -> FourSlots:
        other = other if isinstance(other, FourSlots) else FourSlots(other)
        return FourSlots(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> FourSlots:
        other = other if isinstance(other, FourSlots) else FourSlots(other)
        return FourSlots(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> FourSlots:
        return FourSlots(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self) -> FourSlots:
        e = math.exp(self.data)
        return FourSlots(e, (self,), (e,))

    def log(self) -> FourSlots:
        return FourSlots(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> FourSlots:
        return FourSlots(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def __neg__(self) -> FourSlots:
        return self * -1.0

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __truediv__(self, other: Any) -> Any:
        return self * other**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self) -> None:
        order: list[Any] = []
        visited: set[Any] = set()

        def visit(value: Any) -> None:
            if value not in visited:
                visited.add(value)
                for child in value.children:
                    visit(child)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for child, slope in zip(value.children, value.slopes):
                child.grad += slope * value.grad


# Ways to order a graph. All but Kahn's give the same order as the package.


def recursive_order(root: Any, parents: str = "_parents") -> list[Any]:
    order, visited = [], set()

    def visit(value: Any) -> None:
        if value not in visited:
            visited.add(value)
            for parent in getattr(value, parents):
                visit(parent)
            order.append(value)

    visit(root)
    return order


def own_stack(root: Any) -> list[Any]:
    """The package's way; written again, as the process of the rival reads this file too."""
    order: dict[Any, None] = {}
    path: dict[Any, Iterator[Any]] = {}
    value, parents = root, iter(root._parents)
    while True:
        for parent in parents:
            if parent not in order:
                path[value] = parents
                if parent in path:
                    raise ValueError("expected no cycle")
                value, parents = parent, iter(parent._parents)
                break
        else:
            order[value] = None
            if not path:
                return list(order)
            value, parents = path.popitem()


def blind_to_cycles(root: Any) -> list[Any]:
    """The package's way, with a set of visited values and no look at the path."""
    order = []
    visited = {root}
    path = []
    value, parents = root, iter(root._parents)
    while True:
        for parent in parents:
            if parent not in visited:
                visited.add(parent)
                path.append((value, parents))
                value, parents = parent, iter(parent._parents)
                break
        else:
            order.append(value)
            if not path:
                return order
            value, parents = path.pop()


def all_on_the_stack(root: Any) -> list[Any]:
    """The value in hand is on the stack too, and a second set tells what is."""
    order: dict[Any, None] = {}
    on_path = {root}
    path = [(root, iter(root._parents))]
    while path:
        value, parents = path[-1]
        for parent in parents:
            if parent not in order:
                if parent in on_path:
                    raise ValueError("expected no cycle")
                on_path.add(parent)
                path.append((parent, iter(parent._parents)))
                break
        else:
            path.pop()
            on_path.remove(value)
            order[value] = None
    return list(order)


def seen_twice(root: Any) -> list[Any]:
    """No iterators: a value is put on the stack, and is finished when it comes up again."""
    order = []
    finished = {}  # False once a value's parents are on the stack, True when they are in order
    stack = [root]
    while stack:
        value = stack[-1]
        if value not in finished:
            finished[value] = False
            for parent in reversed(value._parents):
                if parent not in finished:
                    stack.append(parent)
                elif not finished[parent]:
                    raise ValueError("expected no cycle")
        else:
            stack.pop()
            if not finished[value]:
                finished[value] = True
                order.append(value)
    return order


def kahn_order(root: Any) -> list[Any]:
    uses = {root: 0}
    found = [root]
    for value in found:
        for parent in value._parents:
            if parent in uses:
                uses[parent] += 1
            else:
                uses[parent] = 1
                found.append(parent)
    free, order = [value for value in found if not uses[value]], []
    while free:
        value = free.pop()
        order.append(value)
        for parent in value._parents:
            uses[parent] -= 1
            if not uses[parent]:
                free.append(parent)
    if len(order) < len(found):
        raise ValueError("expected no cycle")
    order.reverse()
    return order


# Other parts of the package, written another way


def passed_back_by_call(order: list[Any]) -> None:
    """A call for each value, instead of ``_backward`` written out."""
    for value in reversed(order):
        value._pass_back()


def passed_back_from_tuples(order: list[Any]) -> None:
    """One loop for any number of parents."""
    for value in reversed(order):
        for parent, derivative in zip(value._parents, value._derivatives):
            parent.grad += derivative * value.grad


def node_by_init(engine: Any) -> Callable[..., Any]:
    def record(
        data: float, op: str, a: Any = None, da: Any = None, b: Any = None, db: Any = None
    ) -> Any:
        value = engine.Value(data, (), op)
        value._a, value._da, value._b, value._db = a, da, b, db
        return value

    return record


def node_labelled(engine: Any) -> Callable[..., Any]:
    """A node that has its empty label from the beginning."""

    def record(
        data: float, op: str, a: Any = None, da: Any = None, b: Any = None, db: Any = None
    ) -> Any:
        value = engine._node(data, op, a, da, b, db)
        value._label = ""
        return value

    return record


def sum_begun_with_a_leaf(self: Any, other: Any) -> Any:
    """``0 + x`` recorded like any sum."""
    return self + other


def unpaused(step: Any) -> Any:
    """``loss_and_gradients`` with the collector at work."""
    return step.__wrapped__


def paused_too_briefly(step: Any) -> Any:
    """``loss_and_gradients`` with the collector back while the graph is alive."""

    def loss_and_gradients(
        model: Any, inputs: Any, targets: Any, optimizer: Any, loss_fn: Any
    ) -> Any:
        kept = []

        def keep(predictions: Any, targets: Any) -> Any:
            kept.append(loss_fn(predictions, targets))
            return kept[-1]

        with pause():
            return step.__wrapped__(model, inputs, targets, optimizer, keep)

    return loss_and_gradients


def weighted_sum(value: type) -> Callable[..., Any]:
    """A neuron's sum as one node with 2n + 1 parents: a step towards vectors."""

    def weigh(weights: list[Any], signal: list[Any], bias: Any) -> Any:
        w = [weight.data for weight in weights]
        x = [number.data for number in signal]
        total = sum((a * b for a, b in zip(w, x)), bias.data)
        return value(total, (*weights, *signal, bias), "sum", _derivatives=(*x, *w, 1.0))

    return weigh
