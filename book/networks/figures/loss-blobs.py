"""Sixty points of three classes in the plane."""

import random

import matplotlib.pyplot as plt

rng = random.Random(0)
centres = [(-1.0, -0.6), (1.0, -0.6), (0.0, 1.2)]
points = [
    (x + rng.gauss(0, 0.5), y + rng.gauss(0, 0.5), k)
    for _ in range(20)
    for k, (x, y) in enumerate(centres)
]
_, ax = plt.subplots(figsize=(4.8, 3.7))
for k, marker in enumerate("os^"):
    xs, ys, _ = zip(*(point for point in points if point[2] == k))
    style = {"s": 30, "c": f"C{k}", "edgecolors": "black", "linewidths": 0.5}
    ax.scatter(xs, ys, marker=marker, label=f"class {k}", **style)
ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", xlim=(-2.6, 2.6), ylim=(-2.1, 2.7))
ax.legend(loc="upper right", handletextpad=0.1, borderpad=0)
