"""All numbers stand in two long lists, and a value is no more than its place in them."""

import math
import random
from typing import Any

DATA: list[float] = []
GRAD: list[float] = []
PARENTS: list[list[int]] = []
SLOPES: list[list[float]] = []
OBJECTS: list[Any] = []


class Value:
    def __init__(self, data: Any) -> None:
        self.place = len(DATA)
        self._op = ""
        for column, entry in zip((DATA, GRAD, PARENTS, SLOPES), (float(data), 0.0, [], [])):
            column.append(entry)  # type: ignore[attr-defined]
        OBJECTS.append(self)

    data = property(
        lambda self: DATA[self.place], lambda self, x: DATA.__setitem__(self.place, float(x))
    )
    grad = property(
        lambda self: GRAD[self.place], lambda self, x: GRAD.__setitem__(self.place, float(x))
    )

    @property
    def _prev(self) -> list[Any]:
        return [OBJECTS[place] for place in dict.fromkeys(PARENTS[self.place])]

    def __add__(self, other: Any) -> "Value":
        return enter("add", self.data + number(other), (self, 1.0), (other, 1.0))

    def __sub__(self, other: Any) -> "Value":
        return enter("sub", self.data - number(other), (self, 1.0), (other, -1.0))

    def __mul__(self, other: Any) -> "Value":
        a, b = self.data, number(other)
        return enter("mul", a * b, (self, b), (other, a))

    def __truediv__(self, other: Any) -> "Value":
        a, b = self.data, number(other)
        return enter("div", a / b, (self, 1 / b), (other, -a / b / b))

    def __pow__(self, n: float) -> "Value":
        return enter("pow", self.data**n, (self, n * self.data ** (n - 1)))

    def __neg__(self) -> "Value":
        return enter("neg", -self.data, (self, -1.0))

    def tanh(self) -> "Value":
        return enter(
            "tanh", math.tanh(self.data), (self, 1 / math.cosh(min(abs(self.data), 300.0)) ** 2)
        )

    def __radd__(self, other: Any) -> "Value":
        return Value(other) + self

    def __rsub__(self, other: Any) -> "Value":
        return Value(other) - self

    def __rmul__(self, other: Any) -> "Value":
        return Value(other) * self

    def __rtruediv__(self, other: Any) -> "Value":
        return Value(other) / self

    def __repr__(self) -> str:
        return f"[{self.place}] = {self.data}, {self.grad}"

    def backward(self) -> None:
        """Places grow from parents to results, so that they are an order already."""
        behind, todo = {self.place}, [self.place]
        while todo:
            fresh = set(PARENTS[todo.pop()]) - behind
            behind |= fresh
            todo += fresh
        for place in behind:
            if PARENTS[place]:
                GRAD[place] = 0.0
        GRAD[self.place] = 1.0
        for place in sorted(behind, reverse=True):
            for parent, slope in zip(PARENTS[place], SLOPES[place]):
                GRAD[parent] += slope * GRAD[place]


def number(thing: Any) -> float:
    return float(thing.data if isinstance(thing, Value) else thing)


def enter(op: str, data: float, *owed: tuple[Any, float]) -> Value:
    operands = [x if isinstance(x, Value) else Value(x) for x, _ in owed]
    out = Value(data)
    out._op = op
    PARENTS[out.place] = [operand.place for operand in operands]
    SLOPES[out.place] = [slope for _, slope in owed]
    return out


class Neuron:
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        scale = nin**-0.5
        self.w = [Value(random.gauss(0, scale)) for _ in range(nin)]
        self.b, self.nonlin = Value(0.0), nonlin

    def __call__(self, x: Any) -> Value:
        if len(x) != len(self.w):
            raise ValueError("width")
        total = self.b
        for w, xi in zip(self.w, x):
            total = total + w * xi
        return total.tanh() if self.nonlin else total

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


class Layer:
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        found = []
        for neuron in self.neurons:
            found += neuron.parameters()
        return found


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        self.layers = []
        for i in range(len(nouts)):
            before = nouts[i - 1] if i else nin
            self.layers.append(Layer(before, nouts[i], i + 1 < len(nouts)))

    def __call__(self, x: Any) -> list[Value]:
        for layer in self.layers:
            x = layer(x)
        return list(x)

    def parameters(self) -> list[Value]:
        found = []
        for layer in self.layers:
            found += layer.parameters()
        return found


def mse_loss(predictions: Any, targets: Any) -> Any:
    if len(predictions) != len(targets):
        raise ValueError("lengths")
    total = (predictions[0] - targets[0]) ** 2
    for i in range(1, len(targets)):
        total = total + (predictions[i] - targets[i]) ** 2
    return total / len(targets)


def zero_gradients(parameters: Any) -> None:
    for p in parameters:
        p.grad = 0.0


def gradient_descent_step(parameters: Any, learning_rate: float) -> None:
    for p in parameters:
        p.data -= learning_rate * p.grad


def train_network(mlp: Any, data: Any, loss_fn: Any = mse_loss, **config: Any) -> list[float]:
    losses: list[float] = []
    patience = config.get("patience", 50)
    kept = len(DATA)
    while len(losses) < config.get("max_iterations", 1000):
        outs = [mlp(x) for x, _ in data]
        loss = loss_fn([out[0] for out in outs], [y for _, y in data])
        zero_gradients(mlp.parameters())
        loss.backward()
        gradient_descent_step(mlp.parameters(), config.get("learning_rate", 0.01))
        losses.append(loss.data)
        for column in (DATA, GRAD, PARENTS, SLOPES, OBJECTS):
            del column[kept:]
        if losses[-1] < config.get("loss_threshold", 1e-4):
            break
        if len(losses) > patience and min(losses[-patience:]) >= min(losses[:-patience]):
            break
    return losses
