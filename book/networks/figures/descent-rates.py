"""Three learning rates, too small, right and too large, by the loss of the same fit."""

import matplotlib.pyplot as plt

from micrograd import Value, gradient_descent_step, mse_loss, plot_losses, zero_gradients

inputs = [-1.0, 0.0, 1.0, 2.0]
targets = [2.0 * x + 1.0 for x in inputs]


def losses(learning_rate, steps=61):
    parameters = w, b = [Value(-1.0), Value(2.5)]
    history = []
    for _ in range(steps):
        loss = mse_loss([w * x + b for x in inputs], targets)
        zero_gradients(parameters)
        loss.backward()
        gradient_descent_step(parameters, learning_rate)
        history.append(loss.data)
    return history


fig, ax = plt.subplots(figsize=(6.4, 3.4))
for rate, name, colour, line in (
    (0.56, "too large", "C1", "-."),
    (0.02, "too small", "C0", "--"),
    (0.4, "right", "C2", "-"),
):
    plot_losses(losses(rate), ax, color=colour, linestyle=line, label=f"{rate}, {name}")
ax.set_ylim(1e-10, 1e4)
ax.legend(title="learning rate")
