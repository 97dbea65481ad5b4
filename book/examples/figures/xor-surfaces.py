"""The output of four trained 2-2-1 networks over the plane: one solution, three failures."""

import random

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

from micrograd import MLP, train_network, xor

runs = (("tanh", 1, 0.3), ("tanh", 25, 0.3), ("relu", 3, 0.2), ("relu", 4, 0.2))
ticks = [-0.4 + 1.8 * i / 60 for i in range(61)]
shades = [
    to_rgba(colour, alpha) for colour, alpha in (("C0", 0.5), ("C0", 0.2), ("C1", 0.2), ("C1", 0.5))
]
fig, axes = plt.subplots(1, 4, figsize=(7.0, 2.3), sharey=True)
for ax, (activation, seed, learning_rate) in zip(axes, runs):
    net = MLP(2, [2, 1], activation=activation, rng=random.Random(seed))
    metrics = train_network(
        net, xor(), learning_rate=learning_rate, max_iterations=400, patience=None, verbose=False
    )
    # The small number keeps a surface that is 0.5 everywhere out of the rounding noise.
    heights = [[net([x, y]).data + 1e-6 for x in ticks] for y in ticks]
    ax.contourf(ticks, ticks, heights, levels=[-9.0, 0.25, 0.5, 0.75, 9.0], colors=shades)
    for (x, y), target in xor():
        colour, marker = ("C1", "s") if target else ("C0", "o")
        ax.plot(x, y, color=colour, marker=marker, markeredgecolor="black", markeredgewidth=0.5)
        label = f"{net([x, y]).data:.2f}".replace("-0.00", "0.00")
        ax.annotate(
            label, (x, y), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=9
        )
    ax.set(title=f"{activation}: loss {metrics[-1]:.3f}", xlabel="$x_1$", aspect="equal")
    ax.set(xticks=[0, 1], yticks=[0, 1])
    ax.grid(False)
axes[0].set(ylabel="$x_2$")
