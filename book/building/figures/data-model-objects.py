"""The objects that one product leaves for the collector to look at, in three forms of a node."""

import gc

import matplotlib.pyplot as plt

from micrograd import Value


class WithClosure:
    def __init__(self, data, parents=()):
        self.data, self.grad, self._prev, self._backward = data, 0.0, set(parents), None

    __slots__ = ("data", "grad", "_prev", "_backward")

    def __mul__(self, other):
        out = WithClosure(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


class WithTuples:
    __slots__ = ("data", "grad", "parents", "derivatives")

    def __init__(self, data, parents=(), derivatives=()):
        self.data, self.grad, self.parents, self.derivatives = data, 0.0, parents, derivatives

    def __mul__(self, other):
        return WithTuples(self.data * other.data, (self, other), (other.data, self.data))


def objects(kind, products=1000):
    """How many objects that the collector looks at there are more, for each product."""
    a, b = kind(2.0), kind(3.0)
    gc.collect()
    gc.disable()
    before = len(gc.get_objects())
    kept = [a * b for _ in range(products)]
    count = len(gc.get_objects()) - before - 1  # without the list
    gc.enable()
    return count / len(kept)


FORMS = {
    "a closure": (WithClosure, ["node", "set", "function", "its cells", "self", "other", "out"]),
    "two tuples": (WithTuples, ["node", "parents", "derivatives"]),
    "slots (ours)": (Value, ["node"]),
}
fig, ax = plt.subplots(figsize=(7.0, 1.9))
for row, (form, (kind, names)) in enumerate(FORMS.items()):
    assert objects(kind) == len(names), form
    ax.text(-0.15, row, form, ha="right", va="center", weight="semibold")
    for column, name in enumerate(names):
        ax.add_patch(
            plt.Rectangle(
                (column, row - 0.36), 0.92, 0.72, facecolor=f"C{row}", alpha=0.25, edgecolor="none"
            )
        )
        ax.text(column + 0.46, row, name, ha="center", va="center", fontsize=9)
    ax.text(len(names) + 0.1, row, str(len(names)), va="center", weight="semibold")
ax.set(xlim=(-1.7, 7.5), ylim=(2.5, -0.5))
ax.axis("off")
