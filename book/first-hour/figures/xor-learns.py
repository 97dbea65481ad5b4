"""The chapter's network learns XOR: its loss, and its answers as a sheet over the plane."""

import math
from pathlib import Path

from press.cells import defined_in
from press.dial import projected

page = defined_in(Path(__file__).parent / "../a-network-learns.md", "points")
SIDE = [-0.25 + 0.125 * i for i in range(13)]  # 0 and 1 are among them, at 2 and at 10
STEPS = [*range(0, 100, 5), *range(100, 301, 20)]

network = page["new_network"](1)
knobs = page["knobs_of"](network)
losses, sheets = [], []
for step in range(301):
    loss = page["loss_of"](network)
    losses.append([step, round(loss.data, 4)])
    if step in STEPS:
        heights = [[page["answer"](network, (x, y)).data for x in SIDE] for y in SIDE]
        sheets.append([[round(height, 2) for height in row] for row in heights])
    for knob in knobs:
        knob.grad = 0.0
    loss.backward()
    for knob in knobs:
        knob.data -= 0.05 * knob.grad

place = {0: 2, 1: 10}
pins = [[place[x], place[y], target, ""] for (x, y), target in page["points"]]
names = [f"{x}, {y}" for (x, y), _ in page["points"]]


def turned(at):
    return -62 + at * 100 / len(STEPS)


def above_pins(at):
    """Where the pins' names stand: above head and sheet alike, so that no pin crosses its name."""
    heads = projected(sheets[at], math.radians(turned(at)), pins)["heads"]
    return [[round(head[0], 3), round(max(foot[1], head[1]) + 0.08, 3)] for foot, head, *_ in heads]


KNOBS = [
    {
        "name": "at",
        "label": "Training",
        "shown": "step {losses[steps[at]][0]}",
        "low": 0,
        "high": len(STEPS) - 1,
        "step": 1,
        "start": 0,
        "still": len(STEPS) - 1,
    }
]
DATA = {
    "steps": STEPS,
    "losses": losses,
    "sheets": sheets,
    "turns": [turned(at) for at in range(len(STEPS))],
    "above": [above_pins(at) for at in range(len(STEPS))],
}
LET = {"loss": "losses[steps[at]][1]"}
PANELS = [
    {
        "title": "The loss against the step.",
        "width": 2,
        "x": [0, 300],
        "y": [0, 2.6],
        "xlabel": "step",
        "ylabel": "loss",
        "xticks": [0, 100, 200, 300],
        "yticks": [0, 1, 2],
        "shapes": [
            {"kind": "line", "points": losses[::2], "colour": "C0"},
            {"kind": "dots", "points": [["steps[at]", "loss"]], "colour": "C1", "width": 5},
        ],
    },
    {
        "title": "The network's answers as a sheet over the two inputs, with four pins.",
        "width": 3,
        "x": [-0.74, 0.74],
        "y": [-0.4, 0.95],
        "equal": True,
        "bare": True,
        "shapes": [
            {
                "kind": "surface",
                "rows": "sheets[at]",
                "turn": "turns[at]",
                "pins": pins,
            },
            *(
                {"kind": "text", "at": [f"above[at][{i}][0]", f"above[at][{i}][1]"], "text": name}
                for i, name in enumerate(names)
            ),
        ],
    },
]
SAY = "Step {steps[at]}: the loss is {loss:.3f}."
