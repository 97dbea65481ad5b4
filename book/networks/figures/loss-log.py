"""What a probability costs: its negative logarithm."""

import math

import matplotlib.pyplot as plt

shares = [i / 400 for i in range(2, 401)]
_, ax = plt.subplots(figsize=(6.0, 3.2))
ax.plot(shares, [-math.log(p) for p in shares], color="C0", linewidth=2.2)
for p in (0.9, 0.5, 0.1, 0.01):
    cost = -math.log(p)
    ax.plot(p, cost, "o", color="C1", markersize=6)
    ax.annotate(f"{p:g}: {cost:.2f}", (p, cost), xytext=(9, 4), textcoords="offset points")
ax.set(xlabel="$p$, probability given to what happened", ylabel="cost, $-\\log p$")
ax.set(xlim=(-0.02, 1.03), ylim=(-0.15, 5.5))
