"""One training step seen from all sides, and a case so small that it must train.

The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from micrograd import _expect
from micrograd.baselines import little_of
from micrograd.diagnostics import (
    USUAL_UPDATE,
    VANISHED,
    LayerReport,
    NeuronReport,
    activation_report,
    analyze_gradients,
    analyze_parameters,
    neuron_report,
    track_parameter_updates,
)
from micrograd.engine import Value, topological_order
from micrograd.gradcheck import GradientReport, gradient_check
from micrograd.loop import paused_collector
from micrograd.losses import LossFunction, mse_loss
from micrograd.nn import MLP
from micrograd.observing import inputs_alone, layers_of, named_parameters, observed
from micrograd.optim import gradient_descent_step
from micrograd.summaries import size_warnings, table

__all__ = [
    "MinimalTestCase",
    "TrainingStepReport",
    "create_minimal_test_case",
    "debug_training_step",
]

HARDLY = 0.1  # of the smallest usual update: a step that is shorter hardly moves anything
KEPT = 0.25  # of the fall that the slope promised: a step that keeps less of it is too long
MANY = 0.5  # of the neurons of a layer: so many stuck ones need an answer
BESIDE = 1e-5  # of a slope: how far outside the two slopes at a kink a gradient may be


@dataclass(frozen=True)
class TrainingStepReport:
    """One training step, seen from all sides: true if all looks well; printed, the whole story.

    Attributes:
        parameters: before the step.
        activations: of each layer in the forward pass.
        neurons: the dead and saturated ones.
        loss: before the step.
        loss_after: on the same examples, after it.
        gradients: of the loss.
        check: the numerical check of gradients; ``None`` if none were checked. Those at a kink,
            where the loss has one slope to the left and another to the right, are left out.
        update_ratios: for each layer, the norm of its update beside that of its parameters.
        flow: norm of the gradient of the first layer beside that of the last.
        slope: how fast the loss changes along the update, by the gradients; below 0 if the
            update goes against them, as it should.
        downhill: whether the loss falls after a tiny part of the update; ``None`` where that
            would be too little to see.
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
    slope: float
    downhill: bool | None
    recommendations: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.recommendations

    def __str__(self) -> str:
        ratios = [[s.name, ratio] for s, ratio in zip(self.gradients, self.update_ratios)]
        way = {True: "falls", False: "rises", None: "hardly changes"}[self.downhill]
        advice = self.recommendations or ("nothing looks wrong",)
        parts = [
            self.parameters,
            f"{self.activations}\n{self.neurons}",
            self.gradients,
            "gradients not checked" if self.check is None else self.check,
            table(["", "update / weight"], ratios),
            f"loss {self.loss:.6g} -> {self.loss_after:.6g}; after a tiny step it {way}",
            "\n".join(f"* {line}" for line in advice),
        ]
        return "\n\n".join(map(str, parts))


def debug_training_step(
    model: Any,
    inputs: Iterable[Any],
    targets: Any,
    learning_rate: float = 0.01,
    loss_fn: LossFunction = mse_loss,
    *,
    step: Callable[[], object] | None = None,
    update: bool = True,
    max_checks: int | None = 50,
) -> TrainingStepReport:
    """Take one step of gradient descent and look at everything on the way.

    A loss that is not finite makes no update, as in ``train_step``.

    Args:
        model: the network, or any other module.
        inputs: the inputs of some examples, taken once; or of one, as a flat list of numbers.
        targets: their targets.
        learning_rate: size of the step.
        loss_fn: the loss, from a list of predictions and the targets.
        step: what updates the parameters from their gradients in place of plain descent, such as
            ``optimizer.step``, or the lines of a loop of your own.
        update: whether to keep the step. If not, parameters and gradients are put back.
        max_checks: most gradients to compare with finite differences, each for two more forward
            passes: a fixed sample where there are more parameters; ``None`` checks them all.

    Raises:
        TypeError: for ``(inputs, target)`` pairs in place of inputs.
        ValueError: if there are no inputs, and whatever the network and the loss raise.

    >>> case = create_minimal_test_case()
    >>> report = debug_training_step(case.network, case.inputs, case.targets)
    >>> bool(report.check), report.loss_after < report.loss, report.recommendations
    (True, True, ())
    """
    parameters = list(model.parameters())
    before = [(p.data, p.grad) for p in parameters]
    keep = False
    most = None if max_checks is None else _expect.whole("max_checks", max_checks, 0)

    def forward() -> Any:
        return loss_fn([model(x) for x in rows], answers)

    try:
        with paused_collector():
            rows, answers = _examples(model, inputs, targets)
            parameter_report = analyze_parameters(model)
            with observed(model) as layers:
                loss = forward()
            neurons = neuron_report(layers, len(rows))
            finite = math.isfinite(loss.data)
            check = _checked(model, forward, most) if finite else None
            model.zero_grad()
            loss.backward()
            gradients = analyze_gradients(model)
            tracker = track_parameter_updates(model)
            if finite:
                step() if step else gradient_descent_step(parameters, learning_rate)
            tracker.record()
            loss_after = forward().data
            slope, downhill = _along_the_update(parameters, before, loss.data, forward)
        keep = update
    finally:
        if not keep:
            for parameter, (data, grad) in zip(parameters, before):
                parameter.data, parameter.grad = data, grad

    norms = tracker.gradient_norms[0]
    report = TrainingStepReport(
        parameter_report,
        activation_report(layers),
        neurons,
        loss.data,
        loss_after,
        gradients,
        check,
        tuple(tracker.update_ratios[0]),
        norms[0] / norms[-1] if norms[-1] else math.nan,
        slope,
        downhill,
        (),
    )
    advice = _advice(report, loss, size_warnings(rows))
    return replace(report, recommendations=tuple(advice))


def _examples(model: Any, inputs: Any, targets: Any) -> tuple[list[Any], Any]:
    """Inputs and targets as lists; those of one example, given flat, as lists of one."""
    rows = _expect.items("the inputs", inputs)
    answers = _expect.items("the targets", targets) if hasattr(targets, "__iter__") else targets
    first = layers_of(model)[0].part
    takes_rows = hasattr(first, "neurons") or hasattr(first, "activation")
    if rows and takes_rows and not hasattr(rows[0], "__iter__"):
        alone = isinstance(model(rows), Value) and hasattr(targets, "__iter__")
        return [rows], answers if alone else [answers]
    return inputs_alone(rows), answers


def _checked(model: Any, loss: Callable[[], Value], most: int | None) -> GradientReport | None:
    """The numerical check of all gradients or of a fixed sample, under the parameters' names."""
    chosen = named_parameters(model)
    if most is not None and most < len(chosen):
        chosen = random.Random(0).sample(chosen, most)
    if not chosen:
        return None
    report = gradient_check(loss, [parameter for _, parameter in chosen])
    smooth = [
        replace(c, name=name)
        for c, (name, parameter) in zip(report, chosen)
        if c.passed or not _at_kink(loss, parameter, c.analytic)
    ]
    return replace(report, comparisons=tuple(smooth)) if smooth else None


def _at_kink(loss: Callable[[], Value], parameter: Value, analytic: float) -> bool:
    """Whether the gradient is the slope to one side, or between the two, as it is at a kink.

    Where the loss is smooth the two are the same, and a wrong gradient is neither.
    """
    x, h = parameter.data, 1e-6 * max(1.0, abs(parameter.data))
    losses = []
    try:
        for parameter.data in (x - h, x, x + h):
            losses.append(loss().data)
    finally:
        parameter.data = x
    slopes = [(b - a) / h for a, b in pairwise(losses)]
    margin = BESIDE * max(map(abs, slopes))
    return min(slopes) - margin <= analytic <= max(slopes) + margin


def _along_the_update(
    parameters: list[Value], before: list[Any], loss: float, forward: Callable[[], Value]
) -> tuple[float, bool | None]:
    """The slope of the loss along the update, and whether the loss falls after a little of it."""
    start = [data for data, _ in before]
    moves = [p.data - old for p, old in zip(parameters, start)]
    slope, after = little_of(parameters, start, moves, loss, forward)
    return slope, None if after is None else after < loss


def _advice(step: TrainingStepReport, loss: Value, sizes: list[str]) -> Iterator[str]:
    """What to do, the most urgent first: each line is about what would spoil those after it."""
    if not math.isfinite(step.loss):
        # Parents come first, so that all of this value's are still finite.
        born = next(v for v in topological_order(loss) if not math.isfinite(v.data))
        operands = " and ".join(map(repr, born._parents))
        came = f"from {born._op} of {operands}" if operands else "with the data or a parameter"
        yield f"the loss is {step.loss}: the first number that is not finite came {came}"
        return
    if step.loss < 0.0:
        yield "the loss is negative, as no mean of squares or cross entropy is: check its sign"
    yield from _stuck(step, "dead", "other starting weights, or smaller steps")
    wrong = [c.name for c in (() if step.check is None else step.check) if not c.passed]
    if wrong:
        yield f"wrong gradients: check the operations behind {', '.join(wrong)}"
    if step.slope > 0.0:
        yield "the update goes up the gradient: subtract the gradient, do not add it"
    elif step.downhill is False:
        yield "even a tiny step raises the loss: the gradients point the wrong way"
    yield from sizes
    for report in (step.parameters, step.gradients):
        yield from report.warnings
    if step.flow < VANISHED:
        yield f"gradients vanish towards the input (ratio {step.flow:.1g}): see initialisation"
    yield from _stuck(step, "saturated", "smaller weights, or another activation")
    if step.slope > 0.0 or step.downhill is False:
        return  # the size of a step in the wrong direction does not matter
    if not step.loss - step.loss_after >= KEPT * abs(step.slope):
        yield "the step is too long: lower the learning rate"
    elif max(step.update_ratios) < HARDLY * USUAL_UPDATE[0]:
        yield "the step hardly moves anything: raise the learning rate, unless it has arrived"


def _stuck(step: TrainingStepReport, kind: str, cure: str) -> Iterator[str]:
    """The first layer of which many neurons are stuck: those behind it are so because of it."""
    found = Counter(neuron.layer for neuron in step.neurons if neuron.kind == kind)
    for i, width in enumerate(step.neurons.widths):
        if found[i] >= MANY * width:
            where = step.activations.layers[i].name
            yield f"{found[i]} of {width} neurons of {where} are {kind}: {cure}"
            return


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
