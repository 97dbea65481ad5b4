"""Accuracy of five seeds each for some choices, as tests/experiments/digits_runs.py wrote it."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("digits-results.json").read_text("utf-8"))
names = ("divided by 16", "standardised", "as it is", "no hidden layer")
labels = ("ink / 16", "each pixel\nstandardised", "ink from 0 to 16", "ink / 16,\nno hidden layer")

figure, ax = plt.subplots(figsize=(6.8, 3.1))
for part, colour, marker, shift in (("validation", "C1", "o", 0.12), ("test", "C0", "s", -0.12)):
    for place, name in enumerate(names):
        ends = [100 * run[part][-1] for run in results["runs"][name]]
        label = f"{part} part" if place == 0 else None
        ax.plot(ends, [place - shift] * len(ends), marker, color=colour, alpha=0.6, label=label)
        mean = sum(ends) / len(ends)
        ax.plot([mean, mean], [place - shift - 0.1, place - shift + 0.1], color=colour)
        note = (103.5, place - shift)
        ax.annotate(f"{mean:.1f}", note, color=colour, va="center", ha="right", fontsize=10)
ax.set(yticks=range(len(names)), yticklabels=labels, xlabel="right, %", xlim=(None, 103.5))
ax.invert_yaxis()
ax.legend(loc="lower left")
