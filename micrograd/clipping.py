"""Gradients together: how long they are, and cutting them down to size.

The chapter "Numerical stability" tells the story. What is here measures numbers and arrays alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, SupportsFloat

from micrograd import _expect

__all__ = ["clip_gradient_norm", "clip_gradient_values", "gradient_norm"]


def gradient_norm(parameters: Iterable[Any]) -> float:
    """The root of the sum of all squared gradients; ``nan`` if one of them is ``nan``.

    >>> from micrograd import Value
    >>> a, b = Value(0.0), Value(0.0)
    >>> a.grad, b.grad = 3.0, -4.0
    >>> gradient_norm([a, b])
    5.0
    """
    return math.hypot(*(_length(parameter.grad) for parameter in parameters))


def _length(gradient: Any) -> float:
    """Its magnitude, whether it is a number or an array."""
    if isinstance(gradient, (float, int)):
        return abs(gradient)
    return math.sqrt((gradient * gradient).sum())


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
    lengths = [_length(node.grad) for node in nodes]
    norm, longest = math.hypot(*lengths), max(lengths, default=0.0)
    if norm > most and math.isfinite(longest):
        # The norm itself may overflow where no gradient does.
        factor = most / norm if norm < math.inf else 0.0
        if not factor:
            factor = most / longest / math.hypot(*(length / longest for length in lengths))
        for node in nodes:
            node.grad = node.grad * factor
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
