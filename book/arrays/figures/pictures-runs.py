"""The share of unseen digits that four kinds of networks have right, over five seeds."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("pictures-results.json").read_text("utf-8"))
names = {
    "flat": "two linear layers",
    "without batch norm": "convolutions without batch norm",
    "without dropout": "convolutions without dropout",
    "convolutional": "convolutions, with both",
}
fig, ax = plt.subplots(figsize=(7.0, 2.2))
for i, kind in enumerate(names):
    found = [100.0 * run["test"] for run in results["runs"][kind]]
    mean = sum(found) / len(found)
    ax.plot(found, [i] * len(found), "o", color="C1" if i else "C0", alpha=0.6, markersize=6)
    ax.plot([mean, mean], [i - 0.3, i + 0.3], color="0.4", linewidth=1.5)
    ax.text(100.15, i, f"{mean:.1f}", va="center", fontsize=10)
ax.set_yticks(range(len(names)), list(names.values()), fontsize=10)
ax.set(xlim=(96.0, 100.05), xlabel="percent of the test part right")
ax.invert_yaxis()
ax.grid(False, axis="y")
