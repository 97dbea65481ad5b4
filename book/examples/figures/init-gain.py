"""Ten layers of tanh: how large outputs and gradients are in each, by the size of the weights.

Medians of five networks, on eight inputs drawn from the normal distribution.
"""

import math
import random
from statistics import median

from micrograd import MLP, mse_loss

LAYERS, WIDTH = 10, 8
SIZES = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0]
FLOOR = 1e-8  # what is below it stands at it


def spread(numbers):
    return math.sqrt(sum(number * number for number in numbers) / len(numbers))


def measure(size, seed):
    """The spread of the outputs and of the gradients of their biases, layer by layer."""
    rng = random.Random(seed)
    network = MLP(WIDTH, [WIDTH] * LAYERS + [1], init="normal", rng=rng)
    for layer in network.layers:
        for neuron in layer.neurons:
            for weight in neuron.w:
                weight.data = size * rng.gauss(0.0, 1.0 / math.sqrt(WIDTH))
    inputs = [[rng.gauss(0.0, 1.0) for _ in range(WIDTH)] for _ in range(8)]
    outputs, answers = [[] for _ in range(LAYERS)], []
    for x in inputs:
        for k, layer in enumerate(network.layers):
            x = layer(x)
            if k < LAYERS:
                outputs[k] += [value.data for value in x]
        answers.append(x[0])
    mse_loss(answers, [1.0] * len(inputs)).backward()
    gradients = [
        spread([neuron.b.grad for neuron in layer.neurons]) for layer in network.layers[:LAYERS]
    ]
    return [spread(some) for some in outputs], gradients


def medians(size):
    runs = [measure(size, seed) for seed in range(5)]
    return [
        [[k + 1, float(f"{max(median(run[part][k] for run in runs), FLOOR):.2g}")] for k in
         range(LAYERS)]
        for part in (0, 1)
    ]  # fmt: skip


found = [medians(size) for size in SIZES]
KNOBS = [
    {
        "name": "at",
        "label": "Size of the weights",
        "shown": "{sizes[at]} times",
        "low": 0,
        "high": len(SIZES) - 1,
        "step": 1,
        "start": SIZES.index(0.5),
        "still": SIZES.index(0.5),
    }
]
DATA = {
    "sizes": [f"{size:g}" for size in SIZES],
    "outputs": [outputs for outputs, _ in found],
    "gradients": [gradients for _, gradients in found],
    "ends": [f"{outputs[-1][1]:.2g}" for outputs, _ in found],
    "shares": [f"{gradients[0][1] / gradients[-1][1]:.2g}" for _, gradients in found],
}
LET = {}


def panel(title, name, low, ticks):
    points = f"{name}[at]"
    return {
        "title": title,
        "width": 1,
        "x": [1, LAYERS],
        "y": [low, 10],
        "log": True,
        "xlabel": "layer",
        "ylabel": "spread of the " + {"outputs": "outputs", "gradients": "gradients"}[name],
        "xticks": [1, 4, 7, 10],
        "yticks": ticks,
        "shapes": [
            {"kind": "line", "points": points, "colour": "C0", "width": 1.2},
            {"kind": "dots", "points": points, "colour": "C0"},
        ],
    }


PANELS = [
    panel("The outputs, layer by layer.", "outputs", FLOOR, [1e-8, 0.0001, 0.01, 1]),
    panel("The gradients, layer by layer.", "gradients", FLOOR, [1e-8, 0.0001, 0.01, 1]),
]
SAY = (
    "With {sizes[at]} times the weights the outputs of the last layer spread by "
    "{ends[at]}, and the gradient that reaches the first is {shares[at]} times that of "
    "the tenth."
)
