"""A row is stretched over a table on the way forward, and its gradients are summed on the way back."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

fig, (forward, back) = plt.subplots(2, 1, figsize=(7.0, 4.3))


def table(ax, x, y, rows, colour, ghost=False):
    """Cells with their upper left corner at (x, y)."""
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            faint = ghost and i > 0
            ax.add_patch(
                Rectangle(
                    (x + j, y - i - 1.0),
                    0.92,
                    0.88,
                    facecolor="none" if faint else colour,
                    edgecolor=colour if faint else "none",
                    linestyle="--" if faint else "-",
                    alpha=0.9 if faint else 0.3,
                )
            )
            ax.text(x + j + 0.46, y - i - 0.56, f"{number:g}", ha="center", va="center", fontsize=11)


left = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
bias = [10.0, 20.0]
table(forward, 0.0, 3.0, left, "C0")
table(forward, 4.0, 3.0, [bias] * 3, "C1", ghost=True)
table(forward, 8.0, 3.0, [[a + b for a, b in zip(row, bias)] for row in left], "C2")
forward.text(3.0, 1.5, "+", ha="center", va="center", fontsize=15)
forward.text(7.0, 1.5, "=", ha="center", va="center", fontsize=15)
for x, shape in ((0.96, "(3, 2)"), (4.96, "(2,), stretched"), (8.96, "(3, 2)")):
    forward.text(x, -0.35, shape, ha="center", va="center", fontsize=10)

gradient = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
table(back, 8.0, 3.0, gradient, "C2")
table(back, 0.0, 3.0, gradient, "C0")
table(back, 4.0, 3.0, [[sum(column) for column in zip(*gradient)]], "C1")
for j, column in enumerate(zip(*gradient)):
    terms = " + ".join(f"{g:g}" for g in column)
    back.text(4.46 + 1.1 * j - 0.05, 1.75 - 0.55 * j, f"{terms}", ha="center", fontsize=9)
back.annotate("", (6.1, 2.6), (7.8, 2.6), arrowprops={"arrowstyle": "->", "color": "C1"})
back.annotate("", (2.1, 0.5), (7.8, 0.5), arrowprops={"arrowstyle": "->", "color": "C0"})
for x, name in ((0.96, "its gradient"), (4.96, "its gradient: a sum"), (8.96, "gradient of the result")):
    back.text(x, -0.35, name, ha="center", va="center", fontsize=10)
for ax, title in ((forward, "forward"), (back, "back")):
    ax.set(xlim=(-1.6, 10.6), ylim=(-0.7, 3.1))
    ax.text(-1.5, 1.5, title, rotation=90, ha="center", va="center", fontsize=11)
    ax.axis("off")
