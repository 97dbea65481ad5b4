"""One training run with a planted fault, from a setting and a seed: always the same run.

The loop in `run` is written out as a reader would write it, and every fault is planted in a
place where a reader could have put it: in the data, the starting weights, the rate, the loss,
or one line of the loop. Nothing here knows of any rule that is to be judged.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from micrograd import MLP, Value, binary_cross_entropy, hinge_loss, mse_loss

Data = list[tuple[list[float], float]]
LossFunction = Callable[[Any, Any], Value]

# The planted truth in words, and what else a fair judge would accept as having named it.
# "diverged" and "not a number" are symptoms: they name a truth only where the mend for the
# symptom (a lower rate, a look at the operation that gave the nan) is the mend for the truth.
CAUSES: dict[str, frozenset[str]] = {
    cause: frozenset({cause, *others})
    for cause, others in {
        "learning rate too low": (),
        "learning rate too high": ("diverged", "not a number"),
        "all ReLUs dead": (),
        "inputs not scaled, tanh": ("inputs not scaled",),
        "inputs not scaled, relu": ("inputs not scaled",),
        "targets shifted": ("targets are noise",),
        "targets are noise": ("targets shifted",),
        "one label times 100": (),
        "gradients not zeroed": (),
        "step uphill": (),
        "loss negated": (),
        "sum for mean": ("learning rate too high", "diverged", "not a number"),
        "log of zero": ("not a number",),
        "nan in the data": ("not a number",),
        "weights all zero": (),
        "weights too large": ("saturated neurons",),
        "plateau at the start": ("weights too small", "vanishing gradients"),
        "vanishing gradients": (),
        "exploding gradients": ("weights too large", "diverged", "not a number"),
        "graph cut": (),
        "parameters never updated": (),
        "network too small": (),
        "output cannot reach the targets": (),
        "healthy regression": ("healthy",),
        "healthy classification": ("healthy",),
        "healthy hinge": ("healthy",),
        "healthy mini-batches": ("healthy",),
        "healthy recovered": ("healthy",),
        "healthy still falling": ("healthy", "still falling"),
    }.items()
}


@dataclass(frozen=True)
class Loss:
    """The loss as the program has it, what it was meant to be, and the best constant for that."""

    written: LossFunction
    meant: LossFunction
    best_constant: Callable[[Sequence[float]], float]


def mean_absolute(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    return sum((abs(p - t) for p, t in zip(predictions, targets)), Value(0.0)) / len(targets)


def _logit_of_mean(targets: Sequence[float]) -> float:
    share = fmean(targets)
    return math.log(share / (1.0 - share))


MSE = Loss(mse_loss, mse_loss, fmean)
MAE = Loss(mean_absolute, mean_absolute, median)
BCE = Loss(binary_cross_entropy, binary_cross_entropy, _logit_of_mean)
HINGE = Loss(hinge_loss, hinge_loss, lambda labels: 1.0 if sum(labels) >= 0.0 else -1.0)


def downhill(net: MLP, rate: float) -> None:
    for p in net.parameters():
        p.data -= rate * p.grad


def uphill(net: MLP, rate: float) -> None:
    for p in net.parameters():
        p.data += rate * p.grad


def rebind(net: MLP, rate: float) -> None:
    for p in net.parameters():
        p = p - rate * p.grad  # a new value for the name, none for the network


def untouched(net: MLP) -> None:
    """The starting weights as they were drawn."""


@dataclass(frozen=True)
class Setting:
    """Everything about a run but its seed.

    Attributes:
        cause: the planted truth, a key of `CAUSES`.
        name: what else is particular; unique among the settings of the cause.
        data: makes the examples, spoiled ones if the fault lies there.
        nouts, activation, init: of the network.
        rate: the learning rate, multiplied by `decay` after every iteration.
        batch: examples in an iteration; 0 takes all of them.
        start: changes the weights before the first iteration.
        output: the last operation on a prediction.
        cut: after this layer the signal is turned into plain numbers; -1 is after the output.
        zero_grad: whether the loop has that line.
        update: the line that moves the parameters.
        also: further names to accept here.
    """

    cause: str
    name: str
    data: Callable[[random.Random], Data]
    nouts: tuple[int, ...] = (4, 1)
    activation: str = "tanh"
    init: str = "uniform"
    loss: Loss = MSE
    rate: float = 0.1
    decay: float = 1.0
    iterations: int = 60
    batch: int = 0
    start: Callable[[MLP], None] = untouched
    output: Callable[[Value], Value] | None = None
    cut: int | None = None
    zero_grad: bool = True
    update: Callable[[MLP, float], None] = downhill
    also: frozenset[str] = field(default_factory=frozenset)

    def build(self, half: str, seed: int) -> tuple[MLP, Data, random.Random]:
        """Network and data; the random numbers are those of this setting, half and seed alone."""
        rng = random.Random(f"{half}/{self.cause}/{self.name}/{seed}")
        data = self.data(rng)
        net = MLP(len(data[0][0]), self.nouts, activation=self.activation, init=self.init, rng=rng)
        self.start(net)
        return net, data, rng

    def predict(self, net: MLP, x: Sequence[float]) -> Value:
        signal: list[Value] = [Value(x_i) for x_i in x]
        for number, layer in enumerate(net.layers):
            signal = layer(signal)
            if number == self.cut:
                signal = [Value(float(s)) for s in signal]
        prediction = self.output(signal[0]) if self.output else signal[0]
        return Value(float(prediction)) if self.cut == -1 else prediction


@dataclass(frozen=True)
class Run:
    """What was planted, what could be seen, and how it ended.

    Attributes:
        cause, setting, seed: the planted truth, and which run of it this is.
        losses: what the program's own loss was in each iteration.
        gradients: for each iteration the norm of each layer's gradient, as it was applied.
        epoch: iterations in a pass over the data.
        baseline: what the loss was meant to be, of the best constant prediction.
        input_scales: standard deviation of each input column.
        first_step: the program's loss on the whole data, before and after a step of length
            0.0001 along the negative gradient from the starting weights.
        own_step: the same, where the step is made by the program's own line.
        accepted: the names a fair judge would accept.
        final: the meant loss in the last iterations (at least a pass, at least a tenth of them),
            as a share of the baseline.
    """

    cause: str
    setting: str
    seed: int
    losses: list[float]
    gradients: list[list[float]]
    epoch: int
    baseline: float
    input_scales: list[float]
    first_step: tuple[float, float]
    own_step: tuple[float, float]
    accepted: frozenset[str]
    final: float

    @property
    def outcome(self) -> str:
        """How it ended, by a rule written down before anything was measured.

        "broken" if `final` is over a half or not finite, "healthy" below a fifth, else "grey".
        A fault that did not hurt is no broken run: headline figures leave out the grey ones,
        and count a run only if `counts`.
        """
        if not math.isfinite(self.final) or self.final > 0.5:
            return "broken"
        return "healthy" if self.final < 0.2 else "grey"

    @property
    def counts(self) -> bool:
        """Whether it ended as its planted truth says."""
        return self.outcome == ("healthy" if self.cause.startswith("healthy") else "broken")


def run(setting: Setting, half: str, seed: int) -> Run:
    """Train once, and record what could be seen."""
    net, data, rng = setting.build(half, seed)
    size = setting.batch or len(data)
    epoch = math.ceil(len(data) / size)
    rate = setting.rate
    order: Data = []
    losses: list[float] = []
    gradients: list[list[float]] = []
    meant: list[float] = []
    for _ in range(setting.iterations):
        if not order:
            order = list(data) if size == len(data) else rng.sample(data, len(data))
        batch, order = order[:size], order[size:]
        targets = [y for _, y in batch]

        predictions = [setting.predict(net, x) for x, _ in batch]
        loss = setting.loss.written(predictions, targets)
        if setting.zero_grad:
            net.zero_grad()
        loss.backward()
        losses.append(loss.data)
        gradients.append([norm(p.grad for p in layer.parameters()) for layer in net.layers])
        setting.update(net, rate)

        rate *= setting.decay
        meant.append(setting.loss.meant([Value(p.data) for p in predictions], targets).data)

    targets = [y for _, y in data]
    constant = Value(setting.loss.best_constant(targets))
    baseline = setting.loss.meant([constant] * len(data), targets).data
    return Run(
        cause=setting.cause,
        setting=setting.name,
        seed=seed,
        losses=losses,
        gradients=gradients,
        epoch=epoch,
        baseline=baseline,
        input_scales=[spread(column) for column in zip(*(x for x, _ in data))],
        first_step=tiny_step(setting, half, seed, downhill),
        own_step=tiny_step(setting, half, seed, setting.update),
        accepted=CAUSES[setting.cause] | setting.also,
        final=fmean(meant[-max(epoch, setting.iterations // 10) :]) / baseline,
    )


def tiny_step(
    setting: Setting, half: str, seed: int, update: Callable[[MLP, float], None]
) -> tuple[float, float]:
    """The program's loss on the whole data before and after a first step of length 0.0001."""
    net, data, _ = setting.build(half, seed)
    targets = [y for _, y in data]
    before = setting.loss.written([setting.predict(net, x) for x, _ in data], targets)
    before.backward()
    length = norm(p.grad for p in net.parameters())
    update(net, 1e-4 / length if length > 0.0 else 0.0)
    after = setting.loss.written([setting.predict(net, x) for x, _ in data], targets)
    return before.data, after.data


def norm(numbers: Any) -> float:
    return math.hypot(*numbers)


def spread(column: Sequence[float]) -> float:
    middle = fmean(column)
    return math.sqrt(fmean((number - middle) ** 2 for number in column))
