"""The outputs of a network's layers over the same points, measured from two zeros."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, moons, plot_activations

network = MLP(2, [16, 16, 1], init="normal", rng=random.Random(0))
inputs = [x for x, _ in moons(100)]
kelvin = [[300.0 + a for a in x] for x in inputs]

fig, axes = plt.subplots(1, 2, figsize=(6.8, 2.8), sharey=True)
for ax, points, title in zip(axes, (inputs, kelvin), ("inputs near 0", "inputs near 300")):
    plot_activations(network, points, ax)
    ax.set(title=title, xlim=(-1.6, 1.6), ylim=(0.0, 6.0))
axes[1].set_ylabel("")
axes[1].get_legend().remove()
