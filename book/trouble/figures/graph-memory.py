"""Values in memory, step by step, when the history keeps the losses and when it keeps numbers."""

import gc
import random

import matplotlib.pyplot as plt

from micrograd import MLP, Value, gradient_descent_step, mse_loss, xor

inputs, targets = [x for x, _ in xor()], [t for _, t in xor()]


def values_alive() -> int:
    return sum(type(thing) is Value for thing in gc.get_objects())


def alive_by_step(record) -> list[int]:
    net = MLP(2, [4, 1], rng=random.Random(0))
    history, alive = [], []
    for _ in range(20):
        loss = mse_loss([net(x) for x in inputs], targets)
        net.zero_grad()
        loss.backward()
        gradient_descent_step(net.parameters(), 0.1)
        history.append(record(loss))
        alive.append(values_alive())
    return alive


figure, ax = plt.subplots(figsize=(6.0, 2.8))
gc.collect()
start = values_alive()
for record, color, label in (
    (lambda loss: loss, "C1", "history.append(loss)"),
    (lambda loss: loss.data, "C0", "history.append(loss.data)"),
):
    ax.plot(range(1, 21), [n - start for n in alive_by_step(record)], color=color, label=label)
ax.set(xlabel="step", ylabel="values in memory", ylim=(0, None), xticks=range(0, 21, 5))
ax.yaxis.set_major_formatter("{x:,.0f}")
ax.legend()
