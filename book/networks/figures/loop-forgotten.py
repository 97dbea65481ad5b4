"""A parabola, down with the gradients set to zero before each step, and without."""

STEPS = 24

KNOBS = [
    {
        "name": "rate",
        "label": "Learning rate",
        "low": 0.02,
        "high": 0.6,
        "step": 0.02,
        "start": 0.06,
        "still": 0.06,
    }
]
DATA = {}
# The slope of (x - 3)² is 2(x - 3). What is never set to zero adds up the slopes of all steps.
LET = {"x0": "0", "f0": "0", "g0": "0"}
for k in range(STEPS):
    LET[f"x{k + 1}"] = f"x{k} - rate * 2 * (x{k} - 3)"
    LET[f"g{k + 1}"] = f"g{k} + 2 * (f{k} - 3)"
    LET[f"f{k + 1}"] = f"f{k} - rate * g{k + 1}"
right = [[k, f"max(min(x{k}, 9), -3)"] for k in range(STEPS + 1)]
forgetful = [[k, f"max(min(f{k}, 9), -3)"] for k in range(STEPS + 1)]
PANELS = [
    {
        "title": "The parameter after each step, with zeroing and without.",
        "x": [0, STEPS],
        "y": [-3, 9],
        "xlabel": "step",
        "ylabel": "x",
        "xticks": [0, 6, 12, 18, 24],
        "yticks": [-3, 0, 3, 6, 9],
        "shapes": [
            {"kind": "line", "points": [[0, 3], [STEPS, 3]], "faint": True, "dashed": True},
            {"kind": "line", "points": right, "colour": "C0", "width": 1.2},
            {"kind": "dots", "points": right, "colour": "C0", "width": 3},
            {"kind": "line", "points": forgetful, "colour": "C1", "width": 1.2},
            {"kind": "dots", "points": forgetful, "colour": "C1", "square": True, "width": 3},
            {"kind": "text", "at": [18, 7.6], "text": "never set to zero", "colour": "C1"},
            {"kind": "text", "at": [20, 1.7], "text": "zeroed", "colour": "C0"},
        ],
    }
]
SAY = (
    "With a learning rate of {rate:.2f} the loop that zeroes is {abs(x24 - 3):.2f} from the bottom "
    "after 24 steps. The forgetful one is {abs(f24 - 3):.2f} from it, and goes by a gradient of "
    "{g24:.2f}, where the slope is {2 * (f24 - 3):.2f}."
)
