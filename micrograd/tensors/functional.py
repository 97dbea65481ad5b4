"""What layers compute, as functions: softmax and losses, normalisation, attention, dropout.

Names, orders of arguments and numbers are PyTorch's (``torch.nn.functional``), but for axes, which
are NumPy's ``axis``. Each is one node of the graph, with its gradient worked out by hand, so that
little is kept and little is walked. The chapters "Layers", "Pictures" and "Attention" tell the
story.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd import _expect
from micrograd.tensors._arrays import Array, constant, in_range, whole_numbers
from micrograd.tensors.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    log_softmax,
    mse_loss,
    shares_of,
    softmax,
)
from micrograd.tensors.normalisation import batch_norm, layer_norm, rms_norm
from micrograd.tensors.recording import fitting, record, tensor
from micrograd.tensors.windows import avg_pool2d, conv2d, max_pool2d

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = [
    "attention_weights",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "cross_entropy",
    "dropout",
    "embedding",
    "hinge_loss",
    "layer_norm",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "rms_norm",
    "scaled_dot_product_attention",
    "softmax",
]


def linear(input: Any, weight: Tensor, bias: Any = None) -> Tensor:
    """``input @ weight.T + bias``.

    Args:
        input: ``(..., in)``.
        weight: ``(out, in)``.
        bias: ``(out,)``, or ``None``.

    Raises:
        ValueError: if the widths do not fit.

    >>> from micrograd.tensors import Tensor
    >>> linear([1.0, 10.0], Tensor([[1.0, 2.0], [3.0, 4.0]]), [0.5, 0.5]).data
    array([21.5, 43.5])
    """
    w = tensor("weight", weight).data
    x = np.asarray(fitting(input, w))
    if w.ndim != 2 or not x.ndim or x.shape[-1] != w.shape[1]:
        raise ValueError(
            f"expected input (..., in) and weight (out, in), got {x.shape} and {w.shape}"
        )
    rows = x if x.ndim == 2 else x.reshape(-1, w.shape[1])
    product = rows @ w.T
    parents = [input, weight]
    if bias is not None:
        parents.append(bias)
        shift = np.asarray(fitting(bias, w))
        if shift.shape != w.shape[:1]:
            raise ValueError(f"expected a bias of the shape {w.shape[:1]}, got {shift.shape}")
        product += shift
    if x.ndim == 2:
        pulls: Any = (lambda g: g @ w, lambda g: g.T @ x, lambda g: np.add.reduce(g, 0))
        return record(product, parents, pulls, "linear")
    pulls = (
        lambda g: (g.reshape(-1, len(w)) @ w).reshape(x.shape),
        lambda g: g.reshape(-1, len(w)).T @ rows,
        lambda g: g.reshape(-1, len(w)).sum(axis=0),
    )
    return record(product.reshape(*x.shape[:-1], len(w)), parents, pulls, "linear")


def embedding(input: Any, weight: Tensor) -> Tensor:
    """The rows of ``weight`` that whole numbers name; a row's gradients add up.

    Args:
        input: whole numbers from 0 on, of any shape.
        weight: ``(rows, width)``.

    Returns:
        ``(*input.shape, width)``.

    Raises:
        TypeError: for something else than whole numbers.
        ValueError: for a row that there is not.

    >>> from micrograd.tensors import Tensor
    >>> embedding([1, 1], Tensor([[1.0], [2.0]])).data
    array([[2.],
           [2.]])
    """
    w, rows = tensor("weight", weight).data, whole_numbers("the rows", input)
    if w.ndim != 2:
        raise ValueError(f"expected weight (rows, width), got the shape {w.shape}")
    in_range("a row", rows, len(w))

    def pull(g: Array) -> Array:
        total, named = np.zeros_like(w), rows.ravel()
        if named.size:  # sorted, the gradients of a row stand together
            order = named.argsort(kind="stable")
            named = named[order]
            (first,) = np.concatenate([[True], named[1:] != named[:-1]]).nonzero()
            total[named[first]] = np.add.reduceat(g.reshape(-1, w.shape[1])[order], first)
        return total

    return record(w[rows], (weight,), (pull,), "embedding")


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, rng: np.random.Generator | None = None
) -> Tensor:
    """Each number set to 0 with the probability ``p``, the others divided by ``1 - p``.

    Out of training the input itself (Srivastava et al., 2014).

    Args:
        p: in [0, 1).
        rng: where chance comes from; by default a generator of its own each time.

    >>> from micrograd.tensors import Tensor
    >>> dropout(Tensor([1.0, 1.0, 1.0]), 0.5, rng=np.random.default_rng(0)).data
    array([2., 0., 0.])
    """
    x, p = tensor("input", input).data, _expect.finite("p", p, 0.0, 1.0)
    if not training or p == 0.0:
        return input
    kept = _kept(x, p, rng)
    return record(x * kept, (input,), (lambda g: g * kept,), "dropout")


def _kept(x: Array, p: float, rng: np.random.Generator | None) -> Array:
    """A factor for each number: 0 with the probability ``p``, else ``1 / (1 - p)``."""
    source = np.random.default_rng() if rng is None else rng
    kept: Array = np.asarray(source.random(x.shape) >= p, x.dtype)
    kept /= 1.0 - p
    return kept


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: np.random.Generator | None = None,
) -> Tensor:
    """``softmax(query @ key.T * scale) @ value``: each query takes a mean of the values.

    Args:
        query, key, value: ``(..., length, width)``; keys and values are equally many.
        attn_mask: booleans, true where a query may look at a key; or numbers added to the scores.
            Stretched to ``(..., queries, keys)``. A query that may look at none gets ``nan``.
        dropout_p: with what probability a weight is set to 0.
        is_causal: whether query ``i`` may look at the keys up to ``i`` only.
        scale: by default ``1/sqrt(width)`` (Vaswani et al., 2017).
        rng: where chance comes from.

    Raises:
        ValueError: if the shapes do not fit.

    >>> from micrograd.tensors import Tensor
    >>> x = Tensor([[1.0], [3.0]])
    >>> scaled_dot_product_attention(x * 0.0, x * 0.0, x, is_causal=True).data
    array([[1.],
           [2.]])
    """
    q, k, v = (
        tensor(name, t).data for name, t in zip(("query", "key", "value"), (query, key, value))
    )
    weights, factor = _weights(q, k, attn_mask, is_causal, scale)
    if k.shape[-2] != v.shape[-2]:
        raise ValueError(f"expected as many keys as values, got {k.shape} and {v.shape}")
    used, kept = weights, None
    if _expect.finite("dropout_p", dropout_p, 0.0, 1.0):
        kept = _kept(weights, dropout_p, rng)
        used = weights * kept

    def pull(g: Array) -> tuple[Array, Array, Array]:
        to_value = used.swapaxes(-1, -2) @ g
        scores = g @ v.swapaxes(-1, -2)
        if kept is not None:
            scores *= kept
        scores -= np.vecdot(scores, weights)[..., np.newaxis]
        scores *= weights
        scores *= factor
        return scores @ k, scores.swapaxes(-1, -2) @ q, to_value

    return record(used @ v, (query, key, value), pull, "attention")


@lru_cache(maxsize=64)
def _ahead(queries: int, keys: int, dtype: Any) -> Array:
    """Minus infinity where a key lies ahead of its query, and 0 elsewhere."""
    return np.triu(np.full((queries, keys), -np.inf, dtype), 1)


def attention_weights(
    query: Tensor, key: Tensor, attn_mask: Any = None, is_causal: bool = False
) -> Array:
    """What :func:`scaled_dot_product_attention` weighs the values with, to look at.

    Returns:
        An array ``(..., queries, keys)`` whose rows add up to 1.
    """
    return _weights(tensor("query", query).data, tensor("key", key).data, attn_mask, is_causal)[0]


def _weights(
    q: Array, k: Array, mask: Any, is_causal: bool, scale: float | None = None
) -> tuple[Array, Any]:
    if q.ndim < 2 or k.ndim < 2 or q.shape[-1] != k.shape[-1]:
        raise ValueError(
            f"expected queries and keys (..., length, width), got {q.shape} and {k.shape}"
        )
    factor = q.dtype.type(1.0 / math.sqrt(q.shape[-1]) if scale is None else scale)
    scores = q @ k.swapaxes(-1, -2)
    scores *= factor
    if is_causal:
        if mask is not None:
            raise ValueError("expected either attn_mask or is_causal, got both")
        scores += _ahead(*scores.shape[-2:], scores.dtype)
    elif mask is not None:
        given = np.asarray(mask)
        try:
            fits = np.broadcast_shapes(given.shape, scores.shape) == scores.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"expected a mask that fits the shape {scores.shape}, got {given.shape}"
            )
        if given.dtype == np.bool_:
            scores = np.where(given, scores, scores.dtype.type(-np.inf))
        else:
            scores = scores + constant(given, scores)
    with np.errstate(invalid="ignore"):  # where all keys are hidden
        return shares_of(scores, -1), factor
