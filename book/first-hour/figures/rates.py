"""Ten networks of the chapter, trained with each of seven learning rates."""

from pathlib import Path

from press.cells import defined_in

page = defined_in(Path(__file__).parent / "../a-network-learns.md", "points")
RATES = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]
FLOOR, TOP = 1e-14, 1e6


def run(seed, rate):
    """The losses of a run, every tenth step, until they are far above anything one can draw."""
    network = page["new_network"](seed)
    knobs = page["knobs_of"](network)
    curve = []
    for step in range(301):
        loss = page["loss_of"](network)
        gone = not loss.data < TOP
        if step % 10 == 0 or gone:
            curve.append([step, float(f"{max(TOP * 10 if gone else loss.data, FLOOR):.2g}")])
        if gone:
            return curve
        for knob in knobs:
            knob.grad = 0.0
        loss.backward()
        for knob in knobs:
            knob.data -= rate * knob.grad
    return curve


curves = [[run(seed, rate) for seed in range(10)] for rate in RATES]
KNOBS = [
    {
        "name": "at",
        "label": "Learning rate",
        "shown": "{rates[at]}",
        "low": 0,
        "high": len(RATES) - 1,
        "step": 1,
        "start": 0,
        "still": RATES.index(0.05),
    }
]
DATA = {
    "rates": RATES,
    "curves": curves,
    "learnt": [sum(curve[-1][1] < 0.01 for curve in some) for some in curves],
    "gone": [sum(curve[-1][1] > TOP for curve in some) for some in curves],
}
LET = {}
PANELS = [
    {
        "title": "Ten curves of the loss against the step.",
        "x": [0, 300],
        "y": [FLOOR, TOP],
        "log": True,
        "xlabel": "step",
        "ylabel": "loss",
        "xticks": [0, 100, 200, 300],
        "yticks": [1e-12, 1e-8, 0.0001, 1, 10000],
        "shapes": [
            {"kind": "line", "points": f"curves[at][{i}]", "colour": "C0", "width": 1.4}
            for i in range(10)
        ],
    }
]
SAY = (
    "With the learning rate {rates[at]}, {learnt[at]} of 10 networks have a loss under 0.01 after "
    "300 steps; {gone[at]} have exploded."
)
