"""What each of two processes holds, and what goes between them."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

fig, ax = plt.subplots(figsize=(7.0, 3.3))
ax.set_xlim(0, 10)
ax.set_ylim(0, 5)
ax.axis("off")
STEPS = ["the whole model", "its half of the names", "gradients of its half"]


def box(x, y, text, width=2.7, color="C0"):
    around = FancyBboxPatch(
        (x, y), width, 0.8, boxstyle="round,pad=0.05", facecolor="none", edgecolor=color
    )
    ax.add_patch(around)
    ax.text(x + width / 2, y + 0.4, text, ha="center", va="center", fontsize=10)


def arrow(start, end, both=False):
    style = "<->" if both else "->"
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle=style, mutation_scale=12, color="0.4"))


for row, name in ((3.3, "process 0"), (0.6, "process 1")):
    ax.text(0.1, row + 1.0, name, fontsize=10, fontweight=600)
    for i, text in enumerate(STEPS):
        box(0.1 + 3.05 * i, row, text)
        if i:
            arrow((3.05 * i - 0.15, row + 0.4), (3.05 * i + 0.05, row + 0.4))
    arrow((7.55, row if row > 2 else row + 0.8), (7.55, 2.85 if row > 2 else 2.05))
box(6.2, 2.05, "their sum, on both", color="C1")
arrow((6.1, 2.45), (4.3, 2.45))
ax.text(0.1, 2.45, "then both take the same step,", fontsize=10, va="center")
ax.text(0.1, 2.05, "and hold the same model again", fontsize=10, va="center")
