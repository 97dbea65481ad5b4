"""Recursion all the way: the gradient of a value asks for the gradients of those that use it.

A value keeps the operation as a string and looks the derivatives up in a table; the backward pass
first finds out who uses whom, then pulls each gradient down from its users.
"""

from __future__ import annotations

import math
import random
from typing import Any

OPERATIONS: dict[str, Any] = {
    "add": (lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    "mul": (lambda a, b: a * b, lambda a, b: (b, a)),
    "pow": (lambda a, n: a**n, lambda a, n: (n * a ** (n - 1), 0.0)),
    "tanh": (math.tanh, lambda a: (1.0 / math.cosh(min(abs(a), 300.0)) ** 2,)),
}


class Value:
    def __init__(self, data: Any, _children: Any = (), _op: str = "") -> None:
        self.data = float(data)
        self.grad = 0.0
        self.operands = list(_children)
        self.slopes: Any = ()
        self._op = _op

    @property
    def _prev(self) -> set[Value]:
        return set(self.operands)

    def __repr__(self) -> str:
        return f"Value({self.data})"

    def __add__(self, other: Any) -> Value:
        return apply("add", self, other)

    def __mul__(self, other: Any) -> Value:
        return apply("mul", self, other)

    def __pow__(self, other: Any) -> Value:
        return apply("pow", self, other)

    def tanh(self) -> Value:
        return apply("tanh", self)

    def __neg__(self) -> Value:
        return -1 * self

    def __sub__(self, other: Any) -> Value:
        return apply("add", self, -1 * other)

    def __truediv__(self, other: Any) -> Value:
        return apply("mul", self, other**-1)

    def __radd__(self, other: Any) -> Value:
        return Value(other) + self

    def __rmul__(self, other: Any) -> Value:
        return Value(other) * self

    def __rsub__(self, other: Any) -> Value:
        return Value(other) - self

    def __rtruediv__(self, other: Any) -> Value:
        return Value(other) / self

    def backward(self) -> None:
        users: dict[Value, list[tuple[Value, float]]] = {self: []}

        def look(value: Value) -> None:
            for operand, slope in zip(value.operands, value.slopes):
                met = operand in users
                users.setdefault(operand, []).append((value, slope))
                if not met:
                    look(operand)

        look(self)
        known = {self: 1.0}

        def pull(value: Value) -> float:
            if value not in known:
                known[value] = sum(slope * pull(user) for user, slope in users[value])
            return known[value]

        for value in users:
            value.grad = pull(value) + (0.0 if value.operands else value.grad)


def apply(op: str, *operands: Any) -> Value:
    values = [o if isinstance(o, Value) else Value(o) for o in operands]
    compute, differentiate = OPERATIONS[op]
    numbers = [value.data for value in values]
    result = Value(compute(*numbers), values, op)
    result.slopes = differentiate(*numbers)
    return result


class Neuron:
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        assert nin > 0
        self.w = [Value(2 * random.random() - 1) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Any) -> Value:
        assert len(x) == len(self.w), "as many inputs as weights"
        return self.squash(self.weigh(list(x), self.w))

    def weigh(self, x: list[Any], w: list[Value]) -> Value:
        return w[0] * x[0] + self.weigh(x[1:], w[1:]) if x else self.b

    def squash(self, total: Value) -> Value:
        return total.tanh() if self.nonlin else total

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


class Layer(list[Neuron]):
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        super().__init__(Neuron(nin, nonlin) for _ in range(nout))

    @property
    def neurons(self) -> list[Neuron]:
        return self

    @neurons.setter
    def neurons(self, neurons: list[Neuron]) -> None:
        self[:] = neurons

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self]

    def parameters(self) -> list[Value]:
        return [parameter for neuron in self for parameter in neuron.parameters()]


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        width, *further = nouts
        first = Layer(nin, width, nonlin=bool(further))
        self.layers: list[Layer] = [first, *(MLP(width, further).layers if further else [])]

    def __call__(self, x: Any) -> Any:
        def through(signal: Any, layers: list[Layer]) -> Any:
            return through(layers[0](signal), layers[1:]) if layers else signal

        outputs = through(x, self.layers)
        return outputs if outputs[1:] else outputs[0]

    def parameters(self) -> list[Value]:
        return [parameter for layer in self.layers for parameter in layer.parameters()]


def zero_gradients(parameters: list[Value]) -> None:
    for parameter in parameters:
        parameter.grad *= 0.0


def mse_loss(predictions: list[Any], targets: list[float]) -> Value:
    errors = [p - t for p, t in zip(predictions, targets, strict=True)]
    return sum((error**2 for error in errors), Value(0)) * (1 / len(errors))


def gradient_descent_step(parameters: list[Value], learning_rate: float) -> None:
    for parameter in parameters:
        parameter.data += -learning_rate * parameter.grad


class TrainingConfig:
    def __init__(self, **settings: Any) -> None:
        self.settings = {"loss_threshold": 1e-4, "patience": 50, "max_iterations": 1000} | settings


class Metrics:
    def __init__(self, losses: list[float]) -> None:
        self.losses = losses


def train_network(
    mlp: MLP, training_data: Any, config: TrainingConfig, loss_fn: Any = mse_loss, verbose: Any = 1
) -> Metrics:
    losses: list[float] = []
    settings = config.settings
    while len(losses) < settings["max_iterations"]:
        zero_gradients(mlp.parameters())
        inputs, targets = zip(*training_data)
        loss = loss_fn([mlp(x) for x in inputs], targets)
        loss.backward()
        gradient_descent_step(mlp.parameters(), settings["learning_rate"])
        losses.append(loss.data)
        best = losses.index(min(losses))
        if losses[best] < settings["loss_threshold"]:
            break
        if len(losses) - 1 - best >= settings["patience"]:
            break
    return Metrics(losses)
