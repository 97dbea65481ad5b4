"""What the playground runs: a small network that learns from points of the plane, step by step.

The same file records the runs that stand in the page when the book is built, and answers in the
browser. What it trains with is the code that it shows: :func:`code` writes it, and ``Play`` runs
it up to the loop.
"""

from __future__ import annotations

import math
import random
from typing import Any

from micrograd import evaluate, gradient_norm, hinge_loss, moons, separable, steps

DATA = {  # the points of each set, from the name of a seed
    "moons": "moons(60, labels=(-1.0, 1.0), seed={seed})",
    "line": "separable(60, labels=(-1.0, 1.0), seed={seed})",
    "xor": "[(p, math.copysign(1.0, p[0] * p[1])) for p in dots]",
    "circles": "[(p, 1.0 if math.hypot(*p) > 0.6 else -1.0) for p in dots]",
}
OPTIMIZERS = {"descent": "SGD", "momentum": "Momentum", "Adam": "Adam"}
CHOICES: dict[str, list[Any]] = {
    "data": [*DATA, "own"],
    "layers": ["none", "4", "8", "8,8", "16,16"],
    "activation": ["tanh", "relu", "sigmoid"],
    "init": ["normal", "uniform", "xavier", "he", "zeros"],
    "optimizer": list(OPTIMIZERS),
    "rate": [0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 1, 2, 5, 10],
    "batch": ["all", 1, 10],
    "seed": [0, 1, 2, 3, 4],
}
DEFAULTS: dict[str, Any] = {
    "data": "moons", "layers": "8,8", "activation": "tanh", "init": "normal",
    "optimizer": "descent", "rate": 0.5, "batch": "all", "seed": 1,
}  # fmt: skip
SHOWN = 100  # steps of the code that is shown
HELD_OUT = 100  # how far the seed of the points kept back is from the others'


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """Settings, those that are missing at their defaults.

    Raises:
        ValueError: for one that is none, or a value that is not among its choices.
    """
    found = dict(DEFAULTS)
    for name, value in given.items():
        if name not in CHOICES:
            raise ValueError(f"expected a setting among {', '.join(CHOICES)}, got {name!r}")
        same = [choice for choice in CHOICES[name] if str(choice) == str(value)]
        if not same:
            choices = ", ".join(map(str, CHOICES[name]))
            raise ValueError(f"expected {name} to be one of {choices}, got {value!r}")
        found[name] = same[0]
    return found


def code(settings: dict[str, Any], points: list[Any] | None = None) -> str:
    """The program that trains with these settings, to read and to run."""
    s = checked(settings)
    optimizer, batch = OPTIMIZERS[s["optimizer"]], s["batch"]
    maker = {"moons": ["moons"], "line": ["separable"]}.get(s["data"], [])
    names = ", ".join(["MLP", optimizer, "Batches", "hinge_loss", *maker, "steps"])
    neurons = [] if s["layers"] == "none" else [int(n) for n in s["layers"].split(",")]
    lines = [*data_code(s, s["seed"], points), ""]
    lines += [
        f'net = MLP(2, {[*neurons, 1]}, activation="{s["activation"]}", init="{s["init"]}", '
        f"rng=random.Random({s['seed']}))",
        f"optimizer = {optimizer}(net.parameters(), {s['rate']})",
        f"batches = Batches(data, {None if batch == 'all' else batch}, seed={s['seed']})",
        "for step in steps(net, batches, optimizer, hinge_loss):",
        f"    if step.iteration == {SHOWN}:",
        "        break",
        "print(step.loss)",
    ]
    modules = [name for name in ("math", "random") if any(f"{name}." in line for line in lines)]
    return "\n".join([*(f"import {name}" for name in modules), f"from micrograd import {names}",
                      "", *lines, ""])  # fmt: skip


def data_code(s: dict[str, Any], seed: int, points: list[Any] | None = None) -> list[str]:
    """The lines that make the data, by some seed."""
    if s["data"] == "own":
        return [f"data = {[([x, y], side) for (x, y), side in points or []]}"]
    made = [f"data = {DATA[s['data']].format(seed=seed)}"]
    if s["data"] in ("xor", "circles"):
        made[:0] = [
            f"rng = random.Random({seed})",
            "dots = [[rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)] for _ in range(60)]",
        ]
    return made


class Play:
    """A network with its data, as the settings say.

    Args:
        settings: those that are not at their defaults.
        points: ``([x, y], side)``, for the data ``own``.

    Raises:
        ValueError: for settings that are none, or ``own`` data without points of both sides.
    """

    def __init__(self, settings: dict[str, Any], points: list[Any] | None = None) -> None:
        self.settings = checked(settings)
        if self.settings["data"] == "own" and len({side for _, side in points or []}) < 2:
            raise ValueError("expected points of both kinds, got fewer: click into the plane")
        names: dict[str, Any] = {}
        exec(code(self.settings, points).split("for step in")[0], names)
        self.net, self.data, self.optimizer = names["net"], names["data"], names["optimizer"]
        self.held_out: list[Any] = []
        if self.settings["data"] != "own":
            held: dict[str, Any] = {
                "math": math,
                "random": random,
                "moons": moons,
                "separable": separable,
            }
            exec("\n".join(data_code(self.settings, self.settings["seed"] + HELD_OUT)), held)
            self.held_out = held["data"]
        self.run = steps(self.net, names["batches"], self.optimizer, hinge_loss)
        self.steps = 0

    def step(self) -> None:
        """One step of training."""
        self.steps = next(self.run).iteration

    def loss(self, data: list[Any]) -> float | None:
        """The mean loss on some data; nothing if it is no number."""
        found = evaluate(self.net, data, hinge_loss)
        return found if math.isfinite(found) else None

    def state(self) -> dict[str, Any]:
        """All that is drawn: losses, weights layer by layer, norms of gradients."""
        found = [self.net(x).data > 0.0 for x, _ in self.data]
        return {
            "step": self.steps,
            "loss": self.loss(self.data),
            "held": self.loss(self.held_out) if self.held_out else None,
            "right": sum(up == (side > 0.0) for up, (_, side) in zip(found, self.data)),
            "weights": [
                [[w.data for w in neuron.parameters()] for neuron in layer.neurons]
                for layer in self.net.layers
            ],
            "norms": [gradient_norm(layer.parameters()) for layer in self.net.layers],
        }

    def points(self) -> list[list[float]]:
        """The data as the page draws them: x, y, and 1 for the upper side or 0."""
        return [[*x, int(side > 0.0)] for x, side in self.data]
