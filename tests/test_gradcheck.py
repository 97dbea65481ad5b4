"""The gradient checker: passes what is right, catches what is wrong, and leaves no trace."""

import itertools
import math
from collections.abc import Callable
from math import inf, nan
from random import Random
from typing import Any

import pytest

from micrograd import (
    MLP,
    AnomalyError,
    Value,
    detect_anomaly,
    engine,
    gradient_check,
    mse_loss,
    numerical_gradient,
    topological_order,
    xor,
)
from micrograd.gradcheck import GradientReport

OPERATIONS: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "**3": lambda a, b: a**3,
    "neg": lambda a, b: -a,
    "exp": lambda a, b: a.exp(),
    "log": lambda a, b: a.log(),
    "sqrt": lambda a, b: a.sqrt(),
    "tanh": lambda a, b: a.tanh(),
    "sigmoid": lambda a, b: a.sigmoid(),
    "relu": lambda a, b: a.relu(),
    "abs": lambda a, b: abs(a),
}


def test_numerical_gradient_of_a_parabola_is_exact_but_for_rounding() -> None:
    assert numerical_gradient(lambda x: x * x, 3.0) == pytest.approx(6.0, rel=1e-10)


def test_numerical_gradient_has_a_small_step_by_default() -> None:
    assert numerical_gradient(math.exp, 1.0) == pytest.approx(math.e, rel=1e-9)


def test_error_of_the_numerical_gradient_falls_with_the_square_of_the_step() -> None:
    coarse, fine = (abs(numerical_gradient(math.exp, 0.0, eps) - 1.0) for eps in (1e-2, 1e-3))
    assert coarse / fine == pytest.approx(100.0, rel=0.01)
    assert coarse == pytest.approx(1e-4 / 6, rel=0.01)  # h**2 / 6 times the third derivative


def test_step_of_the_numerical_gradient_grows_with_the_number() -> None:
    seen: list[float] = []
    numerical_gradient(lambda x: seen.append(x) or 0.0, 1000.0, 1e-3)  # type: ignore[func-returns-value]
    assert seen == [1001.0, 999.0]


@pytest.mark.parametrize("op", OPERATIONS)
def test_right_gradient_of_an_operation_passes(op: str) -> None:
    a, b = Value(0.75), Value(1.5)
    assert gradient_check(lambda: OPERATIONS[op](a, b), [a, b])


@pytest.mark.parametrize(
    ("op", "edge"),
    [(op, 0) for op in OPERATIONS] + [(op, 1) for op in ("+", "-", "*", "/", "**")],
)
def test_wrong_derivative_of_an_operation_is_caught(
    op: str, edge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(data: float, name: str, *edges: Any) -> Value:
        wrong = list(edges)  # first parent, its derivative, second parent, its derivative
        wrong[2 * edge + 1] *= 1.00001
        return engine._node(data, name, *wrong)

    monkeypatch.setattr(engine, "_record", broken)
    a, b = Value(0.75), Value(1.5)
    report = gradient_check(lambda: OPERATIONS[op](a, b), [a, b])
    assert [c.passed for c in report] == [edge != 0, edge != 1]


class Overwriting(Value):
    """A value that forgets what its parents got from others: ``=`` where ``+=`` belongs."""

    def _backward(self) -> None:
        for parent, derivative in zip(self._parents, self._derivatives, strict=True):
            parent.grad = derivative * self.grad


def test_overwritten_gradient_is_caught() -> None:
    x = Value(3.0)
    edges = {"_children": (x, x), "_op": "*", "_derivatives": (3.0, 3.0)}
    assert not gradient_check(lambda: Overwriting(x.data * x.data, **edges), [x])  # type: ignore[arg-type]


def test_gradient_of_a_network_passes() -> None:
    net = MLP(2, [4, 1])
    inputs, targets = [x for x, _ in xor()], [y for _, y in xor()]
    report = gradient_check(lambda: mse_loss([net(x) for x in inputs], targets), net.parameters())
    assert report
    assert len(report) == 17


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e9])
def test_right_gradient_passes_at_any_scale(scale: float, offset: float) -> None:
    x = Value(0.75)
    assert gradient_check(lambda: (x * 2).tanh() * scale + offset, [x])


def test_small_gradient_beside_a_large_loss_passes() -> None:
    small, large = Value(1e-3), Value(1e4)
    assert gradient_check(lambda: large * large + small * small, [small, large])


def test_small_but_wrong_gradient_is_caught_where_the_loss_is_small() -> None:
    x = Value(1.0)
    report = gradient_check(lambda: Value(1e-6 * x.data, (x,), "wrong", _derivatives=(0.0,)), [x])
    assert not report


@pytest.mark.parametrize(("offset", "floor"), [(0.0, 1e-3), (5000.0, 5.0), (-5000.0, 5.0)])
def test_error_of_a_small_gradient_is_relative_to_the_floor(offset: float, floor: float) -> None:
    x = Value(1.0)
    (comparison,) = gradient_check(
        lambda: Value(1e-4 * x.data + offset, (x,), "wrong", _derivatives=(0.0,)), [x]
    )
    assert comparison.relative_error == pytest.approx(1e-4 / floor, rel=1e-3)


def test_unknown_gradient_never_passes() -> None:
    x = Value(3.0)
    with pytest.raises(TypeError, match="expected a derivative for each of the 1 parents"):
        gradient_check(lambda: Value(x.data**2, (x,), "square"), [x])


def test_gradient_across_a_kink_does_not_pass() -> None:
    x = Value(0.0)
    assert not gradient_check(lambda: x.relu(), [x])


def test_gradient_of_nan_does_not_pass() -> None:
    x = Value(-1.0)
    assert not gradient_check(lambda: x.log(), [x])


def test_parameter_without_influence_has_gradient_zero() -> None:
    x, bystander = Value(3.0), Value(4.0)
    (_, comparison) = gradient_check(lambda: x * x, [x, bystander])
    assert (comparison.analytic, comparison.numeric, comparison.passed) == (0.0, 0.0, True)


def test_report_compares_each_parameter_in_order() -> None:
    a, b = Value(2.0, label="a"), Value(3.0)
    first, second = gradient_check(lambda: a * a + b * b * b, [a, b])
    assert (first.name, first.analytic) == ("a", 4.0)
    assert (second.name, second.analytic) == ("[1]", 27.0)
    assert first.numeric == pytest.approx(4.0)
    assert second.relative_error == abs(27.0 - second.numeric) / max(27.0, second.numeric)


def test_report_of_right_gradients_is_true_and_prints_a_table() -> None:
    weight = Value(2.0, label="layer 0, w[1]")
    report = gradient_check(lambda: weight * 3, [weight])
    head, line, verdict = str(report).splitlines()
    assert bool(report)
    assert head == "parameter           analytic        numeric  relative error"
    assert line.startswith("layer 0, w[1]              3              3         ")
    assert verdict == "all gradients agree (tolerance 1e-06)"


def test_report_of_a_wrong_gradient_is_false_and_marks_it() -> None:
    a, b = Value(2.0), Value(3.0)

    def loss() -> Value:
        return Value(a.data * b.data, (a, b), "*", _derivatives=(b.data, 7.0))

    report = gradient_check(loss, [a, b], tolerance=1e-5)
    head, right, wrong, verdict = str(report).splitlines()
    assert not bool(report)
    assert head == "parameter       analytic        numeric  relative error"
    assert "WRONG" not in right
    assert wrong.endswith("WRONG")
    assert verdict == "1 of 2 gradients are wrong (tolerance 1e-05)"


def test_tolerance_decides() -> None:
    x = Value(2.0)

    def slightly_wrong() -> Value:
        return Value(x.data * 3, (x,), "*", _derivatives=(3.003,))

    assert gradient_check(slightly_wrong, [x], tolerance=1e-2)
    assert not gradient_check(slightly_wrong, [x], tolerance=1e-4)


def test_step_decides_the_error_of_the_difference() -> None:
    x = Value(0.5)
    assert not gradient_check(lambda: x.exp(), [x], eps=0.1)


def check_left_alone(loss: Callable[[Value], Value], error: type[Exception] | None) -> None:
    """Check ``loss`` at a parameter, and then that the parameter is as it was."""
    x = Value(0.5)
    x.grad = 7.0
    if error is None:
        gradient_check(lambda: loss(x), [x])
    else:
        with pytest.raises(error):
            gradient_check(lambda: loss(x), [x])
    assert (x.data, x.grad) == (0.5, 7.0)


def test_gradient_from_before_does_not_count() -> None:
    x = Value(3.0)
    x.grad = 7.0
    (comparison,) = gradient_check(lambda: x * x, [x])
    assert comparison.analytic == 6.0


def test_check_leaves_data_and_gradients_as_they_were() -> None:
    check_left_alone(lambda x: x * x, None)


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_check_leaves_data_and_gradients_alone_when_the_loss_raises(failing: int) -> None:
    calls = itertools.count(1)

    def loss(x: Value) -> Value:
        if next(calls) == failing:
            raise ZeroDivisionError
        return x * x

    check_left_alone(loss, ZeroDivisionError)


def test_check_leaves_data_and_gradients_alone_when_backward_raises() -> None:
    with detect_anomaly():
        check_left_alone(lambda x: (x * 1e-300) * 1e200 * 1e200 * 1e200, AnomalyError)


def test_loss_that_changes_between_calls_is_refused() -> None:
    x, noise = Value(1.0), itertools.count()
    with pytest.raises(ValueError, match=r"same loss from two calls, got 1\.0 and 2\.0"):
        gradient_check(lambda: x + next(noise), [x])


@pytest.mark.parametrize("losses", [(1.0, nan), (nan, 1.0)])
def test_loss_that_is_nan_only_once_is_refused(losses: tuple[float, float]) -> None:
    calls = iter(losses)
    with pytest.raises(ValueError, match=f"got {losses[0]} and {losses[1]}"):
        gradient_check(lambda: Value(next(calls)), [Value(1.0)])


def test_loss_that_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="return a Value, got float"):
        gradient_check(lambda: 1.0, [Value(1.0)])


def test_check_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one parameter"):
        gradient_check(lambda: Value(1.0), [])


@pytest.mark.parametrize("name", ["eps", "tolerance"])
@pytest.mark.parametrize("number", [0.0, -1e-6, inf, nan])
def test_step_or_tolerance_that_is_not_positive_is_refused(name: str, number: Any) -> None:
    x = Value(1.0)
    with pytest.raises(ValueError, match=f"{name} to be a positive, finite number, got {number}"):
        gradient_check(lambda: x * x, [x], **{name: number})


def test_finite_difference_needs_a_step() -> None:
    with pytest.raises(ValueError, match="eps to be a positive, finite number, got 0"):
        numerical_gradient(lambda x: x, 1.0, eps=0.0)


def test_report_of_nothing_is_a_table_without_rows() -> None:
    assert len(str(GradientReport((), 1e-6)).splitlines()) == 2


def test_a_step_too_small_to_move_is_refused() -> None:
    with pytest.raises(ValueError, match=r"eps to be large enough to move 3\.0, got 1e-20"):
        numerical_gradient(lambda x: x, 3.0, eps=1e-20)


def test_denominator_is_the_distance_of_the_points_as_they_are() -> None:
    """Where numbers are coarser than the step, the points are not where they were meant to be."""
    assert numerical_gradient(lambda x: 4.0 * x, 1e6, 1e-15) == 4.0


# What is checked


def wrong_product(a: Value, b: Value) -> Value:
    return Value(a.data * b.data, (a, b), "product", _derivatives=(b.data, 7.0))


@pytest.mark.parametrize("taken", [list, tuple, iter, lambda values: (v for v in values)])
def test_parameters_are_any_iterable_taken_once(taken: Callable[[list[Value]], Any]) -> None:
    """A generator that was empty at the second look let every gradient pass."""
    a, b = Value(2.0), Value(3.0)
    report = gradient_check(lambda: wrong_product(a, b), taken([a, b]))
    assert [c.passed for c in report] == [True, False]


def test_an_array_of_parameters_is_an_iterable() -> None:
    numpy = pytest.importorskip("numpy")
    a, b = Value(2.0), Value(3.0)
    assert gradient_check(lambda: a * b, numpy.array([a, b], dtype=object))


def test_a_module_in_place_of_its_parameters_is_named() -> None:
    net = MLP(1, [1])
    with pytest.raises(TypeError, match=r"got the MLP itself: pass its \.parameters\(\)"):
        gradient_check(lambda: mse_loss(net([1.0]), 0.0), net)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [3.0, "ab", [1.0, 2.0]])
def test_what_is_no_list_of_parameters_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="expected"):
        gradient_check(lambda: Value(1.0), given)


@pytest.mark.parametrize("kind", ["float32", "float16", "int64", "float64"])
def test_right_gradients_pass_in_whatever_precision_the_data_are_kept(kind: str) -> None:
    """A step of 1e-5 is a few units in the last place of a single-precision number."""
    numpy = pytest.importorskip("numpy")
    a, b = Value(0.75), Value(1.5)
    a.data, b.data = kept = getattr(numpy, kind)(3), getattr(numpy, kind)(2)
    assert gradient_check(lambda: (a * b).tanh() + a * a / b, [a, b])
    assert gradient_check(lambda: (a * b).tanh() + a * a / b, [a, b], directions=2)
    assert a.data is kept[0]
    assert b.data is kept[1]


# Directions


def test_right_gradients_pass_along_every_direction() -> None:
    net = MLP(2, [4, 1])
    inputs, targets = [x for x, _ in xor()], [y for _, y in xor()]
    report = gradient_check(
        lambda: mse_loss([net(x) for x in inputs], targets), net.parameters(), directions=20
    )
    assert report
    assert [c.name for c in report][::19] == ["direction 1", "direction 20"]


@pytest.mark.parametrize("wrong", range(17))
def test_one_wrong_gradient_of_many_shows_along_every_direction(wrong: int) -> None:
    net = MLP(2, [4, 1])
    inputs, targets = [x for x, _ in xor()], [y for _, y in xor()]
    weight = net.parameters()[wrong]

    def loss() -> Value:
        right = mse_loss([net(x) for x in inputs], targets)
        return right + Value(0.1 * weight.data, (weight,), "wrong", _derivatives=(0.101,))

    report = gradient_check(loss, net.parameters(), directions=5)
    assert not any(c.passed for c in report)


def test_directions_cost_two_losses_each() -> None:
    calls = itertools.count()
    weights = [Value(float(i)) for i in range(50)]

    def loss() -> Value:
        next(calls)
        return weights[0] * weights[49] + weights[7].tanh()

    assert gradient_check(loss, weights, directions=3)
    assert next(calls) == 2 + 2 * 3


def test_directions_are_the_same_at_every_call_unless_drawn_anew() -> None:
    a, b, c = Value(2.0), Value(3.0), Value(5.0)

    def analytic(**options: Any) -> list[float]:
        report = gradient_check(lambda: a * b * c, [a, b, c], directions=8, **options)
        return [comparison.analytic for comparison in report]

    assert analytic() == analytic()
    assert analytic(rng=Random(1)) == analytic(rng=Random(1)) != analytic(rng=Random(2))


def test_a_small_gradient_beside_large_parameters_passes_along_directions() -> None:
    small, large = Value(1e-3), Value(1e4)
    assert gradient_check(lambda: large * large + small * small, [small, large], directions=5)


@pytest.mark.parametrize(("count", "error"), [(0, ValueError), (1.5, TypeError), ("2", TypeError)])
def test_directions_are_counted_in_whole_numbers(count: Any, error: type[Exception]) -> None:
    x = Value(1.0)
    with pytest.raises(error, match="expected directions to be"):
        gradient_check(lambda: x * x, [x], directions=count)


# Arrays


class Array:
    """A parameter or result whose data is an array: a few operations, walked like a Value."""

    def __init__(self, data: Any, parents: Any = (), pulls: Any = (), label: str = "") -> None:
        numpy = pytest.importorskip("numpy")
        self.data, self.grad, self.label = numpy.asarray(data), 0.0, label
        self._parents, self._pulls = parents, pulls

    def __matmul__(self, other: "Array") -> "Array":
        a, b = self.data, other.data
        return Array(a @ b, (self, other), (lambda g: g @ b.T, lambda g: a.T @ g))

    def tanh(self, wrong: float = 0.0) -> "Array":
        numpy = pytest.importorskip("numpy")
        t = numpy.tanh(self.data)
        return Array(t, (self,), (lambda g: g * (1.0 + wrong - t * t),))

    def total(self) -> "Array":
        numpy = pytest.importorskip("numpy")
        shape = self.data.shape
        return Array(self.data.sum(), (self,), (lambda g: numpy.broadcast_to(g, shape),))

    def _backward(self) -> None:
        for parent, pull in zip(self._parents, self._pulls, strict=True):
            parent.grad = parent.grad + pull(self.grad)

    def backward(self) -> None:
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


def arrays(kind: str = "float64") -> tuple[Array, Array, Callable[[float], Any]]:
    numpy = pytest.importorskip("numpy")
    generator = numpy.random.default_rng(0)
    x = Array(generator.normal(size=(5, 3)).astype(kind))
    w = Array(generator.normal(size=(3, 4)).astype(kind), label="w")
    v = Array(generator.normal(size=(4, 1)).astype(kind))
    return w, v, lambda wrong: ((x @ w).tanh(wrong) @ v).total()


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize("directions", [None, 3])
def test_right_gradients_of_arrays_pass(kind: str, directions: int | None) -> None:
    w, v, loss = arrays(kind)
    kept = w.data, w.data.copy()
    report = gradient_check(lambda: loss(0.0), [w, v], directions=directions)
    assert report
    assert len(report) == (directions or 16)
    assert w.data is kept[0]
    assert (w.data == kept[1]).all()


@pytest.mark.parametrize("directions", [None, 3])
def test_wrong_gradients_of_arrays_are_caught(directions: int | None) -> None:
    w, v, loss = arrays()
    report = gradient_check(lambda: loss(1e-3), [w, v], directions=directions)
    assert not any(c.passed for c in report if c.name[0] in "wd")


def test_the_entries_of_an_array_are_named_by_their_place() -> None:
    w, v, loss = arrays()
    names = [c.name for c in gradient_check(lambda: loss(0.0), [w, v])]
    assert names[:5] == ["w[0, 0]", "w[0, 1]", "w[0, 2]", "w[0, 3]", "w[1, 0]"]
    assert names[-1] == "[1][3, 0]"


def test_a_loss_of_several_numbers_is_refused() -> None:
    w, _, _ = arrays()
    with pytest.raises(ValueError, match=r"one number, got the shape \(3, 4\)"):
        gradient_check(lambda: w.tanh(), [w])
