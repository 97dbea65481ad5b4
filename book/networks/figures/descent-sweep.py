"""The chapter's sweep over learning rates, for ten networks: the loss after ten steps on XOR."""

import random
from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import MLP
from press.cells import defined_in

page = defined_in(Path(__file__).parent / "../gradient-descent.md", "RATES")
first, last = [], []  # the losses before and after, of each network
for seed in range(10):
    found = page["sweep"](lambda seed=seed: MLP(2, [8, 1], rng=random.Random(seed)), page["xor"]())
    first.append(next(iter(found.values()))[0])
    last.append([losses[-1] for losses in found.values()])
rates = list(found)

_, ax = plt.subplots(figsize=(6.4, 3.6))
for losses in last[1:]:
    ax.plot(rates, losses, "-", color="C5", lw=0.8)
ax.plot(rates, last[0], "o-", ms=5, color="C0", lw=2.2)
ax.axhline(first[0], ls="--", color="black", lw=0.9)
ax.annotate("loss at the start", (0.001, first[0]), xytext=(0, 5), textcoords="offset points")
third = rates[max(i for i, loss in enumerate(last[0]) if loss < first[0]) - 1]
ax.axvline(third, ls=":", color="C1", lw=1.4)
ax.annotate(
    "our choice", (third, 8), xytext=(-6, 0), textcoords="offset points", ha="right", color="C1"
)
ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="loss after ten steps")
ax.set(ylim=(0.05, 30), xlim=(0.0009, 1.1))
