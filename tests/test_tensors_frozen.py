"""Functions of arrays give the numbers and gradients that PyTorch gave, also where it is not.

The numbers are in ``data/tensors.json``, and ``freeze_tensors.py`` made them.
"""

import json
from typing import Any

import numpy as np
import pytest
from freeze_tensors import FROZEN, FUNCTIONS, mark, pytorch, weights

from micrograd.tensors import Tensor

KEPT: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))


def agrees(array: Any, expected: list[Any]) -> bool:
    """Of the shape, and of the number to 1e-12 of the largest that its sum could be."""
    (shape, number), (their_shape, theirs) = mark(array), expected
    scale = float((abs(array) * weights(array)).sum())
    return bool(shape == their_shape and abs(number - theirs) <= 1e-12 * scale + 1e-300)


def ours(name: str) -> list[Any]:
    arrays, compute, _ = FUNCTIONS[name]
    leaves = [Tensor(array) for array in arrays]
    result = compute(*leaves)
    result.backward(weights(result.data))
    return [result.data, *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_and_gradients_are_those_that_pytorch_gave(name: str) -> None:
    found, expected = ours(name), KEPT[name]
    assert len(found) == len(expected)
    assert all(map(agrees, found, expected))


def test_every_function_is_kept_and_nothing_else() -> None:
    assert set(KEPT) == {"torch", *FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_kept_is_what_pytorch_gives(name: str) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    for (shape, number), (kept_shape, kept) in zip(pytorch(name), KEPT[name], strict=True):
        assert shape == kept_shape
        assert number == pytest.approx(kept, rel=1e-9, abs=1e-9)


def test_a_single_number_that_differs_is_seen() -> None:
    result, *_ = ours("softmax")
    for place in np.ndindex(result.shape):
        wrong = result.copy()
        wrong[place] *= 1.0 + 1e-7
        assert not agrees(wrong, KEPT["softmax"][0])
