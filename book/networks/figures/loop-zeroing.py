"""The same training run with and without setting the gradients to zero."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, gradient_descent_step, mse_loss, noisy_line, plot_losses

data = noisy_line(20)
inputs, targets = [x for x, _ in data], [t for _, t in data]

fig, ax = plt.subplots(figsize=(6.4, 3.2))
for name, colour, line in (("with zeroing", "C0", "-"), ("without", "C1", "--")):
    random.seed(1)
    network = MLP(1, [1])
    losses = []
    for _ in range(100):
        loss = mse_loss([network(x) for x in inputs], targets)
        if name == "with zeroing":
            network.zero_grad()
        loss.backward()
        gradient_descent_step(network.parameters(), 0.05)
        losses.append(loss.data)
    plot_losses(losses, ax, color=colour, linestyle=line, label=name)
ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.6))
