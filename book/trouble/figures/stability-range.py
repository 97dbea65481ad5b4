"""The exponential between the smallest float and the largest, and where it leaves them."""

import math
import sys

import matplotlib.pyplot as plt

LARGEST = math.log10(sys.float_info.max)
SMALLEST = math.log10(5e-324)  # the last one above 0
EXACT = math.log10(sys.float_info.min)  # the last one with all its digits


def digits(x: float) -> float:
    return x / math.log(10.0)


figure, ax = plt.subplots(figsize=(6.4, 3.6))
ends = SMALLEST * math.log(10.0), LARGEST * math.log(10.0)
assert math.exp(ends[1] - 1e-9) < math.inf
assert math.exp(ends[0] - 1.0) == 0.0
ax.axhspan(LARGEST, 420, color="C1", alpha=0.18, linewidth=0)
ax.axhspan(-420, SMALLEST, color="C2", alpha=0.18, linewidth=0)
ax.plot(ends, [digits(x) for x in ends], color="C0")
ax.plot((ends[1], 900), (LARGEST, LARGEST), color="C1", linestyle=":")
ax.plot((-900, ends[0]), (SMALLEST, SMALLEST), color="C2", linestyle=":")
ax.axhline(EXACT, color="C2", linewidth=0.8)
ax.text(-880, 345, "inf: overflow", color="C1")
ax.text(880, -395, "0: underflow", color="C2", ha="right")
ax.text(880, EXACT + 14, "below this line digits are lost", color="C2", ha="right")
ax.text(-40, 40, "exp(x)", color="C0", ha="right")
for x in (ends[1], ends[0]):
    ax.plot(x, digits(x), "o", color="C0")
ax.annotate("709.8", (ends[1], LARGEST), (-10, -16), textcoords="offset points", ha="left")
ax.annotate(
    "\N{MINUS SIGN}745", (ends[0], SMALLEST), (-4, 14), textcoords="offset points", ha="right"
)
ax.set(xlim=(-900, 900), ylim=(-420, 420), xlabel="x", ylabel="size of the result")
ticks = (-300, -150, 0, 150, 300)
ax.set_yticks(ticks, [rf"$10^{{{tick}}}$" if tick else "1" for tick in ticks])
