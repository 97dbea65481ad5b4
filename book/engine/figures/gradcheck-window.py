"""The worst relative error of a right engine's gradients, against the step of the difference."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, Value, mse_loss, numerical_gradient, zero_gradients

inputs, targets = [[1.0, 0.5], [-0.5, 2.0]], [1.0, -0.5]
net = MLP(2, [2, 1], rng=random.Random(0))
parameters = net.parameters()


def loss() -> Value:
    return mse_loss([net(x) for x in inputs], targets)


def moved(parameter: Value, x: float) -> float:
    original, parameter.data = parameter.data, x
    result = loss().data
    parameter.data = original
    return result


def one_sided(parameter: Value, step: float) -> float:
    step *= max(1.0, abs(parameter.data))
    return (moved(parameter, parameter.data + step) - loss().data) / step


def two_sided(parameter: Value, step: float) -> float:
    return numerical_gradient(lambda x: moved(parameter, x), parameter.data, step)


zero_gradients(parameters)
loss().backward()
floor = max(1.0, loss().data) / 1000.0
steps = [10.0 ** (-k / 4) for k in range(61)]
fig, ax = plt.subplots(figsize=(6.4, 3.2))
for name, difference, marker in (("one-sided", one_sided, "o"), ("two-sided", two_sided, "s")):
    worst = [
        max(
            abs(p.grad - n) / max(abs(p.grad), abs(n), floor)
            for p, n in ((p, difference(p, step)) for p in parameters)
        )
        for step in steps
    ]
    ax.loglog(steps, worst, marker=marker, markersize=3, label=name)
ax.axhline(1e-6, color="C2", linestyle="--", label="tolerance of the check")
ax.set(xlabel="eps", ylabel="worst relative error", xlim=(1e-15, 1.0), ylim=(1e-12, 10.0))
ax.legend(loc="upper center")
