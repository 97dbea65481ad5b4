"""One neuron over the plane: its line, its weight vector, and its two sides."""

import math

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

w1, w2, b = 0.5, -0.3, 0.1
ticks = [-3 + i / 12 for i in range(73)]
heights = [[math.tanh(w1 * x + w2 * y + b) for x in ticks] for y in ticks]
shades = [to_rgba(*shade) for shade in (("C0", 0.4), ("C0", 0.18), ("C1", 0.18), ("C1", 0.4))]

_, ax = plt.subplots(figsize=(4.6, 4.1))
ax.contourf(ticks, ticks, heights, levels=[-2, -0.5, 0, 0.5, 2], colors=shades)
ax.contour(ticks, ticks, heights, levels=[0], colors="black", linewidths=1.6)
square = w1 * w1 + w2 * w2
foot = (-b * w1 / square, -b * w2 / square)  # the point of the line that is nearest to the origin
arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
tip = (foot[0] + 2 * w1, foot[1] + 2 * w2)
ax.annotate("", tip, foot, arrowprops=arrow)
ax.text(tip[0] + 0.12, tip[1] - 0.1, "$(w_1, w_2)$", va="center")
ax.plot(1, 2, "ko")
ax.text(1.15, 2.15, "$(1, 2)$", va="bottom", ha="right")
ax.text(2.2, -2.2, "+", size=20, ha="center", va="center")
ax.text(-2.2, 2.2, "\N{MINUS SIGN}", size=20, ha="center", va="center")
ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
ax.grid(False)
