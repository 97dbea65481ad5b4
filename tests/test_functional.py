"""Functions of whole arrays: their gradients, and what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micrograd import gradient_check
from micrograd.tensors import Tensor
from micrograd.tensors import functional as f

RNG = np.random.default_rng(3)
SCORES, CLASSES = RNG.normal(size=(4, 5)), [0, 4, -100, 2]
PICTURES, FILTERS = RNG.normal(size=(2, 2, 5, 4)), RNG.normal(size=(3, 2, 3, 2))
QKV = [RNG.normal(size=(2, n, 4)) for n in (3, 5, 5)]
THREE: Any = (1, 1, 1)
SINGLE = Tensor(SCORES[:1])

CASES: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "softmax": (lambda x: f.softmax(x, axis=0), [SCORES]),
    "log_softmax": (f.log_softmax, [SCORES]),
    "cross_entropy": (lambda x: f.cross_entropy(x, CLASSES, reduction="none"), [SCORES]),
    "mse_loss": (f.mse_loss, [SCORES, SCORES[::-1]]),
    "hinge_loss": (f.hinge_loss, [SCORES, np.sign(SCORES[::-1])]),
    "binary_cross_entropy": (
        lambda x, y: f.binary_cross_entropy_with_logits(x, y, reduction="sum"),
        [SCORES, (SCORES > 0.0) * 0.9],
    ),
    "linear": (f.linear, [PICTURES, FILTERS[0, 0, :, :1] + np.ones(4), SCORES[0, :3]]),
    "embedding": (lambda w: f.embedding([[1, 1], [3, 0]], w), [SCORES]),
    "layer_norm": (lambda x, w, b: f.layer_norm(x, 4, w, b), [PICTURES, *QKV[0][0, :2]]),
    "rms_norm": (lambda x, w: f.rms_norm(x, (5, 4), w), [PICTURES, PICTURES[0, 0]]),
    "batch_norm": (
        lambda x, w, b: f.batch_norm(x, None, None, w, b, training=True),
        [PICTURES, SCORES[0, :2], SCORES[1, :2]],
    ),
    "conv2d": (
        lambda x, w, b: f.conv2d(x, w, b, stride=(1, 2), padding=1, dilation=(2, 1)),
        [PICTURES, FILTERS, SCORES[0, :3]],
    ),
    "max_pool2d": (lambda x: f.max_pool2d(x, 3, stride=2, padding=1), [PICTURES]),
    "avg_pool2d": (lambda x: f.avg_pool2d(x, (2, 3), stride=1, padding=1), [PICTURES]),
    "attention": (
        lambda q, k, v: f.scaled_dot_product_attention(q, k, v, is_causal=True),
        QKV,
    ),
    "attention with dropout": (
        lambda q, k, v: f.scaled_dot_product_attention(
            q, k, v, dropout_p=0.4, rng=np.random.default_rng(1)
        ),
        QKV,
    ),
    "dropout": (lambda x: f.dropout(x, 0.3, rng=np.random.default_rng(1)), [SCORES]),
}


@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_finite_differences(name: str, directions: int | None) -> None:
    function, arrays = CASES[name]
    tensors = [Tensor(array) for array in arrays]
    weights = np.random.default_rng(4).normal(size=function(*tensors).shape)
    loss = lambda: (function(*tensors) * weights).sum()  # noqa: E731
    assert gradient_check(loss, tensors, directions=directions)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name: str) -> None:
    function, arrays = CASES[name]
    tensors = [Tensor(array, dtype="float32") for array in arrays]
    result = function(*tensors)
    assert result.dtype == np.float32
    result.sum().backward()
    assert {tensor.grad.dtype for tensor in tensors} == {np.dtype("float32")}


def test_convolution_moves_with_its_picture() -> None:
    moved = np.roll(PICTURES, 1, axis=3)
    there, then = (f.conv2d(Tensor(x), FILTERS).data for x in (PICTURES, moved))
    assert np.allclose(there[..., :-1], then[..., 1:])


def test_dropout_keeps_the_mean_and_rests_out_of_training() -> None:
    x = Tensor(np.ones(100_000))
    dropped = f.dropout(x, 0.2, rng=np.random.default_rng(0))
    assert set(np.unique(dropped.data)) == {0.0, 1.25}
    assert abs(dropped.data.mean() - 1.0) < 0.01
    assert f.dropout(x, 0.2, training=False) is x
    assert f.dropout(x, 0.0) is x


def test_an_ignored_target_has_no_loss_and_no_gradient() -> None:
    x = Tensor(SCORES)
    f.cross_entropy(x, CLASSES).backward()
    assert not x.grad[2].any()
    assert np.isnan(f.cross_entropy(x, [-100] * 4).item())
    assert np.isnan(f.cross_entropy(Tensor(SCORES[:0]), []).item())


def test_causal_attention_does_not_look_ahead() -> None:
    q, k, v = (Tensor(RNG.normal(size=(4, 3))) for _ in range(3))
    weights = f.attention_weights(q, k, is_causal=True)
    assert np.array_equal(weights, np.tril(weights))
    assert np.allclose(weights.sum(axis=-1), 1.0)
    f.scaled_dot_product_attention(q, k, v, is_causal=True)[:2].sum().backward()
    assert not v.grad[2:].any()


def test_a_query_that_may_look_at_nothing_gets_nan() -> None:
    x = Tensor(QKV[0])
    blind = f.scaled_dot_product_attention(x, x, x, attn_mask=np.zeros((3, 3), bool))
    assert np.isnan(blind.data).all()


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: f.cross_entropy(Tensor(SCORES), [0, 1]), r"got the shapes \(4, 5\) and \(2,\)"),
        (lambda: f.cross_entropy(Tensor(SCORES), [0, 1, 2, 5]), "a class from 0 to 4, got 5"),
        (lambda: f.cross_entropy(Tensor(SCORES), [0, -1, 2, 3]), "a class from 0 to 4, got -1"),
        (lambda: f.cross_entropy(Tensor(SCORES), CLASSES, reduction="all"), "mean, sum, none"),
        (lambda: f.mse_loss(Tensor(SCORES), SCORES[0]), r"one shape, got \(4, 5\) and \(5,\)"),
        (lambda: f.linear(SCORES, Tensor(SCORES.T)), r"got \(4, 5\) and \(5, 4\)"),
        (lambda: f.linear(SCORES, Tensor(SCORES), SCORES), r"bias of the shape \(4,\)"),
        (lambda: f.embedding([4], Tensor(SCORES)), "a row from 0 to 3, got 4"),
        (lambda: f.embedding([0], Tensor(SCORES[0])), r"\(rows, width\), got the shape \(5,\)"),
        (lambda: f.layer_norm(Tensor(SCORES), 4), r"expected input \(..., 4\), got \(4, 5\)"),
        (lambda: f.rms_norm(Tensor(SCORES), 5, SCORES), "a weight of 5 numbers"),
        (lambda: f.batch_norm(SINGLE, None, None, training=True), "more than 1 value per channel"),
        (lambda: f.batch_norm(Tensor(SCORES[0]), None, None), r"\(batch, channels, ...\)"),
        (
            lambda: f.batch_norm(SINGLE, np.zeros(2), np.ones(2)),
            "running_mean for 5 channels, got",
        ),
        (lambda: f.dropout(SINGLE, 1.0), "finite number of at least 0 and below 1, got 1.0"),
        (lambda: f.conv2d(Tensor(PICTURES[0]), FILTERS), "batch, channels, height, width"),
        (lambda: f.conv2d(Tensor(PICTURES[:, :1]), FILTERS), "of as many channels"),
        (lambda: f.conv2d(Tensor(PICTURES), FILTERS, SCORES), "a bias for each of 3 filters"),
        (lambda: f.conv2d(Tensor(PICTURES[..., :1]), FILTERS), "at least as large as a window"),
        (lambda: f.conv2d(Tensor(PICTURES), FILTERS, stride=0), "stride to be at least 1, got 0"),
        (lambda: f.conv2d(Tensor(PICTURES), FILTERS, stride=THREE), "a whole number or two"),
        (lambda: f.max_pool2d(Tensor(PICTURES), 2, padding=2), "at most half a window"),
        (lambda: f.max_pool2d(Tensor(SCORES), 2), r"width\), got \(4, 5\)"),
        (lambda: f.scaled_dot_product_attention(SINGLE, SINGLE[:, :4], SINGLE), "queries and keys"),
        (
            lambda: f.scaled_dot_product_attention(SINGLE, SINGLE, Tensor(SCORES)),
            "as many keys as values",
        ),
        (
            lambda: f.attention_weights(SINGLE, SINGLE, attn_mask=np.ones((2, 3), bool)),
            r"a mask that fits the shape \(1, 1\), got \(2, 3\)",
        ),
        (
            lambda: f.attention_weights(SINGLE, SINGLE, np.ones((1, 1), bool), is_causal=True),
            "either attn_mask or is_causal",
        ),
    ],
)
def test_what_does_not_fit_is_refused(compute: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compute()


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: f.softmax(SCORES), "expected x to be a Tensor, got ndarray"),  # type: ignore[arg-type]
        (lambda: f.cross_entropy(Tensor(SCORES), [0.5] * 4), "targets to be whole numbers"),
        (lambda: f.embedding([True], Tensor(SCORES)), "rows to be whole numbers"),
        (lambda: f.max_pool2d(PICTURES, 2), "a Tensor of pictures"),
        (lambda: f.conv2d(Tensor(PICTURES), FILTERS, padding=0.5), "padding to be a whole number"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_the_wrong_kind_is_refused(compute: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        compute()
