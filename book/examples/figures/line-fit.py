"""A linear neuron falls into a hundred points: its line, and its place on the map of the loss."""

import math
import random

from micrograd import MLP, SGD, noisy_line, train_step

STEPS = 40
data = noisy_line(100)
inputs, targets = [x for x, _ in data], [target for _, target in data]

network = MLP(1, [1], rng=random.Random(1))
optimizer = SGD(network.parameters(), learning_rate=0.1)
path = []
for _ in range(STEPS + 1):
    w, b = (p.data for p in network.parameters())
    path.append([round(w, 4), round(b, 4), train_step(network, inputs, targets, optimizer)])

# The loss is a bowl over w and b, and where it is level there are ellipses about the lowest place.
mean_x = sum(x for [x] in inputs) / len(inputs)
spread = math.sqrt(sum((x - mean_x) ** 2 for [x] in inputs) / len(inputs))
w_best, b_best, lowest = path[-1]


def level(height):
    """The points at which the loss is so high."""
    radius = math.sqrt(height - lowest)
    turns = [math.tau * k / 60 for k in range(61)]
    steps = [(radius * math.cos(t) / spread, radius * math.sin(t)) for t in turns]
    return [[round(w_best + dw, 3), round(b_best + db - mean_x * dw, 3)] for dw, db in steps]


KNOBS = [
    {
        "name": "at",
        "label": "Step",
        "shown": "{at}",
        "low": 0,
        "high": STEPS,
        "step": 1,
        "start": 0,
        "still": 4,
    }
]
DATA = {"path": [[w, b, round(loss, 5)] for w, b, loss in path]}
LET = {"w": "path[at][0]", "b": "path[at][1]", "loss": "path[at][2]"}
PANELS = [
    {
        "title": "The points, and the line of the neuron.",
        "x": [-2.2, 2.2],
        "y": [-4, 6],
        "xlabel": "x",
        "ylabel": "y",
        "xticks": [-2, -1, 0, 1, 2],
        "yticks": [-4, -2, 0, 2, 4, 6],
        "shapes": [
            {
                "kind": "dots",
                "points": [[round(x, 2), round(y, 2)] for [x], y in data],
                "colour": "C1",
                "width": 1.6,
            },
            {
                "kind": "line",
                "points": [[-2.2, "b - 2.2 * w"], [2.2, "b + 2.2 * w"]],
                "colour": "C0",
                "width": 2.2,
            },
        ],
    },
    {
        "title": "The map of the loss over weight and bias, with the steps so far.",
        "x": [-1.2, 3.6],
        "y": [-0.8, 2.4],
        "xlabel": "weight",
        "ylabel": "bias",
        "xticks": [-1, 0, 1, 2, 3],
        "yticks": [0, 1, 2],
        "shapes": [
            *(
                {"kind": "line", "points": level(h), "colour": "C0", "faint": True, "width": 1.2}
                for h in (0.05, 0.3, 1, 2.5, 5, 10)
            ),
            {"kind": "line", "points": [[w, b] for w, b, _ in path], "colour": "C1", "width": 1},
            {"kind": "dots", "points": [["w", "b"]], "colour": "C1", "width": 5},
        ],
    },
]
SAY = "After {at} steps the line is y = {w:.2f} x + {b:.2f}, and the loss is {loss:.4f}."
