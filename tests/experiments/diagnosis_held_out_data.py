"""What the settings of the held-out half are made of: data, weights, and losses of its own."""

import math
import random
from collections.abc import Callable, Sequence

from experiments.diagnosis_setting import Data
from micrograd import MLP, Value, binary_cross_entropy, moons, mse_loss


def two_moons(low: float, high: float, n: int = 20) -> Callable[[random.Random], Data]:
    """The moons drawn a little apart, so that few steps are enough to tell them."""

    def draw(rng: random.Random) -> Data:
        points = moons(n, labels=(low, high), seed=rng.randrange(2**31))
        return [([x, y + (0.5 if label == low else -0.5)], label) for (x, y), label in points]

    return draw


def bullseye(rng: random.Random) -> Data:
    """Darts: inside the circle, or in the ring around it."""
    darts: Data = []
    for dart in range(18):
        inside = dart % 2 == 0
        radius = rng.uniform(0.0, 0.5) if inside else rng.uniform(1.2, 1.6)
        angle = rng.uniform(0.0, 2.0 * math.pi)
        darts.append(([radius * math.cos(angle), radius * math.sin(angle)], float(inside)))
    return darts


def wave(rng: random.Random) -> Data:
    """A sine over one of its arches and a half, read off with a shaky hand."""
    places = [-1.5 + 3.0 * step / 17 for step in range(18)]
    return [([x], 1.5 * math.sin(1.5 * x) + rng.gauss(0.0, 0.05)) for x in places]


def raised_wave(rng: random.Random, by: float = 3.0) -> Data:
    return [(x, y + by) for x, y in wave(rng)]


def bicycles(rng: random.Random, days: int = 30) -> Data:
    """Hundreds of bicycles hired on a day, from warmth, wind and rain, each about [-1, 1]."""
    table: Data = []
    for _ in range(days):
        warmth, wind, rain = (rng.uniform(-1.0, 1.0) for _ in range(3))
        hired = 3.0 + 1.5 * warmth - 0.6 * wind - rain + rng.gauss(0.0, 0.2)
        table.append(([warmth, wind, rain], hired))
    return table


def bicycles_as_measured(rng: random.Random) -> Data:
    """The same days in tenths of a degree, kilometres an hour and pascals of the barometer."""
    return [
        ([150.0 + 120.0 * warmth, 20.0 + 20.0 * wind, 1000.0 - 400.0 * rain], hired)
        for (warmth, wind, rain), hired in bicycles(rng, 24)
    ]


def salaries(rng: random.Random) -> Data:
    """One column in years, one in dollars: 1 if the loan was paid back."""
    people: Data = []
    for person in range(20):
        paid = person % 2
        years, dollars = rng.uniform(1.0, 40.0), rng.uniform(15e3, 35e3) + 25e3 * paid
        people.append(([years, dollars], float(paid)))
    return people


def exam(rng: random.Random) -> Data:
    """Passed or not, from the hours of study; the first half of the list failed."""
    hours = [rng.uniform(-2.0, -0.3) for _ in range(9)] + [rng.uniform(0.3, 2.0) for _ in range(9)]
    return [([h], float(h > 0.0)) for h in hours]


def dice(rng: random.Random) -> Data:
    return [([rng.gauss(0.0, 1.0) for _ in range(3)], float(rng.randint(1, 6))) for _ in range(36)]


def mixed_up(data: Data, rng: random.Random) -> Data:
    """A sort of the targets that the inputs did not take part in."""
    return [(x, y) for (x, _), y in zip(data, rng.sample([y for _, y in data], len(data)))]


def one_row_late(data: Data) -> Data:
    return [(x, y) for (x, _), (_, y) in zip(data[1:], data)]


def slip_of_a_comma(data: Data, rng: random.Random) -> Data:
    """The two zeros too many stand at the largest target, wherever that is."""
    wild = max(range(len(data)), key=lambda i: data[i][1])
    return [(x, 100.0 * y if i == wild else y) for i, (x, y) in enumerate(data)]


def gap_in_targets(data: Data, rng: random.Random) -> Data:
    hole = rng.randrange(len(data))
    return [(x, math.nan if i == hole else y) for i, (x, y) in enumerate(data)]


def missing_rain(data: Data, rng: random.Random) -> Data:
    hole = rng.randrange(len(data))
    return [([*x[:2], math.nan] if i == hole else x, y) for i, (x, y) in enumerate(data)]


def hidden_times(factor: float) -> Callable[[MLP], None]:
    """Larger or smaller weights in all layers but the last."""

    def change(net: MLP) -> None:
        for layer in net.layers[:-1]:
            for p in layer.parameters():
                p.data *= factor

    return change


def all_times(factor: float) -> Callable[[MLP], None]:
    def change(net: MLP) -> None:
        for p in net.parameters():
            p.data *= factor

    return change


def shut(net: MLP) -> None:
    """Every neuron of the first layer needs more than these inputs can give."""
    for neuron in net.layers[0].neurons:
        neuron.b.data = -1.0 - 2.0 * sum(abs(w.data) for w in neuron.w)


def negative_second_layer(net: MLP) -> None:
    """What the first layer sends is never negative, so this layer's sums never are positive."""
    for neuron in net.layers[1].neurons:
        for w in neuron.w:
            w.data = -abs(w.data)


def absurd_guess(net: MLP) -> None:
    net.layers[-1].neurons[0].b.data = 15.0


def root_mean_square(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    return mse_loss(predictions, targets) ** 0.5


def summed(loss: Callable[[list[Value], list[float]], Value]) -> Callable[..., Value]:
    def of_all(predictions: list[Value], targets: list[float]) -> Value:
        total = Value(0.0)
        for prediction, target in zip(predictions, targets):
            total = total + loss([prediction], [target])
        return total

    return of_all


def of_squashed(predictions: list[Value], targets: list[float]) -> Value:
    """A probability made of a tanh, and the logarithm of the one that matters."""
    total = Value(0.0)
    for prediction, target in zip(predictions, targets):
        likely = (prediction.tanh() + 1.0) / 2.0
        total = total - (likely if target == 1.0 else 1.0 - likely).log()
    return total / len(targets)


def meant_by_squashed(predictions: list[Value], targets: list[float]) -> Value:
    return binary_cross_entropy([2.0 * p for p in predictions], targets)


def of_counts(predictions: list[Value], targets: list[float]) -> Value:
    """Poisson's, which takes a rate, of outputs that may be below 0."""
    terms = [p - t * p.log() for p, t in zip(predictions, targets)]
    return sum(terms, Value(0.0)) / len(terms)
