"""One gradient, clipped in two ways, and the two paths down a round bowl that follow from it."""

import math

import matplotlib.pyplot as plt

from micrograd import Value, clip_gradient_norm, clip_gradient_values, gradient_descent_step

LIMIT = 5.0


def clipped(clip, gradient: tuple[float, float]) -> tuple[float, float]:
    a, b = Value(0.0), Value(0.0)
    a.grad, b.grad = gradient
    clip([a, b], LIMIT)
    return a.grad, b.grad


def path(clip) -> tuple[list[float], list[float]]:
    a, b = Value(0.0), Value(0.0)
    places = [(0.0, 0.0)]
    for _ in range(60):
        a.grad = b.grad = 0.0
        ((a - 3.0) ** 2 + (b - 12.0) ** 2).backward()
        clip([a, b], LIMIT)
        gradient_descent_step([a, b], 0.1)
        places.append((a.data, b.data))
    return tuple(zip(*places))


figure, (arrows, bowl) = plt.subplots(1, 2, figsize=(6.8, 3.6))
arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "linewidth": 1.8}
gradient = (6.0, 24.0)
arrows.plot((0.0, gradient[0] / 3), (0.0, gradient[1] / 3), color="C2", linestyle=":")
arrows.text(2.2, 7.9, "the gradient\ngoes on to (6, 24)", color="C2")
turn = [2 * math.pi * i / 100 for i in range(101)]
arrows.plot([LIMIT * math.cos(t) for t in turn], [LIMIT * math.sin(t) for t in turn],
            color="C0", linewidth=0.8)  # fmt: skip
arrows.plot((-5, 5, 5, -5, -5), (-5, -5, 5, 5, -5), color="C1", linewidth=0.8)
for clip, color in ((clip_gradient_values, "C1"), (clip_gradient_norm, "C0")):
    arrows.annotate("", clipped(clip, gradient), (0.0, 0.0), arrowprops={**arrow, "color": color})
arrows.set(xlim=(-6, 9), ylim=(-6, 10), aspect="equal")
arrows.set(xlabel="gradient of a", ylabel="gradient of b")

for clip, color, label in (
    (clip_gradient_values, "C1", "each by itself"), (clip_gradient_norm, "C0", "by norm")
):  # fmt: skip
    bowl.plot(*path(clip), color=color, marker=".", markersize=4, linewidth=1.2, label=label)
for radius in (2, 4, 6, 8, 10, 12):
    bowl.plot([3 + radius * math.cos(t) for t in turn], [12 + radius * math.sin(t) for t in turn],
              color="C2", linewidth=0.4, zorder=0)  # fmt: skip
bowl.set(xlim=(-5, 10), ylim=(-1, 15), aspect="equal", xlabel="a", ylabel="b")
bowl.legend(loc="upper left")
