"""Six runs that go wrong, each in its own way, and the step at which the monitor says so."""

import random
from itertools import islice

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, Batches, StabilityMonitor, mse_loss, noisy_line, steps, xor
from micrograd.clipping import gradient_size


def network(*widths, **options):
    return MLP(widths[0], widths[1:], rng=random.Random(0), **options)


def absolute_error(predictions, targets):
    return sum(abs(p - t) for p, t in zip(predictions, targets)) / len(targets)


def logarithmic(predictions, targets):
    return mse_loss([(p + 2.0).log() for p in predictions], targets)


sigmoids = network(2, *[3] * 20, 1, init="normal", activation="sigmoid")
# Kind, network, data, rate, loss, steps to draw, and whether what is seen is a loss or a gradient.
RUNS = [
    ("divergence", network(1, 1), noisy_line(20), 1.0, mse_loss, 12, "loss"),
    ("oscillation", network(1, 1), noisy_line(20), 0.2, absolute_error, 40, "loss"),
    ("stagnation", network(2, 1), xor(), 0.3, mse_loss, 80, "loss"),
    ("explosion", network(2, 8, 8, 1), xor(), 0.5, mse_loss, 7, "gradients' norm"),
    ("vanishing", sigmoids, xor(), 0.1, mse_loss, 12, "median gradient"),
    ("nan", network(2, 4, 1), xor(), 4.0, logarithmic, 6, "loss"),
]

fig, axes = plt.subplots(2, 3, figsize=(7.2, 4.6))
for ax, (kind, model, data, rate, loss_fn, count, seen) in zip(axes.flat, RUNS):
    optimizer, monitor = SGD(model.parameters(), rate), StabilityMonitor()
    run = steps(model, Batches(data), optimizer, loss_fn)
    drawn = []
    for step in islice(run, count):
        norm, median = gradient_size(p.grad for p in model.parameters())
        monitor.assess(step.loss, norm, median, step.iteration)
        numbers = {"loss": step.loss, "gradients' norm": norm, "median gradient": median}
        drawn.append(numbers[seen])
    (first, *_) = monitor.events
    assert first.kind == kind, f"expected {kind}, got {first}"
    colour = "C0" if seen == "loss" else "C2"
    ax.plot(range(1, count + 1), drawn, colour, marker=".", markersize=4)
    if kind == "nan":  # there is no point to mark: the loss is no number
        ax.axvline(first.iteration, color="C1", linestyle=":")
    else:
        ax.plot(first.iteration, drawn[first.iteration - 1], "C1o", markersize=8)
    ax.set_title(kind, color="C1")
    ax.set(xlabel="iteration", ylabel=seen)
    if kind in ("divergence", "explosion", "vanishing"):
        ax.set_yscale("log")
    ax.set_xlim(0, count + 1)
