"""Layers for pictures: filters that slide over them, and pooling.

Names, arguments, shapes and first weights are PyTorch's. The chapter "Pictures" tells the story.
"""

from __future__ import annotations

from typing import Any

from micrograd import _expect
from micrograd.tensors import functional
from micrograd.tensors.layers import Chance, TensorModule, as_tensor, uniform
from micrograd.tensors.tensor import Tensor
from micrograd.tensors.windows import Pair, pair

__all__ = ["AvgPool2d", "Conv2d", "ConvolutionalLayer", "MaxPool2d"]


class Conv2d(TensorModule):
    """Filters that slide over pictures: see ``functional.conv2d``.

    Args:
        in_channels, out_channels: channels of the pictures, and how many filters there are.
        kernel_size: the size of a filter.
        stride, padding, dilation: how it moves, what is put around, how far apart it reads.
        bias: whether there is one.

    Attributes:
        weight: ``(out_channels, in_channels, rows, columns)``.
        bias: ``(out_channels,)``, or ``None``.

    >>> import numpy as np
    >>> Conv2d(1, 4, 3, padding=1)(np.zeros((2, 1, 8, 8))).shape
    (2, 4, 8, 8)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        nin = _expect.whole("in_channels", in_channels, 1)
        nout = _expect.whole("out_channels", out_channels, 1)
        rows, columns = pair("kernel_size", kernel_size, 1)
        self.stride, self.padding = pair("stride", stride, 1), pair("padding", padding, 0)
        self.dilation = pair("dilation", dilation, 1)
        fan_in = nin * rows * columns
        self.weight = uniform(rng, fan_in, (nout, nin, rows, columns), dtype)
        self.bias = uniform(rng, fan_in, (nout,), dtype) if bias else None

    def __call__(self, x: Any) -> Tensor:
        """``(batch, in_channels, height, width)`` to ``(batch, out_channels, down, across)``."""
        return functional.conv2d(
            x, self.weight, self.bias, self.stride, self.padding, self.dilation
        )

    def __repr__(self) -> str:
        nout, nin, *size = self.weight.shape
        return f"Conv2d({nin}, {nout}, {tuple(size)})"


class MaxPool2d(TensorModule):
    """The largest number of each window: see ``functional.max_pool2d``.

    >>> import numpy as np
    >>> MaxPool2d(2)(np.zeros((1, 1, 8, 8))).shape
    (1, 1, 4, 4)
    """

    def __init__(
        self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, dilation: Pair = 1
    ) -> None:
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else pair("stride", stride, 1)
        self.padding, self.dilation = pair("padding", padding, 0), pair("dilation", dilation, 1)

    def __call__(self, x: Any) -> Tensor:
        """``(batch, channels, height, width)`` to ``(batch, channels, down, across)``."""
        return functional.max_pool2d(
            as_tensor(x), self.kernel_size, self.stride, self.padding, self.dilation
        )

    def __repr__(self) -> str:
        return f"MaxPool2d({self.kernel_size}, stride={self.stride})"


class AvgPool2d(TensorModule):
    """The mean of each window: see ``functional.avg_pool2d``.

    >>> import numpy as np
    >>> AvgPool2d((8, 4))(np.zeros((1, 1, 8, 8))).shape
    (1, 1, 1, 2)
    """

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> None:
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)

    def __call__(self, x: Any) -> Tensor:
        """``(batch, channels, height, width)`` to ``(batch, channels, down, across)``."""
        return functional.avg_pool2d(as_tensor(x), self.kernel_size, self.stride, self.padding)

    def __repr__(self) -> str:
        return f"AvgPool2d({self.kernel_size}, stride={self.stride})"


ConvolutionalLayer = Conv2d
