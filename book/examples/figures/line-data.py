"""A hundred points near a line, and how far from it they can be."""

import matplotlib.pyplot as plt

from micrograd import noisy_line

data = noisy_line(100)

figure, ax = plt.subplots(figsize=(6.4, 3.4))
ends = [-2.0, 2.0]
ax.fill_between(
    ends, [2 * x + 0.9 for x in ends], [2 * x + 1.1 for x in ends], color="C0", alpha=0.25, lw=0
)
ax.plot([x for [x], _ in data], [y for _, y in data], "o", color="C1", ms=2.5)
for edge in (0.9, 1.1):  # over the points, which hide the band
    ax.plot(ends, [2 * x + edge for x in ends], color="C0", linewidth=0.8)
ax.set(xlabel="$x$", ylabel="$y$")
