"""Two knobs to turn by hand: the line with its squared misses, and the place on the loss map."""

import math

points = [(-1, -1), (0, 1), (2, 5)]


def oval(level):
    """Where the loss is at this level: 5 u**2 + 2 u v + 3 v**2 with u = w - 2 and v = b - 1."""
    rim = []
    for i in range(61):
        u, v = math.cos(2 * math.pi * i / 60), math.sin(2 * math.pi * i / 60)
        far = math.sqrt(level / (5 * u * u + 2 * u * v + 3 * v * v))
        rim.append([round(2 + far * u, 3), round(1 + far * v, 3)])
    return rim


KNOBS = [
    {"name": "w", "low": -1.0, "high": 5.0, "step": 0.1, "start": 0.0, "still": 2.0},
    {"name": "b", "low": -2.0, "high": 4.0, "step": 0.1, "start": 0.0, "still": 1.0},
]
DATA = {}
LET = {f"miss{i}": f"w * {x} + b - ({y})" for i, (x, y) in enumerate(points)}
LET["loss"] = " + ".join(f"miss{i}**2" for i in range(3))
squares = [
    {
        "kind": "area",
        "colour": "C1",
        "points": [
            [x, y],
            [x, f"w * {x} + b"],
            [f"{x} {side} abs(miss{i})", f"w * {x} + b"],
            [f"{x} {side} abs(miss{i})", y],
        ],
    }
    for i, ((x, y), side) in enumerate(zip(points, "--+", strict=True))
]
PANELS = [
    {
        "title": "Three points, the line, and the squared misses as squares.",
        "width": 1,
        "x": [-5, 8],
        "y": [-4, 9],
        "equal": True,
        "xlabel": "x",
        "ylabel": "y",
        "xticks": [-4, -2, 0, 2, 4, 6, 8],
        "yticks": [-4, -2, 0, 2, 4, 6, 8],
        "shapes": [
            *squares,
            {"kind": "line", "points": [[-5, "w * -5 + b"], [8, "w * 8 + b"]], "colour": "C0"},
            {"kind": "dots", "points": points, "colour": "ink"},
        ],
    },
    {
        "title": "A map of the loss over w and b.",
        "width": 1,
        "x": [-1, 5],
        "y": [-2, 4],
        "equal": True,
        "xlabel": "w",
        "ylabel": "b",
        "xticks": [-1, 0, 1, 2, 3, 4, 5],
        "yticks": [-2, -1, 0, 1, 2, 3, 4],
        "shapes": [
            *(
                {"kind": "line", "points": oval(level), "colour": "C0", "faint": True}
                for level in (0.5, 2, 5, 10, 20, 35)
            ),
            {"kind": "dots", "points": [["w", "b"]], "colour": "C1", "width": 5},
        ],
    },
]
SAY = "With w = {w:.1f} and b = {b:.1f} the loss is {loss:.2f}."
