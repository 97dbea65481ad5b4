"""How far each layer moves in a step, beside its weights, at three learning rates."""

import random

import matplotlib.pyplot as plt

from micrograd import (
    MLP,
    moons,
    mse_loss,
    plot_update_ratios,
    track_parameter_updates,
    train_network,
)

data = moons(24, labels=(-1.0, 1.0))

fig, axes = plt.subplots(1, 3, figsize=(7.0, 2.7), sharey=True)
for ax, rate in zip(axes, (0.0005, 0.05, 0.6)):
    network = MLP(2, [6, 1], rng=random.Random(0))
    with track_parameter_updates(network) as tracker:
        losses = train_network(
            network,
            data,
            learning_rate=rate,
            max_iterations=60,
            patience=None,
            loss_fn=tracker.watch(mse_loss),
            verbose=False,
        )
    plot_update_ratios(tracker.update_ratios, ax)
    ax.set(title=f"rate {rate}\nloss {losses[0]:.2g} to {losses[-1]:.2g}", ylim=(1e-5, 10.0))
for ax in axes[1:]:
    ax.set_ylabel("")
    ax.get_legend().remove()
