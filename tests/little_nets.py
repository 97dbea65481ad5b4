"""Small networks and losses that several tests train."""

import random
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from micrograd import MLP, Module, Value, mse_loss

LINE: list[tuple[list[float], float]] = [([-1.0], -1.0), ([0.0], 1.0), ([1.0], 3.0)]


class Straight(Module):
    """The smallest network: ``a x + b``, from known parameters, remembering its inputs."""

    def __init__(self, a: float = 0.0, b: float = 0.0) -> None:
        self.a, self.b = Value(a), Value(b)
        self.seen: list[float] = []

    def __call__(self, x: Sequence[float]) -> Value:
        self.seen.append(x[0])
        return self.a * x[0] + self.b


def network(seed: int = 1) -> MLP:
    """Two inputs, three hidden neurons, one output, from a seed of its own."""
    return MLP(2, [3, 1], rng=random.Random(seed))


def bits(numbers: Iterable[float]) -> list[bytes]:
    """Numbers that are equal only if every bit is, ``nan`` included."""
    return [struct.pack(">d", number) for number in numbers]


def bits_of(model: Any) -> list[bytes]:
    """Those of a model's parameters."""
    return bits(parameter.data for parameter in model.parameters())


def at(step: int, act: Callable[[], None], times: int = 1) -> Any:
    """The squared error, with something done as it is computed for the ``step``-th time."""
    calls = 0

    def loss_fn(predictions: Any, targets: Any) -> Value:
        nonlocal calls
        calls += 1
        if step <= calls < step + times:
            act()
        return mse_loss(predictions, targets)

    return loss_fn


def noisy_loss(predictions: Any, targets: Any) -> Value:
    """The squared error, with noise that the ``random`` module draws: what dropout would do."""
    return mse_loss(predictions, targets) * random.uniform(0.5, 1.5)


def values(*numbers: float) -> list[Value]:
    """A value for each number."""
    return [Value(number) for number in numbers]


def with_gradients(*gradients: float) -> list[Value]:
    """Parameters at 0 that have these gradients."""
    parameters = [Value(0.0) for _ in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return parameters


def gradients_of(parameters: Iterable[Any]) -> list[Any]:
    """Their gradients."""
    return [parameter.grad for parameter in parameters]


class Parameter:
    """The least that an optimiser can step: ``data`` and ``grad``, whatever they are."""

    def __init__(self, data: Any, grad: Any = 0.0) -> None:
        self.data, self.grad = data, grad
