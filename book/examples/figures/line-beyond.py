"""A noisy line: two fits beyond the data, and what they leave over."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, noisy_line, train_network

DATA = noisy_line(100)


def trained(nouts: list[int], seed: int, **options: int) -> MLP:
    network = MLP(1, nouts, rng=random.Random(seed))
    for rate in (0.1, 0.02):
        train_network(
            network,
            DATA,
            learning_rate=rate,
            patience=None,
            loss_threshold=0.0,
            verbose=False,
            seed=0,
            **options,
        )
    return network


line = trained([1], seed=1, max_iterations=100)
network = trained([2, 1], seed=2, max_iterations=1000, batch_size=10)

figure, (far, near) = plt.subplots(1, 2, figsize=(6.8, 3.2))
wide = [k / 10 for k in range(-60, 61)]
far.scatter([x for [x], _ in DATA], [y for _, y in DATA], s=6, color="C1", label="data", zorder=3)
far.plot(wide, [line([x]).data for x in wide], label="linear neuron")
far.plot(wide, [network([x]).data for x in wide], color="C2", label="two hidden neurons")
output_weights = network.layers[1].neurons[0].parameters()[:2]
for hidden, weight in zip(network.layers[0].neurons, output_weights):
    part = [hidden([x]).data * weight.data for x in wide]
    far.plot(wide, part, color="C2", linewidth=0.9, linestyle="--")
far.set(xlabel="$x$", ylabel="$y$")
far.legend()

inside = [k / 20 for k in range(-40, 41)]
near.scatter([x for [x], _ in DATA], [y - 2 * x - 1 for [x], y in DATA], s=6, color="C1", zorder=1)
for model, colour in ((line, "C0"), (network, "C2")):
    near.plot(inside, [model([x]).data - 2 * x - 1 for x in inside], color=colour)
for edge in (-0.1, 0.1):
    near.axhline(edge, color="C5", linestyle=":", linewidth=1.2)
near.set(xlabel="$x$", ylabel="difference from $2x + 1$", ylim=(-0.2, 0.2))
