"""The mean of one normalised signal while a network learns the moons: batches, running, all."""

import random

import matplotlib.pyplot as plt

from micrograd import SGD, Layer, Value, hinge_loss, moons

data, rng = moons(100, labels=(-1.0, 1.0)), random.Random(1)
width = 6
first = Layer(2, width, nonlin=False, rng=rng)
scale, shift = [Value(1.0) for _ in range(width)], [Value(0.0) for _ in range(width)]
last = Layer(width, 1, nonlin=False, rng=rng)


def normalised(rows):
    """The batch's rows, normalised, and the mean of the first column."""
    columns, means = [], []
    for j, column in enumerate(zip(*rows)):
        mean = sum(column) / len(column)
        variance = sum((v - mean) ** 2 for v in column) / len(column)
        factor = scale[j] / (variance + 1e-5) ** 0.5
        columns.append([(v - mean) * factor + shift[j] for v in column])
        means.append(mean.data)
    return zip(*columns), means[0]


optimiser = SGD([*first.parameters(), *scale, *shift, *last.parameters()], 1.0)
of_batch, running, of_all = [], [], []
for _ in range(100):
    neuron = first.neurons[0]
    of_all.append(sum(neuron(x).data for x, _ in data) / len(data))
    points, labels = zip(*rng.sample(data, 20))
    rows, mean = normalised([first(x) for x in points])
    of_batch.append(mean)
    before = running[-1] if running else 0.0
    running.append(before + 0.1 * (mean - before))
    loss = hinge_loss([last([v.tanh() for v in row])[0] for row in rows], labels)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

fig, ax = plt.subplots(figsize=(6.4, 3.0))
steps = range(1, 101)
ax.plot(steps, of_batch, "o", ms=3, color="C5", label="the batch of 20")
ax.plot(steps, of_all, "--", lw=1.2, color="C1", label="all 100 points")
ax.plot(steps, running, color="C0", label="running mean")
ax.set(xlabel="step", ylabel="mean of one signal")
ax.legend(ncols=3, loc="lower left", bbox_to_anchor=(0.0, 1.0))
