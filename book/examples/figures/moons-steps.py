"""Twenty passes over the moons: mini-batches at a fixed and at a falling rate, and full batch."""

import random
from collections.abc import Iterator

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, hinge_loss, moons, train_step

data = moons(100, labels=(-1.0, 1.0))


def losses_and_accuracies(
    batch_size: int, learning_rate: float, schedule: bool
) -> Iterator[tuple[float, float]]:
    net = MLP(2, [8, 8, 1], activation="relu", init="he", rng=random.Random(1))
    optimizer = SGD(net.parameters(), learning_rate)
    rng = random.Random(0)
    for epoch in range(20):
        if schedule:
            optimizer.learning_rate = learning_rate * (1 - epoch / 20)
        order = rng.sample(data, len(data))
        losses = []
        for start in range(0, 100, batch_size):
            batch = order[start : start + batch_size]
            inputs, labels = [x for x, _ in batch], [y for _, y in batch]
            losses.append(train_step(net, inputs, labels, optimizer, hinge_loss))
        right = sum((net(x).data > 0.0) == (y > 0.0) for x, y in data)
        yield sum(losses) / len(losses), right


fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 4.4), sharex=True)
runs = (
    ("batches of 10, falling rate", "o", (10, 0.5, True)),
    ("batches of 10, fixed rate", "s", (10, 0.5, False)),
    ("all 100 at once", "^", (100, 1.0, False)),
)
for label, marker, settings in runs:
    losses, accuracies = zip(*losses_and_accuracies(*settings))
    top.plot(range(1, 21), losses, marker=marker, markersize=4, label=label)
    bottom.plot(range(1, 21), accuracies, marker=marker, markersize=4)
top.set(ylabel="mean hinge loss", yscale="log")
fig.legend(*top.get_legend_handles_labels(), loc="outside upper center", ncols=3)
bottom.set(xlabel="epoch (passes over the data)", ylabel="accuracy, %", xticks=range(2, 21, 2))
