"""The 216 bytes of one recorded product, word by word."""

from sys import getsizeof

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from micrograd import Value

HEAD, LINK, NUMBER = "C5", "C0", "C1"
collector, head = [("for the\ncollector", HEAD)] * 2, [("uses", HEAD), ("type", HEAD)]
pair = [*collector, *head, ("length", HEAD)]
product = Value(0.5) * Value(2.0)
fields = [(name.strip("_"), LINK) for name in Value.__slots__]
objects = [
    ("the value", product, [*collector, *head, *fields]),
    ("its parents", product._parents, [*pair, ("first", LINK), ("second", LINK)]),
    ("its derivatives", product._derivatives, [*pair, ("by first", LINK), ("by second", LINK)]),
    ("its number", product.data, [*head, ("1.0", NUMBER)]),
]

fig, ax = plt.subplots(figsize=(7.0, 2.6))
for row, (name, thing, words) in enumerate(objects):
    size = getsizeof(thing)
    if size != 8 * len(words):
        raise ValueError(f"expected {name} to have {8 * len(words)} bytes, got {size}")
    ax.text(-0.15, row, f"{name}\n{size} bytes", ha="right", va="center", fontsize=10)
    for place, (word, colour) in enumerate(words):
        ax.add_patch(
            Rectangle((place, row - 0.36), 0.94, 0.72, facecolor=colour, alpha=0.4, linewidth=0)
        )
        ax.text(place + 0.47, row, word, ha="center", va="center", fontsize=7.5)
for place, (name, colour) in enumerate(
    [("bookkeeping of Python", HEAD), ("a link to another object", LINK), ("a number", NUMBER)]
):
    ax.add_patch(Rectangle((7.6, 1.7 + 0.55 * place), 0.4, 0.4, facecolor=colour, alpha=0.4))
    ax.text(8.1, 1.9 + 0.55 * place, name, va="center", fontsize=10)
ax.set(xlim=(-1.9, 11.2), ylim=(3.5, -0.5))
ax.axis("off")
