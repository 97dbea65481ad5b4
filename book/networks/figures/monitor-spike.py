"""The run whose last loss says nothing, as ``plot_losses`` draws it."""

import random

from micrograd import MLP, plot_losses, train_network, xor

random.seed(10)
network = MLP(2, [8, 1])
metrics = train_network(
    network,
    xor(),
    learning_rate=0.3,
    max_iterations=280,
    patience=None,
    loss_threshold=0.0,
    verbose=False,
)
plot_losses(metrics)
