"""Which module of the package imports which: a table in which every mark is below the diagonal."""

import ast
from pathlib import Path

import matplotlib.pyplot as plt

import micrograd

PACKAGE = Path(micrograd.__file__).parent
FILES = {file.stem: [file] for file in PACKAGE.glob("*.py") if file.stem != "__init__"}
FILES |= {file.parent.name: file.parent.glob("*.py") for file in PACKAGE.glob("*/__init__.py")}
FIRST = ["walk", "engine", "functions", "nn", "losses"]  # as soon as they can be read


def imported(file):
    """The modules of the package that a file names, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "micrograd":
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("micrograd."):
            yield node.module.split(".")[1]


uses = {
    name: {other for file in files for other in imported(file)} - {name}
    for name, files in FILES.items()
}

# An order in which every module comes after those it imports; there is none if there is a circle.
order = []
while len(order) < len(uses):
    ready = [name for name in sorted(uses) if name not in order and uses[name] <= set(order)]
    if not ready:
        raise ValueError(f"a circle of imports among {sorted(uses.keys() - set(order))}")
    order.append(min(ready, key=lambda name: (name not in FIRST, not name.startswith("_"))))
place = {name: i for i, name in enumerate(order)}

size = len(order)
fig, ax = plt.subplots(figsize=(7.0, 6.6))
ax.fill([-0.5, size - 0.5, size - 0.5], [-0.5, -0.5, size - 0.5], color="0.5", alpha=0.15, lw=0)
for name, others in uses.items():
    for other in others:
        ax.plot(place[other], place[name], "s", color="C0", markersize=5.5)
ax.plot(range(size), range(size), "o", color="0.5", markersize=2.5)
ax.set_yticks(range(size), order, fontsize=9)
ax.set_xticks(range(size), order, fontsize=9, rotation=90)
ax.xaxis.tick_top()
ax.set(xlim=(-0.8, size - 0.2), ylim=(size - 0.2, -0.8))
ax.set_ylabel("this file imports ...")
ax.set_xlabel("... this one")
ax.xaxis.set_label_position("top")
ax.tick_params(length=0)
ax.grid(visible=False)
for side in ax.spines.values():
    side.set_visible(False)
