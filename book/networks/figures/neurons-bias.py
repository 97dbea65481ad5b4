"""The line of a trained neuron through two groups of points, without its bias and with it."""

import random

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

from micrograd import Neuron, mse_loss

valley = [([1.0, 1.0], -1.0), ([1.5, 0.5], -1.0), ([0.5, 1.5], -1.0)]
hill = [([2.0, 2.0], 1.0), ([2.5, 1.5], 1.0), ([1.5, 2.5], 1.0)]
data = valley + hill
ticks = [-0.5 + 4 * i / 80 for i in range(81)]
shades = [to_rgba("C0", 0.25), to_rgba("C1", 0.25)]

_, axes = plt.subplots(1, 2, figsize=(7.0, 3.4), sharey=True)
for ax, with_bias in zip(axes, (False, True)):
    neuron = Neuron(2, rng=random.Random(0))
    trained = neuron.parameters() if with_bias else neuron.w
    for _ in range(300):
        neuron.zero_grad()
        mse_loss([neuron(x) for x, _ in data], [target for _, target in data]).backward()
        for parameter in trained:
            parameter.data -= 0.1 * parameter.grad
    heights = [[neuron([x, y]).data for x in ticks] for y in ticks]
    ax.contourf(ticks, ticks, heights, levels=[-2, 0, 2], colors=shades)
    ax.contour(ticks, ticks, heights, levels=[0], colors="black", linewidths=1.6)
    for group, colour, marker in ((valley, "C0", "o"), (hill, "C1", "s")):
        xs, ys = zip(*(x for x, _ in group))
        ax.scatter(xs, ys, s=40, c=colour, marker=marker, edgecolors="black", linewidths=0.6)
    ax.plot(0, 0, "k+", markersize=9)
    ax.set(title="bias trained" if with_bias else "bias kept at 0", xlabel="$x_1$", aspect="equal")
    ax.grid(False)
axes[0].set(ylabel="$x_2$")
