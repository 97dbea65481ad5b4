"""What 180 runs made to fail are taken for, as tests/experiments/diagnosis_runs.py wrote it."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

from micrograd.diagnostics import Cause

results = json.loads(Path(__file__).with_name("confusion-results.json").read_text("utf-8"))
names = [cause.value for cause in Cause]

fig, axes = plt.subplots(1, 2, figsize=(7.0, 4.2), sharey=True)
for ax, known in zip(axes, ("losses and gradient norms", "losses alone")):
    right = 0
    for row, cause in enumerate(Cause):
        taken_for = results[known][cause.name].split()
        right += taken_for.count(cause.name)
        for column, other in enumerate(Cause):
            count = taken_for.count(other.name)
            if count:
                colour = "C0" if row == column else "C1"
                shade = 0.15 + 0.45 * count / len(taken_for)
                square = (column - 0.5, row - 0.5)
                ax.add_patch(plt.Rectangle(square, 1, 1, color=colour, alpha=shade, lw=0))
                ax.text(column, row, count, ha="center", va="center", fontsize=9)
    total = len(Cause) * len(results["seeds"].split())
    ax.set_title(f"{known}: {right} of {total}")
    ax.set_xticks(range(len(names)), names, rotation=50, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlim=(-0.5, 8.5), ylim=(8.5, -0.5), xlabel="diagnosed as", aspect="equal")
    ax.grid(False)
    ax.tick_params(length=0)
axes[0].set_ylabel("made to be")
