"""Sizes of functions and of their derivatives, written out and shared, by the chapter's code."""

from doctest import DocTestParser
from pathlib import Path

import matplotlib.pyplot as plt

CHAPTER = Path(__file__).parents[1] / "why-gradients.md"
DEFINITIONS = ("import ", "class ", "def ", "@functools.cache", "derivative = ")
page = {}
for example in DocTestParser().get_examples(CHAPTER.read_text("utf-8")):
    if example.source.startswith(DEFINITIONS):
        exec(example.source, page)


def sizes(e, x):
    """Symbols of a formula and of its derivative, then distinct pieces of both."""
    slope = page["derivative"](e, x)
    return (
        page["length"](e),
        page["length"](slope),
        page["pieces"](e, set()),
        page["pieces"](slope, set()),
    )


def tanh_nest(depth):
    x = y = page["Formula"]("x")
    for _ in range(depth):
        y = y.tanh()
    return sizes(y, x)


def layered(depth, width=4):
    widths = [width] * depth + [1]
    count = sum(n * (m + 1) for m, n in zip([2, *widths], widths, strict=False))
    parameters = [page["Formula"](f"p{i}") for i in range(count)]
    return sizes(page["network_loss"](parameters, widths), parameters[1])


figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.4))
for ax, measure, depths in (
    (left, tanh_nest, [1, 2, 3, 5, 8, 12, 20, 32, 50, 70, 100]),
    (right, layered, range(1, 11)),
):
    function, derivative, function_shared, derivative_shared = zip(
        *map(measure, depths), strict=True
    )
    ax.semilogy(depths, derivative, "o-", color="C1", label="derivative, written out")
    ax.semilogy(depths, function, "o-", color="C0", label="function, written out")
    ax.semilogy(depths, derivative_shared, "s--", color="C1", label="derivative, shared")
    ax.semilogy(depths, function_shared, "s--", color="C0", label="function, shared")
left.set(title="nest of tanh", xlabel="depth", ylabel="size in symbols or pieces", xscale="log")
right.set(title="network of width 4", xlabel="hidden layers", xticks=range(2, 11, 2))
figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=2)
