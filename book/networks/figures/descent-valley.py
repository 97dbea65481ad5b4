"""The same fit with raw and with standardised inputs: a narrow valley, and a round bowl."""

import matplotlib.pyplot as plt

from micrograd import Value, gradient_descent_step, mse_loss, zero_gradients
from micrograd.datasets import Standardise


def loss_at(w, b, inputs, targets):
    return mse_loss([w * x + b for x in inputs], targets)


raw, targets = [1.0, 2.0, 3.0, 4.0], [3.0, 5.0, 7.0, 9.0]  # 2x + 1
scale = Standardise.fit([([x], 0.0) for x in raw])
panels = {
    "as they are, rate 0.115": (raw, 2.0, 1.0, 0.115),
    "standardised, rate 0.3": (
        [scale([x])[0] for x in raw],
        2.0 * scale.spread[0],
        2.0 * scale.mean[0] + 1.0,
        0.3,
    ),
}

fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.6))
for ax, (title, (inputs, best_w, best_b, rate)) in zip(axes, panels.items()):
    ws = [best_w - 2.4 + 4.8 * i / 60 for i in range(61)]
    bs = [best_b - 1.2 + 5.4 * i / 60 for i in range(61)]
    heights = [[loss_at(Value(w), Value(b), inputs, targets).data for w in ws] for b in bs]
    levels = [0.05, 0.4, 1.2, 3.0, 6.0, 12.0]
    ax.contour(ws, bs, heights, levels=levels, colors="C5", linewidths=0.7, alpha=0.6)

    parameters = w, b = [Value(best_w - 1.4), Value(best_b + 3.5)]
    points = [(w.data, b.data)]
    for _ in range(25):
        zero_gradients(parameters)
        loss_at(w, b, inputs, targets).backward()
        gradient_descent_step(parameters, rate)
        points.append((w.data, b.data))
    ax.plot(*zip(*points), "o-", ms=3, lw=1.1)
    ax.plot(best_w, best_b, "+", color="C3", ms=12, mew=2)
    ax.set(xlabel="$w$", ylabel="$b$", title=title, aspect="equal")
    ax.grid(False)
