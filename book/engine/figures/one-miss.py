"""The squared miss of the chapter against one knob, with its slope at one place."""

from pathlib import Path

import matplotlib.pyplot as plt

from press.cells import defined_in

miss = defined_in(Path(__file__).parents[1] / "other-ways.md")["miss"]
w, b, h = 0.4, -0.2, 1e-5
slope = (miss(w + h, b) - miss(w - h, b)) / (2 * h)

knobs = [-1.5 + i / 50 for i in range(201)]
fig, ax = plt.subplots(figsize=(5.6, 2.9))
ax.plot(knobs, [miss(knob, b) for knob in knobs])
ends = [w - 0.55, w + 0.22]
ax.plot(ends, [miss(w, b) + slope * (end - w) for end in ends], "C1--")
ax.plot([w], [miss(w, b)], "o", color="C1")
ax.annotate(f"slope ${slope:.2f}$", (w + 0.08, miss(w, b) + 0.12), color="C1")
ax.set(xlabel="knob $w$", ylabel="squared miss", ylim=(-0.1, 4.0))
