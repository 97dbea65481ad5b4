"""Tokens a second on one process and on two, of a small model and a larger one."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("torch-results.json").read_text("utf-8"))
fig, axes = plt.subplots(1, 2, figsize=(7.0, 2.6))
for ax, (name, speeds) in zip(axes, results["tokens a second"].items()):
    names, width = results["models"][name]
    bars = ax.barh(["one process", "two"], speeds.values(), height=0.55)
    ax.bar_label(bars, [f"{speed:,}" for speed in speeds.values()], padding=4)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.35 * max(speeds.values()))
    ax.set_title(f"width {width}, {names} names a step", fontsize=10)
    ax.set_xlabel("tokens a second")
