"""Proof that a model and its counterpart in PyTorch compute the same numbers."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from micrograd import tensors as t
from micrograd.torch_bridge.conversion import on_arrays, to_torch

__all__ = ["SameNumbers", "same_numbers"]


@dataclass(frozen=True)
class SameNumbers:
    """What :func:`same_numbers` found: true if all agree, printed a table.

    Attributes:
        compared: for each thing its name, and how far the two are apart, beside the largest number.
    """

    compared: list[tuple[str, float]]
    tolerance: float

    def __bool__(self) -> bool:
        return all(apart <= self.tolerance for _, apart in self.compared)

    def __str__(self) -> str:
        wrong = [name for name, apart in self.compared if not apart <= self.tolerance]
        lines = [f"{n:30}  {apart:.1e}{'  DIFFERS' * (n in wrong)}" for n, apart in self.compared]
        return "\n".join([*lines, f"first to differ: {wrong[0]}" if wrong else "all numbers agree"])


def same_numbers(
    model: Any, batch: Any, module: Any = None, tolerance: float = 1e-12
) -> SameNumbers:
    """Whether a model and its counterpart give the same answers, layer by layer, and gradients.

    Args:
        model: one of ours, in float64 if it is to agree to 1e-12.
        batch: inputs for it, an array, or several of one length in a list.
        module: of PyTorch; by default what
            :func:`~micrograd.torch_bridge.conversion.to_torch` makes of the model.
        tolerance: the largest difference that passes, beside the largest number.

    Both are copied first, so neither is changed. A dropout that is at work differs by chance: put
    the model into ``eval()``.

    Returns:
        What was compared. It is true if all agree.

    >>> bool(same_numbers(t.Sequential(t.Linear(2, 3), t.Tanh()), np.ones((4, 2))))
    True
    """
    ours = deepcopy(on_arrays(model))
    theirs = to_torch(ours) if module is None else deepcopy(module)
    ours.zero_grad()
    theirs.zero_grad()
    x, y = batch, torch.as_tensor(np.asarray(batch))
    compared = []
    parts = list(zip(ours, theirs)) if isinstance(ours, t.Sequential) else [(ours, theirs)]
    for i, (layer, other) in enumerate(parts):
        x, y = _first(layer(x)), _answer(other, y)
        compared.append((f"{i}: {type(layer).__name__}", _apart(x.data, y)))
    (x * x).sum().backward()
    (y * y).sum().backward()
    there = {name: _gradient(p) for name, p in theirs.named_parameters()}
    # Beside the largest of all: behind a normalisation a bias has the gradient 0, but for rounding.
    largest = max((float(g.abs().max()) for g in there.values()), default=0.0)
    for name, parameter in ours.named_parameters():
        grad = np.broadcast_to(parameter.grad, parameter.shape)  # of one that is not used, 0.0
        apart = _apart(grad, there[name], largest)
        compared.append((f"gradient of {name}", apart))
    return SameNumbers(compared, tolerance)


def _answer(module: nn.Module, x: torch.Tensor) -> Any:
    """What a module of PyTorch says, without the states or shares that some add."""
    attends = isinstance(module, nn.MultiheadAttention)
    return _first(module(x, x, x, need_weights=False) if attends else module(x))


def _gradient(parameter: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def _first(answer: Any) -> Any:
    return answer[0] if isinstance(answer, tuple) else answer


def _apart(ours: Any, theirs: Any, largest: float = 1e-300) -> float:
    other = theirs.detach().cpu().numpy()
    if np.shape(ours) != other.shape:
        return float("inf")
    largest = float(np.abs(other).max(initial=largest))
    return float(np.abs(ours - other).max(initial=0.0)) / largest
