"""The layers of any model, by name, and what they give while it computes.

What the diagnostics look at is found here: the parameters of each layer, and the outputs of each
during a forward pass, without the model having been written for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from micrograd import _expect
from micrograd.loop import predictions, takes_batches
from micrograd.summaries import numbers_in

__all__ = [
    "ObservedLayer",
    "inputs_alone",
    "layers_of",
    "named_parameters",
    "observe",
    "observed",
    "parameter_groups",
]


def named_parameters(model: Any) -> list[tuple[str, Any]]:
    """The parameters that a model trains, with their names as far as it knows them.

    Its ``parameters()`` decide which; one that is found in no attribute is named by its place.

    >>> from micrograd import MLP
    >>> named_parameters(MLP(1, [2, 1]))[3][0]
    'layers.0.neurons.1.b'
    """
    names = {id(p): name for name, p in getattr(model, "named_parameters", list)()}
    return [(names.get(id(p), f"[{i}]"), p) for i, p in enumerate(model.parameters())]


def _layer_of(name: str) -> str:
    """The layer's part of a parameter's name, such as ``layers.0`` of ``layers.0.neurons.2.b``."""
    layer, _, rest = f".{name}".partition(".neurons.")
    steps = layer.split(".")
    if not rest:  # no neuron's, so the last name is the parameter's, with its places in lists
        while len(steps) > 1 and steps[-1].isdigit():
            steps.pop()
        steps.pop()
    return ".".join(steps).lstrip(".")


def parameter_groups(model: Any) -> dict[str, list[Any]]:
    """The parameters of each layer by its name, or of the whole model if it has none.

    >>> from micrograd import MLP, Neuron
    >>> [(name, len(group)) for name, group in parameter_groups(MLP(2, [3, 1])).items()]
    [('layers.0', 9), ('layers.1', 4)]
    >>> list(parameter_groups(Neuron(2)))
    ['Neuron']
    """
    groups: dict[str, list[Any]] = {}
    for name, parameter in named_parameters(model):
        groups.setdefault(_layer_of(name) or type(model).__name__, []).append(parameter)
    return groups


@dataclass
class ObservedLayer:
    """A part of a model, and what it gave each time it was called.

    Attributes:
        name: such as ``layers.0``.
        part: the module itself.
        calls: the numbers it gave, call by call.
    """

    name: str
    part: Any
    calls: list[list[float]] = field(default_factory=list)

    @property
    def activations(self) -> list[str]:
        """The activation of each neuron, empty where it is not known."""
        neurons = getattr(self.part, "neurons", [self.part] * len(self.outputs))
        return [getattr(neuron, "activation", "") for neuron in neurons]

    @property
    def outputs(self) -> list[tuple[float, ...]]:
        """Of each neuron, what it gave over all calls."""
        return list(zip(*self.calls))


def layers_of(model: Any) -> list[ObservedLayer]:
    """The parts with ``neurons``, and neurons by themselves; or the model, if there are none.

    >>> from micrograd import MLP
    >>> [layer.name for layer in layers_of(MLP(1, [2, 1]))]
    ['layers.0', 'layers.1']
    """
    parts = list(getattr(model, "modules", list)())
    inside = {id(neuron) for part in parts for neuron in getattr(part, "neurons", ())}
    if takes_batches(model):  # of tensors: what has no parts of its own
        named = [(name, part) for name, part in model.named_modules() if len(part.modules()) == 1]
        return [ObservedLayer(name or type(part).__name__, part) for name, part in named]
    layers = [p for p in parts if hasattr(p, "neurons") or hasattr(p, "activation")]
    layers = [part for part in layers if id(part) not in inside] or [model]
    names = {id(parameter): _layer_of(name) for name, parameter in named_parameters(model)}
    first = [next(iter(part.parameters()), None) for part in layers]
    return [
        ObservedLayer(names.get(id(parameter), "") or type(part).__name__, part)
        for part, parameter in zip(layers, first)
    ]


@contextmanager
def observed(model: Any) -> Iterator[list[ObservedLayer]]:
    """The layers of a model, with whatever they give while this lasts.

    Python looks up ``__call__`` in the class, so for that time each of them
    is of a class of its own.

    >>> from micrograd import MLP
    >>> net = MLP(1, [2, 1])
    >>> with observed(net) as layers:
    ...     output = net([1.0])
    >>> layers[1].name, layers[1].calls == [[output.data]]
    ('layers.1', True)
    """
    layers = layers_of(model)
    kinds = [type(layer.part) for layer in layers]
    try:
        for layer, kind in zip(layers, kinds):
            layer.part.__class__ = _recording(kind, layer.calls)
        yield layers
    finally:
        for layer, kind in zip(layers, kinds):
            layer.part.__class__ = kind


def observe(model: Any, inputs: list[Any]) -> list[ObservedLayer]:
    """The layers of a model, with what they give for each of the inputs."""
    with observed(model) as layers:
        predictions(model, inputs)
    return layers


def _recording(kind: Any, calls: list[list[float]]) -> type:
    def call(self: Any, *inputs: Any, **options: Any) -> Any:
        output = kind.__call__(self, *inputs, **options)
        if takes_batches(self):
            calls.extend(numbers_in("an output", row) for row in output.data)
        else:
            calls.append(numbers_in("an output", output))
        return output

    return type(kind.__name__, (kind,), {"__call__": call, "__slots__": ()})


def inputs_alone(given: Any) -> list[Any]:
    """The inputs of some examples, taken once, as a list; each as a list if it can be used up.

    Raises:
        TypeError: for ``(inputs, target)`` pairs.
        ValueError: if there are none.

    >>> inputs_alone(iter([[1.0], [2.0]]))
    [[1.0], [2.0]]
    """
    rows = _expect.items("the inputs", given)
    if not rows:
        raise ValueError("expected at least one input to look at, got none")
    for i, row in enumerate(rows):
        if isinstance(row, (tuple, list)) and len(row) == 2 and hasattr(row[0], "__len__"):
            raise TypeError(
                f"expected the inputs alone, got a pair (inputs, target) at [{i}]: "
                "take them apart with inputs, targets = zip(*pairs)"
            )
    return [list(row) if isinstance(row, Iterator) else row for row in rows]
