"""The sixteen filters of the first layer, as they were learnt."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("pictures-results.json").read_text("utf-8"))
filters = results["filters"]
largest = max(abs(w) for each in filters for row in each for w in row)
fig, axes = plt.subplots(2, 8, figsize=(7.0, 2.0))
for ax, weights in zip(axes.flat, filters, strict=True):
    ax.imshow(weights, cmap="PuOr_r", vmin=-largest, vmax=largest)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="0.7")
