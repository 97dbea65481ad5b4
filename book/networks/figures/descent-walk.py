"""The chapter's valley: twelve steps to the line 2x + 1, from where the reader puts the start."""

import math

from press.dial import loss_panel

STEPS = 12
CURVATURES = (5 + math.sqrt(5)) / 2, (5 - math.sqrt(5)) / 2  # along the steep and the gentle line
FLOOR, TOP = 1e-6, 1e4


def ring(loss):
    """All places of one loss: an ellipse along the two lines, its half-axes √(2 loss / c)."""
    length = math.hypot(1.0, (math.sqrt(5) - 1) / 2)
    cos, sin = 1.0 / length, (math.sqrt(5) - 1) / 2 / length
    points = []
    for k in range(61):
        along, across = (
            math.sqrt(2 * loss / c) * part
            for c, part in zip(CURVATURES, (math.cos(k * math.pi / 30), math.sin(k * math.pi / 30)))
        )
        place = 2 + along * cos - across * sin, 1 + along * sin + across * cos
        points.append([round(number, 3) for number in place])
    return points


KNOBS = [
    {
        "name": "rate",
        "label": "Learning rate",
        "low": 0.02,
        "high": 0.7,
        "step": 0.02,
        "start": 0.1,
        "still": 0.5,
    },
    {"name": "w", "label": "Start: w", "low": -1, "high": 5, "step": 0.25, "start": -1},
    {"name": "b", "label": "Start: b", "low": -1.5, "high": 3.5, "step": 0.25, "start": 2.5},
]
DATA = {"floor": FLOOR, "top": TOP}
# How far w and b are off: the gradient is (3u + v, u + 2v), the loss (3u² + 2uv + 2v²) / 2.
LET = {"u0": "w - 2", "v0": "b - 1"}
for k in range(STEPS):
    LET[f"u{k + 1}"] = f"u{k} - rate * (3 * u{k} + v{k})"
    LET[f"v{k + 1}"] = f"v{k} - rate * (u{k} + 2 * v{k})"
for k in range(STEPS + 1):
    LET[f"l{k}"] = f"(3 * u{k} * u{k} + 2 * u{k} * v{k} + 2 * v{k} * v{k}) / 2"
    LET[f"x{k}"] = f"max(min(u{k} + 2, 6.5), -2.5)"  # what is beyond the map stands at its edge
    LET[f"y{k}"] = f"max(min(v{k} + 1, 4.4), -2.4)"
path = [[f"x{k}", f"y{k}"] for k in range(STEPS + 1)]
curve = [[k, f"min(max(l{k}, floor), top)"] for k in range(STEPS + 1)]
PANELS = [
    {
        "title": "The valley from above, and twelve steps in it.",
        "width": 1.3,
        "x": [-2.5, 6.5],
        "y": [-2.4, 4.4],
        "xlabel": "w",
        "ylabel": "b",
        "xticks": [-2, 0, 2, 4, 6],
        "yticks": [-2, 0, 2, 4],
        "shapes": [
            *(
                {"kind": "line", "points": ring(loss), "colour": "C0", "width": 1, "faint": True}
                for loss in (0.25, 1, 2.25, 4)
            ),
            {"kind": "line", "points": path, "colour": "C1", "width": 1.2},
            {"kind": "dots", "points": path, "colour": "C1"},
            {"kind": "dots", "points": [[2, 1]], "colour": "C0", "square": True},
        ],
    },
    loss_panel(
        "The loss after each of the steps.",
        [0, 4, 8, 12],
        [1e-6, 0.0001, 0.01, 1, 100, 10000],
        [
            {"kind": "line", "points": curve, "colour": "C1", "width": 1.2},
            {"kind": "dots", "points": curve, "colour": "C1"},
        ],
    ),
]
SAY = (
    "With a learning rate of {rate:.2f} each step multiplies what is off along the steep line by "
    "{1 - rate * 3.618:.2f}, and along the gentle line by {1 - rate * 1.382:.2f}. After twelve "
    "steps the loss is {l12:.4f}."
)
