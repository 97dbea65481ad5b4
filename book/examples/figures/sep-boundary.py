"""The decision boundary of one neuron between two separable classes."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, binary_cross_entropy, plot_decision_boundary, separable, train_network

data = separable(40)
random.seed(0)
network = MLP(2, [1])
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

figure, ax = plt.subplots(figsize=(4.6, 4.2))
plot_decision_boundary(network, data, ax, margin=0.1, resolution=30)
ax.axline((0.0, 0.0), slope=1.0, color="C5", linestyle="--", linewidth=1.4)
