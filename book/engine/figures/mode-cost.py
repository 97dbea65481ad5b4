"""What a gradient costs, in operations and in memory, by the chapter's code."""

import tracemalloc
from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import Value, topological_order
from press.cells import defined_in

page = defined_in(Path(__file__).parents[1] / "other-ways.md", "IN_A_DUAL")


def costs(width):
    """Knobs, then what all slopes cost in evaluations: forward mode, central, reverse mode."""
    n = 3 * width + width * (width + 1) + (width + 1)
    loss = page["network_loss"]([Value(0.1) for _ in range(n)], (width, width, 1))
    done = [value._op for value in topological_order(loss) if value._op]
    one_run = sum(page["IN_A_DUAL"][op] for op in done)
    return n, n * one_run / len(done), 2.0 * n, page["walk_and_all"](loss) / len(done)


def peak_kilobytes(number, steps):
    """The most memory in use while a loop of ``steps`` steps runs on that kind of number."""
    tracemalloc.start()
    page["nest"](number, steps)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1000.0


figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.2))
knobs, *curves = zip(*map(costs, (1, 2, 4, 8, 16, 32)), strict=True)
names = ("forward mode", "central differences", "reverse mode")
for name, colour, marker, cost in zip(names, ("C1", "C2", "C0"), "s^o", curves, strict=True):
    left.loglog(knobs, cost, f"{marker}-", color=colour, label=name)
left.set(title="operations", xlabel="number of knobs", ylabel="evaluations")
left.legend()

page["nest"](page["Dual"](0.3, 1.0), 100)  # what Python makes once for all calls
lengths = (10, 30, 100, 300, 1000, 3000)
for name, colour, marker, make in (
    ("forward mode", "C1", "s", lambda: page["Dual"](0.3, 1.0)),
    ("reverse mode", "C0", "o", lambda: Value(0.3)),
):
    memory = [peak_kilobytes(make(), steps) for steps in lengths]
    right.loglog(lengths, memory, f"{marker}-", color=colour, label=name)
right.set(title="memory", xlabel="rounds of the loop", ylabel="peak memory in kB")
right.legend()
