"""Gradient descent on w squared, with the gradient set to 0 before each pass and without."""

import matplotlib.pyplot as plt

from micrograd import Value

STEPS = 60


def descend(zeroing):
    w = Value(1.0)
    seen = [w.data]
    for _ in range(STEPS):
        if zeroing:
            w.grad = 0.0
        (w * w).backward()
        w.data -= 0.1 * w.grad
        seen.append(w.data)
    return seen


figure, ax = plt.subplots(figsize=(6.4, 3.0))
ax.plot(descend(zeroing=False), "-", color="C1", label="never set to 0")
ax.plot(descend(zeroing=True), "--", color="C0", label="set to 0 before each pass")
ax.set(xlabel="step", ylabel="w", ylim=(-1.15, 1.55))
ax.legend(loc="upper right", ncols=2)
