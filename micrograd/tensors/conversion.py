"""A network of numbers as a network of arrays, and back: the same weights, the same answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd import _expect
from micrograd.engine import Value
from micrograd.nn import MLP
from micrograd.tensors.layers import Linear, ReLU, Sequential, Sigmoid, Tanh
from micrograd.tensors.tensor import Tensor

__all__ = ["from_mlp", "to_mlp"]

_ACTIVATIONS: dict[str, Any] = {"tanh": Tanh, "relu": ReLU, "sigmoid": Sigmoid}


def from_mlp(mlp: MLP, *, dtype: Any = None) -> Sequential:
    """The network of tensors that computes what an :class:`~micrograd.nn.MLP` computes.

    Its output is always ``(batch, outputs)``, also where that of the MLP is a single number.

    Raises:
        TypeError: if it is no MLP.
        ValueError: if the neurons of a layer differ in their activation.

    >>> mlp = MLP(2, [3, 1])
    >>> net = from_mlp(mlp)
    >>> abs(net([[0.5, -1.0]]).item() - mlp([0.5, -1.0]).data) < 1e-15
    True
    """
    if not isinstance(mlp, MLP):
        raise TypeError(f"expected an MLP, got {_expect.show(mlp)}")
    layers: list[Any] = []
    for i, layer in enumerate(mlp.layers):
        weights = [[w.data for w in neuron.w] for neuron in layer.neurons]
        linear = Linear(len(weights[0]), len(weights))
        linear.weight = Tensor(weights, dtype=dtype)
        linear.bias = Tensor([neuron.b.data for neuron in layer.neurons], dtype=dtype)
        layers.append(linear)
        names = {neuron.activation for neuron in layer.neurons}
        if len(names) > 1:
            raise ValueError(
                f"expected one activation in layer {i}, got {', '.join(sorted(names))}"
            )
        layers += [_ACTIVATIONS[name]() for name in names if name != "linear"]
    return Sequential(*layers)


def to_mlp(net: Sequential) -> MLP:
    """The MLP that computes what a network of linear layers and activations computes.

    Raises:
        TypeError: if it is no ``Sequential``.
        ValueError: for a layer that an MLP has not.

    >>> to_mlp(Sequential(Linear(2, 3), Tanh(), Linear(3, 1)))
    MLP(2, [3, 1], activation='tanh')
    """
    if not isinstance(net, Sequential):
        raise TypeError(f"expected a Sequential, got {_expect.show(net)}")
    names = {kind: name for name, kind in _ACTIVATIONS.items()}
    linears: list[Linear] = []
    bends: list[str] = []
    for layer in net:
        if isinstance(layer, Linear):
            linears.append(layer)
            bends.append("linear")
        elif type(layer) in names and bends and bends[-1] == "linear":
            bends[-1] = names[type(layer)]
        else:
            raise ValueError(
                f"expected linear layers, each with at most one activation behind it, got {layer!r}"
            )
    if not linears:
        raise ValueError("expected at least one linear layer, got none")
    mlp = MLP(linears[0].weight.shape[1], [len(linear.weight) for linear in linears], init="zeros")
    for layer, linear, bend in zip(mlp.layers, linears, bends):
        bias = np.zeros(len(linear.weight)) if linear.bias is None else linear.bias.data
        for neuron, row, b in zip(layer.neurons, linear.weight.data, bias):
            neuron.w, neuron.b, neuron.activation = [Value(w) for w in row], Value(b), bend
    return mlp
