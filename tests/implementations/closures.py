"""A closure for each operation, recursion, long names for operations, lists everywhere.

What comes of following the commonest recipe to the letter, with a reset of the values in between
before each backward pass; a network answers with a list even for one output.
"""

import math
import random
from collections.abc import Callable
from typing import Any


class Value:
    def __init__(self, data: float, _children: Any = (), _op: str = "") -> None:
        self.data = float(data)
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self._backward: Callable[[], None] = lambda: None

    def __repr__(self) -> str:
        return f"Value(data={self.data:.4f}, grad={self.grad:.4f})"

    def __add__(self, other: "Value | float") -> "Value":
        right = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + right.data, {self, right}, "add")

        def backward() -> None:
            self.grad += out.grad
            right.grad += out.grad

        out._backward = backward
        return out

    def __mul__(self, other: "Value | float") -> "Value":
        right = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * right.data, {self, right}, "mul")
        a, b = self.data, right.data

        def backward() -> None:
            self.grad += b * out.grad
            right.grad += a * out.grad

        out._backward = backward
        return out

    def __pow__(self, other: float) -> "Value":
        out = Value(self.data**other, {self}, f"**{other}")
        slope = other * self.data ** (other - 1)

        def backward() -> None:
            self.grad += slope * out.grad

        out._backward = backward
        return out

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        out = Value(t, {self}, "tanh")

        def backward() -> None:
            self.grad += (1 - t**2) * out.grad

        out._backward = backward
        return out

    def __neg__(self) -> "Value":
        return self * -1

    def __sub__(self, other: "Value | float") -> "Value":
        return self + (-other)

    def __truediv__(self, other: "Value | float") -> "Value":
        return self * other**-1

    def __radd__(self, other: float) -> "Value":
        return self + other

    def __rmul__(self, other: float) -> "Value":
        return self * other

    def __rsub__(self, other: float) -> "Value":
        return (-self) + other

    def __rtruediv__(self, other: float) -> "Value":
        return self**-1 * other

    def backward(self) -> None:
        topo: list[Value] = []
        self._build_topo(set(), topo)
        for value in topo:
            if value._prev:
                value.grad = 0.0
        self.grad = 1.0
        for value in reversed(topo):
            value._backward()

    def _build_topo(self, visited: "set[Value]", topo: "list[Value]") -> None:
        if self not in visited:
            visited.add(self)
            for parent in self._prev:
                parent._build_topo(visited, topo)
            topo.append(self)


class Neuron:
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Any) -> Value:
        if len(x) != len(self.w):
            raise ValueError(f"Expected {len(self.w)} inputs, got {len(x)}")
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh() if self.nonlin else act

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


class Layer:
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        return sum((neuron.parameters() for neuron in self.neurons), [])  # noqa: RUF017


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        sz = [nin, *nouts]
        self.layers = [
            Layer(sz[i], sz[i + 1], nonlin=i != len(nouts) - 1) for i in range(len(nouts))
        ]

    def __call__(self, x: Any) -> list[Value]:
        for layer in self.layers:
            x = layer(x)
        return list(x)

    def parameters(self) -> list[Value]:
        return sum((layer.parameters() for layer in self.layers), [])  # noqa: RUF017


class TrainingConfig:
    def __init__(
        self,
        learning_rate: float = 0.01,
        max_iterations: int = 1000,
        loss_threshold: float = 1e-4,
        patience: int = 50,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_iterations = max_iterations
        self.loss_threshold = loss_threshold
        self.patience = patience


class TrainingMetrics:
    def __init__(self) -> None:
        self.losses: list[float] = []
        self.iterations = 0
        self.best_loss = float("inf")
        self.patience_counter = 0

    def update(self, loss: Value) -> bool:
        self.losses.append(loss.data)
        self.iterations += 1
        if loss.data < self.best_loss:
            self.best_loss = loss.data
            self.patience_counter = 0
        else:
            self.patience_counter += 1
        return self.best_loss == loss.data

    def should_stop(self, config: TrainingConfig) -> bool:
        return (
            self.iterations >= config.max_iterations
            or self.patience_counter >= config.patience
            or self.best_loss < config.loss_threshold
        )


def zero_gradients(parameters: list[Value]) -> None:
    for param in parameters:
        param.grad = 0.0


def mse_loss(predictions: list[Value], targets: list[float]) -> Value:
    assert len(predictions) == len(targets)
    total = Value(0.0)
    for prediction, target in zip(predictions, targets):
        total += (prediction - target) ** 2
    return total / len(predictions)


def gradient_descent_step(parameters: list[Value], learning_rate: float) -> None:
    for param in parameters:
        param.data -= learning_rate * param.grad


def train_network(
    mlp: MLP, training_data: Any, config: TrainingConfig, loss_fn: Any = mse_loss, verbose: Any = 1
) -> TrainingMetrics:
    metrics = TrainingMetrics()
    parameters = mlp.parameters()
    while not metrics.should_stop(config):
        predictions = [mlp(x)[0] for x, _ in training_data]
        loss = loss_fn(predictions, [y for _, y in training_data])
        zero_gradients(parameters)
        loss.backward()
        gradient_descent_step(parameters, config.learning_rate)
        metrics.update(loss)
        if metrics.iterations % 100 == 0:
            print(metrics.iterations, loss.data)
    return metrics
