"""The outputs of a network's layers over the same flats, measured as they come and standardised."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, plot_activations
from micrograd.datasets import Standardise

rng = random.Random(0)
raw = [[rng.randint(25, 130), rng.randint(0, 60)] for _ in range(40)]
scale = Standardise.fit([(x, 0.0) for x in raw])
network = MLP(2, [8, 8, 1], rng=random.Random(0))

fig, axes = plt.subplots(1, 2, figsize=(6.8, 2.8), sharey=True)
for ax, points, title in zip(
    axes, (raw, [scale(x) for x in raw]), ("square metres and years", "standardised")
):
    plot_activations(network, points, ax)
    ax.set(title=title, xlim=(-1.6, 1.6), ylim=(0.0, 8.0))
axes[1].set_ylabel("")
axes[0].get_legend().remove()
