"""A network of two inputs, two neurons and an output, each of its nine parameters with its name."""

import math

import matplotlib.pyplot as plt

RADIUS = 0.36
_, ax = plt.subplots(figsize=(6.4, 3.3))
places = {"x1": (0, 2), "x2": (0, 0), "h1": (3, 2), "h2": (3, 0), "y": (6, 1)}
for start, end, name, share, above in (
    ("x1", "h1", "w11", 0.5, 0.2),
    ("x2", "h1", "w12", 0.24, 0.24),
    ("x1", "h2", "w21", 0.24, -0.24),
    ("x2", "h2", "w22", 0.5, -0.2),
    ("h1", "y", "v1", 0.5, 0.22),
    ("h2", "y", "v2", 0.5, -0.22),
):
    (x0, y0), (x1, y1) = places[start], places[end]
    way = RADIUS / math.hypot(x1 - x0, y1 - y0)  # not into the circles
    xs, ys = [x0 + way * (x1 - x0), x1 - way * (x1 - x0)], [y0 + way * (y1 - y0)]
    ax.plot(xs, [*ys, y1 - way * (y1 - y0)], color="C0", linewidth=1.8)
    ax.text(x0 + share * (x1 - x0), y0 + share * (y1 - y0) + above, name, ha="center", va="center")
for name, place in places.items():
    ax.add_patch(plt.Circle(place, RADIUS, fill=False, linewidth=1.2))
    ax.text(*place, name, ha="center", va="center", size=12)
for neuron, bias in (("h1", "b1"), ("h2", "b2"), ("y", "c")):
    x, y = places[neuron]
    ax.text(x, y - RADIUS - 0.2, f"+ {bias}", ha="center", va="center")
for x, words in ((0, "2 inputs"), (3, "2 tanh neurons"), (6, "1 linear neuron")):
    ax.text(x, 2.7, words, ha="center", va="center", size=11)
ax.set(xlim=(-0.8, 7.1), ylim=(-0.8, 2.9), aspect="equal")
ax.axis("off")
