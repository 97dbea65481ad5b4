"""Looking inside: graphs, parameters, gradients, neurons, single steps and whole runs.

Nothing here trains a network. Each function looks at one thing and returns a small object that
prints as a table and that a program can read; a plot stands beside each that a person would
rather look at. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, SupportsFloat

from micrograd.engine import Value
from micrograd.losses import LossFunction
from micrograd.nn import MLP, Module

__all__ = [
    "LayerReport",
    "NeuronReport",
    "ParameterTracker",
    "Statistics",
    "StuckNeuron",
    "analyze_activations",
    "analyze_gradients",
    "analyze_parameters",
    "detect_dead_neurons",
    "track_parameter_updates",
]

SATURATED = 0.99  # of the way to the end of an activation's range
EXPLODED_NORM = 1e6  # of the gradients of a layer
VANISHED = 1e-3  # gradients of the first layers beside those of the last


@dataclass(frozen=True)
class Statistics:
    """Some numbers in short.

    Attributes:
        name: what they belong to, such as ``layers[0]``.
        count: how many there are.
        mean: of the finite ones, like all that follow.
        spread: their standard deviation.
        norm: the root of the sum of their squares.
        smallest: of them; ``nan`` if there are none.
        largest: of them; ``nan`` if there are none.
        zeros: how many are exactly 0.
        nonfinite: how many are ``nan`` or infinite.
    """

    name: str
    count: int
    mean: float
    spread: float
    norm: float
    smallest: float
    largest: float
    zeros: int
    nonfinite: int

    @classmethod
    def of(cls, name: str, numbers: Sequence[float]) -> Statistics:
        """The statistics of ``numbers``.

        >>> Statistics.of("ab", [3.0, -3.0, math.nan]).norm == math.sqrt(18.0)
        True
        """
        finite = [number for number in numbers if math.isfinite(number)]
        count = len(finite) or math.nan  # the mean of nothing is not a number
        mean = sum(finite) / count
        return cls(
            name,
            len(numbers),
            mean,
            math.hypot(*(number - mean for number in finite)) / math.sqrt(count),
            math.hypot(*finite),
            min(finite, default=math.nan),
            max(finite, default=math.nan),
            finite.count(0.0),
            len(numbers) - len(finite),
        )


@dataclass(frozen=True)
class LayerReport:
    """Statistics of one kind of number, layer by layer; a table when printed.

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
        return "\n".join([_table([self.what, "count", *names], rows), *self.warnings])


def analyze_parameters(model: Module) -> LayerReport:
    """Statistics of the parameters of each layer; of all together if there are no layers.

    >>> analyze_parameters(MLP(2, [3, 1], init="zeros")).warnings[0]
    'layers[0]: all 9 parameters are 0'
    """
    return _report("parameters", [[p.data for p in layer] for layer in _layers(model)])


def analyze_gradients(model: Module) -> LayerReport:
    """Statistics of the gradients of each layer, as the last backward pass left them.

    >>> analyze_gradients(MLP(2, [3, 1])).warnings[1]
    'layers[1]: all 4 gradients are 0'
    """
    return _report("gradients", [[p.grad for p in layer] for layer in _layers(model)])


def analyze_activations(model: MLP, inputs: Sequence[Sequence[SupportsFloat]]) -> LayerReport:
    """Statistics of the outputs of each layer over some inputs.

    >>> report = analyze_activations(MLP(2, [3, 1]), [[0.0, 1.0], [1.0, 0.0]])
    >>> [layer.count for layer in report]
    [6, 2]
    """
    layers = _activations(model, inputs)
    return _report("activations", [[x for neuron in layer for x in neuron] for layer in layers])


def _report(what: str, layers: Sequence[Sequence[float]]) -> LayerReport:
    named = (Statistics.of(f"layers[{i}]", numbers) for i, numbers in enumerate(layers))
    return LayerReport(what, tuple(named))


def _layers(model: Module) -> list[list[Value]]:
    """The parameters of each layer of a model, or of the whole if it has none."""
    return [layer.parameters() for layer in getattr(model, "layers", [model])]


def _activations(model: MLP, inputs: Sequence[Sequence[SupportsFloat]]) -> list[list[list[float]]]:
    """For each layer, for each of its neurons, the output for each input."""
    if not inputs:
        raise ValueError("expected at least one input to look at, got none")
    layers: list[list[list[float]]] = [[[] for _ in layer.neurons] for layer in model.layers]
    for x in inputs:
        signal: Sequence[SupportsFloat] = x
        for layer, outputs in zip(model.layers, layers):
            signal = layer(signal)
            for output, of_neuron in zip(signal, outputs):
                of_neuron.append(float(output))
    return layers


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Aligned columns, the first to the left and the others to the right."""
    cells = [[c if isinstance(c, str) else f"{c:.4g}" for c in row] for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in cells
    )


class ParameterTracker:
    """Records, step by step, how far a model's layers move and how large their gradients are.

    Attributes:
        update_ratios: for each step, for each layer, the norm of the update beside the norm of
            the parameters before it; about 0.001 to 0.01 is usual. 0 where nothing moved.
        gradient_norms: for each step, the norm of the gradient of each layer.
    """

    def __init__(self, model: Module) -> None:
        self.update_ratios: list[list[float]] = []
        self.gradient_norms: list[list[float]] = []
        self._layers = _layers(model)
        self._before = self._snapshot()
        self._watching = False

    def record(self) -> None:
        """Record one step: call it after each update, before the gradients are zeroed."""
        before, self._before = self._before, self._snapshot()
        self.update_ratios.append(list(map(_update_ratio, before, self._before)))
        gradients = [[parameter.grad for parameter in layer] for layer in self._layers]
        self.gradient_norms.append([math.hypot(*layer) for layer in gradients])

    def watch(self, loss_fn: LossFunction) -> LossFunction:
        """``loss_fn``, made to record the step before each call, for loops written elsewhere.

        ``train_step`` computes the loss before it zeroes the gradients, so that at each call
        those of the step before are still there. Leaving the ``with`` block records the last.
        """

        def watched(predictions: Any, targets: Any) -> Value:
            if self._watching:
                self.record()
            self._watching = True
            return loss_fn(predictions, targets)

        return watched

    def _snapshot(self) -> list[list[float]]:
        return [[parameter.data for parameter in layer] for layer in self._layers]

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
            [f"layers[{i}]", len(r), r[0], median(r), r[-1], max(r)]
            for i, r in enumerate(zip(*self.update_ratios))
        ]
        return _table(header, rows)


def track_parameter_updates(model: Module) -> ParameterTracker:
    """A recorder of the updates and gradients of ``model``, step by step.

    In a loop of your own, call its ``record()`` after each step. For ``train_network``, let it
    watch the loss:

    >>> from micrograd import mse_loss, noisy_line, train_network
    >>> net = MLP(1, [1])
    >>> with track_parameter_updates(net) as tracker:
    ...     metrics = train_network(net, noisy_line(20), loss_fn=tracker.watch(mse_loss),
    ...                             max_iterations=10, verbose=False)
    >>> len(tracker), len(tracker.gradient_norms[0])
    (10, 1)
    """
    return ParameterTracker(model)


def _update_ratio(before: Sequence[float], after: Sequence[float]) -> float:
    moved, weight = math.dist(before, after), math.hypot(*before)
    return moved / weight if weight else math.inf if moved else 0.0


@dataclass(frozen=True)
class StuckNeuron:
    """A neuron that gradients cannot move.

    Attributes:
        layer: index of its layer in the network.
        neuron: index in the layer.
        activation: its activation.
        kind: ``dead`` (the output never moves) or ``saturated`` (always near an end of the
            activation's range, where its slope is nearly 0).
        smallest: its smallest output.
        largest: its largest output.
    """

    layer: int
    neuron: int
    activation: str
    kind: str
    smallest: float
    largest: float


@dataclass(frozen=True)
class NeuronReport:
    """What :func:`detect_dead_neurons` found: true if it found any, a table when printed.

    Attributes:
        stuck: the neurons found, from input to output; iterating over the report gives them.
        examined: how many neurons were looked at.
        examples: how many inputs they were given.
    """

    stuck: tuple[StuckNeuron, ...]
    examined: int
    examples: int

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

    def __str__(self) -> str:
        header = ["neuron", "activation", "kind", "smallest", "largest"]
        rows = [
            [f"layers[{n.layer}].neurons[{n.neuron}]", n.activation, n.kind, n.smallest, n.largest]
            for n in self
        ]
        verdict = (
            f"{len(self.dead)} dead and {len(self.saturated)} saturated "
            f"of {self.examined} neurons, over {self.examples} inputs"
        )
        return f"{_table(header, rows)}\n{verdict}" if rows else verdict


def detect_dead_neurons(model: MLP, inputs: Sequence[Sequence[SupportsFloat]]) -> NeuronReport:
    """Which neurons never move, or are saturated everywhere, over some inputs.

    A rectifier is dead if it is 0 for every input; any neuron is if it gives the same output for
    all of them (and there are two or more). So neurons behind a dead layer are dead as well:
    look at the first layer that has any. A ``tanh`` or ``sigmoid`` is saturated if it is within
    1% of an end of its range for every input.

    Raises:
        ValueError: if there are no inputs.

    >>> net = MLP(1, [2, 1], activation="relu")
    >>> net.layers[0].neurons[1].b.data = -10.0
    >>> print(detect_dead_neurons(net, [[-1.0], [0.0], [1.0]]).dead[0].neuron)
    1
    """
    stuck = []
    layers = _activations(model, inputs)
    for i, (layer, outputs) in enumerate(zip(model.layers, layers)):
        for j, (neuron, of_neuron) in enumerate(zip(layer.neurons, outputs)):
            kind = _stuck(neuron.activation, of_neuron)
            if kind:
                low, high = min(of_neuron), max(of_neuron)
                stuck.append(StuckNeuron(i, j, neuron.activation, kind, low, high))
    return NeuronReport(tuple(stuck), sum(map(len, layers)), len(inputs))


def _stuck(activation: str, outputs: Sequence[float]) -> str:
    if activation == "tanh" and all(abs(y) > SATURATED for y in outputs):
        return "saturated"
    if activation == "sigmoid" and all(abs(2.0 * y - 1.0) > SATURATED for y in outputs):
        return "saturated"
    silent = activation == "relu" and not any(outputs)
    constant = len(outputs) > 1 and all(y == outputs[0] for y in outputs)
    return "dead" if silent or constant else ""
