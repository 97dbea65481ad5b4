"""Values in a network's graph, and paths from its output to its leaves, against its depth."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, topological_order

random.seed(0)
depths = range(1, 8)
values, paths = [], []
for depth in depths:
    output = MLP(2, [8] * depth + [1])([1.0, 2.0])
    order = topological_order(output)
    ways = dict.fromkeys(order, 0)  # ways to get from the output to each value
    ways[output] = 1
    for value in reversed(order):
        for parent in value._parents:
            ways[parent] += ways[value]
    values.append(len(order))
    paths.append(sum(ways[value] for value in order if not value._parents))

figure, ax = plt.subplots(figsize=(6.4, 3.2))
ax.semilogy(depths, paths, "o-", color="C1")
ax.semilogy(depths, values, "s-", color="C0")
ax.annotate("paths from the output to a leaf", (4.8, 2.5e5), ha="right", color="C1", va="bottom")
ax.annotate("values in the graph", (5.1, 1.4e3), ha="left", color="C0", va="bottom")
ax.set(xlabel="hidden layers of 8 neurons", ylabel="count")
