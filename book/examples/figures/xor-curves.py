"""The loss of three 2-2-1 networks that differ in nothing but their seed."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, plot_losses, train_network, xor

fig, ax = plt.subplots(figsize=(6.4, 3.0))
for seed in (1, 6, 25):
    net = MLP(2, [2, 1], rng=random.Random(seed))
    losses = train_network(
        net, xor(), learning_rate=0.3, max_iterations=500, patience=None, verbose=False
    )
    plot_losses(losses, ax, label=f"seed {seed}")
for height, name in ((1 / 4, "1/4"), (1 / 8, "1/8")):
    ax.axhline(height, color="C5", linewidth=0.8, linestyle="--", zorder=0)
    ax.annotate(name, (503, height), va="center", annotation_clip=False)
ax.set(xlim=(0, 500), ylim=(1e-4, 3.0))
ax.legend(loc="lower left")
