"""What the runs of the test bed are called, as tests/experiments/diagnosis_score.py wrote it.

The rules were tuned on other data, settings and seeds than those that are shown.
"""

import json
from pathlib import Path

import matplotlib.pyplot as plt

from micrograd.causes import Cause

results = json.loads(Path(__file__).with_name("confusion-results.json").read_text("utf-8"))
table = results["held_out"]["confusion"]
called = {name for row in table.values() for way in row.values() for name in way}
columns = [cause.value for cause in Cause if cause.value in called]

fig, ax = plt.subplots(figsize=(7.0, 6.6))
for y, row in enumerate(table.values()):
    total = sum(sum(way.values()) for way in row.values())
    for way, colour in (("right", "C0"), ("wrong", "C1")):
        for name, count in row[way].items():
            x = columns.index(name)
            shade = 0.15 + 0.45 * count / total
            square = (x - 0.5, y - 0.5)
            ax.add_patch(plt.Rectangle(square, 1, 1, color=colour, alpha=shade, lw=0))
            ax.text(x, y, count, ha="center", va="center", fontsize=8)
ax.set_xticks(range(len(columns)), columns, rotation=50, ha="right", rotation_mode="anchor")
ax.set_yticks(range(len(table)), table)
ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(table) - 0.5, -0.5))
ax.set(xlabel="called", ylabel="made to be")
ax.grid(False)
for edge in range(1, len(table)):
    ax.axhline(edge - 0.5, color="0.5", alpha=0.25, linewidth=0.5)
for edge in range(1, len(columns)):
    ax.axvline(edge - 0.5, color="0.5", alpha=0.25, linewidth=0.5)
ax.tick_params(length=0)
