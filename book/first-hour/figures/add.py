"""Both paths from a to c in c = a * b + a, with their slopes, their products and the sum."""

import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(6.4, 3.4))
places = {"a = 3": (0, 2), "b = 2": (0, 0), "d = a * b": (3.2, 0.4), "c = d + a": (6.4, 2)}
box = {"boxstyle": "round,pad=0.55", "facecolor": "none", "edgecolor": "black"}
for name, place in places.items():
    ax.text(*place, name, ha="center", va="center", size=12, bbox=box)
for start, end, slope, colour, shift in (
    ("a = 3", "d = a * b", "2", "C0", (0.1, 0.22)),
    ("b = 2", "d = a * b", "3", "black", (0, -0.32)),
    ("d = a * b", "c = d + a", "1", "C0", (0.1, -0.28)),
    ("a = 3", "c = d + a", "1", "C1", (0, 0.2)),
):
    (x0, y0), (x1, y1) = places[start], places[end]
    line = {"color": colour, "linewidth": 1 if colour == "black" else 2.2}
    arrow = {"arrowstyle": "-|>", "shrinkA": 30, "shrinkB": 38, **line}
    ax.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
    middle = ((x0 + x1) / 2 + shift[0], (y0 + y1) / 2 + shift[1])
    ax.text(*middle, slope, ha="center", va="center", color=colour, size=13)
ax.text(2.1, -1.0, "2 · 1", color="C0", size=13, ha="right")
ax.text(2.5, -1.0, "+", size=13, ha="center")
ax.text(2.9, -1.0, "1", color="C1", size=13)
ax.text(3.4, -1.0, "= 3, how fast c grows with a", size=13)
ax.set(xlim=(-0.9, 7.5), ylim=(-1.3, 2.6))
ax.axis("off")
