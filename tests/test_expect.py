"""What arguments must be: what is taken, as what, and how the rest is refused."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from math import inf, isnan, nan
from typing import Any

import pytest

from micrograd import MLP, Value, _expect

numpy = pytest.importorskip("numpy")


class Odd:
    """Neither a number nor a list."""

    def __repr__(self) -> str:
        return "Odd()"


class Old:
    """A sequence of the old kind, as data sets of other libraries are: indices only."""

    def __getitem__(self, index: int) -> int:
        return [10, 20, 30][index]


# Whole numbers


@pytest.mark.parametrize("given", [3, numpy.int64(3), numpy.uint8(3)])
def test_whole_numbers_of_any_kind_are_taken_as_int(given: Any) -> None:
    count = _expect.whole("n", given)
    assert (count, type(count)) == (3, int)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (2.0, "float 2.0"),
        ("2", "str '2'"),
        (True, "bool True"),
        (None, "NoneType None"),
        (Fraction(2), r"Fraction Fraction\(2, 1\)"),
        (Value(2.0), "Value Value"),
    ],
)
def test_what_is_no_whole_number_is_refused_with_its_type(given: Any, shown: str) -> None:
    with pytest.raises(TypeError, match=f"^expected n to be a whole number, got {shown}"):
        _expect.whole("n", given, 1)


def test_numpy_truth_is_no_whole_number() -> None:
    with pytest.raises(TypeError, match="expected n to be a whole number"):
        _expect.whole("n", numpy.bool_(True))


def test_whole_number_below_the_least_is_refused() -> None:
    assert _expect.whole("n", 1, 1) == 1
    with pytest.raises(ValueError, match=r"^expected n to be at least 1, got 0$"):
        _expect.whole("n", 0, 1)


# Real numbers


@pytest.mark.parametrize(
    "given",
    [0.5, Fraction(1, 2), Decimal("0.5"), numpy.float64(0.5), numpy.float32(0.5)],
)
def test_real_numbers_of_any_kind_are_taken_as_float(given: Any) -> None:
    for number in (
        _expect.number("x", given),
        _expect.finite("x", given),
        _expect.positive("x", given),
    ):
        assert (number, type(number)) == (0.5, float)


def test_truth_values_are_the_numbers_0_and_1() -> None:
    assert _expect.number("x", True) == 1.0
    assert type(_expect.number("x", True)) is float


@pytest.mark.parametrize("check", [_expect.number, _expect.finite, _expect.positive])
@pytest.mark.parametrize("given", ["0.5", None, 1j, numpy.complex128(1), Value(0.5), [0.5]])
def test_what_is_no_real_number_is_refused_with_its_type(
    check: Callable[[str, Any], float], given: Any
) -> None:
    kind = type(given).__name__
    with pytest.raises(TypeError, match=f"^expected x to be a real number, got {kind} "):
        check("x", given)


@pytest.mark.parametrize("given", [10**400, -(10**400), Fraction(10**400), Decimal("sNaN")])
def test_number_that_no_float_can_hold_is_refused_by_name(given: Any) -> None:
    with pytest.raises(ValueError, match=r"^expected x to be in a float's range, got "):
        _expect.number("x", given)


def test_number_may_be_nan_or_infinite() -> None:
    assert isnan(_expect.number("x", nan))
    assert _expect.number("x", -inf) == -inf


@pytest.mark.parametrize("given", [nan, inf, -inf])
def test_finite_number_is_neither_nan_nor_infinite(given: float) -> None:
    with pytest.raises(ValueError, match=f"^expected x to be a finite number, got {given}$"):
        _expect.finite("x", given)


@pytest.mark.parametrize("given", [-0.1, 1.0, nan])
def test_finite_number_outside_its_bounds_is_refused_with_them(given: float) -> None:
    with pytest.raises(ValueError, match=r"of at least 0 and below 1, got"):
        _expect.finite("x", given, 0.0, 1.0)


@pytest.mark.parametrize("given", [0.0, -1.0, nan, inf])
def test_positive_number_is_above_0_and_finite(given: float) -> None:
    with pytest.raises(ValueError, match=f"x to be a positive, finite number, got {given}"):
        _expect.positive("x", given)


# Names, lists, parameters, data


@pytest.mark.parametrize("given", ["relu6", "", None, 3, ["tanh"]])
def test_name_that_is_not_known_is_refused_and_the_known_ones_are_listed(given: Any) -> None:
    with pytest.raises(ValueError, match="expected activation to be one of tanh, relu; got"):
        _expect.choice("activation", given, ["tanh", "relu"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: [10, 20, 30],
        lambda: (10, 20, 30),
        lambda: iter([10, 20, 30]),
        lambda: (x for x in (10, 20, 30)),
        lambda: map(int, ["10", "20", "30"]),
        lambda: range(10, 40, 10),
        lambda: numpy.array([10, 20, 30]),
        Old,
    ],
)
def test_any_iterable_is_taken_once_as_a_list(make: Callable[[], Any]) -> None:
    taken = _expect.items("losses", make())
    assert (taken, type(taken)) == ([10, 20, 30], list)


def test_list_that_is_taken_is_a_copy() -> None:
    given = [1]
    _expect.items("losses", given).append(2)
    assert given == [1]


@pytest.mark.parametrize(
    "given", [3, None, "abc", b"abc", {1: 2}, {1, 2}, Odd(), Value(1.0), numpy.array(1.0)]
)
def test_what_is_no_list_is_refused_by_name(given: Any) -> None:
    kind = type(given).__name__
    with pytest.raises(TypeError, match=f"expected losses to be a list, got {kind}"):
        _expect.items("losses", given)


def test_parameters_of_a_generator_are_taken_once() -> None:
    net = MLP(1, [2])
    assert _expect.parameters(p for p in net.parameters()) == net.parameters()


def test_model_in_place_of_its_parameters_is_refused_and_told_what_to_pass() -> None:
    with pytest.raises(TypeError, match=r"got the MLP itself: pass its \.parameters\(\)"):
        _expect.parameters(MLP(1, [2]))


def test_parameter_that_is_none_is_refused_with_its_place() -> None:
    with pytest.raises(TypeError, match=r"parameter \[1\] to have data and grad, got float 2.0"):
        _expect.parameters([Value(1.0), 2.0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: [(1, 2), (3, 4)],
        lambda: [[1, 2], [3, 4]],
        lambda: zip([1, 3], [2, 4]),
        lambda: ((x, x + 1) for x in (1, 3)),
        lambda: numpy.array([[1, 2], [3, 4]]),
        lambda: {1: 2, 3: 4}.items(),
    ],
)
def test_data_may_come_as_anything_that_yields_pairs(make: Callable[[], Any]) -> None:
    assert _expect.examples(make()) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("pair", [1.0, [1.0], (1, 2, 3), None])
def test_example_that_is_no_pair_is_refused_with_its_place(pair: Any) -> None:
    with pytest.raises(TypeError, match=r"expected example 1 to be a pair \(inputs, target\), got"):
        _expect.examples([(1, 2), pair])


def test_no_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one training example, got none"):
        _expect.examples(iter([]))


# What comes from a file


def test_fields_are_just_these_and_each_of_its_kind() -> None:
    assert _expect.fields("it", {"a": 1, "b": 0.5}, a=int, b=float) == {"a": 1, "b": 0.5}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "the fields a, b; got the fields $"),
        ({"a": 1}, "the fields a, b; got the fields a"),
        ({"a": 1, "b": 0.5, "c": 1}, "the fields a, b; got the fields a, b, c"),
        ([1, 2], r"the fields a, b; got list \[1, 2\]"),
        (None, "got NoneType None"),
        ({"a": True, "b": 0.5}, "it: a to be a int, got bool True"),
        ({"a": 1, "b": 1}, "it: b to be a float, got int 1"),
    ],
)
def test_other_fields_are_refused(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _expect.fields("it", given, a=int, b=float)


@pytest.mark.parametrize("given", [[1], [0.5, "0.5"], [True], (0.5,), 0.5, None])
def test_floats_are_a_list_of_floats_and_nothing_else(given: Any) -> None:
    assert _expect.floats("losses", [0.5, nan])[0] == 0.5
    with pytest.raises(ValueError, match="expected losses to be a list of floats, got"):
        _expect.floats("losses", given)


def test_more_floats_than_there_is_room_for_are_refused() -> None:
    with pytest.raises(ValueError, match="losses to have at most 1 entries, got 2"):
        _expect.floats("losses", [0.5, 0.5], 1)


# What an error shows


def test_what_came_is_shown_in_short() -> None:
    assert len(_expect.show(list(range(10_000)))) < 80


def test_missing_package_is_an_error_that_names_what_brings_it() -> None:
    with pytest.raises(ImportError, match=r"NumPy to be installed: pip install 'micrograd-book\["):
        _expect.installed("there_is_no_such_module", "NumPy", "tensors")


def test_installed_module_is_given() -> None:
    import math

    assert _expect.installed("math", "mathematics", "none") is math


def test_error_of_an_iterator_is_its_own() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _expect.items("losses", failing())
