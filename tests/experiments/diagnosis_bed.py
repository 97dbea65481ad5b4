"""A test bed of training runs with planted faults, to measure a diagnosis on.

It was written without sight of the rules it is to judge. The bed is in two halves, *by setting
and by seed*: `TUNE` (settings in `diagnosis_tune`) is what rules may be tuned on, `HELD_OUT`
(settings in `diagnosis_held_out`) is what they are quoted on, and whoever writes the rules does
not look at it. Each half has at least two settings for every cause, and 20 seeds for each; so
half of the settings of each cause appear in `HELD_OUT` only. The halves share no data set,
no setting, and no random number: a seed counts within its half.

Some truths leave the same evidence, and a diagnosis that names one cannot but miss the other:
targets that are shifted or noise (each is accepted for the other); a network too small to
follow its targets at all, and targets that are noise; dead ReLUs, and weights all zero.

`python -m experiments.diagnosis_bed` in tests/ prints how the runs of each setting ended. Runs
are kept under build/, by a hash of the sources they came from.
"""

import gc
import hashlib
import json
import sys
from collections import Counter
from dataclasses import asdict
from multiprocessing import Pool
from pathlib import Path

from experiments import diagnosis_held_out, diagnosis_tune
from experiments.diagnosis_setting import CAUSES, Run, Setting, run
from micrograd import MLP, Value, binary_cross_entropy, moons

__all__ = [
    "CAUSES",
    "HELD_OUT",
    "SEEDS",
    "TUNE",
    "Run",
    "Setting",
    "line_of",
    "run",
    "run_of",
    "runs",
]

TUNE: tuple[Setting, ...] = diagnosis_tune.SETTINGS
HELD_OUT: tuple[Setting, ...] = diagnosis_held_out.SETTINGS
SEEDS = range(20)

HALVES = {"tune": diagnosis_tune, "held_out": diagnosis_held_out}
BUILD = Path(__file__).parents[2] / "build" / "diagnosis-bed"


def runs(half: str, processes: int = 2) -> list[Run]:
    """All runs of the half "tune" or "held_out": from build/ if they are there, else made."""
    path = BUILD / f"{half}-{_hash_of_sources(half)}.jsonl"
    if path.exists():
        return [run_of(line) for line in path.read_text().splitlines()]
    jobs = [(half, number, seed) for number in range(len(HALVES[half].SETTINGS)) for seed in SEEDS]
    with Pool(processes, initializer=gc.disable) as pool:
        made = pool.starmap(_run, jobs, chunksize=5)
    BUILD.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text("".join(line_of(one) + "\n" for one in made))
    unfinished.replace(path)
    return made


def _run(half: str, number: int, seed: int) -> Run:
    return run(HALVES[half].SETTINGS[number], half, seed)


def _hash_of_sources(half: str) -> str:
    names = [item.__module__ for item in (Value, MLP, binary_cross_entropy, moons, run)]
    names += [name for name in sys.modules if name.startswith(HALVES[half].__name__)]
    files = {str(sys.modules[name].__file__) for name in names}
    digest = hashlib.sha256(b"".join(Path(file).read_bytes() for file in sorted(files)))
    return digest.hexdigest()[:16]


def line_of(one: Run) -> str:
    return json.dumps(asdict(one) | {"accepted": sorted(one.accepted)})


def run_of(line: str) -> Run:
    fields = json.loads(line)
    for name, kind in (("first_step", tuple), ("own_step", tuple), ("accepted", frozenset)):
        fields[name] = kind(fields[name])
    return Run(**fields)


def table(half: str) -> str:
    """How many of the seeds of each setting ended broken, grey and healthy."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for one in runs(half):
        counts.setdefault((one.cause, one.setting), Counter())[one.outcome] += 1
    lines = [f"{half:64} broken  grey  healthy"]
    for (cause, name), outcomes in counts.items():
        ended = [outcomes[outcome] for outcome in ("broken", "grey", "healthy")]
        lines.append(f"{cause:32}{name:32}{ended[0]:7}{ended[1]:6}{ended[2]:9}")
    return "\n".join(lines)


if __name__ == "__main__":
    for half in HALVES:
        print(table(half), end="\n\n")
