"""Relative error of the variance of three numbers, computed in two ways, away from 0."""

import matplotlib.pyplot as plt

EXACT = 14.0 / 9.0


def from_squares(xs: list[float]) -> float:
    return sum(x * x for x in xs) / len(xs) - (sum(xs) / len(xs)) ** 2


def from_differences(xs: list[float]) -> float:
    mean = sum(xs) / len(xs)
    return sum((x - mean) ** 2 for x in xs) / len(xs)


figure, ax = plt.subplots(figsize=(6.4, 3.4))
amounts = [10.0 ** (step / 4) for step in range(41)]
for variance, style, label in (
    (from_squares, "C1o", "mean of squares less squared mean"),
    (from_differences, "C0s", "mean of squared differences"),
):
    errors = [abs(variance([a - 1.0, a, a + 2.0]) / EXACT - 1.0) for a in amounts]
    shown = [max(error, 1e-17) for error in errors]  # an error of 0 lies on the lower edge
    ax.plot(amounts, shown, style, markersize=4, label=label)
ax.axhline(1.0, color="C2", linewidth=0.8)
ax.text(1.2, 4.0, "above: no digit is right", color="C2")
ax.set(xscale="log", yscale="log", ylim=(3e-18, 1e13), xlabel="how far from 0")
ax.set_ylabel("relative error")
ax.legend(loc="upper left", bbox_to_anchor=(0.0, 1.04))
