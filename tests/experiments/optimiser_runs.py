"""Four rules, each at its best rate: what the chapter "Optimisers and schedules" quotes.

For each rule the rate is chosen on some seeds, and the rule is judged at that rate on others. A
seed decides about the points, the weights at the start and the order of the batches. The numbers
are written beside the chapter's figures:
``cd tests && ../.venv/bin/python -m experiments.optimiser_runs`` (a few minutes of computing).
"""

import json
import math
import platform
import random
from datetime import date
from importlib.metadata import version
from multiprocessing import Pool
from pathlib import Path
from statistics import median
from typing import Any

from micrograd import (
    MLP,
    SGD,
    Adam,
    Batches,
    Momentum,
    RMSprop,
    evaluate,
    hinge_loss,
    moons,
    steps,
)

RESULTS = Path(__file__).parents[2] / "book" / "arrays" / "figures" / "optimiser-results.json"
COMMAND = "python -m experiments.optimiser_runs"
RULES: dict[str, Any] = {"SGD": SGD, "Momentum": Momentum, "RMSprop": RMSprop, "Adam": Adam}
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SCALES = {"as they are": 1.0, "one input divided by 50": 0.02}
TUNING, JUDGING = range(5), range(100, 120)
STEPS, BATCH, WIDTH = 200, 10, 8


def final_loss(inputs: str, rule: str, rate: float, seed: int) -> float:
    """The loss on all points after the last step; infinite where the numbers have overflowed."""
    scale = SCALES[inputs]
    points = moons(100, labels=(-1.0, 1.0), seed=seed)
    data = [([x, scale * y], label) for (x, y), label in points]
    net = MLP(2, [WIDTH, 1], init="xavier", rng=random.Random(seed))
    optimizer = RULES[rule](net.parameters(), rate)
    for step in steps(net, Batches(data, BATCH, seed=seed), optimizer, hinge_loss):
        if step.iteration == STEPS:
            break
    loss = evaluate(net, data, hinge_loss)
    return loss if math.isfinite(loss) else math.inf


def write() -> None:
    kinds = [(inputs, rule) for inputs in SCALES for rule in RULES]
    with Pool(2) as pool:
        tried = [(*kind, rate, seed) for kind in kinds for rate in RATES for seed in TUNING]
        losses = dict(zip(tried, pool.starmap(final_loss, tried)))
        tuning = {
            kind: [median(losses[*kind, rate, seed] for seed in TUNING) for rate in RATES]
            for kind in kinds
        }
        best = {kind: RATES[found.index(min(found))] for kind, found in tuning.items()}
        judged = [(*kind, best[kind], seed) for kind in kinds for seed in JUDGING]
        final = dict(zip(judged, pool.starmap(final_loss, judged)))
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "micrograd-book": version("micrograd-book"),
        "rates": RATES,
        "tuning seeds": len(TUNING),
        "judging seeds": len(JUDGING),
        "runs": {
            inputs: {
                rule: {
                    "tuning": [float(f"{loss:.4g}") for loss in tuning[inputs, rule]],
                    "best rate": best[inputs, rule],
                    "losses": sorted(
                        float(f"{final[inputs, rule, best[inputs, rule], seed]:.4g}")
                        for seed in JUDGING
                    ),
                }
                for rule in RULES
            }
            for inputs in SCALES
        },
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write()
