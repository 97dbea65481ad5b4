"""Doubling, and its way back: 2**x and the logarithm, read off the same four points."""

from math import log2

import matplotlib.pyplot as plt

figure, (there, back) = plt.subplots(1, 2, figsize=(6.4, 3.2))
steps = [i / 50 for i in range(-75, 176)]
there.plot(steps, [2.0**x for x in steps], color="C0")
back.plot([2.0**x for x in steps], steps, color="C1")
for x in range(4):
    there.plot(x, 2.0**x, "o", color="C0")
    there.text(x - 0.12, 2.0**x + 0.15, f"{2**x}", color="C0", ha="right")
    back.plot(2.0**x, log2(2.0**x), "o", color="C1")
    back.text(2.0**x + 0.1, x - 0.12, f"{x}", color="C1", va="top")
there.set(title="$2^x$: one step doubles", xlabel="$x$", xticks=range(-1, 4), ylim=(-0.6, 11.0))
back.set(title=r"$\log_2 y$: doubling is one step", xlabel="$y$", xticks=range(0, 12, 2))
back.set(xlim=(-0.4, 11.0), ylim=(-1.7, 3.8))
