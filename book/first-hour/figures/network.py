"""The chapter's network before training, as circles and lines, from the live one."""

from pathlib import Path

import matplotlib.pyplot as plt

from press.cells import defined_in

page = defined_in(Path(__file__).parent / "../a-network-learns.md")
first, last = page["new_network"](1)

_, ax = plt.subplots(figsize=(6.4, 3.6))
circle = {"boxstyle": "circle,pad=0.5", "facecolor": "white", "edgecolor": "black"}
inputs = {(0, 2): "x1", (0, 1): "x2"}
middle = [(2, 3 - i) for i in range(4)]
end = (4, 1.5)


def join(start, stop, weight):
    colour = "C1" if weight.data > 0 else "C0"
    ax.plot(*zip(start, stop, strict=True), color=colour, linewidth=0.5 + 4 * abs(weight.data), zorder=0)


for place, (weights, bias) in zip([*middle, end], [*first, last], strict=True):
    sources = middle if place == end else list(inputs)
    for source, weight in zip(sources, weights, strict=True):
        join(source, place, weight)
    ax.text(*place, "+", ha="center", va="center", size=13, bbox=circle)
    ax.text(place[0], place[1] - 0.44, f"{bias.data:g}", ha="center", va="center")
for place, name in inputs.items():
    ax.text(*place, name, ha="center", va="center", size=12, bbox=circle)
ax.plot([4, 5], [1.5, 1.5], color="black", linewidth=1.2, zorder=0)
ax.text(5.1, 1.5, "answer", va="center", size=12)
ax.set(xlim=(-0.4, 6), ylim=(-0.6, 3.4))
ax.axis("off")
