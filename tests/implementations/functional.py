"""Functions that make functions: a class has nothing in it but what a function has put there."""

import math
import operator
import random
from functools import partial, reduce
from itertools import pairwise
from typing import Any


class Value:
    _prev: Any = ()
    _op: str = ""
    pull: Any = staticmethod(lambda grad: ())
    grad = 0.0

    def __init__(self, data: Any) -> None:
        self.data = float(data)


def differentiable(op: str, forward: Any, pullback: Any) -> Any:
    """A function of values, from one of numbers and one from a gradient to those of the inputs."""

    def function(*operands: Any) -> Value:
        inputs = tuple(x if isinstance(x, Value) else Value(x) for x in operands)
        numbers = tuple(x.data for x in inputs)
        out = Value(forward(*numbers))
        out._op, out._prev = op, inputs
        out.pull = partial(pullback, out.data, *numbers)
        return out

    return function


def power(base: Any, n: float) -> Value:
    rule = differentiable(f"**{n}", lambda a: a**n, lambda out, a, g: (g * n * a ** (n - 1),))
    return rule(base)  # type: ignore[no-any-return]


ADD = differentiable("+", operator.add, lambda out, a, b, g: (g, g))
SUB = differentiable("-", operator.sub, lambda out, a, b, g: (g, -g))
MUL = differentiable("*", operator.mul, lambda out, a, b, g: (g * b, g * a))
DIV = differentiable("/", operator.truediv, lambda out, a, b, g: (g / b, -g * out / b))
NEG = differentiable("neg", operator.neg, lambda out, a, g: (-g,))
TANH = differentiable("tanh", math.tanh, lambda out, a, g: (g * (1 - out**2),))


def flipped(function: Any) -> Any:
    return lambda self, other: function(other, self)


def topological(root: Value) -> list[Value]:
    done: dict[Value, None] = {}

    def visit(node: Value) -> None:
        if node not in done:
            for parent in node._prev:
                visit(parent)
            done[node] = None

    visit(root)
    return list(done)


def backward(root: Value) -> None:
    order = topological(root)
    for node in order:
        node.grad = 0.0 if node._prev else node.grad
    root.grad = 1.0
    for node in order[::-1]:
        for parent, share in zip(node._prev, node.pull(node.grad)):
            parent.grad = parent.grad + share


METHODS = {
    "__add__": lambda a, b: ADD(a, b),
    "__radd__": flipped(ADD),
    "__sub__": lambda a, b: SUB(a, b),
    "__rsub__": flipped(SUB),
    "__mul__": lambda a, b: MUL(a, b),
    "__rmul__": flipped(MUL),
    "__truediv__": lambda a, b: DIV(a, b),
    "__rtruediv__": flipped(DIV),
    "__neg__": lambda a: NEG(a),
    "__pow__": power,
    "tanh": lambda a: TANH(a),
    "backward": backward,
    "__repr__": lambda a: f"Value(data={a.data}, grad={a.grad})",
}
for name, method in METHODS.items():
    setattr(Value, name, method)


class Part:
    """A thing that has its parts, is called, and knows its parameters."""

    def __init__(self, call: Any, parameters: Any, **parts: Any) -> None:
        self.call, self.parameters = call, parameters
        vars(self).update(parts)

    def __call__(self, x: Any) -> Any:
        return self.call(self, x)


def weighted(neuron: Any, x: Any) -> Any:
    products = map(operator.mul, x, neuron.w)
    assert len(x) == len(neuron.w)
    total = reduce(operator.add, products, neuron.b)
    return total.tanh() if neuron.nonlin else total


def joined(parts: Any) -> Any:
    return lambda: [p for part in parts for p in part.parameters()]


def Neuron(nin: int, nonlin: bool = True) -> Part:  # noqa: N802
    neuron: Any = Part(
        weighted,
        lambda: [*neuron.w, neuron.b],
        w=[Value(random.uniform(-1, 1)) for _ in range(nin)],
        b=Value(0),
        nonlin=nonlin,
    )
    return neuron  # type: ignore[no-any-return]


def Layer(nin: int, nout: int, nonlin: bool = True) -> Part:  # noqa: N802
    neurons = [Neuron(nin, nonlin) for _ in range(nout)]
    return Part(
        lambda layer, x: [neuron(x) for neuron in layer.neurons], joined(neurons), neurons=neurons
    )


def MLP(nin: int, nouts: Any) -> Part:  # noqa: N802
    pairs = list(pairwise([nin, *nouts]))
    layers = [Layer(*pair) for pair in pairs[:-1]] + [Layer(*pairs[-1], nonlin=False)]

    def call(mlp: Any, x: Any) -> Any:
        out = reduce(lambda signal, layer: layer(signal), mlp.layers, x)
        return out[0] if len(out) == 1 else out

    return Part(call, joined(layers), layers=layers)


def mse_loss(predictions: Any, targets: Any) -> Any:
    assert len(predictions) == len(targets)
    squares = [(p - t) ** 2 for p, t in zip(predictions, targets)]
    return reduce(operator.add, squares) / len(squares)


def zero_gradients(parameters: Any) -> None:
    for p in parameters:
        p.grad = 0.0


def gradient_descent_step(parameters: Any, learning_rate: float) -> None:
    for p in parameters:
        p.data -= learning_rate * p.grad


def train_network(
    mlp: Any,
    data: Any,
    loss_fn: Any = mse_loss,
    learning_rate: float = 0.01,
    max_iterations: int = 1000,
    loss_threshold: float = 1e-4,
    patience: int = 50,
) -> list[float]:
    def step(losses: list[float]) -> list[float]:
        loss = loss_fn([mlp(x) for x, _ in data], [y for _, y in data])
        zero_gradients(mlp.parameters())
        loss.backward()
        gradient_descent_step(mlp.parameters(), learning_rate)
        return [*losses, loss.data]

    losses: list[float] = []
    for _ in range(max_iterations):
        losses = step(losses)
        worse = len(losses) - 1 - losses.index(min(losses))
        if min(losses) < loss_threshold or worse >= patience:
            break
    return losses
