"""Time of a training step's passes, by how often numbers are checked, in units of no check."""

import gc
import math
import random
import time

import matplotlib.pyplot as plt

from micrograd import MLP, detect_anomaly, moons, mse_loss

data = moons(10)
inputs, targets = [x for x, _ in data], [t for _, t in data]
net = MLP(2, [12, 12, 1], rng=random.Random(0))


def passes() -> float:
    net.zero_grad()
    loss = mse_loss([net(x) for x in inputs], targets)
    loss.backward()
    return loss.data


def unchecked() -> None:
    passes()


def loss_checked() -> None:
    math.isfinite(passes())


def gradients_checked() -> None:
    math.isfinite(passes()) and all(math.isfinite(p.grad) for p in net.parameters())


def everything_checked() -> None:
    with detect_anomaly():
        passes()


def seconds(action) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


checks = {
    "the loss": loss_checked,
    "the loss and\nall gradients": gradients_checked,
    "every operation\n(detect_anomaly)": everything_checked,
}
gc.disable()
fastest, reference = dict.fromkeys(checks, math.inf), math.inf
for _ in range(9):
    reference = min(reference, seconds(unchecked))
    for name, check in checks.items():
        fastest[name] = min(fastest[name], seconds(check))
gc.enable()

figure, ax = plt.subplots(figsize=(6.4, 2.2))
ratios = [least / reference for least in fastest.values()]
bars = ax.barh(list(fastest), ratios, color="C0", height=0.55)
ax.bar_label(bars, [f"{ratio:.1f}" for ratio in ratios], padding=4)
ax.axvline(1.0, color="C1", linewidth=1.2)
ax.set(xlabel="time of forward and backward pass (1: nothing is checked)")
ax.invert_yaxis()
ax.grid(False, axis="y")
