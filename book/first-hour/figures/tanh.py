"""tanh and its slope."""

import math

import matplotlib.pyplot as plt

us = [-4 + i / 25 for i in range(201)]
bent = [math.tanh(u) for u in us]
_, ax = plt.subplots(figsize=(6.4, 3.0))
ax.plot(us, bent)
ax.plot(us, [1 - t * t for t in bent], color="C1")
ax.annotate("tanh(u)", (2.2, 0.84), color="C0")
ax.annotate("its slope", (-2.2, 0.42), color="C1", ha="right")
ax.set(xlabel="u", xlim=(-4, 4), ylim=(-1.1, 1.1), yticks=[-1, 0, 1])
