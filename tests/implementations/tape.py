"""One tape for all that happens: an entry for each result, and a walk back along the tape.

There is no search and no order to find, because the tape is in order. The neuron's
switch is a name, the loop takes its settings as arguments, and returns a plain list.
"""

import math
import random
from typing import Any

TAPE: list[tuple[Any, tuple[Any, ...], tuple[float, ...]]] = []


class Value:
    def __init__(self, data: float) -> None:
        self.data, self.grad = float(data), 0.0
        self._op = ""
        self.place = -1

    @property
    def _prev(self) -> frozenset[Any]:
        return frozenset(TAPE[self.place][1] if self.place >= 0 else ())

    def __add__(self, other: Any) -> Any:
        return record("+", lambda a, b: a + b, lambda a, b: (1.0, 1.0), self, other)

    def __mul__(self, other: Any) -> Any:
        return record("*", lambda a, b: a * b, lambda a, b: (b, a), self, other)

    def __sub__(self, other: Any) -> Any:
        return record("-", lambda a, b: a - b, lambda a, b: (1.0, -1.0), self, other)

    def __truediv__(self, other: Any) -> Any:
        return record("/", lambda a, b: a / b, lambda a, b: (1 / b, -a / b / b), self, other)

    def __pow__(self, n: float) -> Any:
        return record("pow", lambda a: a**n, lambda a: (n * a ** (n - 1),), self)

    def __neg__(self) -> Any:
        return record("neg", lambda a: -a, lambda a: (-1.0,), self)

    def tanh(self) -> Any:
        return record("tanh", math.tanh, lambda a: (1 - math.tanh(a) ** 2,), self)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: float) -> Any:
        return Value(other) - self

    def __rtruediv__(self, other: float) -> Any:
        return Value(other) / self

    def __repr__(self) -> str:
        return f"<{self.data} d{self.grad}>"

    def backward(self) -> None:
        share = {self: 1.0}
        self.grad = 1.0
        for result, parents, derivatives in reversed(TAPE):
            if result in share:
                result.grad = share[result]
                for parent, derivative in zip(parents, derivatives):
                    share[parent] = share.get(parent, 0.0) + derivative * result.grad
        for value, grad in share.items():
            if value.place < 0:
                value.grad += grad


def record(op: str, f: Any, slopes: Any, *operands: Any) -> Value:
    parents = tuple(x if isinstance(x, Value) else Value(x) for x in operands)
    numbers = [parent.data for parent in parents]
    result = Value(f(*numbers))
    result._op, result.place = op, len(TAPE)
    TAPE.append((result, parents, slopes(*numbers)))
    return result


class Neuron:
    def __init__(self, nin: int, activation: str = "tanh") -> None:
        self.w = [Value(random.gauss(0, 0.7)) for _ in range(nin)]
        self.b, self.activation = Value(0), activation

    def __call__(self, x: Any) -> Any:
        if len(x) - len(self.w):
            raise ValueError("width")
        out = self.b
        for i in range(len(x)):
            out = out + x[i] * self.w[i]
        return out.tanh() if self.activation == "tanh" else out

    def parameters(self) -> list[Value]:
        return [self.b, *self.w]


class Layer:
    def __init__(self, nin: int, nout: int, activation: str = "tanh") -> None:
        self.neurons = [Neuron(nin, activation) for _ in range(nout)]

    def __call__(self, x: Any) -> list[Any]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        *hidden, last = nouts
        self.layers = []
        for width in hidden:
            self.layers.append(Layer(nin, width))
            nin = width
        self.layers.append(Layer(nin, last, "linear"))

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]


def zero_gradients(parameters: list[Value]) -> None:
    for p in parameters:
        p.grad = 0.0


def mse_loss(predictions: list[Any], targets: list[float]) -> Any:
    if len(predictions) != len(targets):
        raise ValueError("as many targets as predictions")
    squares = [(p - t) * (p - t) / len(targets) for p, t in zip(predictions, targets)]
    return sum(squares[1:], squares[0])


def gradient_descent_step(parameters: list[Value], learning_rate: float) -> None:
    for p in parameters:
        p.data = p.data - learning_rate * p.grad


def train_network(mlp: MLP, data: Any, loss_fn: Any = mse_loss, **config: Any) -> list[float]:
    losses: list[float] = []
    best, waited = math.inf, 0
    for _ in range(config.get("max_iterations", 1000)):
        del TAPE[:]
        loss = loss_fn([mlp(x) for x, _ in data], [y for _, y in data])
        zero_gradients(mlp.parameters())
        loss.backward()
        gradient_descent_step(mlp.parameters(), config.get("learning_rate", 0.01))
        losses.append(loss.data)
        best, waited = min(best, loss.data), 0 if loss.data < best else waited + 1
        if best < config.get("loss_threshold", 0.0) or waited == config.get("patience", 50):
            break
    return losses
