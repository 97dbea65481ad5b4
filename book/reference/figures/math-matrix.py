"""A product of two matrices, with the row and the column that make one of its entries."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

A = [[1, 2, 0], [3, 1, 2]]
B = [[4, 1], [0, 5], [2, 3]]
C = [
    [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*B, strict=True)]
    for row in A
]
ROW, COLUMN = 1, 1

figure, ax = plt.subplots(figsize=(6.4, 4.2))


def grid(matrix, left, top, name, place, lit):
    for i, row in enumerate(matrix):
        for j, entry in enumerate(row):
            colour = lit(i, j)
            box = Rectangle((left + j, top - i - 1), 1, 1, facecolor=colour or "none", alpha=0.22)
            ax.add_patch(box)
            ax.add_patch(Rectangle((left + j, top - i - 1), 1, 1, fill=False, linewidth=0.8))
            ax.text(
                left + j + 0.5, top - i - 0.5, str(entry), ha="center", va="center", fontsize=13
            )
    ax.text(*place, name, ha="center", va="center")


grid(A, 0, 2, "$A$: 2 rows, 3 columns", (1.5, -0.4), lambda i, j: "C0" if i == ROW else None)
grid(B, 4, 6, "$B$: 3 rows,\n2 columns", (7.3, 4.5), lambda i, j: "C1" if j == COLUMN else None)
grid(
    C,
    4,
    2,
    "$AB$: 2 rows, 2 columns",
    (5.0, -0.4),
    lambda i, j: "C2" if (i, j) == (ROW, COLUMN) else None,
)
column = [row[COLUMN] for row in B]
terms = " + ".join(f"{a} · {b}" for a, b in zip(A[ROW], column, strict=True))
ax.text(6.2, 0.5, f"= {terms}", va="center", color="C2")
ax.annotate("", xy=(3.95, 0.5), xytext=(3.05, 0.5), arrowprops={"arrowstyle": "->", "color": "C0"})
ax.annotate("", xy=(5.5, 2.05), xytext=(5.5, 2.95), arrowprops={"arrowstyle": "->", "color": "C1"})
ax.set(xlim=(-0.3, 9.2), ylim=(-0.8, 6.2))
ax.set_aspect("equal")
ax.axis("off")
