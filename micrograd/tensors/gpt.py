"""The same language model on arrays: whole batches of texts go through it at once.

Each list comprehension of ``micrograd.gpt`` is an operation here, and the weights have the same
names. The chapter "The same GPT, on arrays" tells the story.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from micrograd import _expect, gpt
from micrograd.nn import Module
from micrograd.tensors import functional
from micrograd.tensors.attention import join_heads, split_heads
from micrograd.tensors.layers import TensorModule
from micrograd.tensors.recording import no_grad
from micrograd.tensors.tensor import Tensor

__all__ = ["GPT", "Block", "from_scalars", "padded"]

IGNORED = -100  # a target that stands for none
Cache = list[list[Any]]  # for each block, the keys and the values until now


class Block(TensorModule):
    """One layer: look back, then think; each is added to what was there.

    Attributes:
        wq, wk, wv, wo: ``(width, width)`` each.
        up, down: ``(4 * width, width)`` and ``(width, 4 * width)``.
    """

    def __init__(self, width: int, heads: int, rng: np.random.Generator, dtype: Any) -> None:
        def matrix(rows: int, columns: int) -> Tensor:
            return Tensor(rng.normal(0.0, gpt.SPREAD, (rows, columns)), dtype=dtype)

        self.heads = heads
        self.wq, self.wk, self.wv, self.wo = (matrix(width, width) for _ in range(4))
        self.up, self.down = matrix(4 * width, width), matrix(width, 4 * width)

    def __call__(self, x: Tensor, before: list[Any] | None = None) -> Tensor:
        """``(batch, length, width)`` to the same shape; with a cache, after what is in it."""
        seen = _norm(x)
        q, k, v = (self._heads(seen, w) for w in (self.wq, self.wk, self.wv))
        if before is not None:
            if before:
                k, v = (
                    Tensor(np.concatenate([old, new.data], axis=2), dtype=x.dtype)
                    for old, new in zip(before, (k, v))
                )
            before[:] = k.data, v.data
        found = functional.scaled_dot_product_attention(q, k, v, is_causal=before is None)
        x = x + functional.linear(join_heads(found), self.wo)
        thought = functional.linear(_norm(x), self.up).relu()
        return x + functional.linear(thought, self.down)

    def weights(self, x: Tensor) -> Any:
        """Who looks at whom: ``(batch, heads, length, length)``, rows that add up to 1."""
        seen = _norm(x)
        q, k = (self._heads(seen, w) for w in (self.wq, self.wk))
        return functional.attention_weights(q, k, is_causal=True)

    def _heads(self, x: Tensor, matrix: Tensor) -> Tensor:
        """A product with a matrix, and a part of its width for each head."""
        return split_heads(functional.linear(x, matrix), self.heads)


class GPT(TensorModule):
    """A model of what comes next, of tensors. Arguments as for ``micrograd.gpt.GPT``.

    Args:
        dtype: ``"float64"`` or ``"float32"``.
        rng: where the weights are drawn from.

    >>> model = GPT(5, 8, width=4, heads=2, rng=np.random.default_rng(0))
    >>> model([[4, 1, 0], [4, 3, 3]]).shape
    (2, 3, 5)
    """

    def __init__(
        self,
        vocabulary: int,
        context: int,
        width: int = 16,
        heads: int = 4,
        layers: int = 1,
        *,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.vocabulary, self.context, self.width, self.heads, count = gpt.sizes(
            vocabulary, context, width, heads, layers
        )
        source = np.random.default_rng() if rng is None else rng

        def matrix(rows: int) -> Tensor:
            return Tensor(source.normal(0.0, gpt.SPREAD, (rows, self.width)), dtype=dtype)

        self.letters, self.places = matrix(self.vocabulary), matrix(self.context)
        self.blocks = [Block(self.width, self.heads, source, dtype) for _ in range(count)]
        self.head = matrix(self.vocabulary)

    def __call__(self, tokens: Any) -> Tensor:
        """Whole numbers ``(batch, length)`` to scores ``(batch, length, vocabulary)``.

        Raises:
            ValueError: for texts longer than the context, or a token that is none.
        """
        x = self._begin(tokens, 0)
        for block in self.blocks:
            x = block(x)
        return functional.linear(x, self.head)

    def _begin(self, tokens: Any, place: int) -> Tensor:
        numbers = np.asarray(tokens)
        if numbers.ndim != 2:
            raise ValueError(f"expected tokens (batch, length), got the shape {numbers.shape}")
        length = numbers.shape[1]
        if place + length > self.context:
            raise ValueError(f"expected at most {self.context} tokens, got {place + length}")
        letters = functional.embedding(numbers, self.letters)
        return _norm(letters + self.places[place : place + length])

    def loss(self, tokens: Any, targets: Any = None) -> Tensor:
        """The mean of ``-log p`` of the targets; without them, of each token after another.

        >>> model = GPT(5, 8, width=4, heads=2, rng=np.random.default_rng(0))
        >>> bool(abs(model.loss(*padded([[4, 1, 0, 4]], 8)).item() - np.log(5)) < 0.1)
        True
        """
        if targets is None:
            numbers = np.asarray(tokens)
            tokens, targets = numbers[:, :-1], numbers[:, 1:]
        return functional.cross_entropy(self(tokens), targets, IGNORED)

    def attention(self, tokens: Any) -> list[Any]:
        """Who looks at whom, block by block: arrays ``(batch, heads, length, length)``."""
        found = []
        with no_grad():
            x = self._begin(tokens, 0)
            for block in self.blocks:
                found.append(block.weights(x))
                x = block(x)
        return found

    def new_cache(self) -> Cache:
        """What :meth:`step` remembers of the tokens before: nothing yet."""
        return [[] for _ in self.blocks]

    def step(self, token: int, cache: Cache) -> Any:
        """The scores of what comes after one more token, an array; nothing is recorded."""
        place = cache[0][0].shape[2] if cache[0] else 0
        with no_grad():
            x = self._begin([[token]], place)
            for block, before in zip(self.blocks, cache):
                x = block(x, before)
            return functional.linear(x, self.head).data[0, 0]

    def __repr__(self) -> str:
        return (
            f"GPT({self.vocabulary}, {self.context}, width={self.width}, heads={self.heads}, "
            f"layers={len(self.blocks)})"
        )


def _norm(x: Tensor) -> Tensor:
    return functional.rms_norm(x, x.shape[-1], eps=gpt.EPSILON)


def padded(texts: Iterable[Sequence[int]], length: int) -> tuple[Any, Any]:
    """Encoded texts as two arrays of one width: each token, and what comes after it.

    Where a text has ended, the token is 0 and the target -100, which has no loss.

    Args:
        texts: numbers of tokens, with their boundaries.
        length: of the rows.

    Raises:
        ValueError: for no texts, or one that is longer.

    >>> padded([[4, 1, 4]], 4)
    (array([[4, 1, 0, 0]]), array([[   1,    4, -100, -100]]))
    """
    rows = _expect.items("the texts", texts)
    if not rows:
        raise ValueError("expected at least one text, got none")
    tokens = np.zeros((len(rows), length), dtype=np.intp)
    targets = np.full((len(rows), length), IGNORED, dtype=np.intp)
    for i, row in enumerate(rows):
        if len(row) - 1 > length:
            raise ValueError(f"expected texts of at most {length} tokens and an end, got {row}")
        tokens[i, : len(row) - 1] = row[:-1]
        targets[i, : len(row) - 1] = row[1:]
    return tokens, targets


def from_scalars(model: gpt.GPT, *, dtype: Any = None) -> GPT:
    """The model of tensors that has the numbers of a model of values.

    >>> import random
    >>> scalars = gpt.GPT(5, 8, width=4, heads=2, rng=random.Random(0))
    >>> bool(np.allclose(from_scalars(scalars)([[4, 1]]).data[0, 1],
    ...                  [score.data for score in scalars([4, 1])[1]]))
    True
    """
    if not isinstance(model, gpt.GPT):
        raise TypeError(f"expected a GPT of values, got {_expect.show(model)}")
    arrays = GPT(
        model.vocabulary, model.context, model.width, model.heads, len(model.blocks), dtype=dtype
    )
    pairs: list[tuple[Module, Module]] = [(model, arrays), *zip(model.blocks, arrays.blocks)]
    for numbers, tables in pairs:
        for name, table in vars(tables).items():
            if isinstance(table, Tensor):
                rows = [[value.data for value in row] for row in getattr(numbers, name)]
                table.data = np.array(rows, table.dtype)
    return arrays
