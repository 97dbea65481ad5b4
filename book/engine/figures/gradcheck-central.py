"""The slope of tanh at a point, and the two lines that a difference draws in place of it."""

import math

import matplotlib.pyplot as plt

X, H = 0.5, 0.7
slope = 1.0 - math.tanh(X) ** 2
both = (math.tanh(X + H) - math.tanh(X - H)) / (2.0 * H)
one = (math.tanh(X + H) - math.tanh(X)) / H

_, ax = plt.subplots(figsize=(6.4, 3.5))
xs = [-0.6 + 2.2 * i / 200 for i in range(201)]
ax.plot(xs, [math.tanh(x) for x in xs], color="black", linewidth=1.4)
for start, end, base, line_slope, colour, style, label in (
    (-0.55, 1.35, X, slope, "C2", "-", f"the slope itself, {slope:.2f}"),
    (X - H - 0.25, X + H + 0.3, X - H, both, "C0", "--", f"to both sides, {both:.2f}"),
    (X - 0.35, X + H + 0.35, X, one, "C1", ":", f"to one side, {one:.2f}"),
):
    ends = [start, end]
    ys = [math.tanh(base) + line_slope * (x - base) for x in ends]
    ax.plot(ends, ys, color=colour, linestyle=style, linewidth=2.0, label=label)
for x in (X - H, X, X + H):
    ax.plot([x, x], [-0.75, math.tanh(x)], color="C5", linewidth=0.8)
    ax.plot(x, math.tanh(x), "o", color="black", markersize=5)
ax.set_xticks([X - H, X, X + H], ["x - h", "x", "x + h"])
ax.set(ylim=(-0.75, 1.3), xlim=(-0.6, 1.6), ylabel="f")
ax.legend(loc="upper left")
