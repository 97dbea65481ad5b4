"""Gradients are asked for: a value adds up what the results that use it owe, and asks them first.

Operators are made by a loop over a table of functions and their derivatives.
"""

import math
import operator
import random
from typing import Any

TABLE: dict[str, tuple[Any, Any]] = {
    "add": (operator.add, (lambda a, b: 1.0, lambda a, b: 1.0)),
    "sub": (operator.sub, (lambda a, b: 1.0, lambda a, b: -1.0)),
    "mul": (operator.mul, (lambda a, b: b, lambda a, b: a)),
    "truediv": (operator.truediv, (lambda a, b: 1 / b, lambda a, b: -a / b / b)),
}


class Value:
    def __init__(self, data: float, op: str = "", *edges: tuple[Any, float]) -> None:
        self.data, self.grad, self._op, self.edges = float(data), 0.0, op, edges

    _prev = property(lambda self: {parent for parent, _ in self.edges})

    def __repr__(self) -> str:
        return f"Value({self.data}; {self.grad})"

    def __pow__(self, n: float) -> "Value":
        return Value(self.data**n, "pow", (self, n * self.data ** (n - 1)))

    def __neg__(self) -> "Value":
        return Value(-self.data, "neg", (self, -1.0))

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        return Value(t, "tanh", (self, (1 - t) * (1 + t)))

    def backward(self) -> None:
        users: dict[Value, list[tuple[Value, float]]] = {self: []}
        todo = [self]
        while todo:
            user = todo.pop(0)
            for parent, slope in user.edges:
                if parent not in users:
                    users[parent] = []
                    todo.append(parent)
                users[parent].append((user, slope))
        known = {self: 1.0}

        def owed(value: Value) -> float:
            if value not in known:
                known[value] = sum(owed(user) * slope for user, slope in users[value])
            return known[value]

        for value in users:
            value.grad = owed(value) + (0.0 if value.edges or value is self else value.grad)


def install(name: str, forward: Any, slopes: Any) -> None:
    def method(a: Any, b: Any) -> Value:
        a, b = (x if isinstance(x, Value) else Value(x) for x in (a, b))
        numbers = a.data, b.data
        return Value(
            forward(*numbers), name, *((x, slope(*numbers)) for x, slope in zip((a, b), slopes))
        )

    setattr(Value, f"__{name}__", method)
    setattr(Value, f"__r{name}__", lambda b, a: method(a, b))


for _name, (_forward, _slopes) in TABLE.items():
    install(_name, _forward, _slopes)


class Neuron:
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.b = Value(random.uniform(-0.1, 0.1))
        self.w = [Value(2 * random.random() - 1) for _ in range(nin)]
        self.nonlin = nonlin

    def __call__(self, x: Any) -> Any:
        if len(x) != len(self.w):
            raise ValueError("another width")
        out: Any = self.b
        for pair in zip(self.w, x):
            out = operator.mul(*pair) + out
        return out.tanh() if self.nonlin else out

    def parameters(self) -> list[Value]:
        return [self.b, *self.w]


class Layer:
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = tuple(Neuron(nin, nonlin) for _ in range(nout))

    def __call__(self, x: Any) -> list[Any]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        return [p for neuron in reversed(self.neurons) for p in neuron.parameters()]


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        self.layers = [Layer(nin, nouts[0], len(nouts) > 1)]
        if len(nouts) > 1:
            self.layers += MLP(nouts[0], nouts[1:]).layers

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self) -> list[Value]:
        return [p for layer in reversed(self.layers) for p in layer.parameters()]


def mse_loss(predictions: list[Any], targets: list[float]) -> Any:
    if len(predictions) != len(targets):
        raise ValueError("another length")
    errors = [p - t for p, t in zip(predictions, targets)]
    return sum(error * error for error in errors) * (1 / len(errors))


def zero_gradients(parameters: list[Value]) -> None:
    for p in parameters:
        p.grad = 0.0


def gradient_descent_step(parameters: list[Value], learning_rate: float) -> None:
    for p in parameters:
        p.data += -learning_rate * p.grad


def train_network(
    mlp: Any,
    data: Any,
    loss_fn: Any = mse_loss,
    learning_rate: float = 0.01,
    max_iterations: int = 1000,
    loss_threshold: float = 1e-4,
    patience: int = 50,
) -> list[float]:
    losses: list[float] = []
    left = patience
    while len(losses) < max_iterations and left and min(losses, default=1e9) >= loss_threshold:
        loss = loss_fn([mlp(x) for x, _ in data], [y for _, y in data])
        zero_gradients(mlp.parameters())
        loss.backward()
        gradient_descent_step(mlp.parameters(), learning_rate)
        left = patience if loss.data < min(losses, default=math.inf) else left - 1
        losses.append(loss.data)
    return losses
