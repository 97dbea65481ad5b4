"""One linear neuron on twenty points: its line and its loss, for as many steps as one likes."""

import random

from micrograd import MLP, gradient_descent_step, mse_loss, noisy_line

STEPS = 40
data = noisy_line(20)
network = MLP(1, [1], rng=random.Random(1))
ws, bs, losses = [], [], []
for _ in range(STEPS + 1):
    neuron = network.layers[0].neurons[0]
    loss = mse_loss([network(x) for x, _ in data], [target for _, target in data])
    ws.append(round(neuron.w[0].data, 4))
    bs.append(round(neuron.b.data, 4))
    losses.append(round(loss.data, 4))
    network.zero_grad()
    loss.backward()
    gradient_descent_step(network.parameters(), 0.1)

KNOBS = [
    {
        "name": "step",
        "label": "Step",
        "shown": "{step}",
        "low": 0,
        "high": STEPS,
        "step": 1,
        "start": 0,
        "still": 5,
    }
]
DATA = {"ws": ws, "bs": bs, "losses": losses}
LET = {"w": "ws[step]", "b": "bs[step]"}
PANELS = [
    {
        "title": "The twenty points, and what the network answers.",
        "width": 1.2,
        "x": [-2, 2],
        "y": [-4, 6],
        "xlabel": "x",
        "ylabel": "y",
        "xticks": [-2, -1, 0, 1, 2],
        "yticks": [-4, -2, 0, 2, 4, 6],
        "shapes": [
            {"kind": "dots", "points": [[x, y] for [x], y in data], "colour": "ink", "width": 2.5},
            {"kind": "line", "points": [[-2, "b - 2 * w"], [2, "b + 2 * w"]], "colour": "C0"},
        ],
    },
    {
        "title": "The loss of each step.",
        "width": 1,
        "x": [0, STEPS],
        "y": [0.001, 100],
        "log": True,
        "xlabel": "step",
        "ylabel": "loss",
        "xticks": [0, 10, 20, 30, 40],
        "yticks": [0.01, 1, 100],
        "shapes": [
            {"kind": "line", "points": [list(at) for at in enumerate(losses)], "colour": "C1"},
            {"kind": "dots", "points": [["step", "losses[step]"]], "colour": "C1"},
        ],
    },
]
SAY = "Step {step}: the line is y = {w:.2f} x + {b:.2f}, and the loss is {losses[step]:.4f}."
