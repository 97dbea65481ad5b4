"""A small network learning to tell two moons apart, at three moments of its training."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, hinge_loss, moons, plot_decision_boundary, train_network

random.seed(1)
data = moons(60, labels=(-1.0, 1.0))
net = MLP(2, [8, 8, 1], init="normal")
fig, axes = plt.subplots(1, 3, figsize=(7.0, 2.3), sharey=True)
done = 0
for ax, moment in zip(axes, (1, 20, 100)):
    metrics = train_network(
        net,
        data,
        loss_fn=hinge_loss,
        learning_rate=0.5,
        max_iterations=moment - done,
        verbose=False,
    )
    done = moment
    plot_decision_boundary(net, data, ax, resolution=40)
    ax.set(title=f"step {moment}, loss {metrics[-1]:.2f}", xlabel="", ylabel="")
