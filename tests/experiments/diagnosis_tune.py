"""The settings that rules may be tuned on: flats, lines, xor, and two classes beside a line."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

from experiments.diagnosis_setting import (
    BCE,
    HINGE,
    MAE,
    MSE,
    Data,
    Loss,
    Setting,
    mean_absolute,
    rebind,
    uphill,
)
from micrograd import MLP, Value, mse_loss, noisy_line, separable, xor

__all__ = ["SETTINGS"]


def flats_as_they_come(rng: random.Random, n: int = 24) -> Data:
    """Area in square metres and age in years; the price in hundreds of thousands."""
    flats: Data = []
    for _ in range(n):
        area, age = rng.uniform(30.0, 150.0), rng.uniform(0.0, 60.0)
        flats.append(([area, age], max(0.5 + 0.03 * area - 0.02 * age + rng.gauss(0.0, 0.1), 0.2)))
    return flats


def flats(rng: random.Random, n: int = 24) -> Data:
    """The same with both inputs brought to about [-1, 1]."""
    return [([a / 60.0 - 1.5, b / 30.0 - 1.0], y) for (a, b), y in flats_as_they_come(rng, n)]


def line(rng: random.Random, n: int = 16, noise: float = 0.1) -> Data:
    return noisy_line(n, noise=noise, seed=rng.randrange(10**9))


def classes(rng: random.Random, n: int = 20) -> Data:
    return separable(n, seed=rng.randrange(10**9))


def corners(rng: random.Random) -> Data:
    return xor()


def shift(data: Data) -> Data:
    targets = [y for _, y in data]
    return [(x, y) for (x, _), y in zip(data, targets[1:] + targets[:1])]


def times_100(data: Data, which: int = 3) -> Data:
    return [(x, 100.0 * y if i == which else y) for i, (x, y) in enumerate(data)]


def coin_tosses(rng: random.Random, n: int = 20) -> Data:
    heads = [float(i % 2) for i in range(n)]
    return [([rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)], y) for y in heads]


def lottery(rng: random.Random) -> Data:
    return [([rng.uniform(-1.0, 1.0)], rng.gauss(2.0, 1.0)) for _ in range(30)]


def valley(rng: random.Random) -> Data:
    return [([x], 2.0 * x * x) for x in (rng.uniform(-1.5, 1.5) for _ in range(20))]


def missing_value(data: Data, row: int = 5) -> Data:
    return [([math.nan, *x[1:]] if i == row else x, y) for i, (x, y) in enumerate(data)]


def weights_times(factor: float) -> Callable[[MLP], None]:
    def change(net: MLP) -> None:
        for p in net.parameters():
            p.data *= factor

    return change


def hidden_biases(bias: float) -> Callable[[MLP], None]:
    def change(net: MLP) -> None:
        for layer in net.layers[:-1]:
            for neuron in layer.neurons:
                neuron.b.data = bias

    return change


def far_off(net: MLP) -> None:
    net.layers[-1].neurons[0].b.data = -12.0


def undecided(net: MLP) -> None:
    weights_times(0.2)(net)
    net.layers[-1].neurons[0].b.data = 0.5


def of_clipped(predictions: list[Value], targets: list[float]) -> Value:
    """Cross entropy as the formula has it; a relu, it is thought, makes a probability."""
    total = Value(0.0)
    for prediction, t in zip(predictions, targets):
        p = prediction.relu()
        total = total - (t * p.log() + (1.0 - t) * (1.0 - p).relu().log())
    return total / len(targets)


def of_logarithms(predictions: list[Value], targets: list[float]) -> Value:
    return mse_loss([p.log() for p in predictions], [math.log(t) for t in targets])


LOGARITHMS = Loss(
    of_logarithms, of_logarithms, lambda targets: math.exp(fmean(map(math.log, targets)))
)

FLATS = Setting("healthy regression", "flats", flats, rate=0.1)
LINE = Setting("healthy regression", "line, relu", line, (5, 1), "relu", rate=0.05, iterations=50)
CLASSES = Setting("healthy classification", "beside a line", classes, loss=BCE, rate=1.0)
XOR = Setting("healthy classification", "xor", corners, (5, 1), loss=BCE, rate=1.0, iterations=150)
DEEP = Setting("healthy regression", "flats, two hidden layers", flats, (4, 4, 1), rate=0.05)
BATCHES = Setting(
    "healthy mini-batches", "flats, four at a time", flats, rate=0.05, iterations=120, batch=4
)
PAIRS = Setting(
    "healthy mini-batches",
    "noisy line, two at a time",
    lambda rng: line(rng, 30, 0.9),
    (3, 1),
    rate=0.03,
    iterations=150,
    batch=2,
)

HEALTHY = [
    FLATS,
    LINE,
    CLASSES,
    XOR,
    DEEP,
    BATCHES,
    PAIRS,
    Setting(
        "healthy hinge",
        "beside a line",
        lambda rng: separable(20, labels=(-1.0, 1.0), seed=rng.randrange(10**9)),
        loss=HINGE,
        rate=0.5,
    ),
    replace(FLATS, cause="healthy recovered", name="started far off", start=far_off),
    replace(LINE, cause="healthy recovered", name="weights times 3", start=weights_times(3.0)),
    replace(FLATS, cause="healthy still falling", name="flats, cut short", iterations=20),
    replace(CLASSES, cause="healthy still falling", name="classes, cut short", iterations=30),
]

RATES = [
    replace(FLATS, cause="learning rate too low", name="flats, a hundredth", rate=0.001),
    replace(XOR, cause="learning rate too low", name="xor, a hundredth", rate=0.01),
    replace(BATCHES, cause="learning rate too low", name="batches, a hundredth", rate=0.0005),
    replace(FLATS, cause="learning rate too high", name="flats, 100 times", rate=10.0),
    replace(LINE, cause="learning rate too high", name="line, 20 times", rate=1.0),
    replace(CLASSES, cause="learning rate too high", name="classes, 100 times", rate=100.0),
]

WEIGHTS = [
    replace(LINE, cause="all ReLUs dead", name="line, biases -4", start=hidden_biases(-4.0)),
    replace(
        DEEP,
        cause="all ReLUs dead",
        name="two layers, biases -5",
        activation="relu",
        start=hidden_biases(-5.0),
    ),
    replace(XOR, cause="weights all zero", name="xor, tanh", init="zeros"),
    replace(
        FLATS,
        cause="weights all zero",
        name="flats, relu",
        activation="relu",
        init="zeros",
        also=frozenset({"all ReLUs dead"}),
    ),
    replace(
        XOR,
        cause="weights too large",
        name="xor, times 10",
        nouts=(3, 3, 1),
        loss=MSE,
        output=Value.tanh,
        rate=0.3,
        start=weights_times(10.0),
    ),
    replace(
        FLATS,
        cause="weights too large",
        name="valley, times 30",
        data=valley,
        nouts=(4, 4, 1),
        start=weights_times(30.0),
    ),
    replace(XOR, cause="plateau at the start", name="xor, times 0.02", start=weights_times(0.02)),
    replace(
        DEEP, cause="plateau at the start", name="flats, times 0.02", start=weights_times(0.02)
    ),
    replace(
        FLATS,
        cause="vanishing gradients",
        name="five sigmoid layers",
        nouts=(3, 3, 3, 3, 3, 1),
        activation="sigmoid",
    ),
    replace(
        CLASSES,
        cause="vanishing gradients",
        name="six sigmoid layers",
        nouts=(2, 2, 2, 2, 2, 2, 1),
        activation="sigmoid",
    ),
    replace(
        FLATS,
        cause="exploding gradients",
        name="five linear layers",
        nouts=(4, 4, 4, 4, 1),
        activation="linear",
        start=weights_times(4.0),
        iterations=30,
    ),
    replace(
        LINE,
        cause="exploding gradients",
        name="four relu layers",
        nouts=(5, 5, 5, 5, 1),
        start=weights_times(4.0),
        iterations=30,
    ),
]

DATA = [
    replace(FLATS, cause="inputs not scaled, tanh", name="flats", data=flats_as_they_come),
    replace(
        DEEP,
        cause="inputs not scaled, tanh",
        name="flats, two hidden layers, batches",
        data=flats_as_they_come,
        nouts=(3, 3, 1),
        batch=6,
        iterations=100,
    ),
    replace(
        FLATS,
        cause="inputs not scaled, relu",
        name="flats",
        data=flats_as_they_come,
        activation="relu",
        rate=0.05,
    ),
    replace(
        FLATS,
        cause="inputs not scaled, relu",
        name="flats, lowered rate",
        data=flats_as_they_come,
        activation="relu",
        rate=0.001,
    ),
    replace(FLATS, cause="targets shifted", name="flats", data=lambda rng: shift(flats(rng, 40))),
    replace(CLASSES, cause="targets shifted", name="classes", data=lambda rng: shift(classes(rng))),
    replace(FLATS, cause="one label times 100", name="flats", data=lambda r: times_100(flats(r))),
    replace(
        BATCHES, cause="one label times 100", name="batches", data=lambda r: times_100(flats(r))
    ),
    replace(CLASSES, cause="targets are noise", name="coin tosses", data=coin_tosses, nouts=(3, 1)),
    replace(LINE, cause="targets are noise", name="lottery", data=lottery, activation="tanh"),
    replace(FLATS, cause="nan in the data", name="flats", data=lambda r: missing_value(flats(r))),
    replace(
        BATCHES,
        cause="nan in the data",
        name="batches",
        data=lambda r: missing_value(flats(r)),
        iterations=40,
    ),
    replace(XOR, cause="network too small", name="xor, no hidden layer", nouts=(1,)),
    replace(LINE, cause="network too small", name="valley, a line", data=valley, nouts=(1,)),
    replace(FLATS, cause="output cannot reach the targets", name="flats, tanh", output=Value.tanh),
    replace(
        LINE,
        cause="output cannot reach the targets",
        name="line below 0, relu",
        data=lambda rng: noisy_line(16, intercept=-5.0, seed=rng.randrange(10**9)),
        output=Value.relu,
        also=frozenset({"all ReLUs dead"}),
    ),
]

LOOP = [
    replace(FLATS, cause="gradients not zeroed", name="flats", zero_grad=False),
    replace(XOR, cause="gradients not zeroed", name="xor", loss=MSE, rate=0.3, zero_grad=False),
    replace(FLATS, cause="step uphill", name="flats", update=uphill),
    replace(CLASSES, cause="step uphill", name="classes", update=uphill),
    replace(
        FLATS,
        cause="loss negated",
        name="flats",
        loss=replace(MSE, written=lambda p, t: -mse_loss(p, t)),
    ),
    replace(
        LINE,
        cause="loss negated",
        name="line, absolute error",
        loss=replace(MAE, written=lambda p, t: -mean_absolute(p, t)),
    ),
    replace(
        FLATS,
        cause="sum for mean",
        name="flats",
        data=lambda rng: flats(rng, 40),
        loss=replace(MSE, written=lambda p, t: mse_loss(p, t) * len(t)),
    ),
    replace(
        LINE,
        cause="sum for mean",
        name="line, relu",
        data=lambda rng: line(rng, 40),
        loss=replace(MSE, written=lambda p, t: mse_loss(p, t) * len(t)),
    ),
    replace(
        CLASSES,
        cause="log of zero",
        name="classes, clipped",
        loss=replace(MSE, written=of_clipped),
        start=undecided,
    ),
    replace(
        FLATS,
        cause="log of zero",
        name="flats, error of the logarithms",
        loss=LOGARITHMS,
        rate=0.02,
    ),
    replace(XOR, cause="graph cut", name="xor, prediction", cut=-1),
    replace(XOR, cause="graph cut", name="xor, hidden layer", nouts=(2, 2, 1), cut=1),
    replace(FLATS, cause="parameters never updated", name="flats", update=rebind),
    replace(XOR, cause="parameters never updated", name="xor", update=rebind),
]

SETTINGS = (*HEALTHY, *RATES, *WEIGHTS, *DATA, *LOOP)
