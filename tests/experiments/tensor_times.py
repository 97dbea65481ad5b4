"""Time of one step's gradients, three ways: what the chapter on tensors quotes.

The tensors are those that the chapter itself defines. The three take turns, and what is written
beside the chapter's figures are medians of CPU time:
``cd tests && PYTHONPATH=../conf ../.venv/bin/python -m experiments.tensor_times``.
"""

import json
import platform
import random
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from micrograd import MLP, moons

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


def ways() -> dict[str, Callable[[], object]]:
    from press.cells import defined_in  # needs Sphinx, and conf/ on the path

    page = defined_in(ARRAYS / "tensors.md")
    net = MLP(2, [16, 16, 1], rng=random.Random(1))
    points = [point for point, _ in moons(100)]
    inputs, weights = page["np"].array(points), page["arrays_of"](net)

    def one_by_one() -> None:
        total: Any = sum(net(x) for x in points)
        total.backward()

    def in_lists() -> None:
        answers = page["answers"](page["table"](points), page["tensors_of"](net))
        page["total"](answers).backward()

    return {
        "numbers, one by one": one_by_one,
        "lists with a shape": in_lists,
        "NumPy's arrays": lambda: page["gradients"](inputs, *weights),
    }


def write() -> None:
    turns: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, way in ways().items():
            turns.setdefault(name, []).append(seconds(way))
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "seconds": {name: float(f"{median(found):.2g}") for name, found in turns.items()},
    }
    (ARRAYS / "figures" / "tensor-times.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    write()
