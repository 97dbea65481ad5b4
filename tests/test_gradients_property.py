"""Laws that hold for every expression, tried on random ones.

A random expression is a graph of up to 60 operations with shared subexpressions. Wherever an
operation would leave the range in which rounding is harmless (near a pole, a kink or a boundary
of its domain, or with a large result), ``tanh`` takes its place, so nothing has to be rejected.

The main oracle is forward-mode differentiation with dual numbers, which shares no code with the
engine and is exact up to rounding; finite differences give a second opinion.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from micrograd.engine import Value, topological_order
from micrograd.functions import maximum


@dataclass(frozen=True)
class Dual:
    """A number and its derivative in one direction, carried forward together.

    ``size`` adds up the absolute value of everything that was added to the derivative: the
    rounding error of the derivative is a tiny fraction of it, whatever has cancelled.
    """

    primal: float
    tangent: float = 0.0
    size: float = 0.0

    def through(self, primal: float, slope: float, size: float | None = None) -> Dual:
        size = abs(slope) if size is None else size
        return Dual(primal, slope * self.tangent, size * self.size)

    def __add__(self, other: Dual | float) -> Dual:
        other = dual(other)
        return Dual(
            self.primal + other.primal, self.tangent + other.tangent, self.size + other.size
        )

    def __neg__(self) -> Dual:
        return self.through(-self.primal, -1.0)

    def __sub__(self, other: Dual | float) -> Dual:
        return self + -dual(other)

    def __mul__(self, other: Dual | float) -> Dual:
        a, b = self, dual(other)
        tangent = a.tangent * b.primal + a.primal * b.tangent
        return Dual(a.primal * b.primal, tangent, a.size * abs(b.primal) + abs(a.primal) * b.size)

    def __truediv__(self, other: Dual | float) -> Dual:
        a, b = self, dual(other)
        tangent = (a.tangent * b.primal - a.primal * b.tangent) / (b.primal * b.primal)
        size = (a.size * abs(b.primal) + abs(a.primal) * b.size) / (b.primal * b.primal)
        return Dual(a.primal / b.primal, tangent, size)

    def __pow__(self, exponent: Dual | float) -> Dual:
        if not isinstance(exponent, Dual):
            slope = exponent * math.pow(self.primal, exponent - 1.0) if exponent else 0.0
            return self.through(math.pow(self.primal, exponent), slope)
        # x**y = exp(y log x)
        rate = self.log() * exponent
        power = math.pow(self.primal, exponent.primal)
        return Dual(power, power * rate.tangent, power * rate.size)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Dual:
        return dual(other) - self

    def __rtruediv__(self, other: float) -> Dual:
        return dual(other) / self

    def __rpow__(self, other: float) -> Dual:
        return dual(other) ** self

    def exp(self) -> Dual:
        return self.through(math.exp(self.primal), math.exp(self.primal))

    def log(self) -> Dual:
        return self.through(math.log(self.primal), 1.0 / self.primal)

    def sqrt(self) -> Dual:
        return self.through(math.sqrt(self.primal), 0.5 / math.sqrt(self.primal))

    def tanh(self) -> Dual:
        # Where tanh is flat, the error of 1 - tanh**2 is small beside 1 and not beside itself.
        return self.through(math.tanh(self.primal), math.cosh(self.primal) ** -2, size=1.0)

    def sigmoid(self) -> Dual:
        e = math.exp(-abs(self.primal))
        primal = 1.0 / (1.0 + e) if self.primal >= 0.0 else e / (1.0 + e)
        return self.through(primal, math.cosh(self.primal / 2.0) ** -2 / 4.0, size=1.0)

    def softplus(self) -> Dual:
        primal = max(self.primal, 0.0) + math.log1p(math.exp(-abs(self.primal)))
        return self.through(primal, 0.5 + math.tanh(self.primal / 2.0) / 2.0, size=1.0)

    def leaky_relu(self, slope: float) -> Dual:
        gain = 1.0 if self.primal > 0.0 else slope
        return self.through(gain * self.primal, gain)

    def gelu(self) -> Dual:
        share = 0.5 * math.erfc(-self.primal / math.sqrt(2.0))
        bell = math.exp(-(self.primal**2) / 2.0) / math.sqrt(math.tau)
        size = share + abs(self.primal) * bell
        return self.through(self.primal * share, share + self.primal * bell, size)

    def relu(self) -> Dual:
        return self if self.primal > 0.0 else Dual(0.0)

    def __abs__(self) -> Dual:
        return self if self.primal > 0.0 else -self


def dual(number: Dual | float) -> Dual:
    return number if isinstance(number, Dual) else Dual(number)


@dataclass(frozen=True)
class Operation:
    """What an operation does to Values and Duals alike, and on which numbers it is smooth."""

    apply: Callable[[Any, Any], Any]
    smooth: Callable[[float, float], bool] = lambda a, b: True


def largest(a: Any, b: Any) -> Any:
    if isinstance(a, Dual):
        return a if a.primal > b.primal else b
    return maximum(a, b)


OPERATIONS = {
    "a + b": Operation(lambda a, b: a + b),
    "a - b": Operation(lambda a, b: a - b),
    "a * b": Operation(lambda a, b: a * b),
    "a / b": Operation(lambda a, b: a / b, lambda a, b: abs(b) > 0.3),
    "a ** b": Operation(lambda a, b: a**b, lambda a, b: a > 0.3 and abs(b) < 3.0),
    "2 + a": Operation(lambda a, b: 2 + a),
    "2 - a": Operation(lambda a, b: 2 - a),
    "3 * a": Operation(lambda a, b: 3 * a),
    "3 / a": Operation(lambda a, b: 3 / a, lambda a, b: abs(a) > 0.3),
    "a / 3": Operation(lambda a, b: a / 3),
    "2 ** a": Operation(lambda a, b: 2**a, lambda a, b: abs(a) < 3.0),
    "a ** 0": Operation(lambda a, b: a**0),
    "a ** 2": Operation(lambda a, b: a**2),
    "a ** 3": Operation(lambda a, b: a**3),
    "a ** -1": Operation(lambda a, b: a**-1, lambda a, b: abs(a) > 0.3),
    "a ** 1.5": Operation(lambda a, b: a**1.5, lambda a, b: a > 0.3),
    "-a": Operation(lambda a, b: -a),
    "exp": Operation(lambda a, b: a.exp(), lambda a, b: a < 3.0),
    "log": Operation(lambda a, b: a.log(), lambda a, b: a > 0.3),
    "sqrt": Operation(lambda a, b: a.sqrt(), lambda a, b: a > 0.3),
    "tanh": Operation(lambda a, b: a.tanh()),
    "sigmoid": Operation(lambda a, b: a.sigmoid()),
    "softplus": Operation(lambda a, b: a.softplus()),
    "leaky": Operation(lambda a, b: a.leaky_relu(0.1), lambda a, b: abs(a) > 0.05),
    "gelu": Operation(lambda a, b: a.gelu()),
    "max": Operation(lambda a, b: largest(a, b), lambda a, b: abs(a - b) > 0.05),
    "relu": Operation(lambda a, b: a.relu(), lambda a, b: abs(a) > 0.05),
    "abs": Operation(lambda a, b: abs(a), lambda a, b: abs(a) > 0.05),
}
LARGEST = 10.0


@dataclass(frozen=True)
class Expression:
    """Operations in order, each with the places of its operands among all that came before."""

    steps: tuple[tuple[str, int, int], ...]

    def __call__(self, leaves: Sequence[Any]) -> Any:
        known = list(leaves)
        for name, i, j in self.steps:
            known.append(OPERATIONS[name].apply(known[i], known[j]))
        return known[-1]


# The name of an operation, how far back its first operand lies, and where its second one does.
Sketch = list[tuple[str, int, int]]
steps = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(1, 3), st.integers(0, 63))
# A list alone would hold some five steps; a length drawn first makes all lengths as likely.
sketches = st.integers(1, 60).flatmap(lambda n: st.lists(steps, min_size=n, max_size=n))
numbers = st.floats(-2.0, 2.0)
points = st.lists(numbers, min_size=1, max_size=4)


def expression_at(sketch: Sketch, leaves: Sequence[float]) -> Expression:
    """The sketched expression, with ``tanh`` wherever it would not be smooth at ``leaves``."""
    known = [Dual(leaf) for leaf in leaves]
    steps = []
    for name, back, place in sketch:
        i, j = max(len(known) - back, 0), place % len(known)
        operation = OPERATIONS[name]
        result = Dual(math.inf)
        if operation.smooth(known[i].primal, known[j].primal):
            result = operation.apply(known[i], known[j])
        if abs(result.primal) > LARGEST:
            name, result = "tanh", known[i].tanh()
        steps.append((name, i, j))
        known.append(result)
    return Expression(tuple(steps))


def gradient(f: Callable[[list[Value]], Value], point: Sequence[float]) -> list[float]:
    leaves = [Value(x) for x in point]
    f(leaves).backward()
    return [leaf.grad for leaf in leaves]


def partials(f: Callable[[list[Dual]], Dual], point: Sequence[float]) -> list[Dual]:
    """``f`` differentiated forwards, once in the direction of each leaf."""
    return [
        dual(f([Dual(x, float(i == k), float(i == k)) for i, x in enumerate(point)]))
        for k in range(len(point))
    ]


def assert_close(ours: Sequence[float], theirs: Sequence[float], sizes: Sequence[Dual]) -> None:
    """Equal but for rounding: 200 roundings of all that went into a sum, and no more."""
    for our, their, size in zip(ours, theirs, sizes, strict=True):
        assert abs(our - their) <= 200 * 1.2e-16 * size.size + 1e-300


@given(sketches, points)
def test_random_expression_has_the_value_of_its_dual(sketch: Sketch, point: list[float]) -> None:
    f = expression_at(sketch, point)
    assert f([Value(x) for x in point]).data == f([Dual(x) for x in point]).primal


@given(sketches, points)
def test_random_expression_has_the_gradient_of_forward_mode(
    sketch: Sketch, point: list[float]
) -> None:
    f = expression_at(sketch, point)
    duals = partials(f, point)
    assert_close(gradient(f, point), [d.tangent for d in duals], duals)


@given(sketches, points)
def test_random_expression_agrees_with_finite_differences(
    sketch: Sketch, point: list[float]
) -> None:
    f = expression_at(sketch, point)
    # Steeper than this, and a step leaves the neighbourhood in which f is smooth.
    assume(all(d.size < 100.0 for d in partials(f, point)))
    for k, ours in enumerate(gradient(f, point)):
        coarse, fine = (central_difference(f, point, k, h) for h in (2e-4, 1e-4))
        extrapolated = fine + (fine - coarse) / 3.0
        assert abs(ours - extrapolated) <= 2.0 * abs(fine - coarse) + 1e-7 * max(1.0, abs(fine))


def central_difference(f: Expression, point: Sequence[float], k: int, h: float) -> float:
    def at(x: float) -> float:
        return float(f([Value(x if i == k else p) for i, p in enumerate(point)]))

    return (at(point[k] + h) - at(point[k] - h)) / (2.0 * h)


@pytest.mark.parametrize("name", OPERATIONS)
@given(a=st.floats(-3.0, 3.0), b=st.floats(-3.0, 3.0))
def test_operation_agrees_with_finite_differences(name: str, a: float, b: float) -> None:
    operation = OPERATIONS[name]
    assume(operation.smooth(a, b))
    f = Expression(((name, 0, 1),))
    for k, ours in enumerate(gradient(f, [a, b])):
        numeric = central_difference(f, [a, b], k, 1e-5)
        assert ours == pytest.approx(numeric, rel=1e-6, abs=1e-7)


@given(sketches, sketches, points, numbers, numbers)
def test_gradient_is_linear(
    first: Sketch, second: Sketch, point: list[float], alpha: float, beta: float
) -> None:
    f, g = expression_at(first, point), expression_at(second, point)

    def combination(x: Any) -> Any:
        return alpha * f(x) + beta * g(x)

    expected = [
        alpha * df + beta * dg
        for df, dg in zip(gradient(f, point), gradient(g, point), strict=True)
    ]
    assert_close(gradient(combination, point), expected, partials(combination, point))


@given(sketches, sketches, points)
def test_gradient_of_a_sum_is_the_sum_of_gradients(
    first: Sketch, second: Sketch, point: list[float]
) -> None:
    f, g = expression_at(first, point), expression_at(second, point)

    def total(x: Any) -> Any:
        return f(x) + g(x)

    expected = [df + dg for df, dg in zip(gradient(f, point), gradient(g, point), strict=True)]
    assert_close(gradient(total, point), expected, partials(total, point))


@given(sketches, sketches, points)
def test_product_rule(first: Sketch, second: Sketch, point: list[float]) -> None:
    f, g = expression_at(first, point), expression_at(second, point)

    def product(x: Any) -> Any:
        return f(x) * g(x)

    f_at, g_at = (h([Dual(x) for x in point]).primal for h in (f, g))
    expected = [
        df * g_at + f_at * dg for df, dg in zip(gradient(f, point), gradient(g, point), strict=True)
    ]
    assert_close(gradient(product, point), expected, partials(product, point))


@given(sketches, sketches, points)
def test_chain_rule(outer: Sketch, inner: Sketch, point: list[float]) -> None:
    g = expression_at(inner, point)
    y = g([Dual(x) for x in point]).primal
    f = expression_at(outer, [y])

    def composition(x: Any) -> Any:
        return f([g(x)])

    (slope,) = gradient(f, [y])
    expected = [slope * dg for dg in gradient(g, point)]
    assert_close(gradient(composition, point), expected, partials(composition, point))


@given(st.permutations(range(6)), st.lists(numbers, min_size=6, max_size=6))
def test_order_of_the_terms_of_a_sum_does_not_matter(order: list[int], point: list[float]) -> None:
    def in_order(x: Any) -> Any:
        return sum((x[i] * x[i - 1] for i in order), start=x[0])

    def plain(x: Any) -> Any:
        return sum((x[i] * x[i - 1] for i in range(6)), start=x[0])

    assert_close(gradient(in_order, point), gradient(plain, point), partials(plain, point))


@pytest.mark.parametrize("name", ["a + b", "a * b"])
@given(a=numbers, b=numbers)
def test_sum_and_product_commute_to_the_last_bit(name: str, a: float, b: float) -> None:
    forwards, backwards = Expression(((name, 0, 1),)), Expression(((name, 1, 0),))
    assert gradient(forwards, [a, b]) == gradient(backwards, [a, b])


@given(sketches, points)
def test_same_expression_gives_the_same_bits(sketch: Sketch, point: list[float]) -> None:
    f = expression_at(sketch, point)
    assert gradient(f, point) == gradient(f, point)


@given(sketches, points)
def test_second_backward_doubles_the_leaves_exactly(sketch: Sketch, point: list[float]) -> None:
    f = expression_at(sketch, point)
    leaves = [Value(x) for x in point]
    root = f(leaves)
    root.backward()
    once = [leaf.grad for leaf in leaves]
    root.backward()
    assert [leaf.grad for leaf in leaves] == [2.0 * grad for grad in once]


@given(sketches, points)
def test_second_backward_leaves_interior_gradients_as_they_were(
    sketch: Sketch, point: list[float]
) -> None:
    root = expression_at(sketch, point)([Value(x) for x in point])
    interior = [value for value in topological_order(root) if value._parents]
    root.backward()
    once = [value.grad for value in interior]
    root.backward()
    assert [value.grad for value in interior] == once


@given(sketches, points)
def test_backward_leaves_all_data_alone(sketch: Sketch, point: list[float]) -> None:
    root = expression_at(sketch, point)([Value(x) for x in point])
    order = topological_order(root)
    before = [value.data for value in order]
    root.backward()
    assert [value.data for value in order] == before


@given(sketches, points)
def test_topological_order_puts_every_parent_before_its_children(
    sketch: Sketch, point: list[float]
) -> None:
    order = topological_order(expression_at(sketch, point)([Value(x) for x in point]))
    place = {value: i for i, value in enumerate(order)}
    assert all(place[p] < place[value] for value in order for p in value._parents)


@given(sketches, points)
def test_topological_order_holds_everything_reachable_once_and_the_root_last(
    sketch: Sketch, point: list[float]
) -> None:
    root = expression_at(sketch, point)([Value(x) for x in point])
    reachable = {root}
    frontier = [root]
    while frontier:
        new = frontier.pop()._prev - reachable
        reachable |= new
        frontier += new
    order = topological_order(root)
    assert order[-1] is root
    assert len(order) == len(reachable)
    assert set(order) == reachable
