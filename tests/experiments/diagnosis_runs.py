"""Training runs made to fail, each for one cause: what the diagnosis of failures is measured on.

``failing_run(cause, seed)`` draws the task, the network, its start, the learning rate and the
way of failing from ``seed``, and trains for real. It knows nothing of how runs are diagnosed.

The figure of the confusion matrix in the chapter "The debugging guide" shows what this writes:
``cd tests && ../.venv/bin/python -m experiments.diagnosis_runs``.
"""

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from micrograd import (
    MLP,
    Value,
    binary_cross_entropy,
    gradient_descent_step,
    hinge_loss,
    moons,
    mse_loss,
    noisy_line,
    separable,
    xor,
)
from micrograd.diagnosis import Cause, diagnose_training_failure
from micrograd.diagnostics import track_parameter_updates
from micrograd.training import paused_collector

Data = Sequence[tuple[list[float], float]]
Loss = Callable[[Any, Any], Value]
Schedule = Callable[[int], float]

CAUSES = list(Cause)


@dataclass(frozen=True)
class Run:
    """A finished run: its losses, the gradient norms of its layers, its length, what it was."""

    losses: list[float]
    gradient_norms: list[list[float]]
    epoch: int
    description: str


@dataclass
class Plan:
    """A run to be: as sound as they come, until a cause spoils it."""

    name: str
    network: MLP
    data: Data
    loss: Loss
    learning_rate: float
    steps: int
    batch_size: int | None = None
    zeroing: bool = True
    schedule: Schedule = lambda step: 1.0

    def predict(self, x: list[float]) -> Any:
        return self.network(x)

    def batches(self, rng: random.Random) -> Iterator[Data]:
        size = self.batch_size or len(self.data)
        while True:
            order = rng.sample(self.data, len(self.data))
            yield from (order[i : i + size] for i in range(0, len(order), size))

    def run(self, rng: random.Random) -> Run:
        losses = []
        batches = self.batches(rng)
        parameters = self.network.parameters()
        tracker = track_parameter_updates(self.network)
        with paused_collector():
            for step in range(self.steps):
                batch = next(batches)
                loss = self.loss([self.predict(x) for x, _ in batch], [y for _, y in batch])
                if self.zeroing:
                    self.network.zero_grad()
                loss.backward()
                gradient_descent_step(parameters, self.learning_rate * self.schedule(step))
                tracker.record()
                losses.append(loss.data)
                if not math.isfinite(loss.data):
                    break
        epoch = -(-len(self.data) // (self.batch_size or len(self.data)))
        return Run(losses, tracker.gradient_norms, epoch, str(self))

    def __str__(self) -> str:
        batches = f", batches of {self.batch_size}" if self.batch_size else ""
        return f"{self.name}: {self.network}, rate {self.learning_rate:.3g}{batches}"


def sound(rng: random.Random) -> Plan:
    """A task with a network and a learning rate that suit it."""
    return rng.choice(TASKS)(rng)


def line(rng: random.Random) -> Plan:
    data = noisy_line(rng.choice([12, 20]), slope=rng.uniform(-3, 3), seed=rng.randrange(10**6))
    batch_size = rng.choice([None, 4])
    rate = rng.uniform(0.05, 0.25)
    return Plan("line", MLP(1, [1], rng=rng), data, mse_loss, rate, 60, batch_size)


def line_with_hidden_layer(rng: random.Random) -> Plan:
    data = noisy_line(12, slope=rng.choice([-2.0, 2.0]), seed=rng.randrange(10**6))
    network = MLP(1, [4, 1], activation=rng.choice(["tanh", "relu"]), rng=rng)
    rate = rng.uniform(0.03, 0.1)
    return Plan("curve", network, data, mse_loss, rate, 60, rng.choice([None, 4]))


def two_sides(rng: random.Random) -> Plan:
    hidden = rng.choice([[], [3]])
    loss = rng.choice([hinge_loss, binary_cross_entropy, *([mse_loss] if hidden else [])])
    labels = (0.0, 1.0) if loss is binary_cross_entropy else (-1.0, 1.0)
    data = separable(16, labels=labels, seed=rng.randrange(10**6))
    network = MLP(2, [*hidden, 1], init="xavier", rng=rng)
    rate = rng.uniform(0.3, 0.5) * (4.0 if loss is binary_cross_entropy else 1.0)
    return Plan(f"sides, {loss.__name__}", network, data, loss, rate, 60, rng.choice([None, 4]))


def two_moons(rng: random.Random) -> Plan:
    data = moons(16, labels=(-1.0, 1.0), seed=rng.randrange(10**6))
    network = MLP(2, [5, 1], activation=rng.choice(["tanh", "relu"]), rng=rng)
    return Plan("moons", network, data, mse_loss, rng.uniform(0.05, 0.15), 80, 4)


def exclusive_or(rng: random.Random) -> Plan:
    data = [([2 * a - 1, 2 * b - 1], 2 * y - 1) for (a, b), y in xor()]
    rate = rng.uniform(0.1, 0.25)
    return Plan("xor", MLP(2, [4, 1], rng=rng), data, mse_loss, rate, 120)


TASKS = [line, line_with_hidden_layer, two_sides, exclusive_or]  # moons take more steps


def healthy(rng: random.Random) -> Run:
    """A sound run that has learned its task by a measure of the task, not of the losses."""
    task = rng.choice(TASKS)
    while True:
        plan = task(rng)
        run = plan.run(rng)
        if learned(plan):
            return run


def learned(plan: Plan) -> bool:
    """Whether nine of ten points are on their side, or nine tenths of the variance explained."""
    outputs: list[float] = [plan.predict(x).data for x, _ in plan.data]
    targets = [y for _, y in plan.data]
    if plan.name in ("line", "curve"):
        mean = sum(targets) / len(targets)
        left = sum((o - y) ** 2 for o, y in zip(outputs, targets))
        return left < 0.1 * sum((y - mean) ** 2 for y in targets)
    threshold = 0.0  # of scores and of logits alike
    right = sum((o > threshold) == (y > 0.0) for o, y in zip(outputs, targets))
    return right >= 0.9 * len(targets)


def nan(rng: random.Random) -> Run:
    """A loss that is undefined for some output, or one bad number in the data."""
    while True:
        plan = sound(rng)
        plan.steps = 40
        kind = rng.choice(["data", "log", "root"])
        if kind == "data":
            plan.data = [*plan.data]
            plan.batch_size = 4
            spoiled = rng.randrange(len(plan.data))
            plan.data[spoiled] = ([math.nan] * len(plan.data[0][0]), plan.data[spoiled][1])
        else:
            plan.loss = log_error if kind == "log" else root_of_excess
        plan.name += f", nan by {kind}"
        run = plan.run(rng)
        if not math.isfinite(run.losses[-1]):  # few logarithms stay positive by luck
            return run


def log_error(outputs: Sequence[Value], targets: Sequence[float]) -> Value:
    """The distance of logarithms, of outputs that may become negative."""
    return mse_loss([(1.0 + o).log() for o in outputs], [math.log(abs(y) + 0.1) for y in targets])


def root_of_excess(outputs: Sequence[Value], targets: Sequence[float]) -> Value:
    """The root of how much the squared error is above 0.3, until it is not."""
    return (mse_loss(outputs, targets) - 0.3).sqrt()


def diverged(rng: random.Random) -> Run:
    """A learning rate five to a hundred times too large for an unbounded network."""
    plan = rng.choice([line, line_with_hidden_layer])(rng)
    plan.network = MLP(1, rng.choice([[1], [4, 1]]), activation="relu", rng=rng)
    plan.learning_rate = 10 ** rng.uniform(0.1, 1.5)
    return plan.run(rng)


def absolute_error(outputs: Sequence[Value], targets: Sequence[float]) -> Value:
    """Its gradient is as large beside the minimum as far from it: a step too long overshoots."""
    errors = [abs(o - t) for o, t in zip(outputs, targets)]
    return sum(errors, Value(0.0)) / len(errors)


def oscillating(rng: random.Random) -> Run:
    """Steps that jump across the valley, of a loss that does not let the jumps grow."""
    plan = rng.choice([exclusive_or, line_with_hidden_layer, two_moons])(rng)
    plan.loss, plan.learning_rate = absolute_error, rng.uniform(0.6, 1.2)
    if plan.name == "moons":
        plan.network = MLP(2, [1], rng=rng)
        plan.learning_rate *= 2.0
    plan.steps, plan.batch_size = 60, None
    return plan.run(rng)


def vanishing(rng: random.Random) -> Run:
    """A deep network of squashing neurons, from small or from saturating weights."""
    plan = rng.choice([two_moons, exclusive_or])(rng)
    depth = rng.choice([6, 7])
    plan.data = plan.data[::2] if len(plan.data) > 4 else plan.data
    plan.batch_size, plan.steps = None, 40
    activation = rng.choice(["sigmoid", "tanh"])
    plan.network = MLP(2, [2] * depth + [1], activation=activation, rng=rng)
    if activation == "tanh":
        for parameter in plan.network.parameters():
            parameter.data *= 0.2
    return plan.run(rng)


class Detached(Plan):
    """Predictions that are made of plain numbers again on the way: no graph reaches back."""

    def predict(self, x: list[float]) -> Any:
        return Value(self.network(x).data)  # type: ignore[union-attr]


def zero(rng: random.Random) -> Run:
    """Dead rectifiers, weights of zero, or a graph that is cut before the loss."""
    plan = sound(rng)
    plan.steps = 40
    kind = rng.choice(["dead", "cut", "zeros"])
    if kind == "cut":
        plan = Detached(**vars(plan))
    else:
        init = "zeros" if kind == "zeros" else "uniform"
        plan.network = MLP(plan.network.sz[0], [4, 1], activation="relu", init=init, rng=rng)
        for neuron in plan.network.layers[0].neurons:
            neuron.b.data = -10.0 if kind == "dead" else 0.0
    plan.name += f", {kind}"
    return plan.run(rng)


def slow(rng: random.Random) -> Run:
    """A learning rate a hundred to ten thousand times too small."""
    plan = sound(rng)
    plan.learning_rate *= 10 ** rng.uniform(-4.0, -2.0)
    return plan.run(rng)


def accumulating(rng: random.Random) -> Run:
    """Gradients that are never set back to zero."""
    plan = sound(rng)
    plan.zeroing, plan.batch_size = False, None
    plan.learning_rate *= rng.uniform(0.1, 1.0)
    plan.steps = 60
    return plan.run(rng)


def stagnated(rng: random.Random) -> Run:
    """A straight line for a crooked task, contradicting labels, or a rate that decays too fast."""
    kind = rng.choice(["straight", "labels", "decay"])
    if kind == "straight":
        plan = exclusive_or(rng)
        plan.network = MLP(2, [1], rng=rng)
    elif kind == "labels":
        plan = two_moons(rng)
        plan.batch_size = None
        plan.data = [(x, label) for x, _ in plan.data[::2] for label in (-1.0, 1.0)]
    else:
        plan = rng.choice([two_moons, exclusive_or])(rng)
        plan.learning_rate *= 0.5
        decay = rng.uniform(0.6, 0.8) ** (1.0 if plan.batch_size is None else 0.25)
        plan.schedule = lambda step: decay**step
    plan.name += f", {kind}"
    return plan.run(rng)


MAKERS: dict[Cause, Callable[[random.Random], Run]] = {
    Cause.HEALTHY: healthy,
    Cause.NAN: nan,
    Cause.DIVERGED: diverged,
    Cause.OSCILLATING: oscillating,
    Cause.VANISHING: vanishing,
    Cause.ZERO: zero,
    Cause.SLOW: slow,
    Cause.ACCUMULATING: accumulating,
    Cause.STAGNATED: stagnated,
}


def failing_run(cause: Cause, seed: int) -> Run:
    """A run that fails for ``cause``, or a healthy one; the same at every call."""
    return MAKERS[cause](random.Random(f"{cause.name} {seed}"))


def diagnosed(cause: Cause, seed: int, gradients: bool = True) -> Cause:
    """What a run made to fail for ``cause`` is taken for, with its gradient norms or without."""
    run = failing_run(cause, seed)
    norms = run.gradient_norms if gradients else None
    return diagnose_training_failure(run.losses, norms, epoch=run.epoch).cause


def confusion_matrix(seeds: Sequence[int], gradients: bool = True) -> dict[Cause, dict[Cause, int]]:
    """How often each cause (rows) was diagnosed as each cause (columns)."""
    matrix = {cause: dict.fromkeys(CAUSES, 0) for cause in CAUSES}
    for cause in CAUSES:
        for seed in seeds:
            matrix[cause][diagnosed(cause, seed, gradients)] += 1
    return matrix


def show(matrix: dict[Cause, dict[Cause, int]]) -> str:
    """The confusion matrix as text: made to fail for (rows), diagnosed as (columns)."""
    lines = [" " * 12 + "".join(f"{cause.name[:8]:>9}" for cause in CAUSES)]
    for cause, row in matrix.items():
        lines.append(f"{cause.name:12}" + "".join(f"{count or '.':>9}" for count in row.values()))
    return "\n".join(lines)


RESULTS = Path(__file__).parents[2] / "book" / "trouble" / "figures" / "confusion-results.json"


def results(seeds: Sequence[int]) -> dict[str, Any]:
    """For each cause, what the run of each seed was taken for; ready to be written as JSON."""

    def rows(gradients: bool) -> dict[str, str]:
        return {c.name: " ".join(diagnosed(c, s, gradients).name for s in seeds) for c in CAUSES}

    return {
        "micrograd-book": version("micrograd-book"),
        "seeds": " ".join(map(str, seeds)),
        "losses and gradient norms": rows(gradients=True),
        "losses alone": rows(gradients=False),
    }


if __name__ == "__main__":
    # Seeds that the tests of the rules do not use, since the rules were made to pass those tests.
    RESULTS.write_text(json.dumps(results(range(100, 120)), indent=1) + "\n", "utf-8")
