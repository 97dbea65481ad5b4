"""Three points and the line y = w x: its squared misses as squares, and their sum over w."""

points = [(-1, -1), (0, 1), (2, 5)]


def loss(w):
    return sum((w * x - y) ** 2 for x, y in points)


KNOBS = [{"name": "w", "low": -0.5, "high": 4.0, "step": 0.05, "start": 0.0, "still": 2.2}]
DATA = {}
LET = {f"miss{i}": f"w * {x} - ({y})" for i, (x, y) in enumerate(points)}
LET["loss"] = " + ".join(f"miss{i}**2" for i in range(3))
squares = [
    {
        "kind": "area",
        "colour": "C1",
        "points": [
            [x, y],
            [x, f"w * {x}"],
            [f"{x} {side} abs(miss{i})", f"w * {x}"],
            [f"{x} {side} abs(miss{i})", y],
        ],
    }
    for i, ((x, y), side) in enumerate(zip(points, "--+", strict=True))
]
bowl = [[w / 20, round(loss(w / 20), 3)] for w in range(-10, 81)]
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
            {"kind": "line", "points": [[-5, "w * -5"], [8, "w * 8"]], "colour": "C0"},
            {"kind": "dots", "points": points, "colour": "ink"},
        ],
    },
    {
        "title": "The loss against w.",
        "width": 1,
        "x": [-0.5, 4],
        "y": [0, 40],
        "xlabel": "w",
        "ylabel": "loss",
        "xticks": [0, 1, 2, 3, 4],
        "yticks": [0, 10, 20, 30, 40],
        "shapes": [
            {"kind": "line", "points": bowl, "colour": "C0"},
            {"kind": "dots", "points": [["w", "loss"]], "colour": "C1", "width": 5},
        ],
    },
]
SAY = (
    "With w = {w:.2f} the squares have the areas {miss0**2:.2f}, {miss1**2:.2f} and "
    "{miss2**2:.2f}: the loss is {loss:.2f}."
)
