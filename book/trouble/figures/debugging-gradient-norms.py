"""The gradient norm of each layer of two deep networks while they train."""

import random

import matplotlib.pyplot as plt

from micrograd import (
    MLP,
    moons,
    mse_loss,
    plot_gradient_norms,
    track_parameter_updates,
    train_network,
)

data = moons(12, labels=(-1.0, 1.0))

fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.0), sharey=True)
for ax, activation in zip(axes, ("sigmoid", "tanh")):
    network = MLP(2, [3, 3, 3, 3, 1], activation=activation, rng=random.Random(2))
    with track_parameter_updates(network) as tracker:
        losses = train_network(
            network,
            data,
            learning_rate=0.1,
            max_iterations=80,
            patience=None,
            loss_fn=tracker.watch(mse_loss),
            verbose=False,
        )
    plot_gradient_norms(tracker.gradient_norms, ax)
    ax.set_title(f"{activation}: loss {losses[0]:.2g} to {losses[-1]:.2g}")
axes[1].set_ylabel("")
axes[1].get_legend().remove()
