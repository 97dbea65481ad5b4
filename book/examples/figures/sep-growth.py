"""Length and direction of the weight vector while a neuron trains on separable data."""

import math
import random

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, binary_cross_entropy, separable, train_step
from micrograd.datasets import Example

ITERATIONS = 400
DATA = separable(40)


def follow(data: list[Example]) -> tuple[list[float], list[float]]:
    """Length of the weight vector, and its angle to (-1, 1) in degrees, after each iteration."""
    random.seed(0)
    network = MLP(2, [1])
    optimizer = SGD(network.parameters(), learning_rate=2.0)
    inputs, targets = [x for x, _ in data], [target for _, target in data]
    lengths, angles = [], []
    for _ in range(ITERATIONS):
        train_step(network, inputs, targets, optimizer, binary_cross_entropy)
        w_1, w_2, _ = (p.data for p in network.parameters())
        lengths.append(math.hypot(w_1, w_2))
        angles.append(math.degrees(math.acos((w_2 - w_1) / math.sqrt(2.0) / lengths[-1])))
    return lengths, angles


def with_two_exchanged(data: list[Example]) -> list[Example]:
    """The farthest point of each class gets the label of the other."""
    by_height = sorted(data, key=lambda example: example[0][1] - example[0][0])
    wrong = (by_height[0], by_height[-1])
    return [(x, 1.0 - target if (x, target) in wrong else target) for x, target in data]


figure, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3.0))
iterations = range(1, ITERATIONS + 1)
for data, name in ((DATA, "separable"), (with_two_exchanged(DATA), "two labels exchanged")):
    lengths, angles = follow(data)
    left.plot(iterations, lengths, label=name)
    right.plot(iterations, angles, label=name)
left.set(xlabel="iteration", ylabel="length of the weight vector", xscale="log")
right.set(xlabel="iteration", ylabel="angle to $(-1, 1)$ in degrees", xscale="log")
left.legend()
