"""SGD, momentum and Adam on the narrow valley, and on XOR with 16 starting points."""

import random

import matplotlib.pyplot as plt

from micrograd import MLP, SGD, Value, mse_loss, train_step, xor


class Momentum(SGD):
    def __init__(self, parameters, learning_rate, mu=0.9):
        super().__init__(parameters, learning_rate)
        self.mu, self.state = mu, {}

    def step(self):
        for p in self.parameters:
            velocity = self.mu * self.state.get(p, 0.0) + p.grad
            p.data -= self.learning_rate * velocity
            self.state[p] = velocity


class Adam(SGD):
    def __init__(self, parameters, learning_rate):
        super().__init__(parameters, learning_rate)
        self.state = {}

    def step(self):
        for p in self.parameters:
            k, mean, square = self.state.get(p, (0, 0.0, 0.0))
            k, mean = k + 1, 0.9 * mean + 0.1 * p.grad
            square = 0.999 * square + 0.001 * p.grad**2
            self.state[p] = k, mean, square
            mean, square = mean / (1.0 - 0.9**k), square / (1.0 - 0.999**k)
            p.data -= self.learning_rate * mean / (square**0.5 + 1e-8)


def valley(optimiser, w, b):
    xs, losses = [1.0, 2.0, 3.0, 4.0], []
    while not losses or losses[-1] >= 1e-6:
        loss = mse_loss([w * x + b for x in xs], [2.0 * x + 1.0 for x in xs])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.data)
    return losses


inputs, targets = zip(*xor())
networks, most = 16, 250


def iterations_needed(make, seed):
    net = MLP(2, [2, 1], rng=random.Random(seed))
    optimiser = make(net.parameters())
    for k in range(most):
        if train_step(net, inputs, targets, optimiser) < 1 / 16:
            return k
    return None


kinds = (
    ("SGD", "-", lambda p: SGD(p, 0.115), lambda p: SGD(p, 0.5)),
    ("momentum", "--", lambda p: Momentum(p, 0.1, 0.7), lambda p: Momentum(p, 0.2)),
    ("Adam", ":", lambda p: Adam(p, 1.0), lambda p: Adam(p, 0.1)),
)
fig, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3.2))
for name, line, in_valley, on_xor in kinds:
    parameters = [Value(0.0), Value(0.0)]
    left.plot(valley(in_valley(parameters), *parameters), line)
    needed = [iterations_needed(on_xor, seed) for seed in range(networks)]
    done = sorted(k for k in needed if k is not None)
    right.step(
        [0, *done, most], [0, *range(1, len(done) + 1), len(done)], line, where="post", label=name
    )
left.set(xlabel="step", ylabel="loss", yscale="log", title="narrow valley")
right.set(
    xlabel="iteration", ylabel="networks that have solved it", title="XOR", ylim=(0, networks)
)
right.legend(loc="lower right")
