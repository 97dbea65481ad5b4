"""What a gradient costs, in operations and in memory, by the chapter's code."""

import tracemalloc
from doctest import DocTestParser
from pathlib import Path

import matplotlib.pyplot as plt

from micrograd import Value

CHAPTER = Path(__file__).parents[1] / "why-gradients.md"
DEFINITIONS = ("import ", "from ", "class ", "def ")
page = {}
for example in DocTestParser().get_examples(CHAPTER.read_text("utf-8")):
    if example.source.startswith(DEFINITIONS):
        exec(example.source, page)
Counted, Dual = page["Counted"], page["Dual"]


def operations(run):
    """How many operations on counted numbers a call takes."""
    Counted.operations = 0
    run()
    return Counted.operations


def costs(width):
    """Parameters, then the cost of a gradient in evaluations: forward, central, reverse."""
    count = 3 * width + width * (width + 1) + (width + 1)
    widths = (width, width, 1)

    def loss(number):
        return page["network_loss"]([number() for _ in range(count)], widths)

    plain = operations(lambda: loss(lambda: Counted(0.1)))
    # Every run of forward mode takes the same operations, whichever parameter has the seed.
    one_run = operations(lambda: loss(lambda: Dual(Counted(0.1), Counted(0.0))))
    reverse = page["reverse_operations"](loss(lambda: Value(0.1)))
    return count, count * one_run / plain, 2.0 * count, reverse / plain


def peak_kilobytes(number, steps):
    """The most memory in use while a loop of ``steps`` steps runs on that kind of number."""
    tracemalloc.start()
    page["nest"](number, steps)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1000.0


figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.2))
parameters, *curves = zip(*map(costs, (1, 2, 4, 8, 16, 32)), strict=True)
names = ("forward mode", "central differences", "reverse mode")
for name, colour, marker, cost in zip(names, ("C1", "C2", "C0"), "s^o", curves, strict=True):
    left.loglog(parameters, cost, f"{marker}-", color=colour, label=name)
left.set(title="operations", xlabel="number of parameters", ylabel="cost in evaluations")
left.legend()

lengths = (10, 30, 100, 300, 1000, 3000)
for name, colour, marker, make in (
    ("forward mode", "C1", "s", lambda: Dual(0.3, 1.0)),
    ("reverse mode", "C0", "o", lambda: Value(0.3)),
):
    memory = [peak_kilobytes(make(), steps) for steps in lengths]
    right.loglog(lengths, memory, f"{marker}-", color=colour, label=name)
right.set(title="memory", xlabel="steps of the loop", ylabel="peak memory in kB")
right.legend()
