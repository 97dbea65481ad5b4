"""The same fit with raw and with centred inputs: a narrow valley, and a round bowl."""

import matplotlib.pyplot as plt

from micrograd import Value, gradient_descent_step, mse_loss, zero_gradients


def loss_at(w, b, inputs, targets):
    return mse_loss([w * x + b for x in inputs], targets)


targets = [3.0, 5.0, 7.0, 9.0]  # 2x + 1 at 1, 2, 3, 4
panels = {
    "raw inputs, rate 0.115": ([1.0, 2.0, 3.0, 4.0], 1.0, 0.115),
    "centred inputs, rate 0.45": ([-1.5, -0.5, 0.5, 1.5], 6.0, 0.45),
}

fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.6))
for ax, (title, (inputs, best_b, rate)) in zip(axes, panels.items()):
    ws = [-0.2 + 4.4 * i / 60 for i in range(61)]
    bs = [best_b - 1.2 + 5.4 * i / 60 for i in range(61)]
    heights = [[loss_at(Value(w), Value(b), inputs, targets).data for w in ws] for b in bs]
    levels = [0.05, 0.4, 1.2, 3.0, 6.0, 12.0]
    ax.contour(ws, bs, heights, levels=levels, colors="C5", linewidths=0.7, alpha=0.6)

    parameters = w, b = [Value(0.6), Value(best_b + 3.5)]
    points = [(w.data, b.data)]
    for _ in range(25):
        zero_gradients(parameters)
        loss_at(w, b, inputs, targets).backward()
        gradient_descent_step(parameters, rate)
        points.append((w.data, b.data))
    ax.plot(*zip(*points), "o-", ms=3, lw=1.1)
    ax.plot(2.0, best_b, "+", color="C3", ms=12, mew=2)
    ax.set(xlabel="$w$", ylabel="$b$", title=title)
    ax.grid(False)
