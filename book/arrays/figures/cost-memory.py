"""The 128 bytes of one recorded product, word by word."""

from sys import getsizeof

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from micrograd import Value

HEAD, LINK, NUMBER = "C5", "C0", "C1"
collector, head = [("for the\ncollector", HEAD)] * 2, [("uses", HEAD), ("type", HEAD)]
names = {
    "_a": "first\nparent",
    "_da": "derivative\nby it",
    "_b": "second\nparent",
    "_db": "derivative\nby it",
    "_op": "name of\noperation",
    "_mark": "mark of\na search",
}
product = Value(0.5) * Value(2.0)
fields = [(names.get(name, name.strip("_")), LINK) for name in Value.__slots__]
words = [*collector, *head, *fields]
objects = [
    ("the value", product, [words[:7], words[7:]]),
    ("its number", product.data, [[*head, ("1.0", NUMBER)]]),
]

fig, ax = plt.subplots(figsize=(7.2, 2.7))
row = 0.0
for name, thing, lines in objects:
    size = getsizeof(thing)
    if size != 8 * sum(map(len, lines)):
        raise ValueError(f"expected {name} to have {8 * sum(map(len, lines))} bytes, got {size}")
    middle = row + (len(lines) - 1) / 2
    ax.text(-0.15, middle, f"{name}\n{size} bytes", ha="right", va="center", fontsize=10)
    for line in lines:
        for place, (word, colour) in enumerate(line):
            ax.add_patch(
                Rectangle((place, row - 0.42), 0.95, 0.84, facecolor=colour, alpha=0.4, linewidth=0)
            )
            ax.text(place + 0.475, row, word, ha="center", va="center", fontsize=8.5)
        row += 0.92
    row += 0.35
legend = (
    ("bookkeeping of Python", HEAD),
    ("a link to another object", LINK),
    ("a number", NUMBER),
)
for place, (name, colour) in enumerate(legend):
    ax.add_patch(Rectangle((3.4, 1.9 + 0.4 * place), 0.35, 0.3, facecolor=colour, alpha=0.4))
    ax.text(3.9, 2.05 + 0.4 * place, name, va="center", fontsize=10)
ax.set(xlim=(-1.3, 7.0), ylim=(3.1, -0.5))
ax.axis("off")
