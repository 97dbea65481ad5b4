"""Losses: their values and slopes, at every edge, and what they refuse."""

import math
from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest
from little_nets import values

from micrograd import (
    Value,
    binary_cross_entropy,
    cross_entropy,
    gradient_check,
    hinge_loss,
    mse_loss,
)

Loss = Callable[[Any, Any], Value]
ELEMENTWISE: list[Loss] = [mse_loss, hinge_loss, binary_cross_entropy]

# Losses


def test_mean_squared_error_of_one_prediction() -> None:
    prediction = Value(5.0)
    loss = mse_loss(prediction, 3.0)
    loss.backward()
    assert (loss.data, prediction.grad) == (4.0, 4.0)


def test_mean_squared_error_is_a_mean() -> None:
    a, b = predictions = values(1.0, 5.0)
    loss = mse_loss(predictions, [2.0, 3.0])
    loss.backward()
    assert (loss.data, a.grad, b.grad) == (2.5, -1.0, 2.0)


def test_hinge_loss_is_zero_beyond_the_margin_and_a_line_below_it() -> None:
    right, unsure, wrong = scores = values(2.0, 0.5, 3.0)
    loss = hinge_loss(scores, [1, 1, -1])
    loss.backward()
    assert loss.data == (0.0 + 0.5 + 4.0) / 3
    assert (right.grad, unsure.grad, wrong.grad) == (0.0, -1 / 3, 1 / 3)


@pytest.mark.parametrize("z", [-2.0, -0.5, 0.0, 0.5, 2.0])
@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_is_its_definition(z: float, target: float) -> None:
    logit, s = Value(z), 1 / (1 + math.exp(-z))
    loss = binary_cross_entropy([logit], [target])
    loss.backward()
    definition = -target * math.log(s) - (1 - target) * math.log(1 - s)
    assert loss.data == pytest.approx(definition, rel=1e-14)
    assert logit.grad == pytest.approx(s - target, rel=1e-14)


@pytest.mark.parametrize(
    ("z", "target", "value", "slope"),
    [
        (1000.0, 1.0, 0.0, 0.0),
        (1000.0, 0.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0, 0.0),
        (-1000.0, 1.0, 1000.0, -1.0),
        (-1000.0, 0.5, 500.0, -0.5),
    ],
)
def test_binary_cross_entropy_survives_large_logits(
    z: float, target: float, value: float, slope: float
) -> None:
    logit = Value(z)
    loss = binary_cross_entropy([logit], [target])
    loss.backward()
    assert (loss.data, logit.grad) == (value, slope)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_is_its_definition(target: int) -> None:
    row = values(0.5, -1.0, 2.0)
    loss = cross_entropy([row], [target])
    loss.backward()
    total = sum(math.exp(z.data) for z in row)
    softmax = [math.exp(z.data) / total for z in row]
    assert loss.data == pytest.approx(-math.log(softmax[target]), rel=1e-14)
    expected = [s - (i == target) for i, s in enumerate(softmax)]
    assert [z.grad for z in row] == pytest.approx(expected, rel=1e-14)


def test_cross_entropy_at_equal_logits() -> None:
    row = values(0.0, 0.0, 0.0, 0.0)
    loss = cross_entropy([row], [2])
    loss.backward()
    assert loss.data == math.log(4.0)
    assert [z.grad for z in row] == [0.25, 0.25, -0.75, 0.25]


@pytest.mark.parametrize(
    ("logits", "target", "value", "slopes"),
    [
        ((1000.0, -1000.0), 0, 0.0, (0.0, 0.0)),
        ((1000.0, -1000.0), 1, 2000.0, (1.0, -1.0)),
        ((-1000.0, -1000.0), 0, math.log(2.0), (-0.5, 0.5)),
        ((1000.0, 1000.0), 1, math.log(2.0), (0.5, -0.5)),
    ],
)
def test_cross_entropy_survives_large_logits(
    logits: tuple[float, ...], target: int, value: float, slopes: tuple[float, ...]
) -> None:
    row = values(*logits)
    loss = cross_entropy([row], [target])
    loss.backward()
    assert loss.data == pytest.approx(value, rel=1e-12)
    assert tuple(z.grad for z in row) == slopes


def test_cross_entropy_is_a_mean_over_rows() -> None:
    first, second = values(1.0, 2.0), values(0.5, -0.5)
    both = cross_entropy([first, second], [0, 1]).data
    apart = cross_entropy([first], [0]).data + cross_entropy([second], [1]).data
    assert both == pytest.approx(apart / 2, rel=1e-15)


def test_two_classes_of_cross_entropy_are_one_binary_logit() -> None:
    z = 0.75
    two = cross_entropy([values(0.0, z)], [1]).data
    assert two == pytest.approx(binary_cross_entropy([Value(z)], [1.0]).data, rel=1e-15)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_loss_of_nested_predictions_is_that_of_all_of_them(loss: Loss) -> None:
    a, b, c, d = values(0.5, -1.5, 2.5, 0.25)
    flat = loss([a, b, c, d], [1, 1, 1, 1]).data
    assert loss([[a, b], [c, d]], [[1, 1], [1, 1]]).data == flat
    assert loss([[[a], [b]], [[c], [d]]], [[[1], [1]], [[1], [1]]]).data == flat


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_loss_does_not_depend_on_the_order_of_the_examples(loss: Loss) -> None:
    predictions, targets = values(0.5, -1.5, 2.5), [1, 1, 1]
    backwards = loss(predictions[::-1], targets[::-1])
    assert backwards.data == pytest.approx(loss(predictions, targets).data, rel=1e-15)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_targets_may_be_values(loss: Loss) -> None:
    predictions = values(0.5, -1.5)
    assert loss(predictions, values(1.0, 1.0)).data == loss(predictions, [1, 1]).data


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_gradient_of_a_loss_agrees_with_finite_differences(loss: Loss) -> None:
    predictions = values(0.5, -1.5, 2.5)
    assert gradient_check(lambda: loss(predictions, [1, 1, 1]), predictions)


@pytest.mark.parametrize("loss", ELEMENTWISE)
@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        (values(1.0, 2.0), [1], "got 2 predictions and 1 targets"),
        ([values(1.0), values(2.0)], [[1], []], r"predictions at \[1\], got 1 predictions and 0"),
        (values(1.0), 1, "got a list of 1 and a single int"),
        (Value(1.0), [1], "got a single Value and a list of 1"),
        (values(1.0), [[1]], r"got a single Value and a list of 1 at \[0\]"),
        ([values(1.0, 2.0)], [1], r"got a list of 2 and a single int at \[0\]"),
        ([values(1.0), [values(2.0)]], [[1], [1]], r"a single int at \[1\]\[0\]"),
        ([], [], "at least one prediction to compare, got none"),
        ([[], []], [[], []], "at least one prediction to compare, got none"),
    ],
)
def test_shapes_that_differ_or_are_empty_are_refused(
    loss: Loss, predictions: Any, targets: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        loss(predictions, targets)


@pytest.mark.parametrize("loss", ELEMENTWISE)
@pytest.mark.parametrize("prediction", [1.0, 1, "1", None])
def test_prediction_that_is_no_value_is_refused(loss: Loss, prediction: Any) -> None:
    with pytest.raises(TypeError, match=f"to be Values, got {type(prediction).__name__}"):
        loss(prediction, 1)
    with pytest.raises(TypeError, match=r"at \[1\]: a plain number has no graph"):
        loss([Value(1.0), prediction], [1, 1])


@pytest.mark.parametrize("label", [0, 0.5, 2, nan])
def test_hinge_loss_refuses_other_labels(label: float) -> None:
    with pytest.raises(ValueError, match=f"-1 or 1, got {label}"):
        hinge_loss(values(1.0, 1.0), [1, label])


@pytest.mark.parametrize("target", [-0.1, 1.1, nan])
def test_binary_cross_entropy_refuses_targets_that_are_no_probabilities(target: float) -> None:
    with pytest.raises(ValueError, match=rf"in \[0, 1\], got {target}"):
        binary_cross_entropy(values(1.0, 1.0), [1, target])


@pytest.mark.parametrize("target", [-1, 2, 0.5])
def test_cross_entropy_refuses_what_is_no_class(target: Any) -> None:
    with pytest.raises(ValueError, match=f"class from 0 to 1, got {target}"):
        cross_entropy([values(1.0, 2.0)], [target])


@pytest.mark.parametrize("row", [[1.0, 2.0], Value(1.0), "12"])
def test_cross_entropy_refuses_rows_that_are_no_values(row: Any) -> None:
    with pytest.raises(TypeError, match="row of logits to be a list of Values"):
        cross_entropy([row], [0])


def test_cross_entropy_refuses_lengths_that_differ() -> None:
    with pytest.raises(ValueError, match="each of 1 rows, got 2"):
        cross_entropy([values(1.0, 2.0)], [0, 1])


def test_cross_entropy_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="at least one prediction"):
        cross_entropy([], [])


@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        (Value(0.0), 1, TypeError, "lists of rows and of classes, got a single Value"),
        ([[Value(0.0)], [Value(1.0), Value(2.0)]], [0, 1], ValueError, "one width, .* got 1 and 2"),
        ([[]], [0], ValueError, "at least 1"),
    ],
)
def test_cross_entropy_refuses_rows_that_are_none(
    logits: Any, targets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cross_entropy(logits, targets)


# Any iterable, and arrays


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_predictions_and_targets_may_be_taken_only_once(loss: Loss) -> None:
    predictions = values(0.5, -1.5, 2.5)
    once = loss((p for p in predictions), map(float, [1, 0 if loss is mse_loss else 1, 1]))
    assert once.data == loss(predictions, [1, 0 if loss is mse_loss else 1, 1]).data


def test_rows_and_classes_of_cross_entropy_may_be_taken_only_once() -> None:
    rows = [values(1.0, 2.0), values(0.5, -0.5)]
    assert cross_entropy(iter(rows), iter([0, 1])).data == cross_entropy(rows, [0, 1]).data  # type: ignore[arg-type]


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_predictions_and_targets_may_be_arrays(loss: Loss) -> None:
    numpy = pytest.importorskip("numpy")
    predictions = values(0.5, -1.5, 2.5, 0.25)
    rows = numpy.array([predictions[:2], predictions[2:]])
    flat = loss(predictions, [1, 1, 1, 1]).data
    assert loss(numpy.array(predictions), numpy.ones(4)).data == flat
    assert loss(rows, numpy.ones((2, 2), dtype=int)).data == flat


def test_rows_and_classes_of_cross_entropy_may_be_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    rows = [values(1.0, 2.0), values(0.5, -0.5)]
    ours = cross_entropy(numpy.array(rows), numpy.array([0, 1]))
    assert ours.data == cross_entropy(rows, [0, 1]).data


# The largest numbers


@pytest.mark.parametrize(
    ("logits", "target", "value"),
    [((1e308, 1e308), 0, math.log(2.0)), ((-1e308, -1e308), 1, math.log(2.0)),
     ((1e308, -1e308), 0, 0.0), ((1e308, -1e308), 1, inf)],
)  # fmt: skip
def test_cross_entropy_of_the_largest_logits(
    logits: tuple[float, float], target: int, value: float
) -> None:
    assert cross_entropy([values(*logits)], [target]).data == value


@pytest.mark.parametrize(
    ("logit", "target", "value"),
    [(-40.0, 0, 4.248354255291589e-18), (40.0, 1, 4.248354255291589e-18), (-700.0, 0, 9.86e-305)],
)
def test_binary_cross_entropy_of_a_sure_prediction_is_small_and_not_0(
    logit: float, target: int, value: float
) -> None:
    z = Value(logit)
    loss = binary_cross_entropy([z], [target])
    loss.backward()
    assert loss.data == pytest.approx(value, rel=1e-4)
    assert z.grad == pytest.approx(math.copysign(value, -logit), rel=1e-4)
