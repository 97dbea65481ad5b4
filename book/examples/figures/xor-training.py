"""A 2-2-1 network on XOR that stays on a plateau for a long time: what it says at every stage."""

import random
from collections.abc import Iterator

from micrograd import MLP, SGD, mse_loss, train_step, xor

STEP = "iteration"
LEVELS = (0.25, 0.5, 0.75)
GRID = (16, 16)
data = xor()


def train() -> Iterator[tuple[int, float, MLP]]:
    net = MLP(2, [2, 1], rng=random.Random(6))
    optimizer = SGD(net.parameters(), 0.3)
    inputs, targets = zip(*data)
    for iteration in range(401):
        if iteration % 10 == 0:
            yield iteration, mse_loss([net(x) for x in inputs], targets).data, net
        train_step(net, inputs, targets, optimizer)
