"""A curve built of tanh steps: four of them, and sixteen."""

import math

import matplotlib.pyplot as plt

from micrograd import MLP, Value


def curve(x):
    return math.sin(2 * x) + 0.5 * x


def of_steps(f, low, high, count):
    h = (high - low) / count
    network = MLP(1, [count, 1])
    last = network.layers[1].neurons[0]
    last.b = Value((f(low) + f(high)) / 2)
    for i, neuron in enumerate(network.layers[0].neurons):
        left = low + i * h
        neuron.w, neuron.b = [Value(2 / h)], Value(-2 / h * (left + h / 2))
        last.w[i] = Value((f(left + h) - f(left)) / 2)
    return network


xs = [3 * i / 200 for i in range(201)]
_, axes = plt.subplots(1, 2, figsize=(7.0, 3.1), sharey=True)
for ax, count in zip(axes, (4, 16)):
    network = of_steps(curve, 0.0, 3.0, count)
    first, last = network.layers[0], network.layers[1].neurons[0]
    for i, weight in enumerate(last.w):
        steps = [weight.data * first([x])[i].data for x in xs]
        ax.plot(xs, steps, color="C2", linewidth=0.9, alpha=0.8, label="" if i else "the steps")
    ax.plot(xs, [curve(x) for x in xs], "k--", linewidth=1.4, label="the curve")
    ax.plot(xs, [network([x]).data for x in xs], color="C0", linewidth=2.2, label="their sum")
    ax.set(title=f"{count} hidden neurons", xlabel="$x$", ylim=(-0.9, 2.2))
axes[0].legend(loc="upper right", fontsize=9.5, ncols=3, columnspacing=0.9, handlelength=1.4)
