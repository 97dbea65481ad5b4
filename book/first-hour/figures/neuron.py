"""One neuron as circles and arrows, orange above 0 and blue below, beside the plane it divides."""

import math

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgba

w1, w2, b = 2.0, -1.0, 0.5
_, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.3))
circle = {"boxstyle": "circle,pad=0.45", "facecolor": "none", "edgecolor": "black"}
for y, text, weight in ((2, "x1", w1), (1, "x2", w2), (0, "1", b)):
    left.text(0, y, text, ha="center", va="center", size=12, bbox=circle)
    arrow = {"arrowstyle": "-|>", "shrinkA": 18, "shrinkB": 24}
    dashes = "-" if weight > 0 else (0, (4, 2))
    style = {
        "color": "C1" if weight > 0 else "C0",
        "linewidth": 0.8 + abs(weight),
        "linestyle": dashes,
    }
    left.annotate("", (2, 1), (0, y), arrowprops=arrow | style)
    label = f"{weight:g}".replace("-", "\N{MINUS SIGN}")
    left.text(1, (1 + y) / 2 + 0.2, label, ha="center", size=12)
left.text(2, 1, "+", ha="center", va="center", size=14, bbox=circle)
out = {"arrowstyle": "-|>", "color": "black", "shrinkA": 20}
left.annotate("", (3.6, 1), (2, 1), arrowprops=out)
left.text(2.95, 1.12, "tanh", ha="center", size=12)
left.set(xlim=(-0.5, 3.7), ylim=(-0.5, 2.5))
left.axis("off")

ticks = [-2 + i / 15 for i in range(61)]
heights = [[math.tanh(w1 * x + w2 * y + b) for x in ticks] for y in ticks]
shades = (("C0", 0.4), ("C0", 0.18), ("C1", 0.18), ("C1", 0.4))
colours = [to_rgba(*shade) for shade in shades]
right.contourf(ticks, ticks, heights, levels=[-2, -0.5, 0, 0.5, 2], colors=colours)
right.contour(ticks, ticks, heights, levels=[0], colors="black", linewidths=1.4)
right.text(1.1, -0.6, "+", size=22, color="black", ha="center")
right.text(-1.3, 0.6, "\N{MINUS SIGN}", size=22, color="black", ha="center")
right.set(xlabel="x1", ylabel="x2", aspect="equal", xticks=range(-2, 3), yticks=range(-2, 3))
right.grid(False)
