"""The loss on seen and on unseen points, in the run of the chapter."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, binary_cross_entropy, moons, plot_losses, split, train_network

training, validation, _ = split(moons(200, noise=0.3), 0.08, 0.16, seed=3)
metrics = train_network(
    MLP(2, [16, 1], rng=random.Random(3)),
    training,
    loss_fn=binary_cross_entropy,
    held_out=validation,
    learning_rate=0.3,
    max_iterations=300,
    patience=None,
    loss_threshold=0.0,
    verbose=False,
)
held_out = metrics.held_out
turn = min(range(len(held_out)), key=held_out.__getitem__)

figure, ax = plt.subplots(figsize=(6.4, 3.4))
plot_losses(metrics, ax, label="16 points it is trained on")
plot_losses(held_out, ax, label="32 points it never sees")
ax.plot(turn + 1, held_out[turn], "o", color="C1", ms=8, markeredgecolor="black")
ax.annotate(
    f"lowest, at {turn + 1}",
    (turn + 1, held_out[turn]),
    xytext=(26, 40),
    textcoords="offset points",
    arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkB": 6},
)
ax.set(yscale="linear", ylim=(0, 1.5))
ax.legend(loc="upper center")
