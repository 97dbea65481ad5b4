"""The gradient of a leaf after several calls, with and without resetting interior gradients."""

import matplotlib.pyplot as plt

from micrograd import Value, topological_order

CALLS = range(1, 7)


def chain(length):
    x = top = Value(0.0)
    for _ in range(length):
        top = top + 1
    return x, top


def naive_backward(root):
    root.grad = 1.0
    for value in reversed(topological_order(root)):
        value._backward()


def gradients(backward, length):
    x, top = chain(length)
    found = []
    for _ in CALLS:
        backward(top)
        found.append(x.grad)
    return found


figure, ax = plt.subplots(figsize=(6.4, 3.2))
for length, colour, marker in ((10, "C1", "o"), (3, "C2", "^")):
    found = gradients(naive_backward, length)
    ax.semilogy(CALLS, found, f"{marker}-", color=colour)
    label = f"no reset, depth {length}"
    ax.annotate(label, (6.12, found[-1]), color=colour, va="center")
ours = gradients(Value.backward, 10)
ax.semilogy(CALLS, ours, "s-", color="C0")
ax.annotate("interior gradients reset,\nany depth", (6.12, ours[-1]), color="C0", va="center")
ax.set(xlabel="calls of backward()", ylabel="gradient of the leaf", xlim=(0.8, 8.3))
ax.set_xticks(list(CALLS))
