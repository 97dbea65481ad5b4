"""Everything is a dataclass: values, compared by identity, modules, settings and the record."""

import math
import random
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Value:
    data: float
    _prev: tuple[Any, ...] = field(default=(), repr=False)
    _op: str = field(default="", repr=False)
    slopes: tuple[float, ...] = field(default=(), repr=False)
    grad: float = 0.0

    def __post_init__(self) -> None:
        self.data = float(self.data)

    def __add__(self, other: Any) -> "Value":
        other = of(other)
        return Value(self.data + other.data, (self, other), "ADD", (1.0, 1.0))

    def __mul__(self, other: Any) -> "Value":
        other = of(other)
        return Value(self.data * other.data, (self, other), "MUL", (other.data, self.data))

    def __pow__(self, n: float) -> "Value":
        return Value(self.data**n, (self,), "POW", (n * self.data ** (n - 1),))

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        return Value(t, (self,), "TANH", (1 - t * t,))

    def __neg__(self) -> "Value":
        return Value(-self.data, (self,), "NEG", (-1.0,))

    def __sub__(self, other: Any) -> "Value":
        other = of(other)
        return Value(self.data - other.data, (self, other), "SUB", (1.0, -1.0))

    def __truediv__(self, other: Any) -> "Value":
        other = of(other)
        a, b = self.data, other.data
        return Value(a / b, (self, other), "DIV", (1 / b, -a / b**2))

    def __radd__(self, other: Any) -> "Value":
        return of(other).__add__(self)

    def __rmul__(self, other: Any) -> "Value":
        return of(other).__mul__(self)

    def __rsub__(self, other: Any) -> "Value":
        return of(other).__sub__(self)

    def __rtruediv__(self, other: Any) -> "Value":
        return of(other).__truediv__(self)

    def backward(self) -> None:
        """Count how many results wait for each value; a value goes when none does any more."""
        waiting = {self: 0}
        todo = [self]
        while todo:
            for parent in todo.pop()._prev:
                if parent not in waiting:
                    waiting[parent] = 0
                    todo.append(parent)
                waiting[parent] += 1
        for value in waiting:
            value.grad = 0.0 if value._prev else value.grad
        self.grad = 1.0
        ready = [self]
        while ready:
            value = ready.pop()
            for parent, slope in zip(value._prev, value.slopes):
                parent.grad += slope * value.grad
                waiting[parent] -= 1
                if not waiting[parent]:
                    ready.append(parent)


def of(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)


@dataclass
class Neuron:
    nin: int
    nonlin: bool = True
    w: list[Value] = field(init=False)
    b: Value = field(default_factory=lambda: Value(0.0))

    def __post_init__(self) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(self.nin)]

    def __call__(self, x: Any) -> Value:
        if len(x) != self.nin:
            raise ValueError(self.nin)
        total = self.b
        for w, xi in zip(self.w, x):
            total = xi * w + total
        return total.tanh() if self.nonlin else total

    def parameters(self) -> tuple[Value, ...]:
        return (*self.w, self.b)


@dataclass
class Layer:
    nin: int
    nout: int
    nonlin: bool = True

    def __post_init__(self) -> None:
        self.neurons = [Neuron(self.nin, self.nonlin) for _ in range(self.nout)]

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> tuple[Value, ...]:
        return tuple(p for neuron in self.neurons for p in neuron.parameters())


@dataclass
class MLP:
    nin: int
    nouts: list[int]

    def __post_init__(self) -> None:
        self.layers, nin = [], self.nin
        for nout in self.nouts:
            self.layers.append(Layer(nin, nout))
            nin = nout
        for neuron in self.layers[-1].neurons:
            neuron.nonlin = False

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x if len(x) > 1 else x[0]

    def parameters(self) -> tuple[Value, ...]:
        return tuple(p for layer in self.layers for p in layer.parameters())


@dataclass(frozen=True)
class TrainingConfig:
    learning_rate: float = 0.01
    max_iterations: int = 1000
    loss_threshold: float = 1e-4
    patience: int = 50


@dataclass
class Record:
    losses: list[float] = field(default_factory=list)

    def ends(self, config: TrainingConfig) -> bool:
        if not self.losses:
            return config.max_iterations <= 0
        best = min(self.losses)
        return (
            len(self.losses) >= config.max_iterations
            or best < config.loss_threshold
            or len(self.losses) - 1 - self.losses.index(best) >= config.patience
        )


def mse_loss(predictions: list[Value], targets: list[float]) -> Value:
    assert len(predictions) == len(targets)
    total = Value(0.0)
    for p, t in zip(predictions, targets):
        total = total + (t - p) * (t - p)
    return total * (1 / len(targets))


def zero_gradients(parameters: Any) -> None:
    for p in parameters:
        p.grad = 0.0


def gradient_descent_step(parameters: Any, learning_rate: float) -> None:
    for p in parameters:
        p.data -= learning_rate * p.grad


def train_network(
    mlp: MLP, data: Any, config: TrainingConfig, loss_fn: Any = mse_loss, verbose: bool = True
) -> Record:
    record = Record()
    while not record.ends(config):
        zero_gradients(mlp.parameters())
        loss = loss_fn([mlp(x) for x, _ in data], [y for _, y in data])
        loss.backward()
        gradient_descent_step(mlp.parameters(), config.learning_rate)
        record.losses.append(loss.data)
    return record
