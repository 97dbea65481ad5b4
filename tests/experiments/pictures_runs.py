"""Networks of tensors that read handwriting, over five seeds: what the chapter "Pictures" quotes.

It writes what was measured beside the chapter's figures, with the filters of the first network and
what it got wrong: ``cd tests && ../.venv/bin/python -m experiments.pictures_runs`` (a minute or two
of computing, on one core).
"""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is loaded: one core, as is said

np: Any = import_module("numpy")

from micrograd import Adam, Batches, cosine_decay, digits, split, steps  # noqa: E402
from micrograd import tensors as t  # noqa: E402

FIGURES = Path(__file__).parents[2] / "book" / "arrays" / "figures"
COMMAND = "python -m experiments.pictures_runs"
SEEDS = range(5)
PASSES = 20
BATCH, RATE = 32, 0.003
FLOAT = "float32"

Part = tuple[Any, Any]


def parts() -> tuple[Part, Part, Part]:
    """Training, validation and test part of the digits, as ink from 0 to 1 and classes."""

    def arrays(part: Any) -> Part:
        inks, classes = zip(*part)
        return np.array(inks, FLOAT) / 16.0, np.array(classes)

    train, validation, test = map(arrays, split(digits(), 0.6, 0.2))
    return train, validation, test


def flat(rng: Any) -> t.Sequential:
    """Two linear layers on the 64 numbers of a picture in a row."""
    return t.Sequential(
        t.Linear(64, 128, rng=rng, dtype=FLOAT),
        t.ReLU(),
        t.Dropout(0.2, rng=rng),
        t.Linear(128, 10, rng=rng, dtype=FLOAT),
    )


def convolutional(rng: Any, normalised: bool = True, dropped: float = 0.2) -> t.Sequential:
    """Three convolutions, and pooling between them."""
    layers: list[Any] = []
    for nin, nout, pooled in ((1, 16, False), (16, 32, True), (32, 32, True)):
        layers.append(t.Conv2d(nin, nout, 3, padding=1, rng=rng, dtype=FLOAT))
        layers += [t.BatchNorm2d(nout, dtype=FLOAT)] if normalised else []
        layers.append(t.ReLU())
        layers += [t.MaxPool2d(2)] if pooled else []
    layers += [t.Flatten(), t.Dropout(dropped, rng=rng), t.Linear(128, 10, rng=rng, dtype=FLOAT)]
    return t.Sequential(*layers)


KINDS: dict[str, tuple[Callable[[Any], t.Sequential], tuple[int, ...]]] = {
    "flat": (flat, (-1, 64)),
    "convolutional": (convolutional, (-1, 1, 8, 8)),
    "without batch norm": (lambda rng: convolutional(rng, normalised=False), (-1, 1, 8, 8)),
    "without dropout": (lambda rng: convolutional(rng, dropped=0.0), (-1, 1, 8, 8)),
}


def answers(net: t.Sequential, inputs: Any) -> Any:
    """The class with the largest score, for each picture."""
    net.eval()
    with t.no_grad():
        scores = net(inputs)
    net.train()
    return scores.data.argmax(axis=1)


def shifted(pictures: Any, down: int, across: int) -> Any:
    """Pictures pushed by a pixel, with paper where they came from."""
    moved = np.roll(pictures.reshape(-1, 8, 8), (down, across), axis=(1, 2))
    if down:
        moved[:, 0 if down > 0 else -1] = 0.0
    if across:
        moved[:, :, 0 if across > 0 else -1] = 0.0
    return moved


def learn(kind: str, seed: int, passes: int = PASSES) -> tuple[t.Sequential, dict[str, Any]]:
    """A trained network of a kind, and what was measured."""
    make, shape = KINDS[kind]
    (inputs, targets), validation, test = parts()
    start = time.process_time()
    net = make(np.random.default_rng(seed))
    batches = Batches((inputs.reshape(shape), targets), BATCH, seed=seed)
    total = passes * batches.pass_length
    optimizer = Adam(net.parameters(), RATE, schedule=cosine_decay(total))
    losses = []
    for step in steps(net, batches, optimizer, t.functional.cross_entropy):
        losses.append(step.loss)
        if step.iteration == total:
            break
    seconds = time.process_time() - start

    def right(part: Part, push: tuple[int, int] = (0, 0)) -> float:
        pictures = shifted(part[0], *push) if any(push) else part[0]
        return float((answers(net, pictures.reshape(shape)) == part[1]).mean())

    pushes = ((0, 1), (0, -1), (1, 0), (-1, 0))
    return net, {
        "parameters": sum(p.size for p in net.parameters()),
        "seconds": round(seconds, 1),
        "validation": round(right(validation), 4),
        "test": round(right(test), 4),
        "pushed": round(sum(right(test, push) for push in pushes) / len(pushes), 4),
        "losses": [
            round(sum(losses[i : i + batches.pass_length]) / batches.pass_length, 5)
            for i in range(0, total, batches.pass_length)
        ],
    }


def write() -> None:
    runs: dict[str, list[Any]] = {}
    for kind in KINDS:
        for seed in SEEDS:
            net, found = learn(kind, seed)
            runs.setdefault(kind, []).append(found)
            print(f"{kind}, seed {seed}: {found['test']:.1%} in {found['seconds']} s")
            if kind == "convolutional" and seed == 0:
                first: Any = net[0]
                filters = first.weight.data[:, 0].round(4).astype(float).tolist()
                _, _, (pictures, classes) = parts()
                said = answers(net, pictures.reshape(-1, 1, 8, 8))
                wrong = [[int(i), int(said[i])] for i in np.flatnonzero(said != classes)]
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "micrograd-book": version("micrograd-book"),
        "seeds": list(SEEDS),
        "passes": PASSES,
        "runs": runs,
        "filters": filters,
        "wrong": wrong,
    }
    text = json.dumps(results, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)
    (FIGURES / "pictures-results.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
