"""Two sets of eight numbers around the same mean, one narrow and one wide."""

from statistics import fmean, pstdev

import matplotlib.pyplot as plt

narrow = [4, 4, 4.5, 5, 5, 5.5, 6, 6]
wide = [1, 2, 4, 4, 5, 6, 8, 10]

figure, axes = plt.subplots(2, 1, figsize=(6.4, 3.2), sharex=True)
for ax, numbers, colour in zip(axes, (narrow, wide), ("C0", "C1"), strict=True):
    mean, spread = fmean(numbers), pstdev(numbers)
    ax.axvspan(mean - spread, mean + spread, color=colour, alpha=0.14, linewidth=0)
    ax.axvline(mean, color=colour, linewidth=1.3)
    for x in sorted(set(numbers)):
        many = numbers.count(x)
        ax.plot([x] * many, [0.25 + 0.3 * i for i in range(many)], "o", color=colour, markersize=7)
    ax.text(mean + spread + 0.12, 0.8, f"spread {spread:.2f}", color=colour, va="center")
    ax.text(mean + 0.08, 1.12, f"mean {mean:g}", color=colour, va="center")
    ax.set(ylim=(0, 1.3), yticks=[], xlim=(0, 11), xticks=range(12))
    ax.grid(False)
    ax.spines["left"].set_visible(False)
