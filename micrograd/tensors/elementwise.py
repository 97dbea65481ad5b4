"""Functions of every number by itself: ``exp``, ``tanh``, ``relu`` and the like; two are of pairs.

Each is its result and the slope at every number; a gradient is multiplied by that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd import _expect
from micrograd.tensors._arrays import Array, no_fit, together
from micrograd.tensors.recording import fitting, record

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = ["Elementwise", "maximum", "where"]

_erfc = np.vectorize(math.erfc, otypes=[np.float64])  # exact; NumPy has none of its own


class Elementwise:
    """The functions of a tensor that look at one number at a time."""

    __slots__ = ()

    data: Array

    def exp(self) -> Tensor:
        """The exponential; ``d exp(x)/dx = exp(x)``. Overflows to ``inf``."""
        with np.errstate(all="ignore"):
            e = np.exp(self.data)
        return record(e, (self,), (lambda g: g * e,), "exp")

    def log(self) -> Tensor:
        """The natural logarithm; ``d log(x)/dx = 1/x``. ``-inf`` at 0, ``nan`` below it."""
        x = self.data
        with np.errstate(all="ignore"):
            return record(np.log(x), (self,), (lambda g: g / x,), "log")

    def sqrt(self) -> Tensor:
        """The square root; ``d sqrt(x)/dx = 1/(2 sqrt(x))``. ``nan`` for negative numbers."""
        with np.errstate(all="ignore"):
            root = np.sqrt(self.data)
        return record(root, (self,), (lambda g: g * 0.5 / root,), "sqrt")

    def tanh(self) -> Tensor:
        """The hyperbolic tangent, in [-1, 1]; ``d tanh(x)/dx = 1 - tanh(x)**2``."""
        t = np.tanh(self.data)
        return record(t, (self,), (lambda g: g * (1.0 - t * t),), "tanh")

    def sigmoid(self) -> Tensor:
        """The logistic function ``s = 1/(1 + exp(-x))``, in [0, 1]; its slope is ``s (1 - s)``."""
        x = self.data
        e = np.exp(-np.abs(x))  # never overflows
        s = np.where(x < 0.0, e, 1.0).astype(x.dtype, copy=False) / (1.0 + e)
        return record(s, (self,), (lambda g: g * (e / (1.0 + e) ** 2),), "sigmoid")

    def relu(self) -> Tensor:
        """``max(0, x)``; its slope is 1 above 0 and 0 below it. ``nan`` stays ``nan``."""
        r = np.maximum(self.data, 0.0)

        def pull(g: Array) -> Array:
            owed: Array = (r != 0.0).astype(g.dtype)
            owed *= g
            return owed

        return record(r, (self,), (pull,), "relu")

    def gelu(self, approximate: str = "none") -> Tensor:
        """``x P(x)``, P the normal distribution (Hendrycks and Gimpel, 2016).

        Args:
            approximate: ``"none"`` is exact, one number after the other; ``"tanh"`` is
                ``x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3))) / 2``, faster and off by at most
                0.0005.
        """
        x = self.data
        if _expect.choice("approximate", approximate, ("none", "tanh")) == "tanh":
            c = math.sqrt(2.0 / math.pi)
            t = np.tanh(c * (x + 0.044715 * x * x * x))

            def slope() -> Array:
                inner = c * (1.0 + 3.0 * 0.044715 * x * x)
                return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner

            return record(0.5 * x * (1.0 + t), (self,), (lambda g: g * slope(),), "gelu")
        share = (0.5 * _erfc(-x / math.sqrt(2.0))).astype(x.dtype) if x.size else x
        bell = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)  # the slope of P
        return record(x * share, (self,), (lambda g: g * (share + x * bell),), "gelu")

    def __abs__(self) -> Tensor:
        """The size of each number; its slope is -1, 0 or 1."""
        x = self.data
        return record(np.abs(x), (self,), (lambda g: g * ((x > 0.0) * 1.0 - (x < 0.0)),), "abs")

    def abs(self) -> Tensor:
        """The size of each number, as ``abs(x)`` gives it; its slope is -1, 0 or 1."""
        return self.__abs__()


def maximum(a: Any, b: Any) -> Tensor:
    """The larger of two numbers, place by place; where they are equal, each gets half.

    ``nan`` where one of them is, as in PyTorch, whose slopes these are. Shapes are stretched to
    fit.

    >>> from micrograd.tensors import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> maximum(x, 2.0).sum().backward()
    >>> x.grad
    array([0. , 0.5, 1. ])
    """
    x, y = _pair(a, b)

    def share(g: Array, over: Any) -> Array:
        return g * np.where(x == y, 0.5, over)

    return record(
        together("maximum", np.maximum, x, y),
        (a, b),
        (lambda g: share(g, ~(x < y)), lambda g: share(g, ~(y < x))),
        "maximum",
    )


def where(mask: Any, a: Any, b: Any) -> Tensor:
    """``a`` where the mask is true and ``b`` elsewhere; each gets the gradient of its places.

    Args:
        mask: booleans, such as a comparison gives; stretched to fit, as ``a`` and ``b`` are.

    Raises:
        TypeError: if the mask is of something else than booleans.
        ValueError: if the shapes do not fit.

    >>> from micrograd.tensors import Tensor
    >>> x = Tensor([-1.0, 2.0])
    >>> where(x > 0.0, x, 0.1 * x).sum().backward()
    >>> x.grad
    array([0.1, 1. ])
    """
    wanted = np.asarray(mask)
    if wanted.dtype != np.bool_:
        raise TypeError(f"expected a mask of booleans, got {_expect.show(mask)}")
    x, y = _pair(a, b)
    try:
        chosen = np.where(wanted, x, y)
    except ValueError:
        raise no_fit("where", wanted, np.broadcast(x, y)) from None
    return record(
        chosen,
        (a, b),
        (lambda g: np.where(wanted, g, 0.0), lambda g: np.where(wanted, 0.0, g)),
        "where",
    )


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """The numbers of two operands, one of which is a tensor and says what fits."""
    beside = next((t.data for t in (a, b) if isinstance(t, Elementwise)), None)
    if beside is None:
        raise TypeError(
            f"expected a Tensor, got {_expect.show(a)} and {_expect.show(b)}: "
            "NumPy's own function serves arrays"
        )
    return np.asarray(fitting(a, beside), beside.dtype), np.asarray(
        fitting(b, beside), beside.dtype
    )
