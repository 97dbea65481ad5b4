"""What each rule reaches at each rate, from the results of `experiments.optimiser_runs`."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("optimiser-results.json").read_text("utf-8"))
looks = {
    "SGD": ("C0", "o-"),
    "Momentum": ("C2", "s-"),
    "RMSprop": ("C4", "d-"),
    "Adam": ("C1", "^-"),
}

fig, panels = plt.subplots(1, 2, figsize=(7.2, 3.3), sharey=True)
for ax, (inputs, runs) in zip(panels, results["runs"].items()):
    for rule, run in runs.items():
        colour, style = looks[rule]
        ax.plot(results["rates"], run["tuning"], style, color=colour, ms=4.5, lw=1.3, label=rule)
    ax.set(xscale="log", yscale="log", ylim=(0.0008, 2.0), xlabel="learning rate")
    ax.set_title(f"inputs {inputs}" if inputs == "as they are" else inputs)
panels[0].set_ylabel("loss after 200 steps")
fig.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
