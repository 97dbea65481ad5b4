"""Analytic against numeric gradients of one network, under a right engine and five wrong ones."""

import math
import random
from contextlib import nullcontext
from unittest.mock import patch

import matplotlib.pyplot as plt

from micrograd import MLP, Value, gradient_check, mse_loss, topological_order
from micrograd.nn import ACTIVATIONS

rng = random.Random(0)
net = MLP(2, [6, 6, 1], rng=rng)
inputs = [[rng.uniform(-2.0, 2.0) for _ in range(2)] for _ in range(3)]
targets = [1.0, -1.0, 0.5]


def wrong_tanh(self):
    t = math.tanh(self.data)
    return Value(t, (self,), "tanh", _derivatives=(1.0 - t,))


def assigning(self):
    for parent, derivative in zip(self._parents, self._derivatives):
        parent.grad = derivative * self.grad


def forgetful(self):
    for parent, derivative in zip(self._parents, self._derivatives):
        parent.grad += derivative


def as_found(self):
    found = {self: None}
    queue = [self]
    for value in queue:
        new = [parent for parent in dict.fromkeys(value._parents) if parent not in found]
        found.update(dict.fromkeys(new))
        queue += new
    self.grad = 1.0
    for value in found:
        value._backward()


def leaves_first(self):
    self.grad = 1.0
    for value in topological_order(self):
        value._backward()


bugs = {
    "right": nullcontext(),
    "wrong formula": patch.dict(ACTIVATIONS, tanh=wrong_tanh),
    "= in place of +=": patch.object(Value, "_backward", assigning),
    "leaves first": patch.object(Value, "backward", leaves_first),
    "as found": patch.object(Value, "backward", as_found),
    "factor forgotten": patch.object(Value, "_backward", forgetful),
}
ticks = [-1, -0.1, 0, 0.1, 1]
fig, axes = plt.subplots(2, 3, figsize=(6.8, 4.9), sharex=True, sharey=True)
for ax, (name, bug) in zip(axes.flat, bugs.items()):
    with bug:
        report = gradient_check(
            lambda: mse_loss([net(x) for x in inputs], targets), net.parameters()
        )
    ax.plot([-5.0, 5.0], [-5.0, 5.0], color="C5", linewidth=1.0)
    for passed, colour, marker in ((True, "C0", "o"), (False, "C1", "x")):
        chosen = [c for c in report if c.passed is passed]
        ax.scatter(
            [c.numeric for c in chosen], [c.analytic for c in chosen], c=colour, marker=marker, s=16
        )
    wrong = sum(not c.passed for c in report)
    ax.set(title=f"{name}\n{wrong} of {len(report)} wrong")
    ax.set_xscale("symlog", linthresh=0.1)
    ax.set_yscale("symlog", linthresh=0.1)
    ax.set(xticks=ticks, yticks=ticks, xticklabels=ticks, yticklabels=ticks)
fig.supxlabel("numeric gradient")
fig.supylabel("analytic gradient")
