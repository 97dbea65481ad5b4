"""What each trick is worth, from the results of `make bench`."""

import json
from pathlib import Path

import matplotlib.pyplot as plt

results = json.loads(Path(__file__).with_name("cost-results.json").read_text("utf-8"))

fig, (ladder, exchange) = plt.subplots(2, 1, figsize=(7.0, 6.2), height_ratios=[9, 13.5])

names = list(results["ladder"])
times = [1e3 * seconds for seconds in results["ladder"].values()]
bars = ladder.barh(range(len(names)), times, 0.65, color="C0", alpha=0.55)
ladder.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=9)
labels = [names[0], *(f"+ {name}" for name in names[1:])]
ladder.set_yticks(range(len(names)), labels, fontsize=9)
ladder.set(xlabel="CPU time of one step in milliseconds", title="One thing at a time")
ladder.set_xlim(0, max(times) * 1.15)
ladder.invert_yaxis()
ladder.grid(False, axis="y")

row, ticks, names = 0.0, [], []
for title, colour, marker in (("kept", "C2", "o"), ("left out", "C1", "s")):
    for name, (low, middle, high) in results[title].items():
        percent = [100.0 * (ratio - 1.0) for ratio in (low, middle, high)]
        exchange.plot(percent[::2], [row, row], color=colour, linewidth=1.2)
        exchange.plot(percent[1], row, marker, color=colour)
        ticks.append(row)
        names.append(name)
        row += 1.0
    row += 0.5
exchange.axvspan(-10.0, 10.0, color="C5", alpha=0.2, linewidth=0)
exchange.axvline(0.0, color="black", linewidth=0.8)
exchange.set_yticks(ticks, names, fontsize=9)
exchange.set(xlabel="change of the time of a step, in percent")
exchange.set_title("One part taken away (circles) or exchanged (squares)")
exchange.invert_yaxis()
exchange.grid(False, axis="y")
