"""A small GPT trained on first names, beside counting pairs and triples of letters.

It writes what the chapter "The same GPT, on arrays" quotes beside its figures:
``cd tests && ../.venv/bin/python -m experiments.names_runs`` (about a minute, on one core).
"""

from __future__ import annotations

import json
import math
import os
import platform
import random
import re
import time
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is loaded: one core, as is said

np: Any = import_module("numpy")

from micrograd import AdamW, Batches, cosine_decay, names, split, steps, told  # noqa: E402
from micrograd.gpt import Tokenizer, generate  # noqa: E402
from micrograd.loop import Step  # noqa: E402
from micrograd.tensors import functional, no_grad  # noqa: E402
from micrograd.tensors.gpt import GPT, padded  # noqa: E402

FIGURES = Path(__file__).parents[2] / "book" / "language" / "figures"
COMMAND = "python -m experiments.names_runs"
CONTEXT, WIDTH, LAYERS = 12, 32, 2
STEPS, BATCH, RATE, DECAY = 4000, 64, 0.01, 0.3
SHOWN = "jacqueline"


def counted(parts: list[list[str]], tokenizer: Tokenizer, length: int) -> float:
    """The test loss of counting runs of so many letters.

    Every run is counted a little too often, so that none is impossible; how much, the validation
    part decides.
    """
    train, validation, test = parts

    def runs(texts: list[str]) -> Iterator[tuple[tuple[int, ...], int]]:
        for text in texts:
            tokens = [tokenizer.boundary] * (length - 2) + tokenizer.encode(text)
            for i in range(length - 1, len(tokens)):
                yield tuple(tokens[i - length + 1 : i]), tokens[i]

    counts: dict[tuple[int, ...], Any] = {}
    for before, after in runs(train):
        counts.setdefault(before, np.zeros(len(tokenizer)))[after] += 1
    nothing = np.zeros(len(tokenizer))

    def loss(texts: list[str], extra: float) -> float:
        found = []
        for before, after in runs(texts):
            row = counts.get(before, nothing)
            found.append(-math.log((row[after] + extra) / (row.sum() + extra * len(tokenizer))))
        return sum(found) / len(found)

    best = min((0.01, 0.03, 0.1, 0.3, 1.0), key=lambda extra: loss(validation, extra))
    return loss(test, best)


def letters(step: Step) -> int:
    """How many letters a step asks for."""
    return int((step.targets >= 0).sum())


def write() -> None:
    tokenizer = Tokenizer(names())
    parts = list(split(names(), 0.8, 0.1))
    train, validation, test = (
        padded([tokenizer.encode(name) for name in part], CONTEXT) for part in parts
    )
    # training, as the chapter shows it
    rng = np.random.default_rng(0)
    model = GPT(len(tokenizer), CONTEXT, WIDTH, layers=LAYERS, dtype="float32", rng=rng)
    schedule = cosine_decay(STEPS)
    optimizer = AdamW(model.parameters(), RATE, decay=DECAY, schedule=schedule)
    batches = Batches(train, BATCH, seed=0)
    run = islice(steps(model, batches, optimizer, functional.cross_entropy), STEPS)
    training = told(run, STEPS, amount=letters, unit="letters")
    # and what is noted meanwhile

    def loss(data: Any) -> float:
        with no_grad():
            return round(model.loss(*data).item(), 4)

    def written(temperature: float) -> list[str]:
        rng = random.Random(0)
        return [generate(model, tokenizer, rng, temperature) for _ in range(12)]

    curve, start = [], time.process_time()
    samples = {"0": written(1.0)}
    for step in training:
        if step.iteration % 200 == 0:
            curve.append([step.iteration, loss(train), loss(validation)])
        if step.iteration in (50, 400):
            samples[str(step.iteration)] = written(1.0)
    seconds = time.process_time() - start
    samples[str(STEPS)] = written(1.0)
    known = set(names())
    many = [generate(model, tokenizer, random.Random(i), 0.7) for i in range(300)]
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "micrograd-book": version("micrograd-book"),
        "parameters": sum(p.size for p in model.parameters()),
        "steps": STEPS,
        "seconds": round(seconds),
        "tokens": int((train[1] >= 0).sum() * BATCH * STEPS / len(train[0])),
        "curve": curve,
        "test": loss(test),
        "pairs": round(counted(parts, tokenizer, 2), 4),
        "triples": round(counted(parts, tokenizer, 3), 4),
        "samples": samples,
        "temperatures": {str(t): written(t) for t in (0.3, 0.7, 1.5)},
        "known": round(sum(name in known for name in many) / len(many), 2),
        "shown": SHOWN,
        "attention": [
            look[0].round(3).astype(float).tolist()
            for look in model.attention([tokenizer.encode(SHOWN)[:-1]])
        ],
    }
    text = json.dumps(results, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)
    (FIGURES / "names-results.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
