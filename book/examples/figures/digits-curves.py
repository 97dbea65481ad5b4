"""Loss and accuracy over 24 passes and five seeds, as the experiment digits_runs wrote them."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("digits-results.json").read_text("utf-8"))
runs = results["runs"]["long"]

figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.1), width_ratios=(3, 2))
for ax, key, label, colour in (
    (left, "losses", "training part", "C0"),
    (left, "held_out", "validation part", "C1"),
    (right, "validation", "", "C1"),
):
    curves = [[100 * x if ax is right else x for x in run[key]] for run in runs]
    passes = range(1, len(curves[0]) + 1)
    for curve in curves:
        ax.plot(passes, curve, color=colour, linewidth=0.6, alpha=0.5)
    ax.plot(passes, [sum(now) / len(now) for now in zip(*curves)], color=colour, label=label)
    ax.axvline(results["passes"], color="C5", linestyle=":", linewidth=1.2)
    ax.set(xlabel="pass through the training part", xticks=range(0, 25, 6))
left.set(ylabel="loss", yscale="log")
left.legend()
right.set(ylabel="right on the validation part, %")
