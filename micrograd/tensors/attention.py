"""Attention in several heads, and a block of a transformer around it.

Parameters have the names and shapes of PyTorch's ``MultiheadAttention`` and
``TransformerEncoderLayer``, the batch first. The chapter "Attention" tells the story.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from micrograd import _expect
from micrograd.tensors import functional
from micrograd.tensors.layers import Chance, Linear, TensorModule, as_tensor
from micrograd.tensors.norms import LayerNorm
from micrograd.tensors.recording import record
from micrograd.tensors.tensor import Tensor

__all__ = ["MultiHeadAttention", "TransformerBlock", "join_heads", "split_heads"]


def split_heads(x: Tensor, heads: int) -> Tensor:
    """A part of the width for each head, which get an axis of their own.

    Args:
        x: ``(batch, length, width)``.
        heads: how many there are; they divide the width.

    Returns:
        ``(batch, heads, length, width / heads)``.

    Raises:
        ValueError: if they do not divide it.

    >>> split_heads(Tensor(np.zeros((2, 5, 6))), 3).shape
    (2, 3, 5, 2)
    """
    shape = x.data.shape
    if len(shape) != 3 or shape[-1] % heads:
        raise ValueError(f"expected (batch, length, a multiple of {heads}), got the shape {shape}")
    parts = x.data.reshape(*shape[:2], heads, shape[-1] // heads).swapaxes(1, 2)
    return record(parts, (x,), (lambda g: g.swapaxes(1, 2).reshape(shape),), "split_heads")


def join_heads(x: Tensor) -> Tensor:
    """What the heads have found, side by side again: :func:`split_heads` undone.

    >>> join_heads(Tensor(np.zeros((2, 3, 5, 2)))).shape
    (2, 5, 6)
    """
    batch, heads, length, width = x.data.shape
    joined = x.data.swapaxes(1, 2).reshape(batch, length, heads * width)
    back = (batch, length, heads, width)
    return record(joined, (x,), (lambda g: g.reshape(back).swapaxes(1, 2),), "join_heads")


class MultiHeadAttention(TensorModule):
    """Several attentions side by side, each on its own part of the width (Vaswani et al., 2017).

    Args:
        embed_dim: the width, which the heads share out among them.
        num_heads: how many there are; they divide ``embed_dim``.
        dropout: in training, on the weights.
        bias: whether there are biases.

    Attributes:
        in_proj_weight: ``(3 * embed_dim, embed_dim)``: queries, keys and values.
        in_proj_bias: ``(3 * embed_dim,)``, or ``None``.
        out_proj: a ``Linear`` that mixes what the heads have found.

    >>> MultiHeadAttention(8, 2)(np.zeros((1, 5, 8)), is_causal=True).shape
    (1, 5, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        width = _expect.whole("embed_dim", embed_dim, 1)
        self.num_heads = _expect.whole("num_heads", num_heads, 1)
        if width % self.num_heads:
            raise ValueError(
                f"expected num_heads to divide embed_dim, got {num_heads} heads for {embed_dim}"
            )
        self.dropout = _expect.finite("dropout", dropout, 0.0, 1.0)
        self.rng = np.random.default_rng() if rng is None else rng
        bound = math.sqrt(6.0 / (4 * width))  # of Glorot and Bengio (2010)
        self.in_proj_weight = Tensor(
            self.rng.uniform(-bound, bound, (3 * width, width)), dtype=dtype
        )
        self.in_proj_bias = Tensor(np.zeros(3 * width), dtype=dtype) if bias else None
        self.out_proj = Linear(width, width, bias, dtype=dtype, rng=self.rng)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[...] = 0.0

    def __call__(
        self,
        query: Any,
        key: Any = None,
        value: Any = None,
        attn_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:
        """What each place of ``query`` gathers from ``value``.

        Args:
            query: ``(batch, length, embed_dim)``.
            key, value: ``(batch, places, embed_dim)``; by default the query and the key.
            attn_mask: booleans, true where a query may look at a key, as in
                ``functional.scaled_dot_product_attention``; stretched to
                ``(batch, heads, queries, keys)``.
            is_causal: whether each place may look at itself and at those before it only.

        Returns:
            ``(batch, length, embed_dim)``.
        """
        q, k, v = self._heads(query, key, value)
        found = functional.scaled_dot_product_attention(
            q, k, v, attn_mask, self.dropout if self.training else 0.0, is_causal, rng=self.rng
        )
        return self.out_proj(join_heads(found))

    def weights(
        self, query: Any, key: Any = None, attn_mask: Any = None, is_causal: bool = False
    ) -> np.ndarray[Any, Any]:
        """Who looks at whom: ``(batch, heads, queries, keys)``, rows that add up to 1."""
        q, k, _ = self._heads(query, key, None)
        return functional.attention_weights(q, k, attn_mask, is_causal)

    def _heads(self, query: Any, key: Any, value: Any) -> list[Tensor]:
        """Queries, keys and values, each ``(batch, heads, length, width of a head)``."""
        width = self.in_proj_weight.shape[1]
        query = as_tensor(query, self.in_proj_weight)
        key = query if key is None else as_tensor(key, self.in_proj_weight)
        value = key if value is None else as_tensor(value, self.in_proj_weight)
        if query.ndim != 3:
            raise ValueError(f"expected queries (batch, length, {width}), got {query.shape}")
        if query is key is value:  # one product for all three
            projected = functional.linear(query, self.in_proj_weight, self.in_proj_bias)
            parts = [projected[..., i * width : (i + 1) * width] for i in range(3)]
        else:
            parts = []
            for i, x in enumerate((query, key, value)):
                rows = slice(i * width, (i + 1) * width)
                bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
                parts.append(functional.linear(x, self.in_proj_weight[rows], bias))
        return [split_heads(part, self.num_heads) for part in parts]

    def __repr__(self) -> str:
        return f"MultiHeadAttention({self.in_proj_weight.shape[1]}, {self.num_heads})"


class TransformerBlock(TensorModule):
    """Look around, then think: ``x + attention(norm(x))``, then ``x + mlp(norm(x))``.

    It is PyTorch's ``TransformerEncoderLayer`` with ``norm_first=True, batch_first=True``.

    Args:
        d_model: the width.
        nhead: how many heads there are; they divide the width.
        dim_feedforward: how many neurons think at each place; by default four times the width.
        dropout: in training, behind each part and on the weights of attention.
        activation: ``"relu"`` or ``"gelu"``.

    Attributes:
        self_attn: a ``MultiHeadAttention``.
        linear1, linear2: from the width to ``dim_feedforward`` and back.
        norm1, norm2: a ``LayerNorm`` before each part.

    >>> TransformerBlock(8, 2)(np.zeros((1, 5, 8)), is_causal=True).shape
    (1, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int | None = None,
        dropout: float = 0.0,
        activation: str = "relu",
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        self.rng = np.random.default_rng() if rng is None else rng
        width = _expect.whole("d_model", d_model, 1)
        hidden = 4 * width if dim_feedforward is None else dim_feedforward
        self.dropout = _expect.finite("dropout", dropout, 0.0, 1.0)
        self.activation = _expect.choice("activation", activation, ("relu", "gelu"))
        self.self_attn = MultiHeadAttention(width, nhead, dropout, dtype=dtype, rng=self.rng)
        self.linear1 = Linear(width, hidden, dtype=dtype, rng=self.rng)
        self.linear2 = Linear(hidden, width, dtype=dtype, rng=self.rng)
        self.norm1, self.norm2 = LayerNorm(width, dtype=dtype), LayerNorm(width, dtype=dtype)

    def __call__(self, x: Any, attn_mask: Any = None, is_causal: bool = False) -> Tensor:
        """``(batch, length, d_model)`` to the same shape."""
        batch = as_tensor(x, self.linear1.weight)
        looked = self.self_attn(self.norm1(batch), None, None, attn_mask, is_causal)
        seen = batch + self._dropped(looked)
        inner = self.linear1(self.norm2(seen))
        bent = inner.relu() if self.activation == "relu" else inner.gelu()
        return seen + self._dropped(self.linear2(self._dropped(bent)))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training, self.rng)

    def __repr__(self) -> str:
        return f"TransformerBlock({self.linear1.weight.shape[1]}, {self.self_attn.num_heads})"
