"""Weights in a file: as they were, all or none, with names and shapes that fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from micrograd import MLP
from micrograd import tensors as t
from micrograd.tensors.weights import fill, tables


def net(width: int = 3) -> t.Sequential:
    return t.Sequential(t.Linear(2, width), t.BatchNorm1d(width), t.GRU(width, 2))


def test_what_is_saved_is_loaded_to_the_bit_buffers_too(tmp_path: Path) -> None:
    one, other = net(), net()
    one[1](np.ones((4, 3)) * [[1.0], [2.0], [3.0], [5.0]])  # moves the running means
    t.save_weights(tmp_path / "w", one)
    assert t.load_weights(tmp_path / "w", other) is other
    assert all(np.array_equal(tables(one)[name], table) for name, table in tables(other).items())
    assert int(tables(other)["1.num_batches_tracked"]) == 1


def test_numbers_of_another_size_become_those_of_the_model(tmp_path: Path) -> None:
    t.save_weights(tmp_path / "w", t.Linear(2, 3, dtype="float32"))
    assert t.load_weights(tmp_path / "w", t.Linear(2, 3)).weight.dtype == np.float64


@pytest.mark.parametrize(
    ("compute", "error", "said"),
    [
        (lambda path: t.save_weights(path, MLP(2, [1])), TypeError, "got a number at"),
        (
            lambda path: t.save_weights(path, cast(Any, 3)),
            TypeError,
            "module of tensors, got int 3",
        ),
        (lambda path: t.load_weights(path, net(4)), ValueError, r"0.weight of the shape \(4, 2\)"),
        (lambda path: t.load_weights(path, t.Linear(2, 3)), ValueError, "got no bias"),
        (lambda path: t.load_weights(path, t.Tanh()), ValueError, "got 0.bias besides"),
        (lambda path: t.load_weights(f"{path}2", net()), FileNotFoundError, "w2"),
        (lambda path: t.load_weights(__file__, net()), ValueError, "expected a file of safetens"),
    ],
)
def test_what_does_not_fit_is_refused(
    compute: Callable[[Any], Any], error: type[Exception], said: str, tmp_path: Path
) -> None:
    t.save_weights(tmp_path / "w", net())
    with pytest.raises(error, match=said):
        compute(tmp_path / "w")


def test_nothing_is_changed_by_weights_that_do_not_fit() -> None:
    model = t.Sequential(t.Linear(2, 3), t.Linear(3, 1))
    before = {name: table.copy() for name, table in tables(model).items()}
    with pytest.raises(ValueError, match=r"1\.weight of the shape"):
        fill(model, before | {"1.weight": np.zeros((2, 3))})
    assert all(np.array_equal(table, before[name]) for name, table in tables(model).items())
