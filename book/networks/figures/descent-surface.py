"""The loss of a line over its two parameters, how it is bent, and three walks down it."""

import matplotlib.pyplot as plt

from micrograd import Value, gradient_descent_step, mse_loss, zero_gradients

inputs = [-1.0, 0.0, 1.0, 2.0]
targets = [2.0 * x + 1.0 for x in inputs]


def loss_at(w, b):
    return mse_loss([w * x + b for x in inputs], targets)


def path(learning_rate, steps=16):
    parameters = w, b = [Value(-1.0), Value(2.5)]
    points = [(w.data, b.data)]
    for _ in range(steps):
        zero_gradients(parameters)
        loss_at(w, b).backward()
        gradient_descent_step(parameters, learning_rate)
        points.append((w.data, b.data))
    return zip(*points)


ws = [-1.8 + 7.6 * i / 60 for i in range(61)]
bs = [-1.2 + 4.8 * i / 60 for i in range(61)]
heights = [[loss_at(Value(w), Value(b)).data for w in ws] for b in bs]

fig, ax = plt.subplots(figsize=(6.8, 4.6))
levels = [0.2, 0.8, 2.0, 4.0, 7.0, 11.0, 16.0]
ax.contour(ws, bs, heights, levels=levels, colors="C5", linewidths=0.7, alpha=0.6)
for name, u, v, far in (("steep", 1.0, 0.618, 3.1), ("gentle", 0.618, -1.0, 2.3)):
    length = far / (u * u + v * v) ** 0.5  # both directions as worked out in the chapter
    (w0, w1), (b0, b1) = ((at - length * d, at + length * d) for at, d in ((2.0, u), (1.0, v)))
    ax.plot([w0, w1], [b0, b1], "--", color="black", lw=0.9)
    ax.annotate(name, (w1, b1), xytext=(5, 0), textcoords="offset points", va="center")
for rate, colour, marker in ((0.02, "C0", "o"), (0.4, "C2", "s"), (0.56, "C1", "^")):
    ax.plot(*path(rate), marker=marker, color=colour, ms=3.5, lw=1.1, label=f"rate {rate}")
ax.plot(2.0, 1.0, "+", color="C3", ms=12, mew=2, label="minimum")
ax.set(xlabel="$w$", ylabel="$b$", aspect="equal")
ax.grid(False)
fig.legend(loc="outside upper center", ncols=4)
