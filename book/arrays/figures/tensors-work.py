"""The instructions of Python behind one step: a number at a time, lists with a shape, NumPy."""

import random
import sys
from pathlib import Path

import matplotlib.pyplot as plt
from press.cells import defined_in

from micrograd import MLP, moons

page = defined_in(Path(__file__).parents[1] / "tensors.md")
net = MLP(2, [16, 16, 1], rng=random.Random(1))
points = [point for point, _ in moons(10)]


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


weights = page["arrays_of"](net)
inputs = page["np"].array(points)
ways = {
    "numbers, one by one": lambda: sum(net(x) for x in points).backward(),
    "lists with a shape": lambda: page["total"](
        page["answers"](page["table"](points), page["tensors_of"](net))
    ).backward(),
    "NumPy's arrays": lambda: page["gradients"](inputs, *weights),
}
counts = {name: instructions(way) for name, way in ways.items()}

fig, ax = plt.subplots(figsize=(7.0, 2.0))
bars = ax.barh(range(3), list(counts.values()), 0.6, color=["C0", "C2", "C1"], alpha=0.55)
ax.bar_label(bars, [f"{count:,}" for count in counts.values()], padding=4, fontsize=10)
ax.set_yticks(range(3), list(counts), fontsize=10)
ax.set(xscale="log", xlim=(10, 3e7), xlabel="instructions of Python, forward and back, 10 points")
ax.invert_yaxis()
ax.grid(False, axis="y")
