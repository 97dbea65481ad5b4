"""Six shapes of a loss curve, each from a real run, all on one scale."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, moons, noisy_line, plot_losses, train_network, xor

LINE, MOONS = noisy_line(20), moons(20, labels=(-1.0, 1.0))
RUNS = {  # the data, the widths, the seed, the learning rate, the examples in a batch
    "levels off": (LINE, [1], 0, 0.1, None),
    "a plateau, then a fall": (xor(), [2, 1], 6, 0.3, None),
    "a spike": (xor(), [8, 1], 10, 0.3, None),
    "swings": (MOONS, [8, 1], 2, 0.5, None),
    "scatters": (LINE, [1], 0, 0.05, 1),
    "explodes": (LINE, [1], 0, 0.7, None),
}

figure, axes = plt.subplots(2, 3, figsize=(7.0, 4.4), sharex=True, sharey=True)
for ax, (name, (data, widths, seed, rate, size)) in zip(axes.flat, RUNS.items()):
    random.seed(seed)
    losses = train_network(
        MLP(len(data[0][0]), widths),
        data,
        learning_rate=rate,
        max_iterations=400,
        patience=None,
        loss_threshold=0.0,
        batch_size=size,
        seed=0,
        verbose=False,
    )
    plot_losses(losses, ax, linewidth=0.8 if size else 1.5)
    ax.set(title=name, ylim=(1e-6, 1e4), xlabel="", ylabel="")
figure.supxlabel("iteration")
figure.supylabel("loss")
