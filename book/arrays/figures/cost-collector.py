"""How many objects the cyclic collector has looked at while a graph of 65,000 values was made."""

import gc
import random

import matplotlib.pyplot as plt

from micrograd import MLP, moons, topological_order

net = MLP(2, [16, 16, 1], activation="relu", rng=random.Random(1))
points = [point for point, _ in moons(100)]
a_point = len(topological_order(net(points[0]))) - len(net.parameters())
seen, full = 0, []


def note(phase, info):
    global seen
    if phase == "start":
        oldest = info["generation"]
        seen += sum(len(gc.get_objects(generation=k)) for k in range(oldest + 1))
        if oldest == 2:
            full.append((len(outputs) * a_point, seen))


gc.collect()
gc.freeze()  # what this process holds already is no part of the graph
outputs, looked_at = [], [0]
gc.callbacks.append(note)
for point in points:
    outputs.append(net(point))
    looked_at.append(seen)
gc.callbacks.remove(note)
gc.unfreeze()
values = [a_point * k for k in range(len(points) + 1)]

fig, ax = plt.subplots(figsize=(6.8, 3.2))
ax.plot(values, looked_at, color="C1")
ax.plot(values, values, "--", color="C0")
if full:
    ax.plot(*zip(*full), "v", color="C1", label="a collection of everything")
    ax.legend(loc="upper left")
ax.annotate(
    "looked at by the collector",
    (values[80], looked_at[80]),
    xytext=(-8, 6),
    textcoords="offset points",
    color="C1",
    ha="right",
)
ax.annotate(
    "values recorded",
    (values[85], values[85]),
    xytext=(0, 8),
    textcoords="offset points",
    color="C0",
    ha="right",
)
ax.set(xlabel="values recorded", ylabel="objects", xlim=(0, values[-1] * 1.02), ylim=(0, None))
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.yaxis.set_major_formatter("{x:,.0f}")
