"""How much the end of a sequence depends on each place before it, for three cells."""

import matplotlib.pyplot as plt
import numpy as np

from micrograd.tensors import GRU, LSTM, RNN, Tensor

LENGTH, WIDTH = 40, 32
back = np.arange(LENGTH)[::-1]
fig, ax = plt.subplots(figsize=(7.0, 3.0))
for (name, kind), mark in zip({"RNN": RNN, "GRU": GRU, "LSTM": LSTM}.items(), "os^"):
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        net = kind(8, WIDTH, rng=rng)
        if kind is LSTM:  # to keep what is there, at the start
            net.bias_ih_l0.data[WIDTH : 2 * WIDTH] = 2.0
        x = Tensor(rng.normal(size=(1, LENGTH, 8)))
        net(x)[0][:, -1].sum().backward()
        found.append(np.linalg.norm(x.grad[0], axis=1))
    ax.plot(back, np.mean(found, axis=0), f"{mark}-", label=name, markersize=4)
ax.set(yscale="log", xlabel="places before the end", ylabel="size of the gradient there")
ax.legend(fontsize=9)
