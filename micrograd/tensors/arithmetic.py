"""``+ - * / ** @`` on tensors, and how their gradients flow.

An operation is its result, and for each operand its pull. Shapes that differ are stretched to fit,
as NumPy has it; the walk back sums what was stretched, for all operations in one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd.tensors._arrays import Array, together, unbroadcast
from micrograd.tensors.recording import Pull, fitting, record

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = ["Arithmetic"]


class Arithmetic:
    """The operators of a tensor. Comparisons give masks: arrays of booleans."""

    __slots__ = ()

    data: Array

    def __add__(self, other: Any) -> Tensor:
        x, y = self.data, fitting(other, self.data)
        return record(together("+", np.add, x, y), (self, other), (_same, _same), "+")

    def __sub__(self, other: Any) -> Tensor:
        x, y = self.data, fitting(other, self.data)
        return record(together("-", np.subtract, x, y), (self, other), (_same, _opposite), "-")

    def __mul__(self, other: Any) -> Tensor:
        x, y = self.data, fitting(other, self.data)
        product = together("*", np.multiply, x, y)
        return record(product, (self, other), (lambda g: g * y, lambda g: g * x), "*")

    def __truediv__(self, other: Any) -> Tensor:
        x, y = self.data, fitting(other, self.data)
        quotient = together("/", np.divide, x, y)
        # d(x/y)/dx = 1/y, d(x/y)/dy = -(x/y)/y
        return record(quotient, (self, other), (lambda g: g / y, lambda g: -g * quotient / y), "/")

    def __pow__(self, exponent: Any) -> Tensor:
        return _power(self.data, fitting(exponent, self.data), self, exponent)

    __rmul__ = __mul__

    def __radd__(self, other: Any) -> Tensor:
        # sum() begins with the int 0, which is nothing to record
        return self if type(other) is int and other == 0 else self + other  # type: ignore[return-value]

    def __rsub__(self, other: Any) -> Tensor:
        x, y = fitting(other, self.data), self.data
        return record(together("-", np.subtract, x, y), (self,), (_opposite,), "-")

    def __rtruediv__(self, other: Any) -> Tensor:
        x, y = fitting(other, self.data), self.data
        quotient = together("/", np.divide, x, y)
        return record(quotient, (self,), (lambda g: -g * quotient / y,), "/")

    def __rpow__(self, base: Any) -> Tensor:
        return _power(np.asarray(fitting(base, self.data), self.data.dtype), self.data, base, self)

    def __neg__(self) -> Tensor:
        return record(-self.data, (self,), (_opposite,), "neg")

    def __pos__(self) -> Tensor:
        return self  # type: ignore[return-value]

    def __matmul__(self, other: Any) -> Tensor:
        x, y = self.data, np.asarray(fitting(other, self.data))
        product, pulls = _product(x, y)
        return record(product, (self, other), pulls, "@")

    def __rmatmul__(self, other: Any) -> Tensor:
        x, y = np.asarray(fitting(other, self.data)), self.data
        product, (_, pull) = _product(x, y)
        return record(product, (self,), (pull,), "@")

    def __lt__(self, other: Any) -> Array:
        return together("<", np.less, self.data, fitting(other, self.data))  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> Array:
        return together("<=", np.less_equal, self.data, fitting(other, self.data))  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> Array:
        return together(">", np.greater, self.data, fitting(other, self.data))  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> Array:
        return together(">=", np.greater_equal, self.data, fitting(other, self.data))  # type: ignore[no-any-return]


def _same(gradient: Array) -> Array:
    return gradient


def _opposite(gradient: Array) -> Array:
    return -gradient


def _power(x: Array, n: Any, base: Any, exponent: Any) -> Tensor:
    result = together("**", np.power, x, n)

    def to_base(g: Array) -> Any:
        # d(x**n)/dx = n x**(n-1), and 0 for n = 0 even at x = 0
        return g * np.where(np.equal(n, 0.0), 0.0, n * np.power(x, n - 1.0))

    def to_exponent(g: Array) -> Any:
        # d(x**n)/dn = x**n log x, and 0 at x = 0, where x**n does not move with n >= 0
        return g * np.where((x == 0.0) & (n >= 0.0), 0.0, result * np.log(x))

    named = f"**{exponent}" if isinstance(exponent, (int, float)) else "**"
    return record(result, (base, exponent), (to_base, to_exponent), named)


def _product(x: Array, y: Array) -> tuple[Array, tuple[Pull, Pull]]:
    if x.ndim == 2 and y.ndim == 2 and x.shape[1] == y.shape[0]:
        return x @ y, (lambda g: g @ y.T, lambda g: x.T @ g)
    return _rows_times_matrix(x, y) if x.ndim > 1 and y.ndim == 2 else _batches_of_products(x, y)


def _rows_times_matrix(x: Array, y: Array) -> tuple[Array, tuple[Pull, Pull]]:
    """One matrix for all rows of all batches."""
    if x.shape[-1] != y.shape[0]:
        raise _no_product(x, y)
    rows = x.reshape(-1, y.shape[0])
    shape = (*x.shape[:-1], y.shape[1])
    return (rows @ y).reshape(shape), (
        lambda g: (g.reshape(-1, y.shape[1]) @ y.T).reshape(x.shape),
        lambda g: rows.T @ g.reshape(-1, y.shape[1]),
    )


def _batches_of_products(x: Array, y: Array) -> tuple[Array, tuple[Pull, Pull]]:
    """As NumPy has it: a vector is a row on the left and a column on the right."""
    row = x[np.newaxis] if x.ndim == 1 else x
    column = y[:, np.newaxis] if y.ndim == 1 else y
    try:
        product = x @ y
        full = product.shape if row is x and column is y else (row @ column).shape
    except ValueError:
        raise _no_product(x, y) from None

    def back(gradient: Array, of: Array, like: Array) -> Array:
        return unbroadcast(gradient, of.shape).reshape(like.shape) if of is not like else gradient

    return product, (
        lambda g: back(g.reshape(full) @ column.swapaxes(-1, -2), row, x),
        lambda g: back(row.swapaxes(-1, -2) @ g.reshape(full), column, y),
    )


def _no_product(x: Array, y: Array) -> ValueError:
    return ValueError(
        "expected as many columns on the left of @ as rows on the right, "
        f"got the shapes {x.shape} and {y.shape}"
    )
