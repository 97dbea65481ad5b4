"""Eight steps down the parabola (x - 3)**2, for a rate and a start that the reader chooses."""

from press.dial import loss_panel

STEPS = 8

KNOBS = [
    {
        "name": "rate",
        "label": "Learning rate",
        "low": 0.02,
        "high": 1.04,
        "step": 0.02,
        "start": 0.1,
        "still": 0.1,
    },
    {"name": "start", "label": "Start", "low": -2.5, "high": 8.5, "step": 0.5, "start": 0},
]
DATA = {}
LET = {"f": "1 - 2 * rate"}
LET |= {f"x{k}": f"3 + (start - 3) * f**{k}" for k in range(STEPS + 1)}
path = [[f"max(min(x{k}, 9), -3)", f"min((x{k} - 3)**2, 36)"] for k in range(STEPS + 1)]
curve = [[k, f"min(max((x{k} - 3)**2, 0.0001), 100)"] for k in range(STEPS + 1)]
PANELS = [
    {
        "title": "The parabola, and eight steps on it.",
        "width": 1.2,
        "x": [-3, 9],
        "y": [0, 36],
        "xlabel": "x",
        "ylabel": "loss",
        "xticks": [-3, 0, 3, 6, 9],
        "yticks": [0, 10, 20, 30],
        "shapes": [
            {
                "kind": "line",
                "points": [[3 + u / 5, (u / 5) ** 2] for u in range(-30, 31)],
                "colour": "C0",
            },
            {"kind": "line", "points": path, "colour": "C1", "width": 1.2},
            {"kind": "dots", "points": path, "colour": "C1"},
            {
                "kind": "text",
                "at": ["start + 1.2 * (abs(start - 2.9) / (start - 2.9))", "(start - 3)**2"],
                "text": "start",
            },
        ],
    },
    loss_panel(
        "The loss after each of the steps.",
        [0, 2, 4, 6, 8],
        [0.0001, 0.01, 1, 100],
        [
            {"kind": "line", "points": curve, "colour": "C1", "width": 1.2},
            {"kind": "dots", "points": curve, "colour": "C1"},
        ],
    ),
]
SAY = (
    "With a learning rate of {rate:.2f} we are {abs(x8 - 3):.2f} from the bottom after eight "
    "steps. We began {abs(start - 3):.2f} from it."
)
