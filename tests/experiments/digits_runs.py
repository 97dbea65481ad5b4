"""Networks that read handwriting, over five seeds: what the chapter "Handwritten digits" quotes.

It writes two files beside the chapter's figures: what was measured, and the trained network that
the figures show, which is the chapter's own, of seed 0:
``cd tests && ../.venv/bin/python -m experiments.digits_runs`` (about ten minutes of computing).
"""

import json
import platform
import random
import re
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from micrograd import (
    MLP,
    SGD,
    Batches,
    Standardise,
    cross_entropy,
    digits,
    evaluate,
    save_model,
    split,
    steps,
)

FIGURES = Path(__file__).parents[2] / "book" / "examples" / "figures"
COMMAND = "python -m experiments.digits_runs"
SEEDS = range(5)
PASSES = 6
LONG = 24

Data = list[tuple[list[float], int]]


def as_shares(data: Data) -> Data:
    """Ink as a share of full black, from 0 to 1."""
    return [([ink / 16 for ink in image], digit) for image, digit in data]


def parts(scale: str) -> tuple[Data, ...]:
    """Training, validation and test part, the same for all runs, with inputs of that size."""
    train, validation, test = split(digits(), 0.6, 0.2)
    scales: dict[str, Callable[[Data], Data]] = {
        "as it is": list,
        "divided by 16": as_shares,
        "standardised": Standardise.fit(train).apply,
    }
    apply = scales[scale]
    return tuple(apply(part) for part in (train, validation, test))


def accuracy(network: MLP, data: Data) -> float:
    right = 0
    for image, digit in data:
        outputs = network(image)
        assert isinstance(outputs, list)
        scores = [score.data for score in outputs]
        right += scores.index(max(scores)) == digit
    return right / len(data)


def learn(scale: str, widths: list[int], seed: int, passes: int) -> tuple[MLP, dict[str, Any]]:
    """The network that the chapter trains, or a variant, and what was measured after each pass."""
    train, validation, test = parts(scale)
    network = MLP(64, widths, init="xavier", rng=random.Random(seed))
    batches = Batches(train, 10, seed=seed)
    total = passes * batches.pass_length
    optimizer = SGD(network.parameters(), 0.5, schedule=lambda step: 1.0 - step / total)
    found: dict[str, list[float]] = {"losses": [], "held_out": [], "validation": [], "test": []}
    losses = []
    for step in steps(network, batches, optimizer, cross_entropy):
        losses.append(step.loss)
        if len(losses) == batches.pass_length:
            found["losses"].append(sum(losses) / len(losses))
            found["held_out"].append(evaluate(network, validation, cross_entropy))
            found["validation"].append(accuracy(network, validation))
            found["test"].append(accuracy(network, test))
            losses = []
        if step.iteration == total:
            break
    return network, {key: [round(x, 4) for x in values] for key, values in found.items()}


def job(name: str, scale: str, widths: list[int], seed: int, passes: int) -> tuple[str, Any]:
    return name, learn(scale, widths, seed, passes)[1]


def write() -> None:
    jobs = [("long", "divided by 16", [12, 10], seed, LONG) for seed in SEEDS]
    for seed in SEEDS:
        jobs.append(("divided by 16", "divided by 16", [12, 10], seed, PASSES))
        jobs.append(("standardised", "standardised", [12, 10], seed, PASSES))
        jobs.append(("as it is", "as it is", [12, 10], seed, PASSES))
        jobs.append(("no hidden layer", "divided by 16", [10], seed, PASSES))
    with Pool(2) as pool:
        made = pool.starmap(job, jobs, chunksize=1)
    runs: dict[str, list[Any]] = {}
    for name, found in made:
        runs.setdefault(name, []).append(found)
    network, _ = learn("divided by 16", [12, 10], 0, PASSES)
    save_model(FIGURES / "digits-model.json", network)
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "micrograd-book": version("micrograd-book"),
        "seeds": list(SEEDS),
        "passes": PASSES,
        "runs": runs,
    }
    text = json.dumps(results, indent=1)
    # The numbers of one run stand in one line.
    text = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)
    (FIGURES / "digits-results.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
