"""Layers that normalise: over a batch, over each example, or by size alone.

Names, arguments and shapes are PyTorch's. The chapter "Pictures" tells the story of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd import _expect
from micrograd.tensors import functional
from micrograd.tensors.layers import TensorModule, as_tensor
from micrograd.tensors.tensor import Tensor

__all__ = ["BatchNorm", "BatchNorm1d", "BatchNorm2d", "LayerNorm", "RMSNorm"]


class BatchNorm1d(TensorModule):
    """Each channel standardised over a batch: see ``functional.batch_norm``.

    Once it is no longer trained (:meth:`~micrograd.nn.Module.eval`) it goes by the running mean and
    variance, and an example's answer does not depend on its neighbours.

    Args:
        num_features: channels, at least 1.
        momentum: how far the running ones move towards those of a batch.
        affine: whether a weight and a bias follow.

    Attributes:
        weight, bias: ``(num_features,)``, or ``None``.
        running_mean, running_var: arrays ``(num_features,)``, moved in training.

    >>> BatchNorm1d(1)([[1.0], [3.0]]).data.round(3)
    array([[-1.],
           [ 1.]])
    """

    buffers = ("running_mean", "running_var", "num_batches_tracked")
    ndims: tuple[int, ...] = (2, 3)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        n = _expect.whole("num_features", num_features, 1)
        self.eps = _expect.positive("eps", eps)
        self.momentum = _expect.finite("momentum", momentum, 0.0)
        self.weight = Tensor(np.ones(n), dtype=dtype) if affine else None
        self.bias = Tensor(np.zeros(n), dtype=dtype) if affine else None
        self.running_mean = Tensor(np.zeros(n), dtype=dtype).data
        self.running_var = Tensor(np.ones(n), dtype=dtype).data
        self.num_batches_tracked = np.array(0)

    def __call__(self, x: Any) -> Tensor:
        """The same shape; the channels stand on the second axis."""
        batch = as_tensor(x, self.weight)
        if batch.ndim not in self.ndims:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(f"expected a batch of {axes} axes, got the shape {batch.shape}")
        if batch.shape[1] != len(self.running_mean):
            raise ValueError(
                f"expected {len(self.running_mean)} channels, got the shape {batch.shape}"
            )
        if self.training:
            self.num_batches_tracked += 1
        return functional.batch_norm(
            batch,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            self.eps,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.running_mean)})"


class BatchNorm2d(BatchNorm1d):
    """The same for pictures, ``(batch, channels, height, width)``."""

    ndims = (4,)


class LayerNorm(TensorModule):
    """Each example with the mean 0 and the variance 1: see ``functional.layer_norm``.

    Attributes:
        weight, bias: of the shape ``normalized_shape``.

    >>> LayerNorm(2)([[1.0, 3.0]]).data.round(3)
    array([[-1.,  1.]])
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5, *, dtype: Any = None
    ) -> None:
        self.normalized_shape = _shape(normalized_shape)
        self.eps = _expect.positive("eps", eps)
        self.weight = Tensor(np.ones(self.normalized_shape), dtype=dtype)
        self.bias = Tensor(np.zeros(self.normalized_shape), dtype=dtype)

    def __call__(self, x: Any) -> Tensor:
        """The same shape; the last axes are those of ``normalized_shape``."""
        return functional.layer_norm(
            as_tensor(x, self.weight), self.normalized_shape, self.weight, self.bias, self.eps
        )

    def __repr__(self) -> str:
        return f"LayerNorm({self.normalized_shape})"


class RMSNorm(TensorModule):
    """Each example of the mean square 1: see ``functional.rms_norm``.

    Attributes:
        weight: of the shape ``normalized_shape``.

    >>> RMSNorm(2)([[3.0, 3.0]]).data.round(3)
    array([[1., 1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        *,
        dtype: Any = None,
    ) -> None:
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.weight = Tensor(np.ones(self.normalized_shape), dtype=dtype)

    def __call__(self, x: Any) -> Tensor:
        """The same shape; the last axes are those of ``normalized_shape``."""
        x = as_tensor(x, self.weight)
        return functional.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def __repr__(self) -> str:
        return f"RMSNorm({self.normalized_shape})"


def _shape(given: int | Sequence[int]) -> tuple[int, ...]:
    lengths = given if isinstance(given, Sequence) else (given,)
    return tuple(_expect.whole("normalized_shape", n, 1) for n in lengths)


BatchNorm = BatchNorm1d
