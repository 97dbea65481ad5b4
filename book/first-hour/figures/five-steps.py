"""The loss over one knob, its tangent at w = 1, and five steps of the chapter down it."""

import matplotlib.pyplot as plt

points = [(-1.0, -1.0), (0.0, 1.0), (2.0, 5.0)]


def loss(w):
    return sum((w * x - y) ** 2 for x, y in points)


def slope(w):
    return (loss(w + 0.001) - loss(w)) / 0.001


path = [1.0]
for _ in range(5):
    path.append(path[-1] - 0.05 * slope(path[-1]))

ws = [0.2 + i / 50 for i in range(181)]
ends = [0.45, 1.75]
_, ax = plt.subplots(figsize=(6.4, 3.6))
ax.plot(ws, [loss(w) for w in ws])
ax.plot(ends, [loss(1.0) + slope(1.0) * (w - 1.0) for w in ends], "--", color="C1")
ax.annotate("slope \N{MINUS SIGN}12", (0.28, 11.0), color="C1")
ax.plot(path, [loss(w) for w in path], "o", color="C1", markeredgecolor="black", markersize=7)
for step, w in enumerate(path):
    # Number 1 keeps off the dashed line; the last three dots lie close together.
    place = {1: (8, 5), 4: (-3, 9), 5: (8, -16)}.get(step, (-1, -16))
    ax.annotate(str(step), (w, loss(w)), xytext=place, textcoords="offset points", ha="center")
ax.set(xlabel="w", ylabel="loss", xlim=(0.2, 3.8), ylim=(0, 20))
