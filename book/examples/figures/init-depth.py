"""The spread of outputs and gradients through ten layers of sixteen neurons, by scheme."""

import math
import random

import matplotlib.pyplot as plt

from micrograd import Layer, Value

WIDTH, DEPTH, NETWORKS = 16, 10, 60


def mean_square(numbers: list[float]) -> float:
    return sum(number * number for number in numbers) / len(numbers)


def spreads(activation: str, init: str) -> tuple[list[float], list[float]]:
    """Root mean square of each layer's outputs, and of the gradients that come back to them."""
    rng = random.Random(1)
    squares = [[0.0, 0.0] for _ in range(DEPTH)]
    for _ in range(NETWORKS):
        signal = [Value(rng.gauss(0.0, 1.0)) for _ in range(WIDTH)]
        outputs = []
        for _ in range(DEPTH):
            signal = Layer(WIDTH, WIDTH, activation=activation, init=init, rng=rng)(signal)
            outputs.append(signal)
        Layer(WIDTH, 1, nonlin=False, init="normal", rng=rng)(signal)[0].backward()
        for total, values in zip(squares, outputs):
            total[0] += mean_square([value.data for value in values]) / NETWORKS
            total[1] += mean_square([value.grad for value in values]) / NETWORKS
    return [math.sqrt(out) for out, _ in squares], [math.sqrt(grad) for _, grad in squares]


figure, axes = plt.subplots(2, 2, figsize=(6.8, 4.6), sharex=True, sharey="row")
layers = range(1, DEPTH + 1)
for column, activation in zip(axes.T, ("tanh", "relu")):
    for init, marker in (("uniform", "o"), ("he", "s"), ("normal", "^"), ("xavier", "x")):
        for ax, spread in zip(column, spreads(activation, init)):
            ax.plot(layers, spread, marker=marker, markersize=4, linewidth=1.4, label=init)
    column[0].set(title=activation, yscale="log")
    column[1].set(xlabel="layer", yscale="log", xticks=layers)
axes[0, 0].set_ylabel("root mean square\nof the outputs")
axes[1, 0].set_ylabel("root mean square\nof the gradients")
axes[0, 0].legend(ncols=2)
