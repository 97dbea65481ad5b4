"""How many values each group of the moons graph has, level by level."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, moons, topological_order

net = MLP(2, [16, 16, 1], activation="relu", rng=random.Random(1))
data = moons(100)
losses = [(1.0 - y * net(x)).relu() for x, y in data]
loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in net.parameters())

level, groups = {}, {}
for value in topological_order(loss):
    if value._parents:
        level[value] = 1 + max(level[parent] for parent in value._parents)
        key = level[value], value._op
        groups[key] = groups.get(key, 0) + 1
    else:
        level[value] = 0

operations = sorted(
    {op for _, op in groups}, key=lambda op: -sum(n for (_, o), n in groups.items() if o == op)
)
fig, ax = plt.subplots(figsize=(7.0, 3.0))
marks = "osD^v<>"
for i, op in enumerate(operations):
    found = [(height, n) for (height, o), n in groups.items() if o == op]
    ax.plot(
        *zip(*found),
        marks[i % len(marks)],
        color=f"C{i}",
        label=op,
        markersize=3.5,
        alpha=0.8,
    )
ax.set(yscale="log", xlabel="level of the graph", ylabel="values in a group")
ax.legend(title="operation", fontsize=9, title_fontsize=9, ncols=2)
