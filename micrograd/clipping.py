"""Gradients together: how long they are, and cutting them down to size.

The chapter "Numerical stability" tells the story. What is here measures numbers and arrays alike.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Any, SupportsFloat

from micrograd import _expect

__all__ = [
    "all_finite",
    "clip_gradient_norm",
    "clip_gradient_values",
    "gradient_norm",
    "gradient_size",
]


def gradient_norm(parameters: Iterable[Any]) -> float:
    """The root of the sum of all squared gradients; ``nan`` if one of them is ``nan``.

    >>> from micrograd import Value
    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 3.0, -4.0
    >>> gradient_norm([a, b])
    5.0
    """
    return math.hypot(*(_length(node.grad) for node in _expect.parameters(parameters)))


def gradient_size(gradients: Iterable[float]) -> tuple[float, float]:
    """The norm of some gradients, and the median of their magnitudes: ``nan`` for none.

    >>> gradient_size([3.0, -4.0, 0.0])
    (5.0, 3.0)
    """
    magnitudes = sorted(map(abs, _expect.items("the gradients", gradients)))
    return math.hypot(*magnitudes), magnitudes[len(magnitudes) // 2] if magnitudes else math.nan


def all_finite(gradients: Iterable[Any]) -> bool:
    """Whether no number among them, nor in any array among them, is ``nan`` or infinite.

    >>> all_finite([0.5, -2.0]), all_finite([0.5, math.nan])
    (True, False)
    """
    return all(math.isfinite(_largest(gradient)) for gradient in gradients)


def _largest(gradient: Any) -> float:
    """Its largest magnitude, whether it is a number or an array; ``nan`` if one is."""
    if isinstance(gradient, (float, int)):
        return abs(gradient)
    return float(abs(gradient).max()) if gradient.size else 0.0


def _length(gradient: Any) -> float:
    """Its magnitude, whether it is a number or an array."""
    largest = _largest(gradient)
    if isinstance(gradient, (float, int)) or not 0.0 < largest < math.inf:
        return largest
    # Like math.hypot, without an overflow where only the squares are too large.
    return largest * math.sqrt(float(((gradient / largest) ** 2).sum()))


def clip_gradient_norm(parameters: Iterable[Any], max_norm: SupportsFloat) -> float:
    """Scale all gradients down together, so that their norm is at most ``max_norm``.

    Their direction stays as it is (Pascanu et al., 2013). If one of them is not finite there is
    no direction to keep, and the gradients are left alone.

    Returns:
        The norm before.

    Raises:
        TypeError, ValueError: if ``max_norm`` is not a positive, finite number, or for parameters
            that are none.

    >>> from micrograd import Value
    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 30.0, 40.0
    >>> clip_gradient_norm([a, b], 5.0), a.grad, b.grad
    (50.0, 3.0, 4.0)
    """
    most = _expect.positive("max_norm", max_norm)
    nodes = _expect.parameters(parameters)
    norm = gradient_norm(nodes)
    if norm > most and all_finite(node.grad for node in nodes):
        unit, factor = 1.0, most / norm
        if factor < sys.float_info.min:  # too small to be exact, or the norm has overflowed
            unit = max(_largest(node.grad) for node in nodes)
            factor = most / math.hypot(*(_length(node.grad / unit) for node in nodes))
        for node in nodes:
            node.grad = node.grad / unit * factor
    return norm


def clip_gradient_values(parameters: Iterable[Any], limit: SupportsFloat) -> int:
    """Bring each gradient into [-limit, limit] by itself; their direction may change.

    Returns:
        How many gradients were clipped.

    Raises:
        TypeError, ValueError: if ``limit`` is not a positive, finite number, or for parameters
            that are none.

    >>> from micrograd import Value
    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 3.0, 40.0
    >>> clip_gradient_values([a, b], 5.0), a.grad, b.grad
    (1, 3.0, 5.0)
    """
    most = _expect.positive("limit", limit)
    count = 0
    for node in _expect.parameters(parameters):
        if isinstance(node.grad, (float, int)):
            if abs(node.grad) > most:
                node.grad = math.copysign(most, node.grad)
                count += 1
        else:
            count += int((abs(node.grad) > most).sum())
            node.grad = node.grad.clip(-most, most)
    return count
