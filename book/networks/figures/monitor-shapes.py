"""Four shapes of a loss curve, each from a real run."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, moons, plot_losses, train_network, xor


def losses(data, learning_rate, iterations):
    random.seed(0)
    return train_network(
        MLP(2, [4, 1]),
        data,
        learning_rate=learning_rate,
        max_iterations=iterations,
        patience=None,
        loss_threshold=0.0,
        verbose=False,
    )


runs = {
    "smooth": (losses(xor(), 0.1, 400), (1e-4, 10.0)),
    "plateau": (losses(xor(), 0.01, 400), (1e-2, 10.0)),
    "oscillation": (losses(moons(20, labels=(-1.0, 1.0)), 0.5, 160), (1e-2, 10.0)),
    "divergence": (losses(xor(), 0.5, 120), (1e-3, 1e5)),
}

fig, axes = plt.subplots(2, 2, figsize=(6.8, 4.6))
for ax, (name, (history, limits)) in zip(axes.flat, runs.items()):
    visible = [loss for loss in history if loss < 1e9]
    plot_losses(visible, ax, linewidth=1.4)
    ax.set(title=name, ylim=limits)
for ax in axes[0]:
    ax.set_xlabel("")
for ax in axes[:, 1]:
    ax.set_ylabel("")
