"""Arrays as tensors need them: of real numbers, and of a shape that fits."""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd import _expect

__all__ = [
    "Array",
    "array_of",
    "broadcast_backward",
    "constant",
    "in_range",
    "no_fit",
    "together",
    "unbroadcast",
    "whole_numbers",
]

Array = np.ndarray[Any, Any]

_KINDS = {np.dtype("float64"), np.dtype("float32")}


def array_of(given: Any, dtype: Any = None) -> Array:
    """A copy of the numbers in ``given``, of the dtype wanted or, by default, of its own.

    Raises:
        TypeError: for numbers that are not real, or a dtype that is neither float64 nor float32.
        ValueError: for rows of different lengths.

    >>> array_of([[1, 2], [3, 4]]).dtype
    dtype('float64')
    """
    numbers = _numbers(given)
    kind = (numbers.dtype if numbers.dtype in _KINDS else np.float64) if dtype is None else dtype
    try:
        known = np.dtype(kind) in _KINDS
    except TypeError:
        known = False
    if not known:
        raise TypeError(f"expected the dtype float64 or float32, got {_expect.show(dtype)}")
    return numbers.astype(kind)


def constant(operand: Any, beside: Array) -> Any:
    """A number, a list or an array that stands beside an array in an operation, of its dtype."""
    kind = type(operand)
    if kind is float or kind is int or (kind is np.ndarray and operand.dtype is beside.dtype):
        return operand
    numbers = _numbers(operand, masks=True)
    return numbers if numbers.dtype == beside.dtype else numbers.astype(beside.dtype)


def _numbers(given: Any, masks: bool = False) -> Array:
    """``given`` as an array of real numbers; of booleans too, where 0 and 1 are meant."""
    if hasattr(given, "__next__"):
        given = list(given)
    try:
        numbers = np.asarray(given)
    except ValueError:
        raise ValueError(
            f"expected rows of one length at each depth, got {_expect.show(given)}"
        ) from None
    if numbers.dtype.kind not in ("fiub" if masks else "fiu"):
        raise TypeError(
            f"expected an array of real numbers, got {_expect.show(given)} ({numbers.dtype})"
        )
    return numbers


def whole_numbers(name: str, given: Any) -> Array:
    """``given`` as an array of whole numbers: rows of a table, or classes.

    Raises:
        TypeError: for numbers of another kind.

    >>> whole_numbers("the targets", [0, 2])
    array([0, 2])
    """
    numbers = np.asarray(given if not hasattr(given, "__next__") else list(given))
    if not numbers.size:
        return numbers.astype(np.intp)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"expected {name} to be whole numbers, got {_expect.show(given)}")
    return numbers


def in_range(name: str, numbers: Array, count: int) -> None:
    """Refuse whole numbers that are not from 0 to ``count - 1``.

    Raises:
        ValueError: naming the first that is not.
    """
    if numbers.size and (numbers.min() < 0 or numbers.max() >= count):
        wrong = (numbers < 0) | (numbers >= count)
        raise ValueError(f"expected {name} from 0 to {count - 1}, got {numbers[wrong].flat[0]}")


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: what was stretched from ``shape`` is summed back to it.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    extra = gradient.ndim - len(shape)
    if extra:
        gradient = np.add.reduce(gradient, tuple(range(extra)) if extra > 1 else 0)
    if gradient.shape == shape:
        return gradient
    stretched = tuple(
        i for i, (n, wide) in enumerate(zip(shape, gradient.shape)) if n == 1 and wide != 1
    )
    return np.add.reduce(gradient, stretched, keepdims=True)


broadcast_backward = unbroadcast


def together(op: str, ufunc: Any, x: Any, y: Any) -> Any:
    """``ufunc(x, y)``, and an error with both shapes if they do not fit."""
    try:
        return ufunc(x, y)
    except ValueError:
        raise no_fit(op, x, y) from None


def no_fit(op: str, x: Any, y: Any) -> ValueError:
    """What is wrong with two shapes that do not fit each other."""
    return ValueError(
        f"expected shapes that can be broadcast together in {op}, "
        f"got {np.shape(x)} and {np.shape(y)}"
    )
