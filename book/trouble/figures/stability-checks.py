"""Function calls of a training step's passes, by what is checked, in units of no check.

Calls are counted, not seconds: they are the same on every machine.
"""

import math
import random
import sys

import matplotlib.pyplot as plt

from micrograd import MLP, detect_anomaly, moons, mse_loss

data = moons(20)
inputs, targets = [x for x, _ in data], [t for _, t in data]
net = MLP(2, [16, 16, 1], rng=random.Random(0))


def passes() -> float:
    net.zero_grad()
    loss = mse_loss([net(x) for x in inputs], targets)
    loss.backward()
    return loss.data


def loss_checked() -> None:
    math.isfinite(passes())


def gradients_checked() -> None:
    if math.isfinite(passes()):
        all(math.isfinite(p.grad) for p in net.parameters())


def everything_checked() -> None:
    with detect_anomaly():
        passes()


def calls(action) -> int:
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


checks = {
    "the loss": loss_checked,
    "the loss and\nall gradients": gradients_checked,
    "every operation\n(detect_anomaly)": everything_checked,
}
passes()  # what is done only once is done now
plain = calls(passes)
ratios = [calls(check) / plain for check in checks.values()]
assert 1.0 < ratios[1] < 1.1 < 4.0 < ratios[2]  # what the page says of it

figure, ax = plt.subplots(figsize=(6.4, 2.2))
bars = ax.barh(list(checks), ratios, color="C0", height=0.55)
ax.bar_label(bars, [f"{ratio:.2f}" for ratio in ratios], padding=4)
ax.axvline(1.0, color="C1", linewidth=1.2)
ax.set(xlabel="function calls of a step's passes (1: nothing is checked)")
ax.set_xlim(0.0, 1.12 * max(ratios))
ax.invert_yaxis()
ax.grid(False, axis="y")
