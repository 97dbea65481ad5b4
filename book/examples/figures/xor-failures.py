"""How often networks with one hidden layer fail on XOR, over many seeds."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, train_network, xor

SOLVED = 1 / 16  # below it, no output can be on the wrong side of 1/2
SETTINGS = {  # learning rate, most iterations
    "tanh": (0.3, 200),
    "relu": (0.2, 120),
}


def final_losses(hidden: int, activation: str, seeds: int) -> list[float]:
    learning_rate, most = SETTINGS[activation]
    losses = []
    for seed in range(seeds):
        net = MLP(2, [hidden, 1], activation=activation, rng=random.Random(seed))
        metrics = train_network(
            net,
            xor(),
            learning_rate=learning_rate,
            max_iterations=most,
            loss_threshold=SOLVED,
            patience=None,
            verbose=False,
        )
        losses.append(metrics[-1])
    return sorted(losses)


def failed(losses: list[float]) -> float:
    return 100 * sum(loss >= SOLVED for loss in losses) / len(losses)


small = {activation: final_losses(2, activation, 100) for activation in SETTINGS}
fig, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.0), width_ratios=(3, 2))
for activation, losses in small.items():
    percent = [100 * (i + 1) / len(losses) for i in range(len(losses))]
    left.step(losses, percent, where="post", label=activation)
left.set(xlim=(0.04, 0.28), ylim=(0, 102), xlabel="final loss", ylabel="networks at or below it, %")
left.set(xticks=[1 / 16, 1 / 8, 1 / 6, 1 / 4], xticklabels=["1/16", "1/8", "1/6", "1/4"])
left.legend()

widths = [2, 3, 4, 8]
right.plot(
    widths,
    [failed(small["relu"])] + [failed(final_losses(width, "relu", 50)) for width in widths[1:]],
    color="C1",
    marker="s",
    label="relu",
)
right.plot(
    [2, 4],
    [failed(small["tanh"]), failed(final_losses(4, "tanh", 50))],
    color="C0",
    marker="o",
    label="tanh",
)
right.set(xlabel="hidden neurons", ylabel="networks that failed, %", xticks=widths, ylim=(0, 102))
right.legend()
