"""A small step through two machines: 2 times, then 3 times."""

import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(6.4, 2.5))
box = {"boxstyle": "round,pad=0.7", "facecolor": "none", "edgecolor": "black"}
for x, name, step in ((0, "a", "0.01"), (3, "b", "0.02"), (6, "c", "0.06")):
    ax.text(x, 1, name, ha="center", va="center", size=14, bbox=box)
    ax.text(x, 0.1, f"+ {step}", ha="center", va="center", color="C1", size=12)
for x, slope in ((0, "2"), (3, "3")):
    arrow = {"arrowstyle": "-|>", "color": "black", "shrinkA": 24, "shrinkB": 24}
    ax.annotate("", (x + 3, 1), (x, 1), arrowprops=arrow)
    ax.text(x + 1.5, 1.28, f"times {slope}", ha="center", size=12)
curve = {"arrowstyle": "-|>", "color": "C0", "connectionstyle": "arc3,rad=0.16"}
ax.annotate("", (6, -0.15), (0, -0.15), arrowprops=curve | {"shrinkA": 6, "shrinkB": 6})
ax.text(3, -1.0, "times 2 · 3 = 6", ha="center", color="C0", size=12)
ax.set(xlim=(-0.8, 6.8), ylim=(-1.3, 1.7))
ax.axis("off")
