"""Losses: one number to make smaller, from predictions and what they should have been.

Those of classes take raw outputs (logits), because the formulas with probabilities overflow where
these do not. The chapter "Losses" tells the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsFloat

from micrograd.engine import Value
from micrograd.walk import is_node

__all__ = [
    "LossFunction",
    "Predictions",
    "Targets",
    "binary_cross_entropy",
    "cross_entropy",
    "hinge_loss",
    "mse_loss",
]

# A network's outputs for some examples, and what they should have been: numbers or values,
# or lists of them, as deep as the network's output is.
Predictions = Any
Targets = Any
LossFunction = Callable[[Predictions, Targets], Any]  # a Value, or a Tensor


def mse_loss(predictions: Predictions, targets: Targets) -> Value:
    """Mean squared error: the mean of ``(prediction - target)**2``.

    Args:
        predictions: a ``Value``, a list of them, or lists of lists.
        targets: numbers or values in the same shape.

    Raises:
        TypeError: if a prediction is not a ``Value``.
        ValueError: if the shapes differ, or there is nothing to compare.

    >>> mse_loss([Value(1.0), Value(5.0)], [2.0, 3.0]).data
    2.5
    """
    return _mean([(p - t) ** 2 for p, t in _pairs(predictions, targets)])


def hinge_loss(scores: Predictions, labels: Targets) -> Value:
    """The mean of ``max(0, 1 - label * score)``: zero once every score is right by a margin.

    Args:
        scores: a ``Value``, a list of them, or lists of lists; their sign is the decision.
        labels: -1 or 1, in the same shape.

    Raises:
        TypeError: if a score is not a ``Value``.
        ValueError: if the shapes differ, there is nothing to compare, or a label is neither.

    >>> hinge_loss([Value(0.5), Value(-3.0)], [1, -1]).data
    0.25
    """
    pairs = list(_pairs(scores, labels))
    for _, label in pairs:
        if float(label) not in (-1.0, 1.0):
            raise ValueError(f"expected the labels of a hinge loss to be -1 or 1, got {label}")
    return _mean([(1.0 - score * label).relu() for score, label in pairs])


def binary_cross_entropy(logits: Predictions, targets: Targets) -> Value:
    """The mean of ``-t log s(z) - (1 - t) log(1 - s(z))``, ``s`` being the sigmoid.

    Computed as ``softplus(z) - t z``, or ``softplus(-z) + (1 - t) z`` for z above 0, which neither
    overflow nor take the log of 0; a small loss is exact, too.

    Args:
        logits: a ``Value``, a list of them, or lists of lists: the network's raw outputs.
        targets: probabilities in [0, 1], in the same shape.

    Raises:
        TypeError: if a logit is not a ``Value``.
        ValueError: if the shapes differ or are empty, or a target is not a probability.

    >>> round(binary_cross_entropy([Value(0.0)], [1.0]).data, 4)
    0.6931
    """
    pairs = list(_pairs(logits, targets))
    for _, target in pairs:
        if not 0.0 <= float(target) <= 1.0:
            raise ValueError(f"expected the targets to be in [0, 1], got {target}")
    return _mean([_surprise(logit, target) for logit, target in pairs])


def cross_entropy(logits: Sequence[Sequence[Value]], targets: Sequence[int]) -> Value:
    """The mean of ``-log softmax(row)[target]`` over examples with one of several classes.

    Computed as ``log sum exp(row - max) - (row[target] - max)``, which does not overflow.

    Args:
        logits: one row of raw outputs for each example, all of the same width.
        targets: the class of each example, from 0 to the width - 1.

    Raises:
        TypeError: if a row is not a list of values.
        ValueError: if lengths or widths differ or are 0, or a target is no class.

    >>> round(cross_entropy([[Value(0.0), Value(0.0)]], [1]).data, 4)
    0.6931
    """
    logits, targets = _listed(logits), _listed(targets)
    if not _is_nested(logits) or not _is_nested(targets):
        raise TypeError(
            f"expected lists of rows and of classes, got {_shape(logits)} and {_shape(targets)}"
        )
    if len(logits) != len(targets):
        raise ValueError(f"expected a target for each of {len(logits)} rows, got {len(targets)}")
    terms = []
    for row, target in zip(logits, targets):
        if not _is_nested(row) or not all(isinstance(logit, Value) for logit in row):
            raise TypeError(f"expected each row of logits to be a list of Values, got {row!r}")
        if len(row) != len(logits[0]) or len(row) == 0:
            raise ValueError(
                f"expected rows of one width, at least 1, got {len(logits[0])} and {len(row)}"
            )
        if target not in range(len(row)):
            raise ValueError(f"expected a class from 0 to {len(row) - 1}, got {target}")
        # Subtracting the largest logit changes nothing but the size of the exponentials.
        largest = max(logit.data for logit in row)
        total = sum(((logit - largest).exp() for logit in row), Value(0.0))
        terms.append(total.log() - (row[int(target)] - largest))
    return _mean(terms)


def _surprise(z: Value, t: Any) -> Value:
    """The binary cross entropy of one logit, from the side where nothing large cancels."""
    above = z.data > 0.0
    loss: Value = (-z).softplus() + z * (1.0 - t) if above else z.softplus() - z * t
    return loss


def _mean(terms: Sequence[Value]) -> Value:
    if not terms:
        raise ValueError("expected at least one prediction to compare, got none")
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total / len(terms)


def _pairs(
    predictions: Predictions, targets: Targets, where: str = ""
) -> Iterator[tuple[Value, SupportsFloat]]:
    """Each prediction with its target, walking two equally shaped nests of lists together."""
    predictions, targets = _listed(predictions), _listed(targets)
    if _is_nested(predictions) and _is_nested(targets):
        if len(predictions) != len(targets):
            raise ValueError(
                f"expected as many targets as predictions{where}, "
                f"got {len(predictions)} predictions and {len(targets)} targets"
            )
        for i, (prediction, target) in enumerate(zip(predictions, targets)):
            yield from _pairs(prediction, target, f"{where or ' at '}[{i}]")
    elif _is_nested(predictions) or _is_nested(targets):
        raise ValueError(
            f"expected predictions and targets of one shape, got {_shape(predictions)} "
            f"and {_shape(targets)}{where}"
        )
    elif not isinstance(predictions, Value):
        raise TypeError(
            f"expected predictions to be Values, got {type(predictions).__name__}{where}: "
            "a plain number has no graph for gradients to flow through"
        )
    else:
        yield predictions, targets


def _listed(item: Any) -> Any:
    """``item``, or the list of what it yields where that can be taken only once."""
    if is_node(item) and not isinstance(item, Value):
        raise TypeError(
            f"expected predictions to be Values, got a {type(item).__name__}: the losses of "
            "tensors are in micrograd.tensors.functional"
        )
    return list(item) if isinstance(item, Iterator) else item


def _is_nested(item: object) -> bool:
    return hasattr(item, "__len__") and not isinstance(item, str)


def _shape(item: Any) -> str:
    return f"a list of {len(item)}" if _is_nested(item) else f"a single {type(item).__name__}"
