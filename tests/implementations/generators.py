"""Whatever can yield does: parameters, the order of the walk, and the losses of a run."""

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any


class Value:
    def __init__(self, data: Any, owes: Any = (), op: str = "") -> None:
        self.data, self.grad, self._op = float(data), 0.0, op
        self.owes = tuple(owes)  # pairs of a parent and the derivative with respect to it

    @property
    def _prev(self) -> frozenset[Any]:
        return frozenset(parent for parent, _ in self.owes)

    def __repr__(self) -> str:
        return f"{self.data} ({self.grad})"

    def __add__(self, other: Any) -> "Value":
        other = lift(other)
        return Value(self.data + other.data, ((p, 1.0) for p in (self, other)), "+")

    def __mul__(self, other: Any) -> "Value":
        other = lift(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)), "*")

    def __pow__(self, n: float) -> "Value":
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),), f"**{n}")

    def __truediv__(self, other: Any) -> "Value":
        a, b = self.data, lift(other).data
        return (
            Value(a / b, ((self, 1 / b), (lift(other), -a / b**2)), "/")
            if isinstance(other, Value)
            else self * (1 / other)
        )

    def __neg__(self) -> "Value":
        return Value(-self.data, ((self, -1.0),), "neg")

    def __sub__(self, other: Any) -> "Value":
        other = lift(other)
        return Value(self.data - other.data, ((self, 1.0), (other, -1.0)), "-")

    def __radd__(self, other: Any) -> "Value":
        return lift(other) + self

    def __rmul__(self, other: Any) -> "Value":
        return lift(other) * self

    def __rsub__(self, other: Any) -> "Value":
        return lift(other) - self

    def __rtruediv__(self, other: Any) -> "Value":
        return lift(other) / self

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        return Value(t, ((self, 1 - t * t),), "tanh")

    def backward(self) -> None:
        order = list(finished(self, set()))
        for node in order:
            node.grad *= not node.owes
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in node.owes:
                parent.grad += slope * node.grad


def lift(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)


def finished(node: Value, met: set[Value]) -> Iterator[Value]:
    if node not in met:
        met.add(node)
        for parent, _ in node.owes:
            yield from finished(parent, met)
        yield node


class Neuron:
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = list(itertools.islice(weights(), nin))
        self.b, self.nonlin = Value(0), nonlin

    def __call__(self, x: Any) -> Value:
        total = sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b)
        return total.tanh() if self.nonlin else total

    def parameters(self) -> Iterator[Value]:
        yield from self.w
        yield self.b


def weights() -> Iterator[Value]:
    while True:
        yield Value(random.gauss(0.0, 1.0))


class Layer:
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> Iterator[Value]:
        for neuron in self.neurons:
            yield from neuron.parameters()


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        widths = itertools.pairwise([nin, *nouts])
        last = len(nouts) - 1
        self.layers = [Layer(a, b, nonlin=i < last) for i, (a, b) in enumerate(widths)]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self) -> Iterator[Value]:
        return itertools.chain.from_iterable(layer.parameters() for layer in self.layers)


def mse_loss(predictions: Any, targets: Any) -> Value:
    squares = [(p - t) ** 2 for p, t in zip(predictions, targets, strict=True)]
    return sum(squares, Value(0)) / len(squares)


def zero_gradients(parameters: Any) -> None:
    for p in parameters:
        p.grad = 0.0


def gradient_descent_step(parameters: Any, learning_rate: float) -> None:
    for p in parameters:
        p.data -= learning_rate * p.grad


def run(mlp: Any, data: Any, loss_fn: Any, rate: float) -> Iterator[float]:
    while True:
        loss = loss_fn([mlp(x) for x, _ in data], [y for _, y in data])
        zero_gradients(mlp.parameters())
        loss.backward()
        gradient_descent_step(mlp.parameters(), rate)
        yield loss.data


def train_network(mlp: Any, data: Any, loss_fn: Any = mse_loss, **config: Any) -> Iterator[float]:
    best, since = math.inf, 0
    steps = run(mlp, data, loss_fn, config.get("learning_rate", 0.01))
    for loss in itertools.islice(steps, config.get("max_iterations", 1000)):
        yield loss
        best, since = min(best, loss), 0 if loss < best else since + 1
        if best < config.get("loss_threshold", 1e-4) or since == config.get("patience", 50):
            return
