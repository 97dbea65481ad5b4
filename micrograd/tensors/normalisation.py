"""Numbers brought to the mean 0 and the variance 1: over a batch, over a layer, or by size alone.

What each has in common: a standardised array depends on all the numbers it was standardised with,
and its gradient takes off what is common to them. The chapter "Pictures" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd import _expect
from micrograd.tensors._arrays import Array, unbroadcast
from micrograd.tensors.recording import fitting, record, tensor

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = ["batch_norm", "layer_norm", "rms_norm"]


def layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * weight + bias``, over the last axes (Ba et al., 2016).

    Args:
        normalized_shape: the lengths of those axes, which the weight and the bias have too.

    >>> from micrograd.tensors import Tensor
    >>> layer_norm(Tensor([1.0, 3.0]), 2).data.round(4)
    array([-1.,  1.])
    """
    x = tensor("input", input).data
    axes = _last_axes(x, normalized_shape)
    unit, back = _standardised(x, axes, eps)
    return _scaled(
        unit, back, x.shape[len(x.shape) - len(axes) :], input, weight, bias, "layer_norm"
    )


def rms_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    eps: float | None = None,
) -> Tensor:
    """``x / sqrt(mean(x**2) + eps) * weight``, over the last axes (Zhang and Sennrich, 2019).

    Args:
        normalized_shape: the lengths of those axes, which the weight has too.
        eps: by default the distance from 1 to the next number of the dtype.

    >>> from micrograd.tensors import Tensor
    >>> rms_norm(Tensor([3.0, 4.0]), 2).data.round(4)
    array([0.8485, 1.1314])
    """
    x = tensor("input", input).data
    axes = _last_axes(x, normalized_shape)
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    scale = 1.0 / np.sqrt(_mean_product(x, x, axes) + x.dtype.type(eps))
    unit = x * scale

    def back(g: Array) -> Array:
        owed = g - unit * _mean_product(g, unit, axes)
        owed *= scale
        return owed  # type: ignore[no-any-return]

    return _scaled(unit, back, x.shape[len(x.shape) - len(axes) :], input, weight, None, "rms_norm")


def batch_norm(
    input: Tensor,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel (Ioffe and Szegedy, 2015).

    In training by the mean and the variance of the batch, else by the running ones.

    Args:
        input: ``(batch, channels)`` or ``(batch, channels, ...)``.
        running_mean, running_var: arrays ``(channels,)``; training moves them, in place, by
            ``momentum`` of the way to those of the batch (the variance with the correction 1).
            Without them those of the batch are always used.
        weight, bias: ``(channels,)``, or ``None``.

    Raises:
        ValueError: in training, for a single number in a channel, which has no spread.

    >>> from micrograd.tensors import Tensor
    >>> batch_norm(Tensor([[1.0], [3.0]]), None, None, training=True).data.round(4)
    array([[-1.],
           [ 1.]])
    """
    x = tensor("input", input).data
    if x.ndim < 2:
        raise ValueError(f"expected input (batch, channels, ...), got the shape {x.shape}")
    axes = (0, *range(2, x.ndim))
    wide = (1, x.shape[1], *[1] * (x.ndim - 2))
    for name, given in (("running_mean", running_mean), ("running_var", running_var)):
        if given is not None and given.shape != (x.shape[1],):
            raise ValueError(f"expected {name} for {x.shape[1]} channels, got {given.shape}")
    if training or running_mean is None or running_var is None:
        count = x.size // max(1, x.shape[1])
        if training and count == 1:
            raise ValueError(
                f"expected more than 1 value per channel when training, got the shape {x.shape}"
            )
        unit, back = _standardised(x, axes, eps)
        if training and running_mean is not None and running_var is not None:
            mean, var = x.mean(axis=axes), x.var(axis=axes, ddof=1)
            running_mean += momentum * (mean - running_mean)
            running_var += momentum * (var - running_var)
    else:
        scale = (1.0 / np.sqrt(running_var + eps)).astype(x.dtype).reshape(wide)
        unit = (x - running_mean.astype(x.dtype).reshape(wide)) * scale

        def back(g: Array) -> Any:
            return g * scale

    return _scaled(unit, back, wide, input, weight, bias, "batch_norm")


def _mean(x: Array, axes: tuple[int, ...]) -> Any:
    return x.mean(axis=axes, keepdims=True)


def _mean_product(x: Array, y: Array, axes: tuple[int, ...]) -> Any:
    """The mean of ``x * y`` along some axes; quickest along the last one."""
    if axes == (x.ndim - 1,):
        return np.vecdot(x, y)[..., np.newaxis] / x.shape[-1]
    return _mean(x * y, axes)


def _standardised(
    x: Array, axes: tuple[int, ...], eps: float
) -> tuple[Array, Callable[[Array], Array]]:
    """``x`` with the mean 0 and the variance 1 along some axes, and the way back."""
    off = x - _mean(x, axes)
    scale = 1.0 / np.sqrt(_mean_product(off, off, axes) + x.dtype.type(eps))
    unit = off * scale

    def back(g: Array) -> Array:
        # what all of them have in common, their mean and their spread, takes no part
        owed = g - _mean(g, axes) - unit * _mean_product(g, unit, axes)
        return scale * owed  # type: ignore[no-any-return]

    return unit, back


def _scaled(
    unit: Array,
    back: Callable[[Array], Array],
    shape: tuple[int, ...],
    input: Tensor,
    weight: Any,
    bias: Any,
    op: str,
) -> Tensor:
    """``unit * weight + bias``, with a weight and a bias that have ``shape`` beside ``unit``."""
    factor, shift = (None if t is None else np.asarray(fitting(t, unit)) for t in (weight, bias))
    for name, given in (("weight", factor), ("bias", shift)):
        if given is not None and given.size != math.prod(shape):
            raise ValueError(
                f"expected a {name} of {math.prod(shape)} numbers, got the shape {given.shape}"
            )
    if factor is None and shift is None:
        return record(unit, (input,), (back,), op)
    result = unit
    if factor is not None:
        result = result * factor.reshape(shape)
    if shift is not None:
        result = result + shift.reshape(shape)

    def summed(g: Array, like: Any) -> Array:
        return unbroadcast(g, shape).reshape(like.shape)

    def to_input(g: Array) -> Array:
        return back(g if factor is None else g * factor.reshape(shape))

    pulls = (to_input, lambda g: summed(g * unit, factor), lambda g: summed(g, shift))
    return record(result, (input, weight, bias), pulls, op)


def _last_axes(x: Array, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    """The axes that have these lengths, which must be the last ones."""
    if x.ndim and type(normalized_shape) is int and 0 < normalized_shape == x.shape[-1]:  # mostly
        return (x.ndim - 1,)
    given = normalized_shape if isinstance(normalized_shape, Sequence) else [normalized_shape]
    lengths = tuple(_expect.whole("normalized_shape", n, 1) for n in given)
    if not lengths or x.shape[-len(lengths) :] != lengths:
        raise ValueError(f"expected input (..., {', '.join(map(str, lengths))}), got {x.shape}")
    return tuple(range(x.ndim - len(lengths), x.ndim))
