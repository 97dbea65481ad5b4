"""The four points of XOR on the axis of a hidden neuron's sum, and what it makes of them."""

import math
import random

import matplotlib.pyplot as plt

from micrograd import MLP, train_network, xor

net = MLP(2, [1, 1], rng=random.Random(0))
train_network(net, xor(), learning_rate=0.3, max_iterations=400, patience=None, verbose=False)
neuron = net.layers[0].neurons[0]
sums = [sum(w.data * x for w, x in zip(neuron.w, point)) + neuron.b.data for point, _ in xor()]
last = net.layers[1].neurons[0]

figure, (axis, ax) = plt.subplots(
    2, 1, figsize=(6.4, 3.7), sharex=True, height_ratios=(1, 3), gridspec_kw={"hspace": 0.05}
)
span = [min(sums) - 0.6 + (max(sums) - min(sums) + 1.2) * i / 200 for i in range(201)]
ax.plot(span, [last.w[0].data * math.tanh(z) + last.b.data for z in span], color="C2")
axis.axhline(0.0, color="C5", linewidth=1.0, zorder=0)
for z, (point, target) in zip(sums, xor()):
    colour, marker = ("C1", "s") if target else ("C0", "o")
    name = f"{'B' if target else 'A'} ({point[0]:.0f}, {point[1]:.0f})"
    axis.plot(z, 0.0, color=colour, marker=marker, markersize=9)
    offset = (0, -20 if point == [1.0, 0.0] else 11)  # both Bs fall on nearly one spot
    axis.annotate(name, (z, 0.0), offset, textcoords="offset points", color=colour, ha="center")
    ax.plot(z, target, color=colour, marker=marker, markersize=9)
    height = last.w[0].data * math.tanh(z) + last.b.data
    ax.plot([z, z], [target, height], color=colour, linestyle=":", linewidth=1.4)
axis.set(ylim=(-1.0, 1.0), yticks=[])
axis.spines[["left", "bottom"]].set_visible(False)
axis.tick_params(length=0)
axis.grid(False)
ax.set(xlabel="$z$", ylabel="output", ylim=(-0.2, 1.2), yticks=[0, 1])
