"""The chapter's network on the moons: what it says after each epoch, and before the first."""

import random
from collections.abc import Iterator

from micrograd import MLP, SGD, hinge_loss, moons, train_step

STEP = "epoch"
LEVELS = (-1.0, 0.0, 1.0)  # the margins of the hinge, and where the sign changes between them
GRID = (18, 12)
data = moons(100, labels=(-1.0, 1.0))


def train() -> Iterator[tuple[int, float, MLP]]:
    net = MLP(2, [16, 16, 1], activation="relu", init="he", rng=random.Random(1))
    inputs, labels = zip(*data)
    yield 0, hinge_loss([net(x) for x in inputs], labels).data, net
    optimizer = SGD(net.parameters(), 0.5)
    rng = random.Random(0)
    for epoch in range(20):
        optimizer.learning_rate = 0.5 * (1 - epoch / 20)
        order = rng.sample(data, len(data))
        losses = []
        for start in range(0, 100, 10):
            inputs, labels = zip(*order[start : start + 10])
            losses.append(train_step(net, inputs, labels, optimizer, hinge_loss))
        yield epoch + 1, sum(losses) / len(losses), net
