"""Two knobs: points and line at steps 0, 5 and 20, and the way over the map of the loss."""

import matplotlib.pyplot as plt

points = [(-1.0, -1.0), (0.0, 1.0), (2.0, 5.0)]


def loss(w, b):
    return sum((w * x + b - y) ** 2 for x, y in points)


path = [(1.0, 0.0)]
for _ in range(20):
    w, b = path[-1]
    slope_w = (loss(w + 0.001, b) - loss(w, b)) / 0.001
    slope_b = (loss(w, b + 0.001) - loss(w, b)) / 0.001
    path.append((w - 0.05 * slope_w, b - 0.05 * slope_b))

_, axes = plt.subplot_mosaic(
    [["step 0", "step 5", "step 20"], ["map"] * 3], figsize=(7.0, 5.6), height_ratios=(2, 3)
)
for step in (0, 5, 20):
    ax, (w, b) = axes[f"step {step}"], path[step]
    for x, y in points:
        ax.plot([x, x], [y, w * x + b], color="C1", linewidth=1.2)
    ax.plot([-2, 3], [w * -2 + b, w * 3 + b])
    ax.plot(*zip(*points, strict=True), "o", color="black")
    ax.set(title=f"step {step}", xlim=(-2, 3), ylim=(-4, 7), xlabel="x")
axes["step 0"].set_ylabel("y")

ws, bs = [i / 20 for i in range(81)], [-0.6 + i / 20 for i in range(53)]
ax = axes["map"]
levels = [0.05, 0.5, 2, 5, 10, 20]
ax.contour(ws, bs, [[loss(w, b) for w in ws] for b in bs], levels=levels, colors="C0", alpha=0.5)
ax.plot(*zip(*path, strict=True), "o-", color="C1", linewidth=1.2, markeredgecolor="black")
for step, shift in ((0, (-10, 4)), (1, (-6, 8)), (5, (12, -5)), (20, (10, 6))):
    ax.annotate(str(step), path[step], xytext=shift, textcoords="offset points", ha="center")
ax.set(xlabel="w", ylabel="b", aspect="equal", xlim=(0, 4), ylim=(-0.6, 2))
ax.grid(False)
