"""Which module of the package imports which: arcs from importer to imported, all pointing down."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import matplotlib.pyplot as plt

import micrograd


def imported_modules(tree):
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.removeprefix("micrograd.") for name in names if name.startswith("micrograd.")}


folder = Path(micrograd.__file__).parent
trees = {
    path.stem: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(folder.glob("*.py"))
    if path.stem != "__init__"
}
imports = {name: imported_modules(tree) for name, tree in trees.items()}

level = {}
for name in TopologicalSorter(imports).static_order():  # raises if there is a cycle
    level[name] = 1 + max((level[other] for other in imports[name]), default=-1)
row = {name: i for i, name in enumerate(sorted(level, key=lambda name: (level[name], name)))}

imported = [name for name in row if any(name in others for others in imports.values())]
colour = {name: f"C{i % 6}" for i, name in enumerate(imported)}

fig, ax = plt.subplots(figsize=(7, 0.5 + 0.42 * len(row)))
for name, others in imports.items():
    for other in others:
        ax.annotate(
            "",
            xy=(0, row[other]),
            xytext=(0, row[name]),
            arrowprops={
                "arrowstyle": "-|>",
                "connectionstyle": "arc3,rad=0.5",
                "color": colour[other],
                "linewidth": 1.4,
                "shrinkA": 4,
                "shrinkB": 4,
            },
        )
for name, y in row.items():
    summary = ast.get_docstring(trees[name]).splitlines()[0].partition(":")[0].rstrip(".")
    ax.plot(0, y, "o", color=colour.get(name, "C0"), fillstyle="full" if name in colour else "none")
    ax.text(0.12, y, name, va="center", weight="semibold")
    ax.text(1.3, y, summary, va="center", fontsize=10)
ax.set(xlim=(-0.8, 6.8), ylim=(-0.6, len(row) - 0.4))
ax.axis("off")
