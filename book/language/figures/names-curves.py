"""The loss of the names model on seen and unseen names, beside counting."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("names-results.json").read_text("utf-8"))
steps, seen, unseen = zip(*results["curve"])
fig, ax = plt.subplots(figsize=(7.0, 3.0))
ax.plot(steps, seen, "o-", label="names it learns from", markersize=4)
ax.plot(steps, unseen, "s-", label="names kept back", markersize=4)
for name in ("pairs", "triples"):
    ax.axhline(results[name], color="0.5", linestyle="--", linewidth=1.0)
    ax.text(steps[-1], results[name] + 0.015, f"{name} counted", ha="right", fontsize=9)
ax.set(xlabel="step", ylabel="loss")
ax.legend(fontsize=9)
