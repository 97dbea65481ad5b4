"""Neurons, layers and multi-layer perceptrons: small objects that own ``Value`` parameters.

Each level only arranges the level below it, and all of them answer the same two questions:
what do you compute, and which parameters can be trained? The chapter "Networks from
neurons" tells the story, "Initialisation" the one of the starting weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self, SupportsFloat, TypedDict, Unpack

from micrograd import _expect
from micrograd.engine import Value
from micrograd.walk import is_node

__all__ = [
    "ACTIVATIONS",
    "INITIALISERS",
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "NeuronOptions",
    "zero_gradients",
]

ACTIVATIONS: dict[str, Callable[[Value], Value]] = {
    "tanh": Value.tanh,
    "relu": Value.relu,
    "sigmoid": Value.sigmoid,
    "linear": lambda x: x,
}
"""What a neuron can do to its weighted sum, by name."""

INITIALISERS: dict[str, Callable[[random.Random, int, int], float]] = {
    "uniform": lambda rng, nin, nout: rng.uniform(-1.0, 1.0),
    "normal": lambda rng, nin, nout: rng.gauss(0.0, 1.0 / math.sqrt(nin)),
    "xavier": lambda rng, nin, nout: rng.uniform(-1.0, 1.0) * math.sqrt(6.0 / (nin + nout)),
    "he": lambda rng, nin, nout: rng.gauss(0.0, math.sqrt(2.0 / nin)),
    "zeros": lambda rng, nin, nout: 0.0,
}
"""One weight of a neuron with ``nin`` inputs in a layer of ``nout``, drawn from ``rng``, by name.

``xavier`` is the uniform scheme of Glorot and Bengio (2010), ``he`` the normal one of He et al.
(2015).
"""


def zero_gradients(parameters: Iterable[Any]) -> None:
    """Set the gradient of every parameter to 0, ready for the next backward pass."""
    for parameter in parameters:
        parameter.grad = 0.0


class Module:
    """Something with parameters that can be trained.

    Its parameters are found by looking through its attributes, in the order in which they were
    set: values or tensors, other modules, and lists, tuples and dictionaries of either.

    Attributes:
        training: whether it is being trained; see :meth:`train`. Dropout, for one, rests otherwise.
        takes_batches: whether it is called with the inputs of many examples at once, an array, or
            with those of one example.
        buffers: the names of attributes that are part of its state, and are not trained.

    >>> class Shift(Module):
    ...     def __init__(self):
    ...         self.by = Value(0.0)
    >>> Shift().named_parameters()
    [('by', Value(data=0.0, grad=0.0))]
    """

    training: bool = True
    takes_batches: bool = False
    buffers: tuple[str, ...] = ()

    def named_parameters(self) -> list[tuple[str, Any]]:
        """All trainable values with their names, always in the same order; each of them once.

        A name is the way to the value, such as ``layers.0.neurons.2.w.1``.
        """
        found: dict[int, tuple[str, Any]] = {}
        for name, part in _parts(self, "", set()):
            if not isinstance(part, Module):
                found.setdefault(id(part), (name, part))
        return list(found.values())

    def named_buffers(self) -> list[tuple[str, Any]]:
        """What else belongs to its state, such as running means, with names like the others."""
        return [
            (f"{name}.{buffer}" if name else buffer, getattr(module, buffer))
            for name, module in self.named_modules()
            for buffer in module.buffers
        ]

    def parameters(self) -> list[Any]:
        """All trainable values, always in the same order."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """This module, named ``""``, and all it is made of, each after the one that holds it."""
        return [(name, part) for name, part in _parts(self, "", set()) if isinstance(part, Module)]

    def modules(self) -> list[Module]:
        """This module and all that it is made of, each after the one that holds it."""
        return [module for _, module in self.named_modules()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        zero_gradients(self.parameters())

    def train(self, mode: bool = True) -> Self:
        """Say to every part that it is being trained, or, with ``False``, that it is not."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Say to every part that it is used and not trained."""
        return self.train(False)


def _parts(item: Any, name: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Every module and value that can be reached from ``item``, with its name."""
    if isinstance(item, (Module, dict, list, tuple)):
        if id(item) in seen:  # held twice, or by itself
            return
        seen.add(id(item))
    if isinstance(item, Module):
        yield name, item
        inside: Iterable[tuple[Any, Any]] = vars(item).items()
    elif isinstance(item, dict):
        inside = item.items()
    elif isinstance(item, (list, tuple)):
        inside = enumerate(item)
    else:
        if is_node(item):
            yield name, item
        return
    for key, part in list(inside):
        yield from _parts(part, f"{name}.{key}" if name else str(key), seen)


class NeuronOptions(TypedDict, total=False):
    """The options that a layer or a network hands on to each of its neurons."""

    activation: str
    init: str
    rng: random.Random | None


class Neuron(Module):
    """``activation(w[0] x[0] + ... + w[n-1] x[n-1] + b)``.

    Args:
        nin: number of inputs, at least 1.
        nonlin: whether to apply the activation; a neuron without it is linear.
        activation: a name in :data:`ACTIVATIONS`.
        init: how the weights are drawn, a name in :data:`INITIALISERS`. The bias starts at 0.
        rng: where the weights are drawn from, one by one and in order; by default the
            ``random`` module, so that ``random.seed`` governs them.
        nout: number of neurons in the layer this one belongs to; only ``xavier`` looks at it.

    Attributes:
        w: the weights, one ``Value`` for each input.
        b: the bias.
        activation: the name of what it does to the sum; ``linear`` without ``nonlin``.

    Raises:
        TypeError, ValueError: for a width that is not a positive integer, or an unknown name.

    >>> neuron = Neuron(2, nonlin=False)
    >>> neuron.w = [Value(0.5), Value(-0.25)]
    >>> neuron([2.0, 4.0])
    Value(data=0.0, grad=0.0)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str = "tanh",
        init: str = "uniform",
        rng: random.Random | None = None,
        nout: int = 1,
    ) -> None:
        nin, nout = _expect.whole("nin", nin, 1), _expect.whole("nout", nout, 1)
        _expect.choice("activation", activation, ACTIVATIONS)
        _expect.choice("init", init, INITIALISERS)
        # The module has the functions of a Random instance that the schemes call.
        source: random.Random = rng if rng is not None else random  # type: ignore[assignment]
        self.w = [Value(INITIALISERS[init](source, nin, nout)) for _ in range(nin)]
        self.b = Value(0.0)
        self.activation = activation if nonlin else "linear"

    @property
    def nonlin(self) -> bool:
        """Whether it bends, its activation being another than ``linear``."""
        return self.activation != "linear"

    def __call__(self, x: Sequence[SupportsFloat]) -> Value:
        """The neuron's output for one input vector of ``nin`` numbers or values.

        Raises:
            ValueError: if ``x`` has another width.
        """
        _expect_inputs(x, len(self.w))
        total = self.b
        for weight, x_i in zip(self.w, x):
            total = total + weight * x_i
        return ACTIVATIONS[self.activation](total)

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, activation={self.activation!r})"


class Layer(Module):
    """``nout`` neurons that all look at the same ``nin`` inputs.

    Args:
        nin: number of inputs, at least 1.
        nout: number of neurons, at least 1.
        nonlin: whether the neurons apply their activation.
        neuron_options: handed on to each :class:`Neuron`.

    Attributes:
        neurons: the neurons, in order.

    >>> len(Layer(2, 3).parameters())
    9
    """

    def __init__(
        self, nin: int, nout: int, nonlin: bool = True, **neuron_options: Unpack[NeuronOptions]
    ) -> None:
        nout = _expect.whole("nout", nout, 1)
        self.neurons = [Neuron(nin, nonlin, nout=nout, **neuron_options) for _ in range(nout)]

    @property
    def nout(self) -> int:
        """Number of neurons, which is the width of the output."""
        return len(self.neurons)

    def __call__(self, x: Sequence[SupportsFloat]) -> list[Value]:
        """The outputs of all neurons, always as a list, of ``nout`` values."""
        _expect_inputs(x, len(self.neurons[0].w))
        shared = [x_i if isinstance(x_i, Value) else Value(x_i) for x_i in x]
        return [neuron(shared) for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({self.nout} of {self.neurons[0]!r})"


class MLP(Module):
    """A multi-layer perceptron: layers in a chain, nonlinear but for the last.

    Args:
        nin: number of inputs, at least 1.
        nouts: number of neurons of each layer; the last is the number of outputs.
        neuron_options: handed on to each :class:`Neuron`.

    Attributes:
        layers: the layers, from input to output.
        sz: all widths, ``[nin, *nouts]``.

    Raises:
        TypeError, ValueError: for ``nouts`` that are not a non-empty list of positive integers,
            and whatever :class:`Neuron` raises.

    >>> net = MLP(3, [4, 1])
    >>> len(net.parameters())
    21
    """

    def __init__(
        self, nin: int, nouts: Sequence[int], **neuron_options: Unpack[NeuronOptions]
    ) -> None:
        listed = _expect.items("nouts", nouts)
        widths = [_expect.whole(f"nouts[{i}]", nout, 1) for i, nout in enumerate(listed)]
        if not widths:
            raise ValueError("expected nouts to name at least one layer, got an empty list")
        self.sz = [_expect.whole("nin", nin, 1), *widths]
        last = len(widths) - 1
        self.layers = [
            Layer(self.sz[i], nout, nonlin=i != last, **neuron_options)
            for i, nout in enumerate(widths)
        ]

    def __call__(self, x: Sequence[SupportsFloat]) -> Value | list[Value]:
        """The network's output for one input vector of ``nin`` numbers or values.

        Returns:
            A single ``Value`` if the last layer has one neuron, otherwise a list of them.

        Raises:
            ValueError: if ``x`` has another width.
        """
        first, *rest = self.layers
        signal = first(x)
        for layer in rest:
            signal = layer(signal)
        return signal[0] if len(signal) == 1 else signal

    def __repr__(self) -> str:
        hidden = self.layers[0].neurons[0].activation
        return f"MLP({self.sz[0]}, {self.sz[1:]}, activation={hidden!r})"


def _expect_inputs(x: Sequence[SupportsFloat], nin: int) -> None:
    if not hasattr(x, "__len__"):
        raise TypeError(f"expected a list of {nin} inputs, got {_expect.show(x)}")
    if len(x) != nin:
        raise ValueError(f"expected {nin} inputs, got {len(x)}")
