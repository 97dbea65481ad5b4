"""Points on an island and around it, and what a trained network of three hidden neurons says."""

import math
import random

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

from micrograd import MLP, mse_loss

rng = random.Random(0)


def point(low, high):
    radius, angle = rng.uniform(low, high), rng.uniform(0, 2 * math.pi)
    return [round(radius * math.cos(angle), 2), round(radius * math.sin(angle), 2)]


island = []
for _ in range(15):
    island += [(point(0.0, 1.0), 1.0), (point(1.5, 2.5), -1.0)]
network = MLP(2, [3, 1], rng=random.Random(0))
for _ in range(300):
    network.zero_grad()
    mse_loss([network(x) for x, _ in island], [target for _, target in island]).backward()
    for parameter in network.parameters():
        parameter.data -= 0.2 * parameter.grad

ticks = [-3 + i / 12 for i in range(73)]
_, axes = plt.subplots(1, 2, figsize=(7.0, 3.5), sharey=True)
heights = [[network([x, y]).data for x in ticks] for y in ticks]
colours = [to_rgba("C0", 0.25), to_rgba("C1", 0.25)]
axes[1].contourf(ticks, ticks, heights, levels=[-9, 0, 9], colors=colours)
for neuron in network.layers[0].neurons:
    (w1, w2), b = neuron.w, neuron.b
    sums = [[w1.data * x + w2.data * y + b.data for x in ticks] for y in ticks]
    axes[1].contour(ticks, ticks, sums, levels=[0], colors="black", linewidths=1, linestyles="--")
for ax, title in zip(axes, ("the points", "after training")):
    for label, colour, marker, name in ((1.0, "C1", "s", "land"), (-1.0, "C0", "o", "water")):
        xs, ys = zip(*(x for x, target in island if target == label))
        ax.scatter(xs, ys, s=26, c=colour, marker=marker, edgecolors="black", linewidths=0.5)
        ax.scatter([], [], c=colour, marker=marker, edgecolors="black", linewidths=0.5, label=name)
    ax.set(title=title, xlabel="$x_1$", aspect="equal", xlim=(-3, 3), ylim=(-3, 3))
    ax.grid(False)
axes[0].set(ylabel="$x_2$")
axes[0].legend(loc="upper left", handletextpad=0.1, borderpad=0)
