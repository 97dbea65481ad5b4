"""Every number is a scalar of NumPy, drawn by its generator, and so is every loss in the record."""

from typing import Any

import numpy as np


class Value:
    def __init__(self, data: Any, parents: Any = (), op: str = "", slopes: Any = ()) -> None:
        self.data, self.grad = np.float64(data), np.float64(0)
        self._prev, self._op, self.slopes = parents, op, slopes

    def __add__(self, other: Any) -> "Value":
        other = as_value(other)
        return Value(self.data + other.data, (self, other), "+", np.ones(2))

    def __mul__(self, other: Any) -> "Value":
        other = as_value(other)
        slopes = np.array([other.data, self.data])
        return Value(self.data * other.data, (self, other), "*", slopes)

    def __truediv__(self, other: Any) -> "Value":
        other = as_value(other)
        slopes = np.array([1, -self.data / other.data]) / other.data
        return Value(self.data / other.data, (self, other), "/", slopes)

    def __pow__(self, n: Any) -> "Value":
        slopes = np.array([n * self.data ** (n - 1.0)])
        return Value(self.data ** np.float64(n), (self,), f"**{n}", slopes)

    def __sub__(self, other: Any) -> "Value":
        other = as_value(other)
        return Value(self.data - other.data, (self, other), "-", np.array([1, -1]))

    def __neg__(self) -> "Value":
        return Value(-self.data, (self,), "neg", np.array([-1]))

    def __radd__(self, other: Any) -> "Value":
        return as_value(other) + self

    def __rmul__(self, other: Any) -> "Value":
        return as_value(other) * self

    def __rsub__(self, other: Any) -> "Value":
        return as_value(other) - self

    def __rtruediv__(self, other: Any) -> "Value":
        return as_value(other) / self

    def tanh(self) -> "Value":
        t = np.tanh(self.data)
        return Value(t, (self,), "tanh", np.array([1 - t * t]))

    def __repr__(self) -> str:
        return f"Value({self.data:g}, {self.grad:g})"

    def backward(self) -> None:
        order = []
        seen = {id(self)}
        stack = [(self, iter(self._prev))]
        while stack:
            node, parents = stack[-1]
            parent = next(parents, None)
            if parent is None:
                order.append(stack.pop()[0])
            elif id(parent) not in seen:
                seen.add(id(parent))
                stack.append((parent, iter(parent._prev)))
        for node in order:
            if node._prev:
                node.grad = np.float64(0)
        self.grad = np.float64(1)
        for node in reversed(order):
            for parent, share in zip(node._prev, node.grad * np.asarray(node.slopes)):
                parent.grad = parent.grad + share


def as_value(thing: Any) -> Value:
    return thing if isinstance(thing, Value) else Value(thing)


class Neuron:
    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(w) for w in np.random.default_rng().normal(0, 1, nin)]
        self.b, self.nonlin = Value(0), nonlin

    def __call__(self, x: Any) -> Value:
        total = np.dot(np.array(x, dtype=object), np.array(self.w, dtype=object)) + self.b
        return total.tanh() if self.nonlin else total  # type: ignore[no-any-return]

    def parameters(self) -> Any:
        return np.array([*self.w, self.b], dtype=object)


class Layer:
    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Any) -> list[Value]:
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> Any:
        return np.concatenate([neuron.parameters() for neuron in self.neurons])


class MLP:
    def __init__(self, nin: int, nouts: list[int]) -> None:
        self.layers = [
            Layer(a, b, i < len(nouts) - 1) for i, (a, b) in enumerate(zip([nin, *nouts], nouts))
        ]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self) -> Any:
        return np.concatenate([layer.parameters() for layer in self.layers])


def mse_loss(predictions: Any, targets: Any) -> Any:
    if len(predictions) != len(targets):
        raise ValueError("lengths")
    return np.mean((np.array(predictions, dtype=object) - np.array(targets)) ** 2)


def zero_gradients(parameters: Any) -> None:
    for p in parameters:
        p.grad = np.float64(0)


def gradient_descent_step(parameters: Any, learning_rate: float) -> None:
    for p in parameters:
        p.data = p.data - learning_rate * p.grad


def train_network(
    mlp: Any,
    data: Any,
    loss_fn: Any = mse_loss,
    *,
    learning_rate: float = 0.01,
    max_iterations: int = 1000,
    loss_threshold: float = 1e-4,
    patience: int = 50,
) -> list[Any]:
    losses: list[Any] = []
    for _ in range(max_iterations):
        loss = loss_fn([mlp(x) for x, _ in data], [y for _, y in data])
        zero_gradients(mlp.parameters())
        loss.backward()
        gradient_descent_step(mlp.parameters(), learning_rate)
        losses.append(loss.data)
        if loss.data < loss_threshold or len(losses) - 1 - np.argmin(losses) >= patience:
            break
    return losses
