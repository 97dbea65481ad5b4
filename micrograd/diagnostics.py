"""Looking inside: graphs, parameters, gradients, neurons, single steps and whole runs.

Nothing here trains a network. Each function looks at one thing and returns a small object that
prints as a table and that a program can read; a plot stands beside each that a person would
rather look at. The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, SupportsFloat

from micrograd.engine import Value, topological_order
from micrograd.gradcheck import GradientReport, gradient_check
from micrograd.nn import MLP, Module
from micrograd.training import LossFunction, gradient_descent_step, mse_loss, paused_collector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Cause",
    "Diagnosis",
    "LayerReport",
    "MinimalTestCase",
    "NeuronReport",
    "ParameterTracker",
    "Statistics",
    "StuckNeuron",
    "TrainingStepReport",
    "analyze_activations",
    "analyze_gradients",
    "analyze_parameters",
    "create_minimal_test_case",
    "debug_training_step",
    "detect_dead_neurons",
    "diagnose_training_failure",
    "plot_activations",
    "plot_gradient_norms",
    "plot_update_ratios",
    "track_parameter_updates",
    "visualize_graph",
]

SATURATED = 0.99  # of the way to the end of an activation's range
EXPLODED_NORM = 1e6  # of the gradients of a layer
VANISHED = 1e-3  # gradients of the first layers beside those of the last
LARGE_UPDATE, SMALL_UPDATE = 0.1, 1e-6  # of a layer in one step, beside its weights


def visualize_graph(root: Value, max_depth: int = 20, max_lines: int = 200) -> str:
    """The graph behind ``root`` as a tree of text: operation, data and gradient of each value.

    A value that is used more than once is shown in full once, with a number, and referred to by
    that number elsewhere. What is not finite is pointed at.

    Args:
        root: the value whose computation is shown.
        max_depth: operations between the root and the last values shown, at least 0.
        max_lines: most values shown, at least 1.

    Raises:
        GraphCycleError: if there is a cycle.

    >>> a = Value(2.0, label="a")
    >>> loss = (a + 1) * a
    >>> loss.backward()
    >>> print(visualize_graph(loss))
    *  data 6  grad 1
    ├─ +  data 3  grad 2
    │  ├─ a #1  data 2  grad 5
    │  └─ leaf  data 1  grad 2
    └─ a #1, as above
    """
    order = topological_order(root)
    uses = dict.fromkeys(order, 0)
    for value in order:
        for parent in value._parents:
            uses[parent] += 1
    numbers: dict[Value, int] = {}  # of the shared values shown so far
    lines: list[str] = []
    todo = [(root, 0, "", "")]
    while todo and len(lines) < max_lines:
        value, depth, connector, indent = todo.pop()
        name = " ".join(filter(None, (value.label, value._op))) or "leaf"
        if value in numbers:
            lines.append(f"{connector}{name} #{numbers[value]}, as above")
            continue
        cut = depth >= max_depth and value._parents
        if uses[value] > 1 and not cut:
            numbers[value] = len(numbers) + 1
            name += f" #{numbers[value]}"
        finite = math.isfinite(value.data) and math.isfinite(value.grad)
        lines.append(
            f"{connector}{name}  data {value.data:.4g}  grad {value.grad:.4g}"
            f"{'' if finite else '  <- not finite'}{'  ...' if cut else ''}"
        )
        if not cut:
            last = len(value._parents) - 1
            for i in range(last, -1, -1):
                branch, below = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
                todo.append((value._parents[i], depth + 1, indent + branch, indent + below))
    return "\n".join(lines if not todo else [*lines, f"... of {len(order)} values in all"])


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

    >>> from micrograd import noisy_line, train_network
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


@dataclass(frozen=True)
class TrainingStepReport:
    """One training step, seen from all sides; printed, the whole story.

    Attributes:
        parameters: before the step.
        activations: of each layer in the forward pass.
        neurons: the dead and saturated ones.
        loss: before the step.
        loss_after: on the same examples, after it.
        gradients: of the loss.
        check: the numerical check of gradients; ``None`` if none were checked.
        update_ratios: for each layer, the norm of its update beside that of its parameters.
        flow: norm of the gradient of the first layer beside that of the last.
        recommendations: what to do, the most urgent first; empty if all looks well.
    """

    parameters: LayerReport
    activations: LayerReport
    neurons: NeuronReport
    loss: float
    loss_after: float
    gradients: LayerReport
    check: GradientReport | None
    update_ratios: tuple[float, ...]
    flow: float
    recommendations: tuple[str, ...]

    def __str__(self) -> str:
        ratios = [[f"layers[{i}]", ratio] for i, ratio in enumerate(self.update_ratios)]
        advice = self.recommendations or ("nothing looks wrong",)
        parts = [
            self.parameters,
            f"{self.activations}\n{self.neurons}",
            self.gradients,
            "gradients not checked" if self.check is None else self.check,
            _table(["", "update / weight"], ratios),
            f"loss {self.loss:.6g} -> {self.loss_after:.6g}",
            "\n".join(f"* {line}" for line in advice),
        ]
        return "\n\n".join(map(str, parts))


def debug_training_step(
    mlp: MLP,
    inputs: Sequence[Any],
    targets: Any,
    learning_rate: float = 0.01,
    loss_fn: LossFunction = mse_loss,
    *,
    update: bool = True,
    max_checks: int | None = 50,
) -> TrainingStepReport:
    """Take one step of gradient descent and look at everything on the way.

    A loss that is not finite makes no update, as in ``train_step``.

    Args:
        mlp: the network.
        inputs: the inputs of some examples; or of one, as a flat list of numbers.
        targets: their targets.
        learning_rate: size of the step.
        loss_fn: the loss, from a list of predictions and the targets.
        update: whether to keep the step. If not, parameters and gradients are put back.
        max_checks: most gradients to compare with finite differences, each for two more forward
            passes: a fixed sample where there are more parameters; ``None`` checks them all.

    Raises:
        ValueError: if there are no inputs, and whatever the network and the loss raise.

    >>> case = create_minimal_test_case()
    >>> report = debug_training_step(case.network, case.inputs, case.targets)
    >>> bool(report.check), report.loss_after < report.loss, report.recommendations
    (True, True, ())
    """
    if len(inputs) and not hasattr(inputs[0], "__len__"):
        listed = mlp.sz[-1] == 1 and hasattr(targets, "__len__")
        inputs, targets = [inputs], targets if listed else [targets]
    parameters = mlp.parameters()
    before = [(p.data, p.grad) for p in parameters]
    keep = False

    def forward() -> Value:
        return loss_fn([mlp(x) for x in inputs], targets)

    try:
        with paused_collector():
            parameter_report = analyze_parameters(mlp)
            activations = analyze_activations(mlp, inputs)
            neurons = detect_dead_neurons(mlp, inputs)
            loss = forward()
            finite = math.isfinite(loss.data)
            check = _checked(mlp, forward, max_checks) if finite else None
            mlp.zero_grad()
            loss.backward()
            gradients = analyze_gradients(mlp)
            tracker = track_parameter_updates(mlp)
            if finite:
                gradient_descent_step(parameters, learning_rate)
            tracker.record()
            loss_after = forward().data
        keep = update
    finally:
        if not keep:
            for parameter, (data, grad) in zip(parameters, before):
                parameter.data, parameter.grad = data, grad

    norms = tracker.gradient_norms[0]
    report = TrainingStepReport(
        parameter_report,
        activations,
        neurons,
        loss.data,
        loss_after,
        gradients,
        check,
        tuple(tracker.update_ratios[0]),
        norms[0] / norms[-1] if norms[-1] else math.nan,
        (),
    )
    return replace(report, recommendations=tuple(_advice(report, loss)))


def _checked(mlp: MLP, loss: Callable[[], Value], most: int | None) -> GradientReport | None:
    """The numerical check of all gradients or of a fixed sample, under the parameters' names."""
    names = [
        f"layers[{i}].neurons[{j}].{'b' if k == len(neuron.w) else f'w[{k}]'}"
        for i, layer in enumerate(mlp.layers)
        for j, neuron in enumerate(layer.neurons)
        for k in range(len(neuron.w) + 1)
    ]
    chosen = list(zip(names, mlp.parameters()))
    if most is not None and most < len(chosen):
        chosen = random.Random(0).sample(chosen, most)
    if not chosen:
        return None
    report = gradient_check(loss, [parameter for _, parameter in chosen])
    named = (replace(c, name=name) for c, (name, _) in zip(report, chosen))
    return replace(report, comparisons=tuple(named))


def _advice(step: TrainingStepReport, loss: Value) -> Iterator[str]:
    if not math.isfinite(step.loss):
        # Parents come first, so that all of this value's are still finite.
        born = next(v for v in topological_order(loss) if not math.isfinite(v.data))
        operands = " and ".join(map(repr, born._parents))
        came = f"from {born._op} of {operands}" if operands else "with the data or a parameter"
        yield f"the loss is {step.loss}: the first number that is not finite came {came}"
        return
    wrong = [c.name for c in (() if step.check is None else step.check) if not c.passed]
    if wrong:
        yield f"wrong gradients, unless at a kink: check the operations behind {', '.join(wrong)}"
    for report in (step.parameters, step.gradients):
        yield from report.warnings
    if step.flow < VANISHED:
        yield f"gradients vanish towards the input (ratio {step.flow:.1g}): see initialisation"
    if step.neurons:
        yield f"{str(step.neurons).splitlines()[-1]}: smaller weights, or another activation"
    if max(step.update_ratios) > LARGE_UPDATE or not step.loss_after <= step.loss:
        yield "the step is too long: lower the learning rate"
    elif max(step.update_ratios) < SMALL_UPDATE:
        yield "the step hardly moves anything: raise the learning rate"


class Cause(Enum):
    """What may be wrong with a training run, in words."""

    HEALTHY = "healthy"
    NAN = "not a number"
    DIVERGED = "diverged"
    OSCILLATING = "oscillating"
    VANISHING = "vanishing gradients"
    ZERO = "zero gradients"
    SLOW = "learning rate too low"
    ACCUMULATING = "gradients never zeroed"
    STAGNATED = "stagnated"


_ADVICE = {
    Cause.HEALTHY: "nothing to do",
    Cause.NAN: "run one step under detect_anomaly(), which names the operation; check the data",
    Cause.DIVERGED: "lower the learning rate by 10 or clip the gradients; are they zeroed?",
    Cause.OSCILLATING: "lower the learning rate by 2 to 10; are gradients zeroed?",
    Cause.VANISHING: "another initialisation or activation, or fewer layers",
    Cause.ZERO: "look for dead neurons, for weights that are all 0, and for a graph cut in two",
    Cause.SLOW: "raise the learning rate by 10",
    Cause.ACCUMULATING: "call zero_grad() before each backward()",
    Cause.STAGNATED: "look at the data and debug one step; more neurons, or a slower decay",
}

FEWEST = 8  # epochs that show a trend
LEARNED = 0.2  # of the starting loss: at or below it, a run has learned
GREW = 2.0  # times the starting loss: above it, a run has diverged
EXPLODED = 1e3  # times the first loss, some time before the numbers end
PILED_UP = 1.15  # times the first gradient norm: the second, where gradients add up
AGAINST = -0.65  # correlation of loss and gradient norm over the first steps, where they do
SWING = 0.05  # mean change of the loss from epoch to epoch, beside the starting loss
AIMLESS = 0.25  # of those changes that is progress
FLAT = 1e-4  # of the starting loss: all that a loss on a plateau ever moves
HARDLY = 0.5  # of the starting loss: at or above it, a steady run is slow
STEADY = 0.15  # of the progress that is made in the last quarter
SETTLED = 0.05  # relative change from the third to the last quarter


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a training run; true if anything is.

    Attributes:
        cause: the most likely one.
        evidence: the numbers that speak for it.
    """

    cause: Cause
    evidence: str

    @property
    def recommendation(self) -> str:
        """What to do about it."""
        return _ADVICE[self.cause]

    def __bool__(self) -> bool:
        return self.cause is not Cause.HEALTHY

    def __str__(self) -> str:
        return f"{self.cause.value}: {self.evidence}\n-> {self.recommendation}"


def diagnose_training_failure(
    loss_history: Sequence[float],
    gradient_history: Sequence[float | Sequence[float]] | None = None,
    *,
    epoch: int = 1,
) -> Diagnosis:
    """Why a training run failed, from its losses and the norms of its gradients.

    Args:
        loss_history: the loss of each iteration.
        gradient_history: for each iteration, the norm of the gradient of each layer from input
            to output, as ``ParameterTracker.gradient_norms``; or of all together.
        epoch: iterations in one pass over the data. The loss of one mini-batch says little; the
            mean over an epoch says more.

    Raises:
        ValueError: if there are no losses, not as many gradient norms, or an empty epoch.

    >>> print(diagnose_training_failure([1.0, 40.0, 1600.0, math.inf]))
    diverged: the loss grew from 1 to 1.6e+03 before it was inf
    -> lower the learning rate by 10 or clip the gradients; are they zeroed?
    """
    losses = list(loss_history)
    norms = [[n] if isinstance(n, (int, float)) else list(n) for n in gradient_history or ()]
    if not losses:
        raise ValueError("expected the loss of at least one iteration, got none")
    if gradient_history is not None and len(norms) != len(losses):
        raise ValueError(f"expected {len(losses)} gradient norms, got {len(norms)}")
    if epoch < 1:
        raise ValueError(f"expected an epoch of at least 1 iteration, got {epoch}")
    return Diagnosis(*next(_findings(losses, norms, epoch)))


def _findings(
    losses: list[float], norms: list[list[float]], epoch: int
) -> Iterator[tuple[Cause, str]]:
    """Everything that fits, the surest first; the last always does."""
    for i, numbers in enumerate(zip(losses, *zip(*norms))):
        if not all(map(math.isfinite, numbers)):
            peak = max(losses[:i], default=0.0)
            if peak > EXPLODED * losses[0]:
                grew = f"the loss grew from {losses[0]:.3g} to {peak:.3g}"
                yield Cause.DIVERGED, f"{grew} before it was {losses[i]}"
            what = "loss" if not math.isfinite(losses[i]) else "gradient"
            yield Cause.NAN, f"the {what} of iteration {i + 1} was not finite, all at once"

    losses = [_mean(losses[i : i + epoch]) for i in range(0, len(losses), epoch)]
    norms = [[_mean(n) for n in zip(*norms[i : i + epoch])] for i in range(0, len(norms), epoch)]
    totals = [math.hypot(*layers) for layers in norms]
    n = len(losses)
    start = _mean(losses[: max(1, n // 20)])
    third, end = _mean(losses[n // 2 : -(n // 4) or n]), _mean(losses[-max(1, n // 4) :])
    went = f"the loss went from {start:.3g} to {end:.3g}"

    if n >= FEWEST and norms and losses[1] < losses[0] and totals[1] > PILED_UP * totals[0]:
        r = _correlation(losses[:FEWEST], totals[:FEWEST])
        if r < AGAINST:
            yield Cause.ACCUMULATING, f"gradients grew as the loss fell (correlation {r:.2f})"
    if end > GREW * start:
        yield Cause.DIVERGED, went
    if n < FEWEST:
        yield Cause.HEALTHY, f"{went}; {n} iterations are too few to tell more"
    if end <= LEARNED * start:
        yield Cause.HEALTHY, went

    for i, layer in enumerate(zip(*norms)):
        moving = [norm for norm in layer if norm]  # at a minimum, they would have faded away
        if not any(layer[n // 2 :]) and min(moving, default=1.0) > VANISHED * layer[0]:
            yield Cause.ZERO, f"{went}, and the gradient of layers[{i}] was exactly 0"
    if not norms and max(losses) == min(losses):
        yield Cause.ZERO, f"the loss was {start:.3g} all the time"
    if norms and norms[0][0] < VANISHED * max(norms[0]):
        share = norms[0][0] / max(norms[0])
        yield Cause.VANISHING, f"the first layer's gradient was {share:.1g} of the largest"
    if norms and totals[0] < VANISHED * start:
        yield Cause.VANISHING, f"a loss of {start:.3g} had gradients of only {totals[0]:.1g}"
    if not norms and max(losses) - min(losses) < FLAT * start:
        yield Cause.VANISHING, f"{went}: a plateau from the start"

    late = losses[n // 2 :]
    changes = [abs(b - a) for a, b in pairwise(late)]
    if _mean(changes) > SWING * start and third - end < AIMLESS * sum(changes) / 2.0:
        yield Cause.OSCILLATING, f"{went}, jumping by {_mean(changes):.2g} each time on the way"
    if HARDLY * start < end < start and third - end > STEADY * (start - end):
        yield Cause.SLOW, f"{went} in {n} iterations, as steadily at the end as before"
    if third - end < SETTLED * third or end >= start:
        yield Cause.STAGNATED, f"{went} and stayed there"
    yield Cause.HEALTHY, f"{went} and is still falling"


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)  # which overflows to infinity, where fmean raises


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    x, y = _mean(xs), _mean(ys)
    both = math.hypot(*(a - x for a in xs)) * math.hypot(*(b - y for b in ys))
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / both if both else 0.0


@dataclass(frozen=True)
class MinimalTestCase:
    """A network and data that train, if the implementation is right.

    It unpacks into ``network, inputs, targets``.

    Attributes:
        network: two inputs, two hidden neurons, one output.
        inputs: the four corners of a square.
        targets: 1 where the signs of the inputs differ, and -1 where they agree.
        learning_rate: to train it with, on all four at once and with ``mse_loss``.
        iterations: that are more than enough, with every seed tried.
        benchmark: the loss is below this by then.
    """

    network: MLP
    inputs: list[list[float]]
    targets: list[float]
    learning_rate: float = 0.1
    iterations: int = 100
    benchmark: float = 0.01

    @property
    def data(self) -> list[tuple[list[float], float]]:
        """The examples, as ``train_network`` takes them."""
        return list(zip(self.inputs, self.targets))

    def __iter__(self) -> Iterator[Any]:
        return iter((self.network, self.inputs, self.targets))


def create_minimal_test_case(seed: int = 0) -> MinimalTestCase:
    """The exclusive or, and a small network that starts near enough to a solution to reach it.

    From anywhere, two hidden neurons often get stuck at half of the exclusive or. So the weights
    start with the right signs, and random sizes: whatever the seed, failing to train is a bug.

    >>> from micrograd import train_network
    >>> case = create_minimal_test_case()
    >>> metrics = train_network(case.network, case.data, learning_rate=case.learning_rate,
    ...                         max_iterations=case.iterations, verbose=False)
    >>> metrics.best_loss < case.benchmark
    True
    """
    rng = random.Random(seed)
    network = MLP(2, [2, 1], rng=rng)
    # tanh(x1 + x2 + 1) - tanh(x1 + x2 - 1) - 1 has the right sign everywhere
    signs = [1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0]
    for parameter, sign in zip(network.parameters(), signs):
        parameter.data = sign * rng.uniform(0.4, 0.8)
    corners = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
    return MinimalTestCase(network, corners, [-1.0, 1.0, 1.0, -1.0])


def plot_gradient_norms(history: Sequence[Sequence[float]], ax: Axes | None = None) -> Axes:
    """The gradient norm of each layer over the iterations, on a logarithmic scale.

    Args:
        history: as ``ParameterTracker.gradient_norms``.
        ax: where to draw; by default the current axes.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = _plot_layers(history, ax)
    ax.set(ylabel="gradient norm")
    return ax


def plot_update_ratios(history: Sequence[Sequence[float]], ax: Axes | None = None) -> Axes:
    """The update of each layer beside its weights over the iterations, on a logarithmic scale.

    The band is where most healthy runs are, from 0.001 to 0.01 of the weights in a step.

    Args:
        history: as ``ParameterTracker.update_ratios``.
        ax: where to draw; by default the current axes.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = _plot_layers(history, ax)
    ax.axhspan(1e-3, 1e-2, color="0.5", alpha=0.2, linewidth=0.0)
    ax.set(ylabel="update / weight")
    return ax


def plot_activations(
    model: MLP, inputs: Sequence[Sequence[SupportsFloat]], ax: Axes | None = None, bins: int = 30
) -> Axes:
    """How the outputs of each layer are distributed over some inputs.

    Args:
        model: the network.
        inputs: what it is given.
        ax: where to draw; by default the current axes.
        bins: of the histograms.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    ax = ax or _current_axes()
    for i, layer in enumerate(_activations(model, inputs)):
        outputs = [x for neuron in layer for x in neuron if math.isfinite(x)]
        ax.hist(outputs, bins=bins, density=True, histtype="step", label=f"layers[{i}]")
    ax.set(xlabel="output", ylabel="density")
    ax.legend()
    return ax


def _plot_layers(history: Sequence[Sequence[float]], ax: Axes | None) -> Axes:
    ax = ax or _current_axes()
    for i, layer in enumerate(zip(*history)):
        ax.plot(range(1, len(layer) + 1), layer, label=f"layers[{i}]")
    ax.set(xlabel="iteration", yscale="log")
    ax.legend()
    return ax


def _current_axes() -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "expected matplotlib to be installed: pip install 'micrograd-book[drawing]'"
        ) from error
    return pyplot.gca()
