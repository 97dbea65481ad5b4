"""Layers of tensors: the functions of :mod:`micrograd.tensors.functional` with their own weights.

Names, arguments, shapes and first weights are PyTorch's (``torch.nn``), so that weights carry over.
Each is a :class:`micrograd.nn.Module`; what has chance in it, weights at the start or dropout,
takes a generator ``rng``. The chapters "Layers" and "Pictures" tell the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from micrograd import _expect
from micrograd.nn import Module
from micrograd.tensors import functional
from micrograd.tensors.tensor import Tensor

__all__ = [
    "GELU",
    "Dropout",
    "Embedding",
    "Flatten",
    "Linear",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "TensorModule",
    "as_tensor",
    "uniform",
]

Chance = np.random.Generator | None


class TensorModule(Module):
    """A module of tensors: it is called with the inputs of many examples at once."""

    takes_batches = True

    def __call__(self, x: Any) -> Tensor:
        """What it makes of a batch, an array or a tensor whose first axis counts the examples."""
        raise NotImplementedError


def uniform(rng: Chance, fan_in: int, shape: Sequence[int], dtype: Any = None) -> Tensor:
    """Numbers drawn evenly from within ``1/sqrt(fan_in)`` of 0, as PyTorch's layers start.

    >>> bool((abs(uniform(np.random.default_rng(0), 4, (3, 4)).data) <= 0.5).all())
    True
    """
    bound = 1.0 / math.sqrt(fan_in)
    source = np.random.default_rng() if rng is None else rng
    return Tensor(source.uniform(-bound, bound, tuple(shape)), dtype=dtype)


def as_tensor(x: Any, like: Tensor | None = None) -> Tensor:
    """A batch as a tensor, so that a layer can be handed an array."""
    return x if isinstance(x, Tensor) else Tensor(x, dtype=None if like is None else like.dtype)


class Linear(TensorModule):
    """``x @ weight.T + bias``.

    Args:
        in_features, out_features: the widths, at least 1.
        bias: whether there is one.

    Attributes:
        weight: ``(out_features, in_features)``.
        bias: ``(out_features,)``, or ``None``.

    >>> Linear(3, 2)([[1.0, 2.0, 3.0]]).shape
    (1, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        nin = _expect.whole("in_features", in_features, 1)
        nout = _expect.whole("out_features", out_features, 1)
        self.weight = uniform(rng, nin, (nout, nin), dtype)
        self.bias = uniform(rng, nin, (nout,), dtype) if bias else None

    def __call__(self, x: Any) -> Tensor:
        """``(..., in_features)`` to ``(..., out_features)``."""
        return functional.linear(x, self.weight, self.bias)

    def __repr__(self) -> str:
        nout, nin = self.weight.shape
        return f"Linear({nin}, {nout}{'' if self.bias is not None else ', bias=False'})"


class Dropout(TensorModule):
    """In training, numbers set to 0 by chance: see ``functional.dropout``.

    Args:
        p: with what probability, in [0, 1).
        rng: where chance comes from; its state belongs to what a checkpoint keeps.

    >>> Dropout(0.5).eval()([1.0, 2.0]).data
    array([1., 2.])
    """

    def __init__(self, p: float = 0.5, *, rng: Chance = None) -> None:
        self.p = _expect.finite("p", p, 0.0, 1.0)
        self.rng = np.random.default_rng() if rng is None else rng

    def __call__(self, x: Any) -> Tensor:
        """The same shape."""
        return functional.dropout(as_tensor(x), self.p, self.training, self.rng)

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"


class Embedding(TensorModule):
    """A row of numbers for each of some things that are counted from 0.

    Attributes:
        weight: ``(num_embeddings, embedding_dim)``, drawn from a normal distribution.

    >>> Embedding(27, 4)([[0, 3, 5]]).shape
    (1, 3, 4)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, dtype: Any = None, rng: Chance = None
    ) -> None:
        rows = _expect.whole("num_embeddings", num_embeddings, 1)
        width = _expect.whole("embedding_dim", embedding_dim, 1)
        source = np.random.default_rng() if rng is None else rng
        self.weight = Tensor(source.normal(size=(rows, width)), dtype=dtype)

    def __call__(self, x: Any) -> Tensor:
        """Whole numbers of any shape to ``(*shape, embedding_dim)``."""
        return functional.embedding(x, self.weight)

    def __repr__(self) -> str:
        rows, width = self.weight.shape
        return f"Embedding({rows}, {width})"


class Flatten(TensorModule):
    """All axes but the first in one.

    >>> Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def __call__(self, x: Any) -> Tensor:
        """``(batch, ...)`` to ``(batch, numbers)``."""
        batch = as_tensor(x)
        return batch.reshape(len(batch), math.prod(batch.shape[1:]))

    def __repr__(self) -> str:
        return "Flatten()"


class ReLU(TensorModule):
    """``max(0, x)``."""

    activation = "relu"

    def __call__(self, x: Any) -> Tensor:
        """The same shape."""
        return as_tensor(x).relu()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Tanh(ReLU):
    """The hyperbolic tangent."""

    activation = "tanh"

    def __call__(self, x: Any) -> Tensor:
        """The same shape."""
        return as_tensor(x).tanh()


class Sigmoid(ReLU):
    """``1/(1 + exp(-x))``."""

    activation = "sigmoid"

    def __call__(self, x: Any) -> Tensor:
        """The same shape."""
        return as_tensor(x).sigmoid()


class GELU(ReLU):
    """``x P(x)``, P the normal distribution.

    Args:
        approximate: ``"none"``, or ``"tanh"`` for a faster formula that is nearly the same.
    """

    activation = "gelu"

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = _expect.choice("approximate", approximate, ("none", "tanh"))

    def __call__(self, x: Any) -> Tensor:
        """The same shape."""
        return as_tensor(x).gelu(self.approximate)


class Sequential(TensorModule):
    """Layers one after the other; their names are ``0``, ``1``, and so on, as in PyTorch.

    Args:
        layers: modules, or functions from tensor to tensor.

    >>> net = Sequential(Linear(2, 8), Tanh(), Linear(8, 1))
    >>> [name for name, _ in net.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *layers: Callable[[Any], Any]) -> None:
        for i, layer in enumerate(layers):
            if not callable(layer):
                raise TypeError(f"expected layer {i} to be a module, got {_expect.show(layer)}")
            vars(self)[str(i)] = layer

    @property
    def layers(self) -> list[Any]:
        """The layers, in order."""
        return [layer for name, layer in vars(self).items() if name.isdigit()]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]

    def __call__(self, x: Any) -> Tensor:
        """What the last layer makes of what the others have made of ``x``."""
        for layer in self.layers:
            x = layer(x)
        return as_tensor(x)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


class Residual(TensorModule):
    """``x + inner(x)``: the way around keeps gradients alive in deep networks (He et al., 2016).

    Args:
        inner: a module that gives the shape it got.

    Raises:
        ValueError: if it gives another shape.

    >>> Residual(Linear(3, 3))([[1.0, 2.0, 3.0]]).shape
    (1, 3)
    """

    def __init__(self, inner: Callable[[Any], Tensor]) -> None:
        self.inner = inner

    def __call__(self, x: Any) -> Tensor:
        """The same shape."""
        batch = as_tensor(x)
        result = self.inner(batch)
        if result.shape != batch.shape:
            raise ValueError(
                f"expected the inner module to give the shape it got, {batch.shape}, "
                f"got {result.shape}"
            )
        return batch + result

    def __repr__(self) -> str:
        return f"Residual({self.inner!r})"
