"""Shares that add up to 1, and losses: from scores where there are scores, in one node each.

The chapter "Losses" tells their story for numbers; a slope worked out by hand is exact where a
formula written out would overflow.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd import _expect
from micrograd.tensors._arrays import Array, in_range, whole_numbers
from micrograd.tensors.recording import fitting, record, tensor

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge_loss",
    "log_softmax",
    "mse_loss",
    "shares_of",
    "softmax",
]


def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """``exp(x_i) / sum(exp(x_j))`` along an axis: positive shares that add up to 1.

    >>> from micrograd.tensors import Tensor
    >>> softmax(Tensor([1000.0, 1000.0])).data
    array([0.5, 0.5])
    """
    shares = shares_of(tensor("x", x).data, axis)

    def pull(g: Array) -> Array:
        # ds_i/dx_j = s_i (1 if i = j else 0) - s_i s_j
        return shares * (g - (g * shares).sum(axis=axis, keepdims=True))  # type: ignore[no-any-return]

    return record(shares, (x,), (pull,), "softmax")


def shares_of(x: Array, axis: int) -> Any:
    """The shares of an array along an axis."""
    shares = x - x.max(axis=axis, keepdims=True)  # changes no share, and nothing overflows
    np.exp(shares, out=shares)
    shares /= shares.sum(axis=axis, keepdims=True)
    return shares


def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    """The logarithm of :func:`softmax`, exact also where a share is too small to be a number.

    >>> from micrograd.tensors import Tensor
    >>> log_softmax(Tensor([0.0, -1000.0])).data
    array([    0., -1000.])
    """
    logs = _logs_of(tensor("x", x).data, axis)

    def pull(g: Array) -> Array:
        return g - np.exp(logs) * g.sum(axis=axis, keepdims=True)  # type: ignore[no-any-return]

    return record(logs, (x,), (pull,), "log_softmax")


def _logs_of(x: Array, axis: int) -> Array:
    below = x - x.max(axis=axis, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=axis, keepdims=True))  # type: ignore[no-any-return]


def cross_entropy(
    input: Tensor, target: Any, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """Minus the logarithm of the share that the right class gets.

    Args:
        input: scores (logits) of any size, ``(..., classes)``.
        target: the right classes, whole numbers from 0 on, ``(...)``.
        ignore_index: a target that stands for none: its place has no loss, and does not count.
        reduction: ``"mean"``, ``"sum"``, or ``"none"`` for the loss at every place.

    Raises:
        TypeError: for targets that are no whole numbers.
        ValueError: for shapes that do not fit, or a class out of range.

    >>> from micrograd.tensors import Tensor
    >>> round(cross_entropy(Tensor([[0.0, 0.0], [9.0, 9.0]]), [0, 1]).item(), 6)
    0.693147
    """
    logits = tensor("input", input).data
    classes = whole_numbers("the targets", target)
    if logits.ndim != classes.ndim + 1 or logits.shape[:-1] != classes.shape:
        raise ValueError(
            "expected logits (..., classes) and targets (...), "
            f"got the shapes {logits.shape} and {classes.shape}"
        )
    there = classes != ignore_index
    right = np.where(there, classes, 0)
    in_range("a class", right, logits.shape[-1])
    logs = _logs_of(logits, -1)
    places = np.arange(right.size), right.ravel()  # in one long row of scores
    hits = logs.reshape(-1, logits.shape[-1])[places].reshape(right.shape)
    losses = np.where(there, -hits, 0.0)
    count = int(there.sum())

    def pull(g: Array) -> Array:
        # d loss/d logit = share - (1 for the right class)
        slopes = np.exp(logs).reshape(-1, logs.shape[-1])
        slopes[places] -= 1.0
        slopes *= (g * there).reshape(-1, 1)
        return slopes.reshape(logs.shape)

    return _reduced(
        losses.astype(logits.dtype), (input,), (pull,), reduction, count, "cross_entropy"
    )


def _reduced(
    losses: Array, parents: Any, pulls: Any, reduction: str, count: int, op: str
) -> Tensor:
    """The losses of all places, or their sum or mean, in one node."""
    _expect.choice("reduction", reduction, ("mean", "sum", "none"))
    if reduction == "none":
        return record(losses, parents, pulls, op)
    share = 1.0 if reduction == "sum" else 1.0 / count if count else math.nan
    spread = [lambda g, pull=pull: pull(g * losses.dtype.type(share)) for pull in pulls]
    return record(losses.sum() * losses.dtype.type(share), parents, tuple(spread), op)


def mse_loss(input: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """``(input - target)**2``, and its mean over all numbers.

    Raises:
        ValueError: if the shapes differ: stretching one of them is hardly ever meant.

    >>> from micrograd.tensors import Tensor
    >>> mse_loss(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    x, y = _alike(input, target)
    off = x - y
    pulls = (lambda g: 2.0 * g * off, lambda g: -2.0 * g * off)
    return _reduced(off * off, (input, target), pulls, reduction, off.size, "mse_loss")


def hinge_loss(input: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """``max(0, 1 - target * input)`` for targets -1 and 1, and its mean over all numbers.

    >>> from micrograd.tensors import Tensor
    >>> hinge_loss(Tensor([3.0, 0.5]), [1.0, -1.0]).item()
    0.75
    """
    x, y = _alike(input, target)
    margin = 1.0 - y * x
    inside = margin > 0.0
    pulls = (lambda g: -g * y * inside, lambda g: -g * x * inside)
    losses = np.maximum(margin, 0.0)
    return _reduced(losses, (input, target), pulls, reduction, margin.size, "hinge_loss")


def binary_cross_entropy_with_logits(input: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """Minus ``target * log(p) + (1 - target) * log(1 - p)``, with ``p = sigmoid(input)``.

    >>> from micrograd.tensors import Tensor
    >>> binary_cross_entropy_with_logits(Tensor([1000.0, 0.0]), [1.0, 1.0]).item() * 2
    0.6931471805599453
    """
    x, y = _alike(input, target)
    e = np.exp(-np.abs(x))  # never overflows
    losses = np.maximum(x, 0.0) - x * y + np.log1p(e)
    p = np.where(x < 0.0, e, 1.0) / (1.0 + e)
    pulls = (lambda g: g * (p - y), lambda g: -g * x)
    return _reduced(losses, (input, target), pulls, reduction, x.size, "binary_cross_entropy")


def _alike(input: Any, target: Any) -> tuple[Array, Array]:
    x = tensor("input", input).data
    y = np.asarray(fitting(target, x))
    if x.shape != y.shape:
        raise ValueError(f"expected input and target of one shape, got {x.shape} and {y.shape}")
    return x, y
