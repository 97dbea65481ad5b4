"""The diagnosis, scored on the bed of `diagnosis_bed`: what the chapter's figure and text quote.

``cd tests && ../.venv/bin/python -m experiments.diagnosis_score`` runs both halves (four minutes
of computing where no runs are kept under build/), prints the totals, and writes the results that
the figure reads. The rules were tuned on the half "tune"; only "held_out" is quoted.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from experiments import diagnosis_bed
from experiments.diagnosis_setting import Run
from micrograd import causes, diagnosis, run_record
from micrograd.causes import Cause
from micrograd.diagnosis import Diagnosis, diagnose_training_failure

__all__ = ["KNOWN", "RESULTS", "diagnosed", "named", "results", "sources"]

RESULTS = Path(__file__).parents[2] / "book" / "trouble" / "figures" / "confusion-results.json"
COMMAND = "cd tests && ../.venv/bin/python -m experiments.diagnosis_score"

# The bed has words of its own for these; all other causes are called the same.
SAME = {
    Cause.NEGATIVE: {"loss negated"},
    Cause.DEAD: {"all ReLUs dead"},
    Cause.TARGETS_FAR: {"one label times 100"},
    Cause.UNRELATED: {"targets shifted", "targets are noise"},
}
NO_FAULT = {Cause.HEALTHY, Cause.LEARNING, Cause.UNKNOWN}

# What is known of a run, from everything down to what everybody keeps.
KNOWN = {
    "everything": ("gradients", "baseline", "input_scales", "first_step", "own_step"),
    "losses, gradients and baseline": ("gradients", "baseline"),
    "losses and gradients": ("gradients",),
    "losses and baseline": ("baseline",),
    "losses": (),
}


def diagnosed(run: Run, known: str = "everything") -> Diagnosis:
    """The diagnosis of a run of which only so much is known."""
    given: dict[str, Any] = {name: getattr(run, name) for name in KNOWN[known]}
    return diagnose_training_failure(
        run.losses, given.pop("gradients", None), epoch=run.epoch, **given
    )


def named(cause: Cause, run: Run) -> bool:
    """Whether this cause is what was planted, or what a fair judge would accept for it."""
    return bool(({cause.value} | SAME.get(cause, set())) & run.accepted)


def planted(run: Run) -> str:
    return "healthy" if run.cause.startswith("healthy") else run.cause


def totals(runs: list[Run], known: str) -> dict[str, int]:
    """Of the runs that ended as their planted truth says, how many are judged how."""
    counts: Counter[str] = Counter()
    for run in runs:
        verdict = diagnosed(run, known)
        two = [verdict.cause, *verdict.alternatives[:1]]
        fault = verdict.cause not in NO_FAULT
        counts["runs"] += 1
        if planted(run) == "healthy":
            counts["healthy"] += 1
            counts["healthy, not called so"] += not verdict
            counts["healthy, a fault named"] += fault
        else:
            counts["broken"] += 1
            counts["broken, called healthy"] += bool(verdict)
            counts["broken, a fault named"] += fault
            counts["broken, the right one first"] += named(two[0], run)
            counts["broken, the right one among two"] += any(named(cause, run) for cause in two)
    return dict(counts)


def confusion(runs: list[Run]) -> dict[str, dict[str, dict[str, int]]]:
    """For each planted cause, what its runs were called: right ones and wrong ones."""
    table: dict[str, dict[str, Counter[str]]] = {}
    for run in runs:
        cause = diagnosed(run).cause
        row = table.setdefault(planted(run), {"right": Counter(), "wrong": Counter()})
        row["right" if named(cause, run) else "wrong"][cause.value] += 1
    return {name: {way: dict(c) for way, c in row.items()} for name, row in table.items()}


def sources() -> str:
    """A hash of the rules and of the bed: another one means that the results are out of date."""
    files = [Path(str(module.__file__)) for module in (causes, diagnosis, run_record)]
    files += sorted(Path(__file__).parent.glob("diagnosis_*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def results() -> dict[str, Any]:
    """All that the book quotes."""
    written: dict[str, Any] = {"made by": COMMAND, "sources": sources()}
    for half in diagnosis_bed.HALVES:
        runs = [run for run in diagnosis_bed.runs(half) if run.counts]
        written[half] = {"totals": {known: totals(runs, known) for known in KNOWN}}
    written["held_out"]["confusion"] = confusion(runs)
    return written


if __name__ == "__main__":
    made = results()
    RESULTS.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(made, indent=1, ensure_ascii=False))
