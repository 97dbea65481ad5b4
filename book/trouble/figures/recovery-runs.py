"""One learning rate that is too high, alone and guarded."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, train_network, train_network_with_stability, xor


def run(train):
    random.seed(0)
    network = MLP(2, [4, 1])
    return train(
        network, xor(), learning_rate=0.5, max_iterations=140, patience=None, verbose=False
    )


alone = run(train_network)
guarded = run(train_network_with_stability)
(recovery,) = guarded.recoveries

fig, ax = plt.subplots(figsize=(6.8, 3.4))
ax.plot(range(1, len(alone) + 1), list(alone), "C1", linewidth=1.4, label="alone")
ax.plot(range(1, len(guarded) + 1), list(guarded), "C0", linewidth=1.8, label="guarded")
ax.plot(recovery.iteration, guarded[recovery.iteration - 1], "C0o")
ax.annotate(
    f"{recovery.reason} noticed",
    (recovery.iteration, guarded[recovery.iteration - 1]),
    xytext=(-12, 8),
    textcoords="offset points",
    ha="right",
    color="C0",
)
ax.set(yscale="log", ylim=(5e-5, 1e4), xlabel="iteration", ylabel="loss")
ax.legend(loc="lower left")
