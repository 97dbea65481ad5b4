"""What PyTorch makes of functions of arrays, kept for machines that have no PyTorch.

Run it where PyTorch is installed, from the root of the repository:

    python tests/freeze_tensors.py

It writes ``tests/data/tensors.json``, which ``test_tensors_frozen.py`` compares ours with. Of each
result and each gradient its shape is kept, and one number that all of its numbers take part in.
"""

import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from micrograd.tensors import functional as f

FROZEN = Path(__file__).parent / "data" / "tensors.json"

torch: Any = import_module("torch") if find_spec("torch") else None
F: Any = torch and torch.nn.functional

NUMBERS = np.random.default_rng(2)
SCORES = NUMBERS.normal(size=(4, 5))
CLASSES = np.array([0, 4, -100, 2])
PICTURES = NUMBERS.normal(size=(2, 4, 7, 6))
FILTERS, SHIFTS = NUMBERS.normal(size=(3, 4, 3, 2)), NUMBERS.normal(size=3)
CHANNELS = NUMBERS.normal(size=(2, 4))
QKV = [NUMBERS.normal(size=(2, 3, n, 4)) for n in (5, 6, 6)]
MASK = np.tri(5, 6, 1, dtype=bool)
COLUMN = SCORES[:, :1] / 2.0

# What is computed by us and by PyTorch, from what. Expressions that both understand stand once.
FUNCTIONS: dict[str, tuple[list[Any], Callable[..., Any], Callable[..., Any]]] = {
    **{
        name: (arrays, expression, expression)
        for name, arrays, expression in (
            ("arithmetic", [SCORES, COLUMN], lambda x, y: (x - y) * x / (y * y + 1.0) + -(y**3)),
            ("powers", [abs(SCORES), COLUMN], lambda x, y: x**y + 2.0**x + x**0.5),
            ("activations", [SCORES], lambda x: x.tanh() + x.sigmoid() ** 2 + x.relu() * x.exp()),
            ("logarithms", [abs(SCORES)], lambda x: x.log() * x.sqrt() + abs(x)),
            ("products of batches", QKV[:2], lambda x, y: x @ y.swapaxes(-1, -2)),
            ("a product with a matrix", [QKV[0], FILTERS[0, 0, 0]], lambda x, y: x[..., :2] @ y),
            ("parts", [PICTURES], lambda x: x[1, [0, 2, 2], ::2].reshape(4, -1) ** 2),
            ("sums", [PICTURES], lambda x: x.sum((0, 2)) ** 2 * x.mean((0, 2))),
        )
    },
    "softmax": ([SCORES], lambda x: f.softmax(x, 0) ** 2, lambda x: F.softmax(x, 0) ** 2),
    "log_softmax": ([SCORES], lambda x: f.log_softmax(x) ** 2, lambda x: F.log_softmax(x, -1) ** 2),
    **{
        f"cross_entropy, {reduction}": (
            [SCORES],
            lambda x, r=reduction: f.cross_entropy(x, CLASSES, reduction=r),
            lambda x, r=reduction: F.cross_entropy(x, torch.tensor(CLASSES), reduction=r),
        )
        for reduction in ("mean", "sum", "none")
    },
    "mse_loss": ([SCORES, SCORES[::-1].copy()], f.mse_loss, lambda x, y: F.mse_loss(x, y)),
    "binary_cross_entropy_with_logits": (
        [SCORES * 300.0, (SCORES > 0.0) * 0.8],
        f.binary_cross_entropy_with_logits,
        lambda x, y: F.binary_cross_entropy_with_logits(x, y),
    ),
    "hinge_loss": (
        [SCORES, np.sign(SCORES[::-1])],
        f.hinge_loss,
        lambda x, y: torch.relu(1.0 - y * x).mean(),
    ),
    "linear": (
        [PICTURES, SCORES[:, :4].repeat(2, 1)[:, :6], SHIFTS[[0, 1, 2, 0]]],
        f.linear,
        lambda x, w, b: F.linear(x, w, b),
    ),
    "embedding": (
        [SCORES],
        lambda w: f.embedding([[3, 1], [1, 1]], w),
        lambda w: F.embedding(torch.tensor([[3, 1], [1, 1]]), w),
    ),
    "layer_norm": (
        [PICTURES, PICTURES[0, 0], PICTURES[1, 0]],
        lambda x, w, b: f.layer_norm(x, (7, 6), w, b) ** 3,
        lambda x, w, b: F.layer_norm(x, (7, 6), w, b) ** 3,
    ),
    "rms_norm": (
        [SCORES, SCORES[0]],
        lambda x, w: f.rms_norm(x, 5, w) ** 3,
        lambda x, w: F.rms_norm(x, (5,), w) ** 3,
    ),
    "batch_norm in training": (
        [PICTURES, CHANNELS[0], CHANNELS[1]],
        lambda x, w, b: f.batch_norm(x, None, None, w, b, training=True) ** 3,
        lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True) ** 3,
    ),
    "batch_norm afterwards": (
        [SCORES[:, :4], CHANNELS[0], CHANNELS[1]],
        lambda x, w, b: f.batch_norm(x, CHANNELS[1], CHANNELS[0] ** 2, w, b) ** 2,
        lambda x, w, b: (
            F.batch_norm(x, torch.tensor(CHANNELS[1]), torch.tensor(CHANNELS[0] ** 2), w, b) ** 2
        ),
    ),
    **{
        f"conv2d, {options}": (
            [PICTURES, FILTERS, SHIFTS],
            lambda x, w, b, o=options: f.conv2d(x, w, b, **o) ** 2,
            lambda x, w, b, o=options: F.conv2d(x, w, b, **o) ** 2,
        )
        for options in (
            {},
            {"stride": 2},
            {"stride": (2, 3), "padding": (1, 2)},
            {"dilation": 2, "padding": 1},
            {"dilation": (2, 1), "stride": (1, 2)},
        )
    },
    **{
        f"max_pool2d, {options}": (
            [PICTURES],
            lambda x, o=options: f.max_pool2d(x, **o) ** 2,
            lambda x, o=options: F.max_pool2d(x, **o) ** 2,
        )
        for options in (
            {"kernel_size": 2},
            {"kernel_size": 3, "stride": 2, "padding": 1},
            {"kernel_size": 2, "stride": 1, "dilation": 2},
        )
    },
    **{
        f"avg_pool2d, {options}": (
            [PICTURES],
            lambda x, o=options: f.avg_pool2d(x, **o) ** 2,
            lambda x, o=options: F.avg_pool2d(x, **o) ** 2,
        )
        for options in (
            {"kernel_size": (3, 2)},
            {"kernel_size": 3, "stride": 2, "padding": 1},
        )
    },
    **{
        f"attention, {list(options)}": (
            QKV,
            lambda q, k, v, o=options: f.scaled_dot_product_attention(q, k, v, **o),
            lambda q, k, v, o=options: F.scaled_dot_product_attention(
                q, k, v, **{n: torch.tensor(m) if n == "attn_mask" else m for n, m in o.items()}
            ),
        )
        for options in (
            {},
            {"is_causal": True},
            {"attn_mask": MASK, "scale": 0.3},
            {"attn_mask": NUMBERS.normal(size=(3, 5, 6))},
        )
    },
}


def weights(array: Any) -> Any:
    """Of no pattern that an array could have, and all of a like size."""
    return (1.5 + np.cos(np.arange(1.0, array.size + 1.0) ** 2)).reshape(array.shape)


def mark(array: Any) -> list[Any]:
    """The shape of an array, and the sum of its numbers, each by a weight of its own."""
    return [list(array.shape), float((array * weights(array)).sum())]


def pytorch(name: str) -> list[list[Any]]:
    """The marks of PyTorch's result, and of its gradients."""
    arrays, _, compute = FUNCTIONS[name]
    leaves = [torch.tensor(np.ascontiguousarray(x), requires_grad=True) for x in arrays]
    result = compute(*leaves)
    numbers = result.detach().numpy()
    result.backward(torch.from_numpy(weights(numbers)))
    return [mark(numbers), *(mark(leaf.grad.numpy()) for leaf in leaves)]


def freeze() -> None:
    """Write the file."""
    content = {"torch": torch.__version__.partition("+")[0], **{n: pytorch(n) for n in FUNCTIONS}}
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in content.items()
    )
    FROZEN.write_text("{\n" + lines + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    freeze()
