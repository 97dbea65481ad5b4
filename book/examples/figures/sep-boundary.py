"""The boundary of one neuron, its weight vector, and the strip without points around it."""

import math
import random

import matplotlib.pyplot as plt

from micrograd import MLP, binary_cross_entropy, plot_decision_boundary, separable, train_network

data = separable(40)
network = MLP(2, [1], rng=random.Random(0))
train_network(
    network,
    data,
    loss_fn=binary_cross_entropy,
    learning_rate=2.0,
    max_iterations=320,
    patience=None,
    loss_threshold=0.0,
    verbose=False,
)
w_1, w_2, b = (p.data for p in network.parameters())
length = math.hypot(w_1, w_2)
across, along = (w_1 / length, w_2 / length), (w_2 / length, -w_1 / length)
foot = (-b * w_1 / length**2, -b * w_2 / length**2)  # of the perpendicular from (0, 0)
margin = min(abs(network(x).data) / length for x, _ in data)


def beside(away, far):
    """The point so far along the boundary, and so far away from it."""
    return [foot[k] + away * across[k] + far * along[k] for k in (0, 1)]


figure, ax = plt.subplots(figsize=(5.2, 4.8))
plot_decision_boundary(network, data, ax, margin=0.1, resolution=30)
limits = ax.get_xlim(), ax.get_ylim()
corners = [beside(-margin, -2), beside(margin, -2), beside(margin, 2), beside(-margin, 2)]
ax.fill(*zip(*corners), facecolor="C2", alpha=0.3, lw=0)
ax.axline((0.0, 0.0), slope=1.0, color="C5", linestyle="--", linewidth=1.6)
arrow = {"arrowstyle": "-|>", "linewidth": 2.0, "color": "black", "shrinkA": 0, "shrinkB": 0}
ax.annotate("", beside(0.42, 0.25), beside(0.0, 0.25), arrowprops=arrow)
ax.text(*beside(0.47, 0.25), "$(w_1, w_2)$", ha="center", va="bottom")
ax.set(xlim=limits[0], ylim=limits[1])
