"""Where the memory of one recorded product goes: two closure forms, and recorded numbers."""

import gc
import tracemalloc
from pathlib import Path
from struct import calcsize
from sys import getsizeof

import matplotlib.pyplot as plt

from micrograd import Value
from press.cells import defined_in

ClosureValue = defined_in(Path(__file__).parents[1] / "recording-operations.md")["ClosureValue"]


class LeanClosureValue:
    """The closure form of the chapter with slots, and with a tuple of parents."""

    __slots__ = ("data", "grad", "_prev", "_op", "_backward")

    def __init__(self, data, _children=(), _op=""):
        self.data = float(data)
        self.grad = 0.0
        self._prev = tuple(_children)
        self._op = _op
        self._backward = None

    def __mul__(self, other):
        out = LeanClosureValue(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


def bytes_per_product(value_class, count=1000):
    """Mean memory of one node in a chain of ``count`` products, in bytes."""
    x = value_class(0.5)
    y = x
    gc.collect()  # also empties the lists of freed objects that Python keeps for reuse
    tracemalloc.start()
    for _ in range(count):
        y = y * x
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / count


def parts(value_class):
    """Bytes for the parents, for what the backward pass needs, and for all the rest."""
    product = value_class(0.5) * value_class(0.5)
    if isinstance(product, Value):
        parents = recorded = 2 * calcsize("P")  # two slots each
    else:
        function = product._backward
        cells = function.__closure__
        parents = getsizeof(product._prev)
        recorded = getsizeof(function) + getsizeof(cells) + sum(map(getsizeof, cells))
    return bytes_per_product(value_class) - parents - recorded, parents, recorded


forms = [
    ("closure, as in\nthe text", ClosureValue),
    ("closure, slots,\ntuple of parents", LeanClosureValue),
    ("recorded\nnumbers", Value),
]
labels = ["the value and its number", "its parents", "its closure or derivatives"]

fig, ax = plt.subplots(figsize=(6.4, 2.7))
sizes = [parts(value_class) for _, value_class in forms]
starts = [0.0] * len(forms)
for k, label in enumerate(labels):
    widths = [size[k] for size in sizes]
    bars = ax.barh(range(len(forms)), widths, 0.6, starts, color=f"C{k}", alpha=0.55, label=label)
    texts = [f"{width:.0f}" if width > 30 else "" for width in widths]
    ax.bar_label(bars, texts, label_type="center", fontsize=10)
    starts = [start + width for start, width in zip(starts, widths, strict=True)]
for place, total in enumerate(starts):
    ax.text(total + 8, place, f"{total:.0f}", va="center", fontsize=10, weight="semibold")
ax.set_yticks(range(len(forms)), [name for name, _ in forms])
ax.invert_yaxis()
ax.set(xlabel="memory of one product in bytes", xlim=(0, 760))
ax.grid(False, axis="y")
ax.legend(loc="upper center", bbox_to_anchor=(0.42, 1.2), ncols=3)
