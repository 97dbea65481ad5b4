"""Sizes of functions and of their derivatives, written out and shared, by the chapter's code."""

from pathlib import Path

import matplotlib.pyplot as plt

from press.cells import defined_in

page = defined_in(Path(__file__).parents[1] / "other-ways.md", "derivative")
Formula = page["Formula"]


def sizes(e, x):
    """Symbols of a formula and of its derivative, then different pieces of both."""
    slope = page["derivative"](e, x)
    counts = page["length"](e), page["length"](slope)
    return *counts, page["pieces"](e, set()), page["pieces"](slope, set())


def loop(depth):
    x = Formula("x")
    return sizes(page["nest"](x, depth), x)


def layered(depth, width=4):
    widths = [width] * depth + [1]
    count = sum(n * (m + 1) for m, n in zip([2, *widths], widths, strict=False))
    knobs = [Formula(f"p{i}") for i in range(count)]
    return sizes(page["network_loss"](knobs, widths), knobs[1])


# Shared pieces are measured once, as the derivative is worked out; so is a formula's length.
page["length"] = page["functools"].cache(page["length"])

figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.4))
for ax, measure in (left, loop), (right, layered):
    depths = range(1, 11)
    function, derivative, function_shared, derivative_shared = zip(
        *map(measure, depths), strict=True
    )
    ax.semilogy(depths, derivative, "o-", color="C1", label="derivative, written out")
    ax.semilogy(depths, function, "o-", color="C0", label="function, written out")
    ax.semilogy(depths, derivative_shared, "s--", color="C1", label="derivative, shared")
    ax.semilogy(depths, function_shared, "s--", color="C0", label="function, shared")
    ax.set_xticks(range(2, 11, 2))
left.set(title="x = x * (1 - x)", xlabel="rounds of the loop", ylabel="symbols or pieces")
right.set(title="network, layers of 4", xlabel="hidden layers")
figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=2)
