"""The four points of XOR, and the centre on which both diagonals of a plane must agree."""

import matplotlib.pyplot as plt

from micrograd import xor

fig, ax = plt.subplots(figsize=(3.2, 3.0))
for target, colour, marker in ((0.0, "C0", "o"), (1.0, "C1", "s")):
    ends = [x for x, t in xor() if t == target]
    xs, ys = [x for x, _ in ends], [y for _, y in ends]
    ax.plot(xs, ys, color=colour, marker=marker, linestyle="--", linewidth=1.2, markersize=9)
    ax.annotate(
        f"mean {target:.0f}",
        (0.27, 0.27 if target == 0.0 else 0.73),
        xytext=(-4, 12 if target else -18),
        textcoords="offset points",
        color=colour,
    )
    for x, y in ends:
        ax.annotate(
            f"{target:.0f}", (x, y), xytext=(10, -4), textcoords="offset points", color=colour
        )
ax.plot(0.5, 0.5, marker="o", color="C2", markersize=9)
ax.annotate("?", (0.5, 0.5), xytext=(10, -4), textcoords="offset points", color="C2")
ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-0.25, 1.3), ylim=(-0.25, 1.25), aspect="equal")
ax.set(xticks=[0, 1], yticks=[0, 1])
