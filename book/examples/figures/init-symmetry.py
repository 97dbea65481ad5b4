"""Where three hidden neurons go in training, by what they start with."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, train_step, xor

inputs, targets = zip(*xor())
starts = {"all weights 0": 0.0, "all weights 0.5": 0.5, "random weights": None}

figure, axes = plt.subplots(1, 3, figsize=(7.0, 2.9), sharex=True, sharey=True)
for ax, (title, constant) in zip(axes, starts.items()):
    net = MLP(2, [3, 1], rng=random.Random(0))
    if constant is not None:
        for layer in net.layers:
            for neuron in layer.neurons:
                for weight in neuron.w:
                    weight.data = constant
    hidden = net.layers[0].neurons
    paths: list[list[list[float]]] = [[[w.data for w in neuron.w]] for neuron in hidden]
    optimizer = SGD(net.parameters(), 0.3)
    for _ in range(300):
        train_step(net, inputs, targets, optimizer)
        for path, neuron in zip(paths, hidden):
            path.append([w.data for w in neuron.w])
    for path, width, size, colour in zip(paths, (7.0, 4.0, 1.6), (13, 9, 5), ("C3", "C0", "C1")):
        ax.plot(*zip(*path), color=colour, linewidth=width, alpha=0.8, solid_capstyle="round")
        ax.plot(*path[-1], "o", color=colour, markersize=size)
        ax.plot(*path[0], "|", color="black", markersize=11)
    ax.set(title=title, xlabel="$w_1$", aspect="equal")
axes[0].set(ylabel="$w_2$")
