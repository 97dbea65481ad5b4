"""The share of sixes among the throws of a die so far, in four runs."""

import random

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6.4, 3.2))
for seed in range(4):
    rng, sixes, shares = random.Random(seed), 0, []
    for n in range(1, 5001):
        sixes += rng.randint(1, 6) == 6
        shares.append(sixes / n)
    ax.plot(range(1, 5001), shares, color=f"C{seed}", linewidth=1.2)
ax.axhline(1 / 6, color="C5", linestyle="--", linewidth=1.2)
ax.text(5600, 1 / 6, "1/6", va="center")
ax.set(
    xscale="log", xlabel="throws", ylabel="share of sixes so far", xlim=(1, 5000), ylim=(0, 0.35)
)
ax.set(xticks=[1, 10, 100, 1000], xticklabels=["1", "10", "100", "1000"])
