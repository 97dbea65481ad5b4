"""One relu, asked to follow a line at nine inputs: what it answers, and whether it can learn."""

INPUTS = [i / 2 - 2 for i in range(9)]
WANTED = [(x + 2) / 2 for x in INPUTS]  # from 0 to 2

KNOBS = [
    {"name": "w", "label": "Weight", "low": -2, "high": 2, "step": 0.1, "start": 1, "still": 1},
    {"name": "b", "label": "Bias", "low": -3, "high": 3, "step": 0.1, "start": 1, "still": -0.5},
]
DATA = {"n": len(INPUTS)}
LET = {}
for i, (x, y) in enumerate(zip(INPUTS, WANTED)):
    LET[f"z{i}"] = f"w * {x} + b" if x >= 0 else f"b - w * {-x}"
    LET[f"o{i}"] = f"max(min(z{i} * 1000000000, 1), 0)"  # 1 where it is open, above zero
    LET[f"e{i}"] = f"max(z{i}, 0) - {y}"
each = range(len(INPUTS))
LET["open"] = " + ".join(f"o{i}" for i in each)
LET["gw"] = " + ".join(f"2 * e{i} * o{i} * ({x})" for i, x in enumerate(INPUTS))
LET["gb"] = " + ".join(f"2 * e{i} * o{i}" for i in each)
LET["loss"] = " + ".join(f"e{i} * e{i}" for i in each)
PANELS = [
    {
        "title": "What the neuron answers, and what is wanted, at nine inputs.",
        "x": [-2.2, 2.2],
        "y": [-0.4, 4],
        "xlabel": "input",
        "ylabel": "output",
        "xticks": [-2, -1, 0, 1, 2],
        "yticks": [0, 1, 2, 3, 4],
        "shapes": [
            {
                "kind": "line",
                "points": [[k / 20, f"min(max(w * ({k / 20}) + b, 0), 4)"] for k in range(-44, 45)],
                "colour": "C0",
            },
            {
                "kind": "dots",
                "points": [[x, y] for x, y in zip(INPUTS, WANTED)],
                "hollow": True,
                "width": 4,
            },
            {
                "kind": "dots",
                "points": [[x, f"min(max(z{i}, 0), 4)"] for i, x in enumerate(INPUTS)],
                "colour": "C0",
                "width": 3,
            },
        ],
    }
]
SAY = (
    "The neuron is open at {open:.0f} of the 9 inputs. The loss is {loss / n:.2f}; its slope along "
    "the weight is {gw / n:.2f}, and along the bias {gb / n:.2f}."
)
