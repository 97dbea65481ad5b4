"""The gradient that reaches each of 30 layers, in a plain chain and with a way around each."""

import matplotlib.pyplot as plt
import numpy as np

from micrograd.tensors import LayerNorm, Linear, Residual, Sequential, Tanh

DEPTH, WIDTH = 30, 32
x = np.random.default_rng(1).normal(size=(64, WIDTH))


def norms(around):
    """The norm of the gradient of each linear layer, means over five seeds."""
    found = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        layers = [Linear(WIDTH, WIDTH, rng=rng) for _ in range(DEPTH)]
        net = Sequential(*(around(layer) for layer in layers))
        (net(x) * net(x)).mean().backward()
        found.append([np.linalg.norm(layer.weight.grad) for layer in layers])
    return np.mean(found, axis=0)


kinds = {
    "plain": lambda layer: Sequential(layer, Tanh()),
    "with a way around": lambda layer: Residual(Sequential(layer, Tanh())),
    "with a way around, normalised": lambda layer: Residual(
        Sequential(LayerNorm(WIDTH), layer, Tanh())
    ),
}
fig, ax = plt.subplots(figsize=(7.0, 3.0))
for (name, around), mark in zip(kinds.items(), "os^"):
    ax.plot(range(1, DEPTH + 1), norms(around), f"{mark}-", label=name, markersize=4)
ax.set(yscale="log", xlabel="layer, from input to output", ylabel="norm of its gradient")
ax.legend(fontsize=9)
