"""A small graph drawn by its levels: what stands in one column can be done at the same time."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from micrograd import Value, topological_order

xs = [Value(1.0), Value(2.0), Value(3.0)]
ws = [Value(0.5), Value(-1.0), Value(0.25)]
for i, (x, w) in enumerate(zip(xs, ws), start=1):
    x.label, w.label = f"x{i}", f"w{i}"
products = [w * x for w, x in zip(ws, xs)]
root = (products[0] + products[1] + products[2]).tanh()

order = topological_order(root)
level = {}
for value in order:
    level[value] = 1 + max((level[parent] for parent in value._parents), default=-1)
columns = {}
for value in order:
    columns.setdefault(level[value], []).append(value)

fig, ax = plt.subplots(figsize=(7.0, 3.4))
place = {}
for column, values in columns.items():
    for row, value in enumerate(values):
        y = (len(values) - 1) / 2.0 - row
        if column == 1:
            y *= 2.0
        place[value] = (1.7 * column, y)
for value in order:
    for parent in value._parents:
        (x0, y0), (x1, y1) = place[parent], place[value]
        ax.annotate(
            "",
            (x1 - 0.32, y1),
            (x0 + 0.32, y0),
            arrowprops={
                "arrowstyle": "-|>",
                "color": "0.55",
                "lw": 0.9,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
for column, values in columns.items():
    groups = {}
    for value in values:
        groups.setdefault(value._op, []).append(value)
    for members in groups.values():
        ys = [place[value][1] for value in members]
        ax.add_patch(
            FancyBboxPatch(
                (1.7 * column - 0.36, min(ys) - 0.36),
                0.72,
                max(ys) - min(ys) + 0.72,
                boxstyle="round,pad=0.06",
                facecolor="C1" if column else "C0",
                edgecolor="none",
                alpha=0.18,
            )
        )
    ax.text(1.7 * column, -3.35, f"level {column}", ha="center", va="center", fontsize=10)
for value, (x, y) in place.items():
    ax.text(x, y, value.label or value._op, ha="center", va="center", fontsize=11)
ax.set(xlim=(-0.7, 1.7 * max(columns) + 0.7), ylim=(-3.7, 3.1))
ax.axis("off")
