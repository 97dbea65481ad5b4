"""One training run, and where four rules would have stopped it."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, TrainingConfig, TrainingMetrics, plot_losses, train_network, xor

always = {"max_iterations": 300, "patience": None, "loss_threshold": 0.0}
random.seed(24)
losses = train_network(MLP(2, [2, 1]), xor(), learning_rate=0.5, verbose=False, **always)


def stop(**rule):
    config = TrainingConfig(**{**always, **rule})
    metrics = TrainingMetrics()
    for loss in losses:
        metrics.update(loss, config.min_improvement)
        if metrics.should_stop(config):
            break
    return len(metrics), metrics[-1]


rules = {
    "gains under 0.1 %": (stop(patience=1, min_improvement=0.001), "C1", "v", (10, 8)),
    "maximum of 60": (stop(max_iterations=60), "C2", "s", (0, -16)),
    "threshold of 0.01": (stop(loss_threshold=0.01), "C3", "D", (-44, -40)),
    "patience of 10": (stop(patience=10), "C4", "^", (0, 8)),
    "patience of 50: not yet": (stop(patience=50), "C5", "o", (-125, 2)),
}

fig, ax = plt.subplots(figsize=(6.8, 3.8))
plot_losses(losses, ax, linewidth=1.4, zorder=1)
for name, (point, colour, marker, offset) in rules.items():
    ax.plot(*point, marker, color=colour, ms=8, linestyle="none")
    ax.annotate(
        f"{name}\nat {point[0]}" if "yet" not in name else name,
        point,
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="bottom" if offset[1] > 0 else "top",
        arrowprops={"arrowstyle": "-", "linewidth": 0.5},
    )
ax.set(ylim=(1e-14, 3e3), xlim=(-12, 325))
