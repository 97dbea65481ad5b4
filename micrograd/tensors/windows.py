"""Windows that slide over pictures: convolution and pooling.

A picture is ``(batch, channels, height, width)``. A convolution lays out every window as a row of a
matrix, and is then one matrix product; on the way back each row is added to where it was read. The
chapter "Pictures" tells the story.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from micrograd import _expect
from micrograd.tensors._arrays import Array
from micrograd.tensors.recording import Recorded, fitting, record

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = ["Pair", "avg_pool2d", "conv2d", "max_pool2d", "pair"]

Pair = int | tuple[int, int]


def pair(name: str, given: Any, least: int) -> tuple[int, int]:
    """A whole number for both directions, or one for the rows and one for the columns.

    >>> pair("stride", 2, 1)
    (2, 2)
    """
    both = given if isinstance(given, (tuple, list)) else (given, given)
    if len(both) != 2:
        raise ValueError(f"expected {name} to be a whole number or two, got {given}")
    return _expect.whole(name, both[0], least), _expect.whole(name, both[1], least)


class _Sliding(NamedTuple):
    """How windows of one size slide over pictures of one size."""

    shape: tuple[int, ...]  # of the pictures
    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    places: tuple[int, int]  # how many there are, down and across

    def read(self, x: Array, outside: float) -> Array:
        """Every window, ``(batch, channels, down, across, *size)``: a view of padded pictures."""
        (down, across), (rows, columns) = self.padding, self.size
        if down or across:
            around = ((0, 0), (0, 0), (down, down), (across, across))
            x = np.pad(x, around, constant_values=outside)
        n, c, h, w = x.strides
        strides = h * self.stride[0], w * self.stride[1], h * self.dilation[0], w * self.dilation[1]
        shape = (*x.shape[:2], *self.places, rows, columns)
        return as_strided(x, shape, (n, c, *strides), writeable=False)

    def write(self, windows: Array) -> Array:
        """The way back: what stands in each window, added up where it was read."""
        (down, across), (n, c, h, w) = self.padding, self.shape
        total = np.zeros((n, c, h + 2 * down, w + 2 * across), windows.dtype)
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                total[
                    :,
                    :,
                    i * self.dilation[0] :: self.stride[0],
                    j * self.dilation[1] :: self.stride[1],
                ][:, :, : self.places[0], : self.places[1]] += windows[..., i, j]
        return total[:, :, down : down + h, across : across + w]


def _sliding(
    x: Any, size: tuple[int, int], stride: Any, padding: Any, dilation: Any = 1
) -> _Sliding:
    shape = x.data.shape if isinstance(x, Recorded) else np.shape(x)
    if len(shape) != 4:
        raise ValueError(
            f"expected pictures of the shape (batch, channels, height, width), got {shape}"
        )
    stride, padding = pair("stride", stride, 1), pair("padding", padding, 0)
    dilation = pair("dilation", dilation, 1)
    places = tuple(
        (n + 2 * around - step * (k - 1) - 1) // stride_ + 1
        for n, around, step, k, stride_ in zip(shape[2:], padding, dilation, size, stride)
    )
    if min(places) < 1:
        raise ValueError(
            f"expected pictures at least as large as a window, got {shape[2:]} padded by "
            f"{padding}, and windows of {size} with the dilation {dilation}"
        )
    return _Sliding(shape, size, stride, padding, dilation, (places[0], places[1]))


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> Tensor:
    """Every filter laid on every window: multiply number by number, and add up.

    Args:
        x: pictures, ``(batch, channels, height, width)``.
        weight: the filters, ``(filters, channels, rows, columns)``.
        bias: a number for each filter, added everywhere; or ``None``.
        stride: how far a window moves, down and across.
        padding: how many zeros are put around a picture.
        dilation: how far apart the numbers of a window are.

    Returns:
        ``(batch, filters, down, across)``.

    Raises:
        ValueError: if the shapes do not fit, or a window does not fit in.

    >>> from micrograd.tensors import Tensor
    >>> edge = Tensor([[[[-1.0, 1.0]]]])
    >>> conv2d(Tensor([[[[0.0, 0.0, 5.0, 5.0]]]]), edge).data
    array([[[[0., 5., 0.]]]])
    """
    first = x if isinstance(x, Recorded) else weight
    pictures, filters = (np.asarray(fitting(each, first.data)) for each in (x, weight))
    if filters.ndim != 4 or pictures.ndim != 4 or filters.shape[1] != pictures.shape[1]:
        raise ValueError(
            "expected pictures (batch, channels, height, width) and filters (filters, channels, "
            f"rows, columns) of as many channels, got {pictures.shape} and {filters.shape}"
        )
    count, channels, rows, columns = filters.shape
    slide = _sliding(pictures, (rows, columns), stride, padding, dilation)
    batch, (down, across) = len(pictures), slide.places
    # One row for each window, one column for each number in it.
    matrix = slide.read(pictures, 0.0).transpose(0, 2, 3, 1, 4, 5).reshape(-1, filters[0].size)
    flat = filters.reshape(count, -1)
    product = matrix @ flat.T
    shift = None if bias is None else np.asarray(fitting(bias, pictures))
    if shift is not None:
        if shift.shape != (count,):
            raise ValueError(f"expected a bias for each of {count} filters, got {shift.shape}")
        product = product + shift
    maps = product.reshape(batch, down, across, count).transpose(0, 3, 1, 2)

    def rows_of(g: Array) -> Array:
        return g.transpose(0, 2, 3, 1).reshape(-1, count)

    def to_pictures(g: Array) -> Array:
        windows = (rows_of(g) @ flat).reshape(batch, down, across, channels, rows, columns)
        return slide.write(windows.transpose(0, 3, 1, 2, 4, 5))

    def to_filters(g: Array) -> Array:
        return (rows_of(g).T @ matrix).reshape(filters.shape)

    return record(
        np.ascontiguousarray(maps),
        (x, weight, bias),
        (to_pictures, to_filters, lambda g: g.sum(axis=(0, 2, 3))),
        "conv2d",
    )


def max_pool2d(
    x: Any, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, dilation: Pair = 1
) -> Tensor:
    """The largest number in each window, which gets the whole gradient; the first of several.

    Args:
        x: pictures, ``(batch, channels, height, width)``.
        kernel_size: the size of a window.
        stride: how far it moves; by default its own size, so that none overlap.
        padding: how much is put around a picture, at most half a window; it is never the largest.
        dilation: how far apart the numbers of a window are.

    >>> from micrograd.tensors import Tensor
    >>> max_pool2d(Tensor([[[[1.0, 4.0], [2.0, 3.0]]]]), 2).data
    array([[[[4.]]]])
    """
    slide = _pool(x, kernel_size, stride, padding, dilation)
    pictures = x.data
    windows = slide.read(pictures, -np.inf)
    windows = windows.reshape(*windows.shape[:4], -1)
    best = windows.argmax(axis=-1)[..., np.newaxis]  # of a `nan` too, as NumPy has it

    def pull(g: Array) -> Any:
        hits = np.zeros(windows.shape, g.dtype)
        np.put_along_axis(hits, best, g[..., np.newaxis], axis=-1)
        return slide.write(hits.reshape(*hits.shape[:4], *slide.size))

    return record(np.take_along_axis(windows, best, axis=-1)[..., 0], (x,), (pull,), "max_pool2d")


def avg_pool2d(x: Any, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
    """The mean of each window, zeros around the picture counted in.

    Args:
        x: pictures, ``(batch, channels, height, width)``.
        kernel_size: the size of a window.
        stride: how far it moves; by default its own size, so that none overlap.
        padding: how many zeros are put around a picture, at most half a window.

    >>> from micrograd.tensors import Tensor
    >>> avg_pool2d(Tensor([[[[1.0, 4.0], [2.0, 3.0]]]]), 2).data
    array([[[[2.5]]]])
    """
    slide = _pool(x, kernel_size, stride, padding)
    share = 1.0 / (slide.size[0] * slide.size[1])

    def pull(g: Array) -> Any:
        each = (g * share)[..., np.newaxis, np.newaxis]
        return slide.write(np.broadcast_to(each, (*g.shape, *slide.size)))

    means = slide.read(x.data, 0.0).sum(axis=(-1, -2)) * share
    return record(means, (x,), (pull,), "avg_pool2d")


def _pool(x: Any, kernel_size: Pair, stride: Pair | None, padding: Pair, dilation: Pair = 1) -> Any:
    if not isinstance(x, Recorded):
        raise TypeError(f"expected a Tensor of pictures, got {_expect.show(x)}")
    size = pair("kernel_size", kernel_size, 1)
    around = pair("padding", padding, 0)
    if any(2 * width > k for width, k in zip(around, size)):
        raise ValueError(f"expected a padding of at most half a window of {size}, got {around}")
    return _sliding(x, size, size if stride is None else stride, around, dilation)
