"""Fitting a noisy line: the loss against the number of points looked at."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, Value, mse_loss, noisy_line, train_network

DATA = noisy_line(100)
inputs, targets = [x for x, _ in DATA], [target for _, target in DATA]


def error(network: MLP) -> float:
    return mse_loss([network(x) for x in inputs], targets).data


def full_batches(nouts: list[int], iterations: int) -> tuple[list[int], list[float]]:
    random.seed(0)
    losses = train_network(
        MLP(1, nouts),
        DATA,
        learning_rate=0.1,
        max_iterations=iterations,
        patience=None,
        verbose=False,
    )
    return [100 * i for i in range(len(losses))], losses.losses


def batches_of_ten() -> tuple[list[int], list[float]]:
    """The loss on all the points after every 25 batches, which differ from stretch to stretch."""
    random.seed(0)
    network = MLP(1, [2, 1])
    seen, losses = [0], [error(network)]
    for stretch in range(80):
        rate = 0.1 if stretch < 40 else 0.02
        train_network(
            network,
            DATA,
            learning_rate=rate,
            max_iterations=25,
            batch_size=10,
            seed=stretch,
            verbose=False,
        )
        seen.append(seen[-1] + 250)
        losses.append(error(network))
    return seen, losses


figure, ax = plt.subplots(figsize=(6.4, 3.2))
ax.plot(*full_batches([1], 200), label="linear neuron, full batches")
ax.plot(*full_batches([2, 1], 200), label="two hidden neurons, full batches")
ax.plot(*batches_of_ten(), linewidth=1.2, label="two hidden neurons, batches of 10")
floor = mse_loss([Value(2.0) * x + 1.0 for [x] in inputs], targets).data
ax.axhline(floor, color="C5", linestyle=":", linewidth=1.2)
ax.set(xlabel="points looked at", ylabel="mean squared error", yscale="log")
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.legend()
