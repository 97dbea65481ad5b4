"""The instructions of Python behind one step: a number at a time, tensors, NumPy by hand."""

import random
import sys

import matplotlib.pyplot as plt
import numpy as np

from micrograd import MLP, moons
from micrograd.tensors import from_mlp

net = MLP(2, [16, 16, 1], rng=random.Random(1))
points = [point for point, _ in moons(10)]
arrays, inputs = from_mlp(net), np.array([point for point, _ in moons(10)])


def by_hand():
    """The gradients of the sum of all answers, worked out by hand."""
    w1, b1, w2, b2, w3, _ = (parameter.data for parameter in arrays.parameters())
    first = np.tanh(inputs @ w1.T + b1)
    second = np.tanh(first @ w2.T + b2)
    g3 = np.ones((len(inputs), 1))
    g2 = g3 @ w3 * (1.0 - second**2)
    g1 = g2 @ w2 * (1.0 - first**2)
    return [g1.T @ inputs, g1.sum(0), g2.T @ first, g2.sum(0), g3.T @ second, g3.sum(0)]


def instructions(action):
    """How many bytecodes the interpreter carries out, in all functions written in Python."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


ways = {
    "numbers, one by one": lambda: sum(net(x) for x in points).backward(),
    "tensors": lambda: arrays(inputs).sum().backward(),
    "by hand in NumPy": by_hand,
}
counts = {name: instructions(way) for name, way in ways.items()}

fig, ax = plt.subplots(figsize=(7.0, 2.0))
bars = ax.barh(range(3), list(counts.values()), 0.6, color=["C0", "C2", "C1"], alpha=0.55)
ax.bar_label(bars, [f"{count:,}" for count in counts.values()], padding=4, fontsize=10)
ax.set_yticks(range(3), list(counts), fontsize=10)
ax.set(xscale="log", xlim=(10, 3e7), xlabel="instructions of Python, forward and back, 10 points")
ax.invert_yaxis()
ax.grid(False, axis="y")
