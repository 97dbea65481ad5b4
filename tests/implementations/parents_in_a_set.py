"""Distinct parents, each with one derivative, and Kahn's algorithm in place of a search.

Using a value twice in one operation adds its two derivatives into one. The backward pass counts how
many users each value has, and lets a value go when all of them have had their turn.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Value:
    data: float
    slopes: dict[Value, float] = field(default_factory=dict, repr=False)
    _op: str = ""
    grad: float = 0.0

    def __post_init__(self) -> None:
        self.data = float(self.data)

    @property
    def _prev(self) -> set[Value]:
        return set(self.slopes)

    def __add__(self, other: Any) -> Value:
        other = lift(other)
        return result(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other: Any) -> Value:
        other = lift(other)
        return result(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __sub__(self, other: Any) -> Value:
        other = lift(other)
        return result(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def __truediv__(self, other: Any) -> Value:
        other = lift(other)
        ratio = self.data / other.data
        return result(ratio, "/", (self, 1 / other.data), (other, -ratio / other.data))

    def __pow__(self, n: float) -> Value:
        return result(self.data**n, f"**{n}", (self, n * self.data ** (n - 1)))

    def __neg__(self) -> Value:
        return result(-self.data, "neg", (self, -1.0))

    def tanh(self) -> Value:
        t = math.tanh(self.data)
        return result(t, "tanh", (self, (1 + t) * (1 - t)))

    def __radd__(self, other: float) -> Value:
        return lift(other) + self

    def __rmul__(self, other: float) -> Value:
        return lift(other) * self

    def __rsub__(self, other: float) -> Value:
        return lift(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return lift(other) / self

    def backward(self) -> None:
        users: Counter[Value] = Counter()
        reached, queue = {self}, [self]
        while queue:
            for parent in queue.pop().slopes:
                users[parent] += 1
                if parent not in reached:
                    reached.add(parent)
                    queue.append(parent)
        for value in reached:
            if value.slopes:
                value.grad = 0.0
        self.grad = 1.0
        ready = [self]
        while ready:
            value = ready.pop()
            for parent, slope in value.slopes.items():
                parent.grad += slope * value.grad
                users[parent] -= 1
                if users[parent] == 0:
                    ready.append(parent)


def lift(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x)


def result(data: float, op: str, *shares: tuple[Value, float]) -> Value:
    slopes: dict[Value, float] = {}
    for parent, slope in shares:
        slopes[parent] = slopes.get(parent, 0.0) + slope
    return Value(data, slopes, op)


class Parametric(ABC):
    @abstractmethod
    def parts(self) -> list[Any]: ...

    def parameters(self) -> list[Value]:
        return [
            parameter
            for part in self.parts()
            for parameter in ([part] if isinstance(part, Value) else part.parameters())
        ]


class Neuron(Parametric):
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.nonlin = nonlin
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)

    def __call__(self, x: Any) -> Value:
        pairs = zip(self.w, x, strict=True)
        out = sum((weight * x_i for weight, x_i in pairs), start=Value(0.0)) + self.b
        return out.tanh() if self.nonlin else out

    def parts(self) -> list[Any]:
        return [*self.w, self.b]


class Layer(Parametric):
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]

    def parts(self) -> list[Any]:
        return self.neurons


class MLP(Parametric):
    def __init__(self, nin: int, nouts: list[int]) -> None:
        pairs = list(zip([nin, *nouts], nouts))
        self.layers = [Layer(a, b, i + 1 < len(pairs)) for i, (a, b) in enumerate(pairs)]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x if len(x) > 1 else x[0]

    def parts(self) -> list[Any]:
        return self.layers


def zero_gradients(parameters: list[Value]) -> None:
    for parameter in parameters:
        parameter.grad = 0.0


def mse_loss(predictions: list[Value], targets: list[float]) -> Value:
    squares = [(p - t) ** 2 for p, t in zip(predictions, targets, strict=True)]
    return sum(squares, start=Value(0.0)) / len(squares)


def gradient_descent_step(parameters: list[Value], learning_rate: float) -> None:
    for parameter in parameters:
        parameter.data -= learning_rate * parameter.grad


@dataclass
class TrainingConfig:
    learning_rate: float = 0.01
    max_iterations: int = 1000
    loss_threshold: float = 1e-4
    patience: int = 50


def train_network(
    mlp: MLP, training_data: Any, config: TrainingConfig, loss_fn: Any = mse_loss, **options: bool
) -> list[float]:
    inputs, targets = zip(*training_data)
    parameters = mlp.parameters()
    losses: list[float] = []
    since_best = 0
    while len(losses) < config.max_iterations and since_best < config.patience:
        if losses and min(losses) < config.loss_threshold:
            break
        loss = loss_fn([mlp(x) for x in inputs], targets)
        since_best = 0 if not losses or loss.data < min(losses) else since_best + 1
        losses.append(loss.data)
        zero_gradients(parameters)
        loss.backward()
        gradient_descent_step(parameters, config.learning_rate)
    return losses
