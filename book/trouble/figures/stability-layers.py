"""Mean size of the biases' gradients, layer by layer, for weights of two sizes."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, NumericalValidator, mse_loss

rng = random.Random(1)
inputs = [[rng.gauss(0.0, 1.0) for _ in range(4)] for _ in range(4)]
targets = [1.0, -1.0, 1.0, 1.0]


def by_layer(scale: float) -> list[float]:
    net = MLP(4, [8] * 10 + [1], init="normal", rng=random.Random(0))
    for parameter in net.parameters():
        parameter.data *= scale
    mse_loss([net(x) for x in inputs], targets).backward()
    biases = [[neuron.b.grad for neuron in layer.neurons] for layer in net.layers]
    return [sum(map(abs, gradients)) / len(gradients) for gradients in biases]


figure, ax = plt.subplots(figsize=(6.4, 3.0))
for scale, style, label in ((1.0, "C0o-", "usual weights"), (0.1, "C1s-", "a tenth of them")):
    ax.plot(range(11), by_layer(scale), style, label=label)
limit = NumericalValidator().nan_threshold
ax.axhline(limit, color="C2", linewidth=0.8)
ax.text(10.2, limit * 0.5, "the validator warns below", color="C2", ha="right", va="top")
ax.set(yscale="log", xlabel="layer (10 is the last)", ylabel="mean gradient of the biases")
ax.set(xticks=range(11), ylim=(1e-12, 10.0))
ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.42))
