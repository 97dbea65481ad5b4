"""Where the network of the chapter changes its mind: at its best on unseen points, and later."""

import random

import matplotlib.pyplot as plt

from micrograd import (
    MLP,
    binary_cross_entropy,
    moons,
    plot_decision_boundary,
    split,
    train_network,
)

data = moons(200, noise=0.3)
training, _, _ = split(data, 0.08, 0.16, seed=3)

figure, axes = plt.subplots(1, 2, figsize=(7.0, 3.3), sharey=True)
for ax, iterations in zip(axes, (25, 300)):
    network = MLP(2, [16, 1], rng=random.Random(3))
    train_network(
        network,
        training,
        loss_fn=binary_cross_entropy,
        learning_rate=0.3,
        max_iterations=iterations,
        patience=None,
        verbose=False,
    )
    plot_decision_boundary(network, [(x, 2 * t - 1) for x, t in data], ax, margin=0.2)
    for points in ax.collections[2:]:
        points.set(alpha=0.35, sizes=[9])
    for label, colour, marker in ((0.0, "C0", "o"), (1.0, "C1", "s")):
        seen = [x for x, target in training if target == label]
        ax.plot(*zip(*seen), marker, color=colour, ms=8, markeredgecolor="black", zorder=4)
    ax.set_title(f"after {iterations} iterations")
axes[1].set_ylabel("")
