"""One training step seen from all sides, and a case so small that it must train.

The chapter "Debugging guide" tells the story.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from micrograd.diagnostics import (
    VANISHED,
    LayerReport,
    NeuronReport,
    _table,
    analyze_activations,
    analyze_gradients,
    analyze_parameters,
    detect_dead_neurons,
    track_parameter_updates,
)
from micrograd.engine import Value, topological_order
from micrograd.gradcheck import GradientReport, gradient_check
from micrograd.loop import paused_collector
from micrograd.losses import LossFunction, mse_loss
from micrograd.nn import MLP
from micrograd.optim import gradient_descent_step

__all__ = [
    "MinimalTestCase",
    "TrainingStepReport",
    "create_minimal_test_case",
    "debug_training_step",
]

LARGE_UPDATE, SMALL_UPDATE = 0.1, 1e-6  # of a layer in one step, beside its weights


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
