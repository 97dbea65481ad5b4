"""Time a value against the size of the graph, from the results of `make bench`."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("cost-results.json").read_text("utf-8"))
sizes = results["sizes"]

fig, ax = plt.subplots(figsize=(6.4, 3.2))
for way, label, style in (
    ("collecting", "one at a time, collector at work", "^-"),
    ("alone", "one at a time", "s-"),
    ("together", "as many as make a million values", "o-"),
):
    colour = {"together": "C0", "alone": "C2", "collecting": "C1"}[way]
    ax.semilogx(sizes, [1e6 * t for t in results["growth"][way]], style, color=colour, label=label)
ax.set(xlabel="values in a graph", ylabel="microseconds a value", ylim=(0, None))
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ax.legend(loc="lower right")
