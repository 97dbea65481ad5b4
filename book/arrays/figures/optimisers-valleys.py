"""Three rules walk down a valley along an axis, and down the same valley turned by 45 degrees."""

import math

import matplotlib.pyplot as plt

from micrograd import SGD, Adam, Momentum, Value

half = math.sqrt(0.5)


def straight(x, y):
    return 0.5 * (x * x + 30.0 * y * y)


def slanted(x, y):
    return straight(half * (x + y), half * (y - x))


def walk(rule, valley, start):
    parameters = x, y = [Value(number) for number in start]
    optimizer, path = rule(parameters), []
    while True:
        loss = valley(x, y)
        path.append((x.data, y.data))
        if loss.data < 1e-4:
            return path
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


rules = (
    ("SGD", "C0", "o", lambda p: SGD(p, 0.06)),
    ("momentum", "C2", "s", lambda p: Momentum(p, 0.05, 0.7)),
    ("Adam", "C1", "^", lambda p: Adam(p, 0.4)),
)
begin = (-8.0, 1.5)
turned = (half * (begin[0] - begin[1]), half * (begin[0] + begin[1]))
views = (
    (straight, begin, (-9.0, 2.0), (-3.4, 3.4), "along an axis"),
    (slanted, turned, (-8.0, 2.6), (-7.4, 3.2), "slantwise"),
)
fig, panels = plt.subplots(1, 2, figsize=(7.2, 3.5), width_ratios=[11, 9])
for ax, (valley, start, xs, ys, title) in zip(panels, views):
    across = [xs[0] + (xs[1] - xs[0]) * i / 80 for i in range(81)]
    up = [ys[0] + (ys[1] - ys[0]) * i / 80 for i in range(81)]
    heights = [[valley(x, y) for x in across] for y in up]
    levels = [1.0, 5.0, 15.0, 32.0, 60.0, 110.0]
    ax.contour(across, up, heights, levels=levels, colors="C5", linewidths=0.7, alpha=0.6)
    for name, colour, marker, rule in rules:
        path = walk(rule, valley, start)
        label = f"{name}: {len(path) - 1} steps"
        ax.plot(*zip(*path), marker=marker, color=colour, ms=3.0, lw=1.1, label=label)
    ax.plot(0.0, 0.0, "+", color="C3", ms=11, mew=2)
    ax.set(xlabel="$x$", ylabel="$y$", title=title, aspect="equal", xlim=xs, ylim=ys)
    ax.grid(False)
    ax.legend(loc="upper left" if valley is slanted else "upper right", fontsize=9)
