"""What each operation computes and records, against closed forms: ordinary points, then edges."""

import copy
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from micrograd.engine import Value, record, topological_order
from micrograd.functions import maximum, softmax

Unary = Callable[[Value], Value]
Binary = Callable[[Any, Any], Any]

OPERATORS: dict[str, Binary] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}
operators = pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)


def power(exponent: float) -> Unary:
    return lambda x: x**exponent


def check(result: Value, value: float, leaves: list[Value], gradients: list[float]) -> None:
    result.backward()
    assert type(result.data) is float
    assert result.data == pytest.approx(value, rel=1e-13, abs=0.0, nan_ok=True)
    for leaf, gradient in zip(leaves, gradients, strict=True):
        assert type(leaf.grad) is float
        assert leaf.grad == pytest.approx(gradient, rel=1e-13, abs=0.0, nan_ok=True)


ORDINARY_UNARY: dict[str, tuple[Unary, float, float, float]] = {
    "-x": (lambda x: -x, 1.5, -1.5, -1.0),
    "x+2": (lambda x: x + 2, 1.5, 3.5, 1.0),
    "2+x": (lambda x: 2 + x, 1.5, 3.5, 1.0),
    "x-2": (lambda x: x - 2, 1.5, -0.5, 1.0),
    "2-x": (lambda x: 2 - x, 1.5, 0.5, -1.0),
    "x*3": (lambda x: x * 3, 1.5, 4.5, 3.0),
    "3*x": (lambda x: 3 * x, 1.5, 4.5, 3.0),
    "x/4": (lambda x: x / 4, 2.0, 0.5, 0.25),
    "4/x": (lambda x: 4 / x, 2.0, 2.0, -1.0),
    "x**2": (power(2), 3.0, 9.0, 6.0),
    "x**3 below 0": (power(3), -2.0, -8.0, 12.0),
    "x**-1": (power(-1), 4.0, 0.25, -0.0625),
    "x**0.5": (power(0.5), 4.0, 2.0, 0.25),
    "x**0": (power(0), 4.0, 1.0, 0.0),
    "x**1": (power(1), 4.0, 4.0, 1.0),
    "2**x": (lambda x: 2**x, 3.0, 8.0, 8.0 * math.log(2.0)),
    "0.5**x": (lambda x: 0.5**x, 2.0, 0.25, -0.25 * math.log(2.0)),
    "exp": (Value.exp, 0.5, math.e**0.5, math.e**0.5),
    "log": (Value.log, 2.5, math.log10(2.5) / math.log10(math.e), 0.4),
    "sqrt": (Value.sqrt, 6.25, 2.5, 0.2),
    "tanh": (Value.tanh, 0.5, math.sinh(0.5) / math.cosh(0.5), math.cosh(0.5) ** -2),
    "tanh below 0": (Value.tanh, -0.5, -math.sinh(0.5) / math.cosh(0.5), math.cosh(0.5) ** -2),
    "sigmoid": (Value.sigmoid, 0.5, 1 / (1 + math.exp(-0.5)), math.cosh(0.25) ** -2 / 4),
    "sigmoid below 0": (Value.sigmoid, -0.5, 1 / (1 + math.exp(0.5)), math.cosh(0.25) ** -2 / 4),
    "sigmoid at 0": (Value.sigmoid, 0.0, 0.5, 0.25),
    "relu": (Value.relu, 3.0, 3.0, 1.0),
    "relu below 0": (Value.relu, -3.0, 0.0, 0.0),
    "softplus": (Value.softplus, 0.5, math.log(1 + math.exp(0.5)), 1 / (1 + math.exp(-0.5))),
    "softplus at 0": (Value.softplus, 0.0, math.log(2.0), 0.5),
    "leaky_relu": (Value.leaky_relu, 3.0, 3.0, 1.0),
    "leaky_relu below 0": (Value.leaky_relu, -3.0, -0.03, 0.01),
    "leaky_relu of another slope": (lambda x: x.leaky_relu(0.2), -3.0, -0.6000000000000001, 0.2),
    # the normal distribution at 1 is 0.8413..., the bell curve there 0.2419... (any table)
    "gelu": (Value.gelu, 1.0, 0.8413447460685429, 0.8413447460685429 + 0.24197072451914337),
    "gelu below 0": (
        Value.gelu,
        -1.0,
        -0.15865525393145707,
        0.15865525393145707 - 0.24197072451914337,
    ),
    "gelu at 0": (Value.gelu, 0.0, 0.0, 0.5),
    "+x": (lambda x: +x, 1.5, 1.5, 1.0),
    "abs": (abs, 3.0, 3.0, 1.0),
    "abs below 0": (abs, -3.0, 3.0, -1.0),
}


@pytest.mark.parametrize(
    ("operation", "x", "value", "slope"), ORDINARY_UNARY.values(), ids=ORDINARY_UNARY
)
def test_operation_of_one_value(operation: Unary, x: float, value: float, slope: float) -> None:
    leaf = Value(x)
    check(operation(leaf), value, [leaf], [slope])


@pytest.mark.parametrize(
    ("op", "a", "b", "value", "da", "db"),
    [
        ("+", 2.0, 3.0, 5.0, 1.0, 1.0),
        ("-", 2.0, 3.0, -1.0, 1.0, -1.0),
        ("*", 4.0, 2.5, 10.0, 2.5, 4.0),
        ("/", 3.0, 2.0, 1.5, 0.5, -0.75),
        ("/", -3.0, -2.0, 1.5, -0.5, 0.75),
        ("**", 2.0, 3.0, 8.0, 12.0, 8.0 * math.log(2.0)),
        ("**", 0.25, -0.5, 2.0, -4.0, 2.0 * math.log(0.25)),
    ],
)
def test_operation_of_two_values(
    op: str, a: float, b: float, value: float, da: float, db: float
) -> None:
    left, right = Value(a), Value(b)
    check(OPERATORS[op](left, right), value, [left, right], [da, db])


@pytest.mark.parametrize(
    ("operation", "x", "value", "slope"),
    [
        (Value.exp, 1000.0, inf, inf),
        (Value.exp, inf, inf, inf),
        (Value.exp, -1000.0, 0.0, 0.0),
        (Value.exp, -inf, 0.0, 0.0),
        (Value.exp, nan, nan, nan),
        (Value.log, 0.0, -inf, inf),
        (Value.log, -0.0, -inf, -inf),
        (Value.log, -1.0, nan, -1.0),
        (Value.log, inf, inf, 0.0),
        (Value.log, nan, nan, nan),
        (Value.sqrt, 0.0, 0.0, inf),
        (Value.sqrt, -1.0, nan, nan),
        (Value.sqrt, -inf, nan, nan),
        (Value.sqrt, inf, inf, 0.0),
        (Value.tanh, 1000.0, 1.0, 0.0),
        (Value.tanh, -1000.0, -1.0, 0.0),
        (Value.tanh, inf, 1.0, 0.0),
        (Value.tanh, nan, nan, nan),
        (Value.sigmoid, 1000.0, 1.0, 0.0),
        (Value.sigmoid, -1000.0, 0.0, 0.0),
        (Value.sigmoid, -inf, 0.0, 0.0),
        (Value.sigmoid, -700.0, math.exp(-700.0), math.exp(-700.0)),
        (Value.sigmoid, 700.0, 1.0, math.exp(-700.0)),
        (Value.sigmoid, nan, nan, nan),
        (Value.softplus, 40.0, 40.0, 1.0),
        (Value.softplus, -40.0, 4.248354255291589e-18, 4.248354255291589e-18),
        (Value.softplus, 1000.0, 1000.0, 1.0),
        (Value.softplus, -1000.0, 0.0, 0.0),
        (Value.softplus, inf, inf, 1.0),
        (Value.softplus, -inf, 0.0, 0.0),
        (Value.softplus, nan, nan, nan),
        (Value.leaky_relu, 0.0, 0.0, 0.01),
        (Value.leaky_relu, -inf, -inf, 0.01),
        (Value.leaky_relu, nan, nan, 0.01),
        (Value.gelu, 1000.0, 1000.0, 1.0),
        (Value.gelu, -1000.0, 0.0, 0.0),
        (Value.gelu, 1e300, 1e300, 1.0),
        (Value.gelu, -10.0, -7.619853024160527e-23, 7.61985302416052e-24 - 7.69459862670642e-22),
        (Value.gelu, inf, inf, nan),
        (Value.gelu, -inf, nan, nan),
        (Value.gelu, nan, nan, nan),
        (Value.relu, 0.0, 0.0, 0.0),
        (Value.relu, inf, inf, 1.0),
        (Value.relu, -inf, 0.0, 0.0),
        (Value.relu, nan, nan, 1.0),
        (abs, 0.0, 0.0, 0.0),
        (abs, -0.0, 0.0, 0.0),
        (abs, -inf, inf, -1.0),
    ],
)
def test_function_at_an_edge(operation: Unary, x: float, value: float, slope: float) -> None:
    leaf = Value(x)
    check(operation(leaf), value, [leaf], [slope])


@pytest.mark.parametrize(
    ("x", "exponent", "value", "slope"),
    [
        (-8.0, 1 / 3, nan, nan),
        (-8.0, -0.5, nan, nan),
        (0.0, 0, 1.0, 0.0),
        (-0.0, 0, 1.0, 0.0),
        (nan, 0, 1.0, 0.0),
        (0.0, 1, 0.0, 1.0),
        (0.0, 2, 0.0, 0.0),
        (0.0, 0.5, 0.0, inf),
        (0.0, -1, inf, -inf),
        (-0.0, -1, -inf, -inf),
        (-0.0, -2, inf, inf),
        (0.0, -0.5, inf, -inf),
        (1e200, 2, inf, 2e200),
        (-1e200, 2, inf, -2e200),
        (-1e200, 3, -inf, inf),
        (-2.0, 1025, -inf, inf),
        (1e-200, -2, inf, -inf),
        (inf, -1, 0.0, 0.0),
        (nan, 2, nan, nan),
        (2.0, inf, inf, inf),
        (2.0, nan, nan, nan),
    ],
)
def test_power_with_a_number_as_exponent_at_an_edge(
    x: float, exponent: float, value: float, slope: float
) -> None:
    leaf = Value(x)
    check(leaf**exponent, value, [leaf], [slope])


@pytest.mark.parametrize(
    ("op", "a", "b", "value", "da", "db"),
    [
        ("+", 1e308, 1e308, inf, 1.0, 1.0),
        ("-", inf, inf, nan, 1.0, -1.0),
        ("*", 1e200, 1e200, inf, 1e200, 1e200),
        ("*", inf, 0.0, nan, 0.0, inf),
        ("/", 1.0, 0.0, inf, inf, -inf),
        ("/", -1.0, 0.0, -inf, inf, inf),
        ("/", 1.0, -0.0, -inf, -inf, -inf),
        ("/", 0.0, 0.0, nan, inf, nan),
        ("/", 1e300, 1e-300, inf, 1e300, -inf),
        ("/", 1.0, inf, 0.0, 0.0, 0.0),
        ("/", inf, inf, nan, 0.0, nan),
        ("**", 0.0, 2.0, 0.0, 0.0, 0.0),
        ("**", 0.0, 0.0, 1.0, 0.0, 0.0),
        ("**", 0.0, -1.0, inf, -inf, -inf),
        ("**", 2.0, 0.0, 1.0, 0.0, math.log(2.0)),
        ("**", -2.0, 2.0, 4.0, -4.0, nan),
        ("**", -2.0, 3.0, -8.0, 12.0, nan),
        ("**", -8.0, 1 / 3, nan, nan, nan),
        ("**", 1e200, 2.0, inf, 2e200, inf),
    ],
)
def test_operation_of_two_values_at_an_edge(
    op: str, a: float, b: float, value: float, da: float, db: float
) -> None:
    left, right = Value(a), Value(b)
    check(OPERATORS[op](left, right), value, [left, right], [da, db])


@pytest.mark.parametrize(
    ("base", "x", "value", "slope"),
    [
        (0, 2.0, 0.0, 0.0),
        (0, 0.0, 1.0, 0.0),
        (0, -1.0, inf, -inf),
        (-2, 2.0, 4.0, nan),
        (-8, 1 / 3, nan, nan),
        (1, 1000.0, 1.0, 0.0),
        (10, 1000.0, inf, inf),
    ],
)
def test_power_with_a_number_as_base_at_an_edge(
    base: float, x: float, value: float, slope: float
) -> None:
    leaf = Value(x)
    check(base**leaf, value, [leaf], [slope])


@pytest.mark.parametrize(("x", "sign"), [(0.0, 1.0), (-0.0, -1.0)])
def test_division_by_zero_looks_at_the_sign_of_the_zero(x: float, sign: float) -> None:
    assert (1 / Value(x)).data == sign * inf


@pytest.mark.parametrize(
    ("op", "a", "b"), [("-", 5.0, 3.0), ("/", 5.0, 2.0), ("**", 5.0, 2.0), ("**", 2.0, 5.0)]
)
def test_reflected_operator_keeps_the_operands_in_order(op: str, a: float, b: float) -> None:
    one, other = Value(b), Value(b)
    reflected, plain = OPERATORS[op](a, one), OPERATORS[op](Value(a), other)
    reflected.backward()
    plain.backward()
    assert (reflected.data, one.grad) == (OPERATORS[op](a, b), other.grad)
    assert reflected.data != OPERATORS[op](b, a)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(3, 3.0), (True, 1.0), (Fraction(1, 4), 0.25), (Decimal("0.5"), 0.5), (-0.0, -0.0)],
)
def test_any_real_number_becomes_a_float(number: Any, expected: float) -> None:
    data = Value(number).data
    assert type(data) is float
    assert (data, math.copysign(1.0, data)) == (expected, math.copysign(1.0, expected))


@pytest.mark.parametrize("number", [2, True, Fraction(3, 2), Decimal("1.5")])
@operators
def test_any_real_number_is_an_operand_on_either_side(operator: Binary, number: Any) -> None:
    for result, expected in (
        (operator(Value(3.0), number), operator(3.0, float(number))),
        (operator(number, Value(3.0)), operator(float(number), 3.0)),
    ):
        assert type(result) is Value
        assert (type(result.data), result.data) == (float, expected)


@pytest.mark.parametrize("scalar", ["float64", "float32", "int64"])
@operators
def test_numpy_scalar_is_an_operand_on_either_side(operator: Binary, scalar: str) -> None:
    two = getattr(np, scalar)(2)
    for result, expected in (
        (operator(Value(3.0), two), operator(3.0, 2.0)),
        (operator(two, Value(3.0)), operator(2.0, 3.0)),
    ):
        assert type(result) is Value
        assert (type(result.data), result.data) == (float, expected)


NUMPY = {
    "A - A[0]": (lambda a: a - a[0], [0.0, 1.0, 3.0], [-2.0, 1.0, 1.0]),
    "A / A.sum()": (lambda a: a / a.sum(), [1 / 7, 2 / 7, 4 / 7], [0.0, 0.0, 0.0]),
    "A * 2": (lambda a: a * 2, [2.0, 4.0, 8.0], [2.0, 2.0, 2.0]),
    "A[0] added by array": (lambda a: [1.0, 2.0, 3.0] + a * a[0], [2.0, 4.0, 7.0], [8.0, 1.0, 1.0]),
    "A ** 2": (lambda a: a**2, [1.0, 4.0, 16.0], [2.0, 4.0, 8.0]),
    "A.mean()": (lambda a: [a.mean()], [7 / 3], [1 / 3, 1 / 3, 1 / 3]),
    "A.dot(A)": (lambda a: [a.dot(a)], [21.0], [2.0, 4.0, 8.0]),
    "A.max()": (lambda a: [a.max()], [4.0], [0.0, 0.0, 1.0]),
    "A.min()": (lambda a: [a.min()], [1.0], [1.0, 0.0, 0.0]),
    "np.tanh(A)": (lambda a: np.tanh(a * 0.0), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
}


@pytest.mark.parametrize(("f", "data", "gradient"), NUMPY.values(), ids=NUMPY)
def test_numpy_arrays_of_values(f: Any, data: list[float], gradient: list[float]) -> None:
    values = [Value(1.0), Value(2.0), Value(4.0)]
    results = f(np.array(values))
    assert all(type(result) is Value for result in results)
    assert [result.data for result in results] == pytest.approx(data)
    sum(results).backward()
    assert [value.grad for value in values] == pytest.approx(gradient, abs=1e-15)


def test_numpy_array_times_a_value_is_an_array_of_values() -> None:
    x = Value(3.0)
    products = np.array([1.0, 2.0]) * x
    assert [product.data for product in products] == [3.0, 6.0]
    products.sum().backward()
    assert x.grad == 3.0


def test_numpy_array_of_values_changed_in_place() -> None:
    a = np.array([Value(1.0), Value(2.0)])
    a -= a[0]
    assert [value.data for value in a] == [0.0, 1.0]


@operators
def test_numpy_array_to_the_right_is_refused_with_a_hint(operator: Binary) -> None:
    with pytest.raises(TypeError, match=r"real number, got ndarray .* stands on the left"):
        operator(Value(3.0), np.array([1.0, 2.0]))


def test_numpy_float_becomes_a_python_float() -> None:
    assert type(Value(np.float64(2.0)).data) is float


@pytest.mark.parametrize("intruder", ["3", 1j, None, [1], b"3", object()])
def test_what_is_not_a_real_number_is_refused_by_name(intruder: Any) -> None:
    with pytest.raises(TypeError, match=f"real number, got {type(intruder).__name__}"):
        Value(intruder)


def test_a_value_is_refused_as_data_with_a_hint() -> None:
    with pytest.raises(TypeError, match=r"got Value .*use the Value itself, or its \.data"):
        Value(Value(1.0))


@pytest.mark.parametrize("intruder", ["3", 1j, None, [1]])
@operators
def test_what_is_not_a_real_number_is_refused_as_an_operand(
    operator: Binary, intruder: Any
) -> None:
    with pytest.raises(TypeError, match="expected a real number"):
        operator(Value(1.0), intruder)
    with pytest.raises(TypeError, match="expected a real number"):
        operator(intruder, Value(1.0))


@pytest.mark.parametrize(
    ("operation", "op"),
    [
        (lambda x: x + 1, "+"),
        (lambda x: 1 - x, "-"),
        (lambda x: x * 2, "*"),
        (lambda x: x / 2, "/"),
        (lambda x: -x, "neg"),
        (lambda x: x**2, "**2"),
        (lambda x: x**-0.5, "**-0.5"),
        (lambda x: x**x, "**"),
        (lambda x: 2**x, "**"),
        (Value.exp, "exp"),
        (Value.log, "log"),
        (Value.sqrt, "sqrt"),
        (Value.tanh, "tanh"),
        (Value.sigmoid, "sigmoid"),
        (Value.relu, "relu"),
        (abs, "abs"),
        (Value.softplus, "softplus"),
        (Value.leaky_relu, "leaky_relu"),
        (Value.gelu, "gelu"),
        (lambda x: maximum(x, 1), "maximum"),
    ],
)
def test_operation_records_its_name(operation: Unary, op: str) -> None:
    assert operation(Value(2.0))._op == op


def test_leaf_has_no_operation_no_parents_and_no_gradient() -> None:
    leaf = Value(2.0)
    assert (leaf._op, leaf._prev, leaf.grad, leaf.label) == ("", set(), 0.0, "")


def test_result_has_gradient_zero_before_any_backward_pass() -> None:
    assert (Value(2.0) * 3).grad == 0.0


def test_operation_records_its_parents_in_order() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a - b).parents == (a - b)._parents == (a, b)
    assert (b - a).parents == (b - a)._parents == (b, a)


def test_reflected_operation_records_the_number_first() -> None:
    a = Value(2.0)
    number, value = (5 - a)._parents
    assert number.data == 5.0
    assert value is a


def test_prev_is_the_set_of_distinct_parents() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a * b)._prev == {a, b}


def test_x_plus_x_has_one_parent_and_two_edges() -> None:
    x = Value(2.0)
    total = x + x
    assert total._parents == (x, x)
    assert total._prev == {x}


@pytest.mark.parametrize("name", ["parents", "_prev"])
def test_parents_in_public_are_read_only(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Value(1.0), name, ())


def test_changing_the_set_of_parents_changes_no_graph() -> None:
    x = Value(2.0)
    square = x * x
    square._prev.clear()
    assert square._prev == {x}


def test_sum_records_nothing_for_the_0_it_begins_with() -> None:
    a, b = Value(2.0), Value(3.0)
    assert sum([a, b]).parents == (a, b)  # type: ignore[union-attr]
    assert sum([a]) is a


@pytest.mark.parametrize("count", range(5))
def test_parents_and_derivatives_can_be_set_and_read_again(count: int) -> None:
    root = Value(1.0) * Value(2.0)
    parents = tuple(Value(i) for i in range(count))
    derivatives = tuple(float(i) for i in range(count))
    root._parents, root._derivatives = parents, derivatives
    assert (root._parents, root._derivatives) == (parents, derivatives)
    root._derivatives = (7.0,)
    assert (root._parents, root._derivatives) == (parents, (7.0,))


def test_misspelt_attribute_is_refused() -> None:
    with pytest.raises(AttributeError):
        Value(1.0).gradient = 0.0  # type: ignore[attr-defined]


def test_values_of_equal_data_are_different_values() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert a == a
    assert len({a, b, a}) == 2


def test_hash_survives_an_update_of_the_data() -> None:
    a = Value(1.0)
    seen = {a}
    a.data = 2.0
    assert a in seen


@pytest.mark.parametrize("wrap", [Value, float])
def test_comparisons_compare_the_numbers(wrap: Callable[[float], Any]) -> None:
    two = Value(2.0)
    assert two < wrap(3.0)
    assert two > wrap(1.0)
    assert two <= wrap(2.0)
    assert two >= wrap(2.0)
    assert not two < wrap(2.0)
    assert not two > wrap(2.0)
    assert not two <= wrap(1.0)
    assert not two >= wrap(3.0)
    assert wrap(1.0) < two < wrap(3.0)


def test_nan_compares_as_a_float_does() -> None:
    assert not Value(nan) < 1.0
    assert not Value(nan) >= 1.0


def test_largest_and_sorted_go_by_the_numbers() -> None:
    a, b, c = Value(3.0), Value(1.0), Value(2.0)
    assert max([a, b, c]) is a
    assert sorted([a, b, c]) == [b, c, a]
    assert abs(b - 1.0) < 1e-6


def test_what_is_not_a_real_number_is_not_compared_with() -> None:
    with pytest.raises(TypeError, match="expected a real number, got str '3'"):
        assert Value(1.0) < "3"  # type: ignore[operator]


def test_format_and_round_are_those_of_the_number() -> None:
    x = Value(2.7182)
    assert f"{x:.2f}" == "2.72"
    assert f"{x}" == repr(x) == str(x)
    assert (round(x), round(x, 1)) == (3, 2.7)


def test_augmented_assignment_makes_a_new_value() -> None:
    a = b = Value(2.0)
    b *= 3
    assert (a.data, b.data) == (2.0, 6.0)
    assert b._parents[0] is a


def test_float_gives_the_data() -> None:
    assert float(Value(2.5)) == 2.5


def test_repr_shows_data_and_gradient_in_full() -> None:
    value = Value(0.1 + 0.2)
    value.grad = -1.5
    assert repr(value) == "Value(data=0.30000000000000004, grad=-1.5)"


def test_label_is_kept_and_not_inherited() -> None:
    a = Value(2.0, label="a")
    assert a.label == "a"
    assert (a + a).label == ""


def test_hand_made_node_takes_part_with_its_derivatives() -> None:
    x = Value(3.0)
    cube = Value(27.0, (x,), "cube", _derivatives=(27.0,))
    (cube * 2).backward()
    assert x.grad == 54.0


def test_hand_made_node_needs_a_derivative_for_each_parent() -> None:
    x = Value(3.0)
    with pytest.raises(ValueError, match="each of 2 parents, got 1"):
        Value(6.0, (x, x), "+", _derivatives=(1.0,))


def test_derivatives_in_place_of_the_name_are_refused_with_the_way_to_record() -> None:
    x = Value(0.5)
    with pytest.raises(TypeError, match=r"name of an operation, got \(2\.0,\): .*record\(data"):
        Value(math.log(0.5), (x,), (2.0,))  # type: ignore[arg-type]


def test_a_backward_of_ones_own_is_refused_with_the_way_to_record() -> None:
    x = Value(0.5)
    out = Value(math.sin(0.5), (x,), "sin")
    with pytest.raises(AttributeError, match=r"no _backward: .*record\(data, parents, deriv"):
        out._backward = lambda: None


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_recorded_operation_of_any_number_of_parents(count: int) -> None:
    leaves = [Value(float(i)) for i in range(count)]
    parents = [leaf * 2.0 for leaf in leaves]
    total = record(sum(p.data for p in parents), iter(parents), range(count), "total", label="t")
    assert (total.label, total._op, total.parents) == ("t", "total", tuple(parents))
    assert all(type(derivative) is float for derivative in total._derivatives)
    (total * 3.0).backward()
    assert [leaf.grad for leaf in leaves] == [6.0 * i for i in range(count)]


def test_recorded_operation_may_have_one_parent_twice_and_more() -> None:
    x = Value(2.0)
    record(8.0, [x, x, x], [4.0, 4.0, 4.0], "cube").backward()
    assert x.grad == 12.0


def test_recording_expects_values_names_and_a_derivative_for_each_parent() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"expected parent 1 to be a Value, got 3\.0"):
        record(1.0, [x, 3.0], [1.0, 1.0], "f")  # type: ignore[list-item]
    with pytest.raises(TypeError, match="name of an operation, got None"):
        record(1.0, [x], [1.0], None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="real number, got str"):
        record(1.0, [x], ["1"], "f")  # type: ignore[list-item]
    with pytest.raises(ValueError, match="each of 1 parents, got 2"):
        record(1.0, [x], [1.0, 2.0], "f")


@pytest.mark.parametrize(
    ("a", "b", "value", "da", "db"),
    [
        (1.0, 2.0, 2.0, 0.0, 1.0),
        (2.0, 1.0, 2.0, 1.0, 0.0),
        (2.0, 2.0, 2.0, 0.5, 0.5),
        (-inf, inf, inf, 0.0, 1.0),
        (nan, 1.0, nan, 1.0, 1.0),
        (1.0, nan, nan, 1.0, 1.0),
    ],
)
def test_maximum(a: float, b: float, value: float, da: float, db: float) -> None:
    left, right = Value(a), Value(b)
    check(maximum(left, right), value, [left, right], [da, db])


def test_maximum_takes_numbers_too() -> None:
    assert (maximum(1, Value(0.5)).data, maximum(Value(3.0), 2).data) == (1.0, 3.0)


def test_softmax_has_the_shares_and_slopes_of_its_formula() -> None:
    logits = [Value(x) for x in (0.5, -1.0, 2.0)]
    powers = [math.exp(x.data) for x in logits]
    shares = softmax(x for x in logits)
    p = [power / sum(powers) for power in powers]
    assert [share.data for share in shares] == pytest.approx(p, rel=1e-14)
    shares[0].backward()
    expected = [p[0] * ((i == 0) - p[i]) for i in range(3)]
    assert [x.grad for x in logits] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("logits", "shares"),
    [
        ([], []),
        ([1000.0, 1000.0], [0.5, 0.5]),
        ([-1e308, 0], [0.0, 1.0]),
        ([inf, 0.0], [nan, nan]),
        ([-inf, 0.0], [0.0, 1.0]),
        ([0.0, nan], [nan, nan]),
    ],
)
def test_softmax_at_an_edge(logits: list[float], shares: list[float]) -> None:
    assert [share.data for share in softmax(logits)] == pytest.approx(shares, nan_ok=True)


class Named(Value):
    """A subclass with attributes of its own."""

    def __init__(self, data: float, notes: list[str]) -> None:
        super().__init__(data)
        self.notes = notes


def test_subclass_takes_part_and_keeps_what_it_adds() -> None:
    x = Named(2.0, ["a"])
    (x * x).backward()
    assert (x.grad, x.notes) == (4.0, ["a"])


class Doubling(Value):
    """A subclass that passes gradients back in its own way."""

    def _backward(self) -> None:
        for parent in self._parents:
            parent.grad += 2.0 * self.grad


@pytest.mark.parametrize("count", [1, 2, 3])
def test_subclass_with_a_backward_of_its_own_is_asked(count: int) -> None:
    leaves = [Value(1.0) for _ in range(count)]
    (Doubling(1.0, tuple(leaves), "double") * 3.0).backward()
    assert [leaf.grad for leaf in leaves] == [6.0] * count


def graph_of_a_chain(length: int) -> tuple[Value, Value]:
    x = Value(1.0, label="x")
    y = x
    for _ in range(length):
        y = y + x
    return x, y


def test_deep_graph_is_copied_without_recursion() -> None:
    x, y = graph_of_a_chain(20_000)
    twin = copy.deepcopy(y)
    (leaf,) = (value for value in topological_order(twin) if not value.parents)
    assert leaf is not x
    assert leaf.label == "x"
    twin.backward()
    assert (twin.data, leaf.grad, x.grad) == (y.data, 20_001.0, 0.0)


def test_copies_keep_what_is_shared() -> None:
    x = Named(2.0, ["a"])
    square = x * x
    (a, b), product = copy.deepcopy(([x, x], square))
    assert a is b is product.parents[0] is product.parents[1]
    assert (a.notes, a.notes is x.notes) == (["a"], False)
    assert copy.copy(square).parents == (x, x)


def test_pickled_graph_is_the_same_graph() -> None:
    x = Value(3.0, label="x")
    root = record(2.0, [x, x * 2.0, x.tanh()], [1.0, 2.0, 3.0], "three") + x
    root.backward()
    twin = pickle.loads(pickle.dumps(root))
    order, copied = topological_order(root), topological_order(twin)
    shown = [(v.data, v.grad, v.label, v._op, v._derivatives) for v in order]
    assert [(v.data, v.grad, v.label, v._op, v._derivatives) for v in copied] == shown
    twin.backward()
    assert copied[0].grad == 2.0 * x.grad
