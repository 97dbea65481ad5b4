"""One neuron finds the line between two classes: the run of the chapter, step by step."""

import random
from collections.abc import Iterator

from micrograd import MLP, SGD, binary_cross_entropy, evaluate, separable, train_step

STEP = "iteration"
LEVELS = (-1.1, 0.0, 1.1)  # a probability of 1/4, 1/2 and 3/4
GRID = (22, 22)
data = separable(40)


def train() -> Iterator[tuple[int, float, MLP]]:
    network = MLP(2, [1], rng=random.Random(0))
    optimizer = SGD(network.parameters(), learning_rate=2.0)
    inputs, targets = zip(*data)
    yield 0, evaluate(network, data, binary_cross_entropy), network
    for iteration in range(1, 21):
        train_step(network, inputs, targets, optimizer, binary_cross_entropy)
        yield iteration, evaluate(network, data, binary_cross_entropy), network
