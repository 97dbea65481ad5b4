"""A handwritten digit, and what two filters find in it; the chapter's own convolution."""

from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import digits
from press.cells import defined_in

page = defined_in(Path(__file__).parents[1] / "what-next.md")
pixels, _ = digits()[3]
picture = [[ink / 16 for ink in pixels[start : start + 8]] for start in range(0, 64, 8)]
upright = [[-1.0, 0.0, 1.0]] * 3
level = [[-1.0] * 3, [0.0] * 3, [1.0] * 3]

fig, axes = plt.subplots(1, 5, figsize=(7.4, 2.0), width_ratios=[8, 3, 6, 3, 6])
shown = [
    (picture, "a digit, 8 by 8", False),
    (upright, "filter", True),
    (page["convolve"](picture, upright), "what it finds", False),
    (level, "filter", True),
    (page["convolve"](picture, level), "what it finds", False),
]
for k, (ax, (table, title, numbers)) in enumerate(zip(axes, shown)):
    most = max(abs(v) for row in table for v in row)
    if numbers:
        ax.imshow(table, cmap="Greys", vmin=2.0, vmax=3.0)  # white: the numbers say it
    else:
        ax.imshow(table, cmap="PuOr_r" if k else "Greys", vmin=-most if k else 0.0, vmax=most)
    ax.set_title(title, fontsize=9)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    if numbers:
        for i, row in enumerate(table):
            for j, number in enumerate(row):
                ax.text(j, i, f"{number:g}", ha="center", va="center", fontsize=9)
