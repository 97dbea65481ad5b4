"""Many draws from a normal distribution as a histogram, and the curve they follow."""

import random
from math import exp, pi, sqrt

import matplotlib.pyplot as plt

rng = random.Random(0)
draws = [rng.gauss(0.0, 1.0) for _ in range(10_000)]
figure, ax = plt.subplots(figsize=(6.4, 3.4))
ax.hist(draws, bins=[-4 + 0.25 * i for i in range(33)], density=True, color="C0", alpha=0.25)
points = [-4 + 0.05 * i for i in range(161)]
ax.plot(points, [exp(-x * x / 2) / sqrt(2 * pi) for x in points], color="C0")
for reach, height in ((1, 0.17), (2, 0.045)):
    share = sum(abs(x) <= reach for x in draws) / len(draws)
    arrow = {"arrowstyle": "<->", "color": "C1", "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(-reach, height), xytext=(reach, height), arrowprops=arrow)
    ax.text(0, height + 0.008, f"{share:.1%}", color="C1", ha="center")
    for side in (-reach, reach):
        ax.plot([side, side], [0, height], color="C1", linewidth=0.8)
ax.set(
    xlabel="distance from the mean, in standard deviations", ylabel="density", yticks=[0, 0.2, 0.4]
)
ax.set(xlim=(-4, 4), xticks=range(-4, 5))
