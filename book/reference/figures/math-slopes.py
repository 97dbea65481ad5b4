"""The parabola x * x, its slope at 1.5 as a triangle, and what is left of the bend closer up."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle


def f(x):
    return x * x


def parabola(ax, low, high):
    points = [low + (high - low) * i / 100 for i in range(101)]
    ax.plot(points, [f(x) for x in points], color="C0")


def rise_over_run(ax, h, digits, place):
    """The triangle beneath the curve, from 1.5 to 1.5 + h."""
    x, rise = 1.5, f(1.5 + h) - f(1.5)
    ax.plot([x, x + h, x + h], [f(x), f(x), f(x + h)], color="C1", linewidth=1.3)
    ax.plot([x, x + h], [f(x), f(x + h)], "o", color="C1")
    ax.text(x + h / 2, f(x), f"{h}", color="C1", ha="center", va="top")
    ax.text(x + h + place, f(x) + rise / 2, f"{rise:.{digits}f}", color="C1", va="center")


figure, (wide, close) = plt.subplots(1, 2, figsize=(6.4, 3.2))
parabola(wide, -0.6, 2.9)
rise_over_run(wide, 1.0, 0, 0.08)
wide.add_patch(Rectangle((1.4, 1.9), 0.3, 1.0, fill=False, edgecolor="C2"))
wide.set(title="$f(x) = x^2$", xlabel="$x$", xlim=(-0.7, 3.1), ylim=(-0.6, 8.0))

parabola(close, 1.4, 1.7)
rise_over_run(close, 0.1, 2, 0.006)
close.set(title="the small frame, enlarged", xlabel="$x$", xlim=(1.4, 1.7), ylim=(1.9, 2.9))
for spine in close.spines.values():
    spine.set(visible=True, color="C2", linewidth=1.0)
