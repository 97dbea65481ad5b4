"""Gradient norms of deep relu networks, by depth at three scales, and by step when clipped."""

import math
import random

import matplotlib.pyplot as plt

from micrograd import MLP, clip_gradient_norm, gradient_descent_step, moons, mse_loss

data = moons(8)
inputs, targets = [x for x, _ in data], [t for _, t in data]


def network(depth: int, scale: float, seed: int) -> MLP:
    net = MLP(2, [6] * depth + [1], activation="relu", init="he", rng=random.Random(seed))
    for parameter in net.parameters():
        parameter.data *= scale
    return net


def norm_after_backward(net: MLP, examples: int = 8) -> float:
    net.zero_grad()
    mse_loss([net(x) for x in inputs[:examples]], targets[:examples]).backward()
    return math.hypot(*(parameter.grad for parameter in net.parameters()))


figure, (by_depth, by_step) = plt.subplots(1, 2, figsize=(6.8, 3.2))
depths = range(1, 14, 2)
for scale, marker in ((2.0, "o"), (1.0, "s"), (0.5, "^")):
    typical = []
    for depth in depths:
        norms = [norm_after_backward(network(depth, scale, seed), 2) for seed in range(7)]
        typical.append(sorted(norms)[3])
    by_depth.plot(depths, typical, marker=marker, label=f"weights times {scale:g}")
by_depth.set(xlabel="hidden layers", ylabel="norm of the gradient", yscale="log")
by_depth.set(xticks=depths)
by_depth.set(ylim=(None, 1e14))
by_depth.legend()

for max_norm, color, label in ((None, "C1", "as it is"), (1.0, "C0", "clipped to norm 1")):
    net, norms = network(5, 1.5, 8), []
    for _ in range(30):
        norms.append(norm_after_backward(net))
        if max_norm is not None:
            clip_gradient_norm(net.parameters(), max_norm)
        gradient_descent_step(net.parameters(), 0.1)
    by_step.plot(range(1, 31), norms, color=color, label=label)
by_step.set(xlabel="step", ylabel="norm before clipping", yscale="log")
by_step.legend()
