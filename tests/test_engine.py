"""What each operation computes and records, against closed forms: ordinary points, then edges."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from typing import Any

import pytest

from micrograd import Value

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
        (Value.sigmoid, nan, nan, nan),
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
    numpy = pytest.importorskip("numpy")
    two = getattr(numpy, scalar)(2)
    for result, expected in (
        (operator(Value(3.0), two), operator(3.0, 2.0)),
        (operator(two, Value(3.0)), operator(2.0, 3.0)),
    ):
        assert type(result) is Value
        assert (type(result.data), result.data) == (float, expected)


@operators
def test_numpy_array_is_no_operand_on_either_side(operator: Binary) -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match="real number, got ndarray"):
        operator(Value(3.0), numpy.array([1.0, 2.0]))
    with pytest.raises(TypeError, match="real number, got ndarray"):
        operator(numpy.array([1.0, 2.0]), Value(3.0))


def test_numpy_float_becomes_a_python_float() -> None:
    numpy = pytest.importorskip("numpy")
    assert type(Value(numpy.float64(2.0)).data) is float


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
    ],
)
def test_operation_records_its_name(operation: Unary, op: str) -> None:
    assert operation(Value(2.0))._op == op


def test_leaf_has_no_operation_no_parents_and_no_gradient() -> None:
    leaf = Value(2.0)
    assert (leaf._op, leaf._prev, leaf.grad, leaf.label) == ("", frozenset(), 0.0, "")


def test_result_has_gradient_zero_before_any_backward_pass() -> None:
    assert (Value(2.0) * 3).grad == 0.0


def test_operation_records_its_parents_in_order() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a - b)._parents == (a, b)
    assert (b - a)._parents == (b, a)


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


def test_prev_is_read_only() -> None:
    with pytest.raises(AttributeError):
        Value(1.0)._prev = frozenset()  # type: ignore[misc]


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


def test_values_have_no_order() -> None:
    with pytest.raises(TypeError):
        sorted([Value(1.0), Value(2.0)])  # type: ignore[type-var]


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


def test_hand_made_node_without_derivatives_makes_the_gradient_unknown() -> None:
    x = Value(3.0)
    Value(27.0, (x,), "cube").backward()
    assert math.isnan(x.grad)


def test_hand_made_node_needs_a_derivative_for_each_parent() -> None:
    x = Value(3.0)
    with pytest.raises(ValueError, match="each of 2 parents, got 1"):
        Value(6.0, (x, x), "+", _derivatives=(1.0,))
