"""Where the time of one training step goes, from the results of `make bench`."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("cost-results.json").read_text("utf-8"))
phases = results["phases"]
drawn = [
    ("forward: record the graph", "C0"),
    ("order the graph", "C1"),
    ("pass gradients back", "C2"),
    ("drop the graph", "C3"),
    ("collect garbage", "C4"),
]
bars = [
    ("collector\nat work", phases["collecting"]),
    ("collector\npaused", phases["paused"]),
    ("bare floats,\nforward only", {drawn[0][0]: phases["floats"]["forward"]}),
]

fig, ax = plt.subplots(figsize=(7.0, 2.8))
for row, (_, seconds) in enumerate(bars):
    start = 0.0
    for name, colour in drawn:
        if name == "pass gradients back" and len(seconds) > 1:  # and two loops too short to see
            width = sum(
                seconds[part] for part in (name, "set gradients to 0", "update the parameters")
            )
        else:
            width = seconds.get(name, 0.0)
        width *= 1e3
        label = name if row == 0 else None
        ax.barh(row, width, 0.6, start, color=colour, alpha=0.55, label=label)
        if width > 6.0:
            ax.text(start + width / 2, row, f"{width:.0f}", ha="center", va="center", fontsize=10)
        start += width
    ax.text(start + 1.5, row, f"{start:.0f} ms", va="center", fontsize=10, weight="semibold")
ax.set_yticks(range(len(bars)), [name for name, _ in bars])
ax.invert_yaxis()
ax.set(xlabel="CPU time of one step in milliseconds")
ax.margins(x=0.12)
ax.grid(False, axis="y")
fig.legend(loc="outside upper center", ncols=3)
