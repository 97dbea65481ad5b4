"""The derivative of a product, as the strip that a rectangle gains when one side grows."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

a, b, h = 2.0, 3.0, 0.4

fig, ax = plt.subplots(figsize=(4.4, 2.8))
ax.add_patch(Rectangle((0.0, 0.0), a, b, facecolor="C0", alpha=0.25))
ax.add_patch(Rectangle((a, 0.0), h, b, facecolor="C1", alpha=0.6))
ax.add_patch(Rectangle((0.0, 0.0), a + h, b, fill=False, linewidth=1.0))
ax.plot([a, a], [0.0, b], linewidth=1.0, linestyle="--", color="C1")
ax.text(a / 2, b / 2, "$ab$", ha="center", va="center")
ax.text(a / 2, -0.15, "$a = 2$", ha="center", va="top")
ax.text(a + h / 2, -0.15, "$h$", ha="center", va="top")
ax.text(-0.1, b / 2, "$b = 3$", ha="right", va="center")
ax.text(a + h + 0.1, b / 2, "new area $hb$:\n$b$ for each unit of $h$", va="center")
ax.set(xlim=(-0.9, 4.8), ylim=(-0.6, 3.1), aspect="equal")
ax.axis("off")
