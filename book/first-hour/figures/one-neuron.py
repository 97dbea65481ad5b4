"""One neuron and the four points of XOR: its knobs as lines, and the line it draws."""

KNOBS = [
    {"low": -3.0, "high": 3.0, "step": 0.1, **knob}
    for knob in (
        {"name": "w1", "start": 0.5, "still": 2.0},
        {"name": "w2", "start": -1.0, "still": 2.0},
        {"name": "b", "label": "bias", "start": 0.2, "still": -1.0},
    )
]
points = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
DATA = {}
LET = {f"sum{x}{y}": f"w1 * {x} + w2 * {y} + b" for x, y, _ in points}
LET["right"] = " + ".join(f"(sum{x}{y} {'>' if one else '<'} 0)" for x, y, one in points)
places = {"w1": [-1, 1, "x1"], "w2": [-1, 0, "x2"], "b": [-1, -1, "1"]}
lines = [
    {
        "kind": "line",
        "points": [[x, y], [0.6, 0]],
        "width": f"3 * max(0, {sign}{name})",
        "dashed": sign == "-",
        "colour": "C1" if sign == "+" else "C0",
    }
    for name, (x, y, _) in places.items()
    for sign in "+-"
]
labels = [
    {"kind": "text", "at": [-0.3, 0.56 * y + 0.2], "text": f"{{{name}:.1f}}"}
    for name, (_, y, _) in places.items()
]
circles = [
    shape
    for x, y, text in [*places.values(), [0.6, 0, "+"]]
    for shape in (
        {"kind": "dots", "points": [[x, y]], "hollow": True, "width": 15},
        {"kind": "text", "at": [x, y], "text": text},
    )
]
PANELS = [
    {
        "title": "A neuron: three lines, as wide as its knobs are large, lead into a circle.",
        "width": 2,
        "x": [-1.5, 1.5],
        "y": [-1.6, 1.6],
        "bare": True,
        "shapes": [
            *lines,
            {"kind": "line", "points": [[0.6, 0], [1.3, 0]]},
            *circles,
            *labels,
            {"kind": "text", "at": [1.1, 0.18], "text": "tanh"},
        ],
    },
    {
        "title": "The plane, divided by the neuron's line, with four points.",
        "width": 3,
        "x": [-0.7, 1.7],
        "y": [-0.6, 1.6],
        "equal": True,
        "xlabel": "x1",
        "ylabel": "x2",
        "xticks": [0, 1],
        "yticks": [0, 1],
        "shapes": [
            {"kind": "field", "z": "tanh(w1 * x + w2 * y + b)", "levels": [-0.5, 0, 0.5]},
            *(
                {"kind": "dots", "points": [[x, y]], "square": bool(one), "colour": f"C{one}"}
                for x, y, one in points
            ),
            *(
                {"kind": "text", "at": [x, y + 0.17], "text": f"{{tanh(sum{x}{y}):.2f}}"}
                for x, y, _ in points
            ),
        ],
    },
]
SAY = (
    "With the weights {w1:.1f} and {w2:.1f} and the bias {b:.1f}, {right} of the 4 points are on "
    "their sides."
)
