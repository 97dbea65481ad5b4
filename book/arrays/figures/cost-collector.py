"""Recording a graph of 65,000 values with the cyclic collector at work, and paused."""

import gc
import random
from time import process_time

import matplotlib.pyplot as plt

from micrograd import MLP, moons, topological_order
from micrograd.training import paused_collector

net = MLP(2, [16, 16, 1], activation="relu", rng=random.Random(1))
points = [point for point, _ in moons(100)]
a_point = len(topological_order(net(points[0]))) - len(net.parameters())
full = []  # times at which a collection of everything ended


def note(phase, info):
    if phase == "stop" and info["generation"] == 2:
        full.append(process_time())


def record():
    gc.collect()
    full.clear()
    outputs, times = [], [process_time()]
    for point in points:
        outputs.append(net(point))
        times.append(process_time())
    ends = [1e3 * (time - times[0]) for time in full]
    return [1e3 * (time - times[0]) for time in times], ends


gc.callbacks.append(note)
record()
collecting, ends = min((record() for _ in range(3)), key=lambda run: run[0][-1])
with paused_collector():
    paused, _ = min((record() for _ in range(3)), key=lambda run: run[0][-1])
gc.callbacks.remove(note)

values = [a_point * k for k in range(len(points) + 1)]
fig, ax = plt.subplots(figsize=(6.4, 3.2))
ax.plot(values, collecting, color="C1")
ax.plot(values, paused, color="C0")
for place, end in enumerate(ends):
    k = next((k for k, time in enumerate(collecting) if time >= end), len(points))
    label = "a full collection ends" if place == 0 else None
    ax.plot(values[k], collecting[k], "v", color="C1", label=label)
ax.text(values[-1] * 0.75, collecting[75] + 6.0, "collector at work", color="C1", ha="right")
ax.text(values[-1] * 0.98, paused[-1] + 6.0, "collector paused", color="C0", ha="right")
ax.set(xlabel="values recorded", ylabel="CPU time in milliseconds")
ax.set_xlim(0, values[-1] * 1.02)
ax.xaxis.set_major_formatter("{x:,.0f}")
if ends:
    ax.legend(loc="upper left")
