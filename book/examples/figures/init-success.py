"""How often training succeeds, by scheme: with more inputs, and with more hidden neurons."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, Module, Neuron, train_step, xor
from micrograd.datasets import Example

SEEDS = range(20)


def succeeds(model: Module, data: list[Example], iterations: int) -> bool:
    """Whether the loss falls below 0.05; a run that has exploded is not waited for."""
    optimizer = SGD(model.parameters(), learning_rate=0.3)
    inputs, targets = [x for x, _ in data], [target for _, target in data]
    loss = 1.0
    for _ in range(iterations):
        loss = train_step(model, inputs, targets, optimizer)
        if loss < 0.05 or not loss < 100.0:
            break
    return loss < 0.05


def one_neuron(init: str, nin: int, seed: int) -> bool:
    """Eight random corners of a cube with random labels of -1 or 1, and one tanh neuron."""
    rng = random.Random(seed)
    data = [
        ([rng.choice((-1.0, 1.0)) for _ in range(nin)], rng.choice((-1.0, 1.0))) for _ in range(8)
    ]
    return succeeds(Neuron(nin, init=init, rng=rng), data, 30)


def exclusive_or(init: str, width: int, seed: int) -> bool:
    return succeeds(MLP(2, [width, 1], init=init, rng=random.Random(seed)), xor(), 100)


figure, axes = plt.subplots(1, 2, figsize=(6.8, 3.0), sharey=True)
for ax, task, sizes in zip(axes, (one_neuron, exclusive_or), ((16, 32, 64), (4, 8, 16))):
    for i, init in enumerate(("uniform", "he", "normal", "xavier")):
        rates = [sum(task(init, size, seed) for seed in SEEDS) for size in sizes]
        places = [k + (i - 1.5) * 0.2 for k in range(len(sizes))]
        bars = ax.bar(places, rates, width=0.18, label=init)
        ax.bar_label(bars, fontsize=9)
    ax.set(xticks=range(len(sizes)), xticklabels=sizes)
    ax.grid(axis="x", visible=False)
axes[0].set(xlabel="inputs of one tanh neuron", ylabel=f"successes out of {len(SEEDS)}")
axes[1].set(xlabel="hidden neurons, exclusive or")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
