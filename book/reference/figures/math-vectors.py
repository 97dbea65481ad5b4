"""A vector as an arrow, and the sign of its dot product with three others."""

import matplotlib.pyplot as plt


def arrow(ax, tip, colour, name, place):
    ax.annotate(
        "",
        xy=tip,
        xytext=(0, 0),
        arrowprops={
            "arrowstyle": "-|>",
            "color": colour,
            "linewidth": 1.8,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    ax.text(*place, name, color=colour, ha="center", va="center", fontsize=12)


figure, (one, many) = plt.subplots(1, 2, figsize=(6.4, 3.6))
one.plot([0, 3, 3], [0, 0, 4], "--", color="C1", linewidth=1.3)
arrow(one, (3, 4), "C0", "$(3, 4)$", (3.2, 4.5))
one.text(1.5, -0.45, "3", color="C1", ha="center", va="center")
one.text(3.4, 2.0, "4", color="C1", ha="center", va="center")
one.text(0.9, 2.3, "length 5", color="C0", ha="center", rotation=53)
one.set(title="a vector and its length", xlim=(-1, 5), ylim=(-1, 5), xticks=range(-1, 6))

w = (2, 1)
turned = [(-t, 2 * t) for t in (-4, 4)]  # where the dot product with w is 0
many.fill_between([4, -4], [-8, 8], 8, color="C0", alpha=0.12, linewidth=0)
many.plot(*zip(*turned, strict=True), "--", color="C0", linewidth=1.0)
arrow(many, w, "C0", "$w$", (2.3, 1.25))
for x, place in (((1, 2), (1.25, 2.45)), ((-1, 2), (-1.5, 2.5)), ((-2, 0), (-2.1, -0.5))):
    product = w[0] * x[0] + w[1] * x[1]
    arrow(many, x, "C1", f"${product}$", place)
many.set(title="$w \\cdot x$ for three vectors $x$", xlim=(-3, 3), ylim=(-3, 3))
many.set(xticks=range(-3, 4), yticks=range(-3, 4))
for ax in (one, many):
    ax.set_aspect("equal")
