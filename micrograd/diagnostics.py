"""Looking inside a network: its parameters, gradients, activations, updates and stuck neurons.

Each function looks at one thing and returns a small object that prints as a table, is true if all
looks well, and can be read by a program. They take any :class:`~micrograd.nn.Module`, and go layer
by layer where it has layers. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from micrograd._numbers import entries
from micrograd.losses import LossFunction
from micrograd.nn import Module
from micrograd.observing import ObservedLayer, inputs_alone, observe, parameter_groups
from micrograd.summaries import Statistics, table

__all__ = [
    "LayerReport",
    "NeuronReport",
    "ParameterTracker",
    "StuckNeuron",
    "analyze_activations",
    "analyze_gradients",
    "analyze_parameters",
    "detect_dead_neurons",
    "track_parameter_updates",
]

# Of this module and of those that build on it:
SATURATED = 0.99  # of the way to the end of an activation's range
EXPLODED_NORM = 1e6  # of the parameters or gradients of a layer
VANISHED = 1e-3  # gradients of the first layers beside those of the last
USUAL_UPDATE = (1e-3, 1e-2)  # of a layer in a step, beside its weights, where all goes well


@dataclass(frozen=True)
class LayerReport:
    """Statistics of one kind of number, layer by layer: true if all looks well, printed a table.

    Attributes:
        what: ``parameters``, ``gradients`` or ``activations``.
        layers: one for each layer, from input to output; iterating over the report gives them.
    """

    what: str
    layers: tuple[Statistics, ...]

    def __iter__(self) -> Iterator[Statistics]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __bool__(self) -> bool:
        return not self.warnings

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looks wrong by itself, such as numbers that are not finite, or all zero."""
        found = []
        for s in self:
            if s.nonfinite:
                found.append(f"{s.name}: {s.nonfinite} of {s.count} {self.what} are not finite")
            elif s.zeros == s.count:
                found.append(f"{s.name}: all {s.count} {self.what} are 0")
            elif s.norm > EXPLODED_NORM:
                found.append(f"{s.name}: the norm of the {self.what} is {s.norm:.2g}")
        return tuple(found)

    def __str__(self) -> str:
        names = ("mean", "spread", "norm", "smallest", "largest", "zeros", "nonfinite")
        rows = [[s.name, s.count, *(getattr(s, name) for name in names)] for s in self]
        return "\n".join([table([self.what, "count", *names], rows), *self.warnings])


def analyze_parameters(model: Module) -> LayerReport:
    """Statistics of the parameters of each layer; of all together if there are no layers.

    >>> from micrograd import MLP
    >>> analyze_parameters(MLP(2, [3, 1], init="zeros")).warnings[0]
    'layers.0: all 9 parameters are 0'
    """
    return _report(model, "parameters", "data")


def analyze_gradients(model: Module) -> LayerReport:
    """Statistics of the gradients of each layer, as the last backward pass left them.

    >>> from micrograd import MLP
    >>> analyze_gradients(MLP(2, [3, 1])).warnings[1]
    'layers.1: all 4 gradients are 0'
    """
    return _report(model, "gradients", "grad")


def analyze_activations(model: Module, inputs: Iterable[Any]) -> LayerReport:
    """Statistics of the outputs of each layer over some inputs.

    Layers are the parts of the model that have ``neurons``, and neurons by themselves; a model
    without any is looked at as a whole.

    Args:
        model: what is called on each input.
        inputs: the inputs alone, a list, a generator or an array of one row for each example.

    Raises:
        TypeError: for ``(inputs, target)`` pairs.
        ValueError: if there are no inputs.

    >>> from micrograd import MLP
    >>> report = analyze_activations(MLP(2, [3, 1]), [[0.0, 1.0], [1.0, 0.0]])
    >>> [layer.count for layer in report]
    [6, 2]
    """
    return activation_report(observe(model, inputs_alone(inputs)))


def _report(model: Module, what: str, field: str) -> LayerReport:
    groups = parameter_groups(model)
    return LayerReport(what, tuple(Statistics.of(g, _all(groups[g], field)) for g in groups))


def _all(parameters: list[Any], field: str) -> list[float]:
    return [number for p in parameters for number in entries(getattr(p, field))]


def activation_report(layers: list[ObservedLayer]) -> LayerReport:
    """Statistics of the outputs that were observed, layer by layer."""
    numbers = ([x for call in layer.calls for x in call] for layer in layers)
    named = (Statistics.of(layer.name, outputs) for layer, outputs in zip(layers, numbers))
    return LayerReport("activations", tuple(named))


class ParameterTracker:
    """Records, at each :meth:`record`, how far a model's layers moved, and their gradients' size.

    Attributes:
        layers: the names of the layers.
        update_ratios: for each step, for each layer, the norm of the update beside the norm of
            the parameters before it; about 0.001 to 0.01 is usual. 0 where nothing moved.
        gradient_norms: for each step, the norm of the gradient of each layer.
    """

    def __init__(self, model: Module) -> None:
        self.update_ratios: list[list[float]] = []
        self.gradient_norms: list[list[float]] = []
        self._groups = parameter_groups(model)
        self.layers = list(self._groups)
        self._before = self._snapshot("data")
        self._watching = False

    def record(self) -> None:
        """Record one step: call it after each update, before the gradients are zeroed."""
        before, self._before = self._before, self._snapshot("data")
        self.update_ratios.append(list(map(_update_ratio, before, self._before)))
        self.gradient_norms.append([math.hypot(*group) for group in self._snapshot("grad")])

    def watch(self, loss_fn: LossFunction) -> LossFunction:
        """``loss_fn``, made to record the step before each call, where a loop is out of reach.

        It is for ``train_network``, which computes the loss before it zeroes the gradients, so
        that at each call those of the step before are still there. Leaving the ``with`` block
        records the last.

        >>> from micrograd import MLP, mse_loss, noisy_line, train_network
        >>> net = MLP(1, [1])
        >>> with ParameterTracker(net) as tracker:
        ...     metrics = train_network(net, noisy_line(20), loss_fn=tracker.watch(mse_loss),
        ...                             max_iterations=10, verbose=False)
        >>> len(tracker), len(tracker.gradient_norms[0])
        (10, 1)
        """

        def watched(predictions: Any, targets: Any) -> Any:
            if self._watching:
                self.record()
            self._watching = True
            return loss_fn(predictions, targets)

        return watched

    def _snapshot(self, field: str) -> list[list[float]]:
        return [_all(group, field) for group in self._groups.values()]

    def __enter__(self) -> ParameterTracker:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._watching:
            self.record()
            self._watching = False

    def __len__(self) -> int:
        return len(self.update_ratios)

    def __str__(self) -> str:
        header = ["update / weight", "steps", "first", "median", "last", "largest"]
        rows = [
            [name, len(r), r[0], median(r), r[-1], max(r)]
            for name, r in zip(self.layers, zip(*self.update_ratios))
        ]
        return table(header, rows)


def track_parameter_updates(model: Module) -> ParameterTracker:
    """A recorder of the updates and gradients of ``model``, step by step.

    In a loop, call its ``record()`` after each step; :meth:`ParameterTracker.watch` is for
    ``train_network``, whose loop is out of reach.

    >>> from micrograd import MLP, SGD, train_step
    >>> net = MLP(1, [1])
    >>> optimizer, tracker = SGD(net.parameters(), 0.1), track_parameter_updates(net)
    >>> for _ in range(10):
    ...     loss = train_step(net, [[1.0], [2.0]], [3.0, 5.0], optimizer)
    ...     tracker.record()
    >>> len(tracker), tracker.layers
    (10, ['layers.0'])
    """
    return ParameterTracker(model)


def _update_ratio(before: Sequence[float], after: Sequence[float]) -> float:
    moved, weight = math.dist(before, after), math.hypot(*before)
    return moved / weight if weight else math.inf if moved else 0.0


@dataclass(frozen=True)
class StuckNeuron:
    """A neuron that gradients cannot move.

    Attributes:
        name: such as ``layers.0.neurons.2``.
        layer: index of its layer in the network.
        neuron: index in the layer.
        activation: its activation.
        kind: ``dead`` (the output never moves) or ``saturated`` (always near an end of the
            activation's range, where its slope is nearly 0).
        smallest: its smallest output.
        largest: its largest output.
    """

    name: str
    layer: int
    neuron: int
    activation: str
    kind: str
    smallest: float
    largest: float


@dataclass(frozen=True)
class NeuronReport:
    """What :func:`detect_dead_neurons` found: true if it found none, printed a table.

    Attributes:
        stuck: the neurons found, from input to output; iterating over the report gives them.
        widths: how many neurons each layer has that was looked at.
        examples: how many inputs they were given.
    """

    stuck: tuple[StuckNeuron, ...]
    widths: tuple[int, ...]
    examples: int

    @property
    def examined(self) -> int:
        """How many neurons were looked at."""
        return sum(self.widths)

    @property
    def dead(self) -> tuple[StuckNeuron, ...]:
        """Those whose output never moves."""
        return tuple(neuron for neuron in self if neuron.kind == "dead")

    @property
    def saturated(self) -> tuple[StuckNeuron, ...]:
        """Those that are always near an end of their range."""
        return tuple(neuron for neuron in self if neuron.kind == "saturated")

    def __iter__(self) -> Iterator[StuckNeuron]:
        return iter(self.stuck)

    def __len__(self) -> int:
        return len(self.stuck)

    def __bool__(self) -> bool:
        return not self.stuck

    def __str__(self) -> str:
        header = ["neuron", "activation", "kind", "smallest", "largest"]
        rows = [[n.name, n.activation, n.kind, n.smallest, n.largest] for n in self]
        verdict = (
            f"{len(self.dead)} dead and {len(self.saturated)} saturated "
            f"of {self.examined} neurons, over {self.examples} inputs"
        )
        return f"{table(header, rows)}\n{verdict}" if rows else verdict


def detect_dead_neurons(model: Module, inputs: Iterable[Any]) -> NeuronReport:
    """Which neurons never move, or are saturated everywhere, over some inputs.

    A rectifier is dead if it is 0 for every input; any neuron is if it gives the same output for
    all of them (and there are two or more). So neurons behind a dead layer are dead as well:
    look at the first layer that has any. A ``tanh`` or ``sigmoid`` is saturated if it is within
    1% of an end of its range for every input. Of a model without neurons, its outputs are
    looked at.

    Args:
        model: what is called on each input.
        inputs: the inputs alone, with what :func:`analyze_activations` says of them.

    >>> from micrograd import MLP
    >>> net = MLP(1, [2, 1], activation="relu")
    >>> net.layers[0].neurons[1].b.data = -10.0
    >>> print(detect_dead_neurons(net, [[-1.0], [0.0], [1.0]]).dead[0].name)
    layers.0.neurons.1
    """
    return neuron_report(observe(model, rows := inputs_alone(inputs)), len(rows))


def neuron_report(layers: list[ObservedLayer], examples: int) -> NeuronReport:
    """The stuck neurons among those that were observed, over so many examples."""
    stuck = []
    for i, layer in enumerate(layers):
        parts = hasattr(layer.part, "neurons")
        for j, (activation, outputs) in enumerate(zip(layer.activations, layer.outputs)):
            kind = _stuck(activation, outputs)
            if kind:
                alone = "" if len(layer.outputs) == 1 else f"[{j}]"
                name = layer.name + (f".neurons.{j}" if parts else alone)
                low, high = min(outputs), max(outputs)
                stuck.append(StuckNeuron(name, i, j, activation, kind, low, high))
    widths = tuple(len(layer.outputs) for layer in layers)
    return NeuronReport(tuple(stuck), widths, examples)


def _stuck(activation: str, outputs: Sequence[float]) -> str:
    if activation == "tanh" and all(abs(y) > SATURATED for y in outputs):
        return "saturated"
    if activation == "sigmoid" and all(abs(2.0 * y - 1.0) > SATURATED for y in outputs):
        return "saturated"
    silent = activation == "relu" and not any(outputs)
    constant = len(outputs) > 1 and all(y == outputs[0] for y in outputs)
    return "dead" if silent or constant else ""
