"""The straight valley of the chapter: forty steps, with a rate and a momentum of the reader's."""

from press.dial import loss_panel

STEPS = 40
FLOOR, TOP = 1e-6, 1e4

KNOBS = [
    {
        "name": "rate",
        "label": "Learning rate",
        "shown": "{rate:.3f}",
        "low": 0.005,
        "high": 0.08,
        "step": 0.005,
        "start": 0.03,
        "still": 0.05,
    },
    {
        "name": "mu",
        "label": "Momentum",
        "low": 0,
        "high": 0.95,
        "step": 0.05,
        "start": 0,
        "still": 0.7,
    },
]
DATA = {"floor": FLOOR, "top": TOP}
LET = {"x0": "-8", "y0": "1.5", "v0": "0", "w0": "0"}
for k in range(STEPS):
    LET[f"v{k + 1}"] = f"mu * v{k} + x{k}"
    LET[f"w{k + 1}"] = f"mu * w{k} + 30 * y{k}"
    LET[f"x{k + 1}"] = f"x{k} - rate * v{k + 1}"
    LET[f"y{k + 1}"] = f"y{k} - rate * w{k + 1}"
for k in range(STEPS + 1):
    LET[f"l{k}"] = f"(x{k} * x{k} + 30 * y{k} * y{k}) / 2"
path = [[f"max(min(x{k}, 9), -9)", f"max(min(y{k}, 2.4), -2.4)"] for k in range(STEPS + 1)]
curve = [[k, f"min(max(l{k}, floor), top)"] for k in range(STEPS + 1)]
PANELS = [
    {
        "title": "The valley from above, and forty steps in it.",
        "width": 1.3,
        "x": [-9, 9],
        "y": [-2.4, 2.4],
        "xlabel": "x",
        "ylabel": "y",
        "xticks": [-8, -4, 0, 4, 8],
        "yticks": [-2, -1, 0, 1, 2],
        "shapes": [
            {"kind": "line", "points": path, "colour": "C1", "width": 1.2},
            {"kind": "dots", "points": path, "colour": "C1", "width": 2.5},
            {"kind": "dots", "points": [[0, 0]], "colour": "C0", "square": True},
        ],
    },
    loss_panel(
        "The loss after each of the steps.",
        [0, 10, 20, 30, 40],
        [1e-6, 0.0001, 0.01, 1, 100, 10000],
        [{"kind": "line", "points": curve, "colour": "C1", "width": 1.6}],
    ),
]
SAY = (
    "With a learning rate of {rate:.3f} and a momentum of {mu:.2f} the loss after forty steps is "
    "{l40:.4f}. It began at {l0:.1f}."
)
