"""Time of one step's gradients, four ways: what the chapter on tensors quotes.

The ways take turns, on one core, and what is written beside the chapter's figures are medians of
CPU time: ``cd tests && ../.venv/bin/python -m experiments.tensor_times``.
"""

from __future__ import annotations

import json
import os
import platform
import random
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is loaded

np: Any = import_module("numpy")

from micrograd import MLP, moons  # noqa: E402
from micrograd.replay import Replay  # noqa: E402
from micrograd.tensors import from_mlp  # noqa: E402

ARRAYS = Path(__file__).parents[2] / "book" / "arrays"
COMMAND = "python -m experiments.tensor_times"
ROUNDS = 9


def seconds(action: Callable[[], object], least: float = 0.05) -> float:
    """CPU time of one call, which is repeated until the clock has something to measure."""
    start, calls = time.process_time(), 0
    while time.process_time() - start < least:
        action()
        calls += 1
    return (time.process_time() - start) / calls


def by_hand(inputs: Any, weights: list[Any]) -> list[Any]:
    """The gradients of the sum of all answers, worked out by hand."""
    w1, b1, w2, b2, w3, _ = weights
    first = np.tanh(inputs @ w1.T + b1)
    second = np.tanh(first @ w2.T + b2)
    g3 = np.ones((len(inputs), 1))
    g2 = g3 @ w3 * (1.0 - second**2)
    g1 = g2 @ w2 * (1.0 - first**2)
    return [g1.T @ inputs, g1.sum(0), g2.T @ first, g2.sum(0), g3.T @ second, g3.sum(0)]


def ways(count: int = 100) -> dict[str, Callable[[], object]]:
    net = MLP(2, [16, 16, 1], rng=random.Random(1))
    points = [point for point, _ in moons(count)]
    inputs, arrays = np.array(points), from_mlp(net)
    weights = [parameter.data for parameter in arrays.parameters()]
    recorded: Any = sum(net(x) for x in points)
    replay = Replay(recorded)
    del recorded

    def one_by_one() -> None:
        total: Any = sum(net(x) for x in points)
        total.backward()

    def replayed() -> None:
        replay.forward()
        replay.backward()

    return {
        "numbers, one by one": one_by_one,
        "their graph, replayed": replayed,
        "tensors": lambda: arrays(inputs).sum().backward(),
        "by hand in NumPy": lambda: by_hand(inputs, weights),
    }


def product(dtype: str) -> Callable[[], object]:
    matrix = np.random.default_rng(0).normal(size=(512, 512)).astype(dtype)
    return lambda: matrix @ matrix


def write() -> None:
    turns: dict[str, list[float]] = {}
    sizes: list[float] = []
    for _ in range(ROUNDS):
        for name, way in ways().items():
            turns.setdefault(name, []).append(seconds(way))
        sizes.append(seconds(product("float64")) / seconds(product("float32")))
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "seconds": {name: float(f"{median(found):.2g}") for name, found in turns.items()},
        "float64 over float32": round(median(sizes), 2),
    }
    (ARRAYS / "figures" / "tensor-times.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    write()
