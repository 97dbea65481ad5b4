"""Sums and means along axes, and the same numbers in another shape.

An axis is counted from 0, or from the end with -1; several are a tuple, and ``None`` is all of
them. A sum is undone by stretching, a change of shape by the change back, a slice by writing the
gradient where it was read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd import _expect
from micrograd.tensors._arrays import Array
from micrograd.tensors.recording import Recorded, fitting, record

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = ["Axis", "Shaping", "concatenate", "stack"]

Axis = int | tuple[int, ...] | None

_total: Any = np.add.reduce  # what `sum` calls, without a detour


class Shaping:
    """What a tensor does along its axes."""

    __slots__ = ()

    data: Array

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum along an axis; every number gets the gradient of the sum it is in."""
        x, axes = self.data, _axes(axis, self.data)
        total = _total(x, axes, keepdims=keepdims)
        return record(total, (self,), (lambda g: _stretched(g, x, axes, keepdims),), "sum")

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean along an axis. ``nan`` where there is nothing to average, as in PyTorch."""
        x, axes = self.data, _axes(axis, self.data)
        n = _count(x, axes) or math.nan
        average = _total(x, axes, keepdims=keepdims) / n
        return record(average, (self,), (lambda g: _stretched(g / n, x, axes, keepdims),), "mean")

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest along an axis; several that are equally large share the gradient.

        Raises:
            ValueError: if there is nothing along the axis.
        """
        x, axes = self.data, _axes(axis, self.data)
        if not _count(x, axes):
            raise ValueError(f"expected at least one number to take the max of, got {x.shape}")
        largest = x.max(axis=axes, keepdims=True)

        def pull(g: Array) -> Array:
            hits = (x == largest) | np.isnan(x)
            share = hits / hits.sum(axis=axes, keepdims=True)
            return _stretched(g, x, axes, keepdims) * share  # type: ignore[no-any-return]

        result = largest if keepdims else np.squeeze(largest, axis=axes)
        return record(result, (self,), (pull,), "max")

    def var(self, axis: Axis = None, keepdims: bool = False, correction: int = 0) -> Tensor:
        """The variance along an axis: the mean square of what each number is off the mean.

        Args:
            correction: what is taken off the count before dividing by it. 0, as in NumPy, gives
                the variance of these numbers; 1, the default of PyTorch, an unbiased estimate of
                that of what they were drawn from.
        """
        x, axes = self.data, _axes(axis, self.data)
        n = _count(x, axes) - _expect.whole("correction", correction, 0)
        with np.errstate(all="ignore"):
            off = x - x.mean(axis=axes, keepdims=True)
            variance = (off * off).sum(axis=axes, keepdims=keepdims) / x.dtype.type(max(n, 0))
        # d var/dx = 2 (x - mean)/n: that of the mean drops out, as the distances add up to 0
        return record(
            variance,
            (self,),
            (
                lambda g: (
                    _stretched(g, x, axes, keepdims) * (2.0 / max(n, 0) if n > 0 else np.nan) * off
                ),
            ),
            "var",
        )

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in the same order, in another shape; one length may be -1.

        Raises:
            ValueError: if there are not as many numbers in the new shape.
        """
        x, wanted = self.data, _lengths(shape)
        try:
            reshaped = x.reshape(wanted)
        except ValueError:
            raise ValueError(
                f"expected a shape for {x.size} numbers, got {wanted} for {x.shape}"
            ) from None
        return record(reshaped, (self,), (lambda g: g.reshape(x.shape),), "reshape")

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order; without one, in the opposite one."""
        x, order = self.data, _lengths(axes) if axes else tuple(reversed(range(self.data.ndim)))
        if sorted(a % x.ndim if -x.ndim <= a < x.ndim else -1 for a in order) != list(
            range(x.ndim)
        ):
            raise ValueError(f"expected each axis of {x.shape} once, got {order}")
        back = tuple(np.argsort([a % x.ndim for a in order]))
        return record(x.transpose(order), (self,), (lambda g: g.transpose(back),), "transpose")

    @property
    def T(self) -> Tensor:  # noqa: N802, the name that arrays have
        """The axes in the opposite order."""
        return self.transpose()

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes in each other's place."""
        a, b = _axis(axis1, self.data), _axis(axis2, self.data)
        return record(self.data.swapaxes(a, b), (self,), (lambda g: g.swapaxes(a, b),), "swapaxes")

    def __getitem__(self, index: Any) -> Tensor:
        """A part: by numbers, slices, masks and arrays of whole numbers, as NumPy has it.

        Where a number was taken more than once, its gradients add up.
        """
        for each in index if type(index) is tuple else (index,):
            if isinstance(each, Recorded):
                raise TypeError("expected an index of whole numbers, got a Tensor: use its .data")
        x = self.data
        part = x[index]

        def pull(g: Array) -> Array:
            if _once(index):
                whole = np.zeros_like(x)
                whole[index] = g
                return whole
            places = np.arange(x.size).reshape(x.shape)[index].ravel()
            total = np.bincount(places, np.broadcast_to(g, part.shape).ravel(), x.size)
            return total.reshape(x.shape)

        # What is read is copied: a view would change with the tensor.
        return record(part.copy() if part.base is not None else part, (self,), (pull,), "[]")


def concatenate(tensors: Iterable[Any], axis: int = 0) -> Tensor:
    """Tensors one after the other along an axis they have; the gradient is cut up again.

    Raises:
        ValueError: if their other axes differ, or there are none.

    >>> from micrograd.tensors import Tensor
    >>> concatenate([Tensor([1.0]), Tensor([2.0, 3.0])]).data
    array([1., 2., 3.])
    """
    parts = _expect.items("the tensors", tensors)
    if not parts:
        raise ValueError("expected at least one tensor to concatenate, got none")
    arrays = _arrays(parts)
    along = _axis(axis, arrays[0])
    try:
        joined = np.concatenate(arrays, along)
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise ValueError(
            f"expected shapes that differ along axis {axis} only, got {shapes}"
        ) from None
    cuts = np.cumsum([array.shape[along] for array in arrays])[:-1]
    return record(joined, parts, lambda g: np.split(g, cuts, along), "concatenate")


def stack(tensors: Iterable[Any], axis: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis.

    >>> from micrograd.tensors import Tensor
    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).shape
    (2, 2)
    """
    parts = _expect.items("the tensors", tensors)
    arrays = _arrays(parts)
    if len({array.shape for array in arrays}) != 1:
        shapes = " and ".join(str(array.shape) for array in arrays) or "no tensor"
        raise ValueError(f"expected tensors of one shape to stack, got {shapes}")
    along = _axis(axis, arrays[0][np.newaxis])
    joined = np.stack(arrays, along)
    return record(joined, parts, lambda g: np.moveaxis(g, along, 0), "stack")


def _arrays(parts: list[Any]) -> list[Array]:
    """The numbers of several operands; constants are of the kind of the first tensor."""
    beside = next((part.data for part in parts if isinstance(part, Recorded)), np.empty(0))
    return [np.asarray(fitting(part, beside)) for part in parts]


def _axes(axis: Axis, x: Array) -> tuple[int, ...] | None:
    """Axes as they are counted from 0; ``None`` for all of them, which is quicker than a list."""
    if axis is None:
        return None
    axes = tuple(_axis(each, x) for each in (axis if isinstance(axis, tuple) else (axis,)))
    if len(set(axes)) != len(axes):
        raise ValueError(f"expected each axis once, got {axis}")
    return axes


def _axis(axis: int, x: Array) -> int:
    a = _expect.whole("axis", axis)
    if not -x.ndim <= a < x.ndim:
        raise ValueError(f"expected an axis of the shape {x.shape}, got {a}")
    return a % x.ndim


def _count(x: Array, axes: tuple[int, ...] | None) -> int:
    """How many numbers one result is made of."""
    return x.size if axes is None else math.prod(x.shape[axis] for axis in axes)


def _stretched(g: Array, x: Array, axes: tuple[int, ...] | None, keepdims: bool) -> Array:
    """The gradient of a reduction, at every number that went into it."""
    stretched = np.empty(x.shape, x.dtype)
    if axes is None:
        stretched.fill(g.item())
    else:
        kept = [1 if i in axes else n for i, n in enumerate(x.shape)]
        stretched[...] = g if keepdims else g.reshape(kept)
    return stretched


def _lengths(given: tuple[Any, ...]) -> tuple[int, ...]:
    """``reshape(2, 3)`` and ``reshape((2, 3))`` are the same."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = tuple(given[0])
    return tuple(n if type(n) is int else _expect.whole("each length", n) for n in given)


def _once(index: Any) -> bool:
    """Whether an index takes no number twice: whole numbers, slices and masks do not."""
    parts = index if type(index) is tuple else (index,)
    return all(
        part is None
        or part is Ellipsis
        or isinstance(part, (int, np.integer, slice))
        or (isinstance(part, np.ndarray) and part.dtype == np.bool_)
        for part in parts
    )
