"""Who looks at whom: the heads of the first block, over one name."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("names-results.json").read_text("utf-8"))
letters = ["·", *results["shown"]]
heads = results["attention"][0]
fig, axes = plt.subplots(1, 4, figsize=(7.0, 2.4))
for i, (ax, weights) in enumerate(zip(axes, heads, strict=True), start=1):
    ax.imshow(weights, cmap="Blues", vmin=0.0, vmax=1.0)
    ax.set_xticks(range(len(letters)), letters, fontsize=8)
    ax.set_yticks(range(len(letters)), letters, fontsize=8)
    ax.tick_params(length=0)
    ax.set_title(f"head {i}", fontsize=10)
    ax.grid(False)
axes[0].set_ylabel("who looks", fontsize=9)
fig.supxlabel("at whom", fontsize=9)
