"""One GPT on one process and on several, and its step beside PyTorch's.

It writes what the part "Beyond one machine" quotes beside its figures. It needs PyTorch:
``make bridge``, then ``cd tests && ../.venv/bin/python -m experiments.torch_runs`` (some minutes).
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # of each process, before NumPy is loaded

from benchmarks import gpt_step

FIGURES = Path(__file__).parents[2] / "book" / "beyond" / "figures"
COMMAND = "python -m experiments.torch_runs"
STEPS, ROUNDS = 50, 5
MODELS = {"small": (32, 32), "large": (256, 128)}  # names of a step, and the width


def run(processes: int, *options: object) -> str:
    """What a training on so many processes prints."""
    launch = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"]
    several = launch if processes > 1 else []
    command = [sys.executable, "-m", *several, "micrograd.torch_bridge", "train"]
    done = subprocess.run(
        [*command, *map(str, options)], capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def losses(processes: int) -> list[float]:
    torch: Any = import_module("torch")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept")
        run(processes, "--steps", STEPS, "--checkpoint", kept)
        found: list[float] = torch.load(kept, weights_only=True)["losses"]
    return found


def speeds() -> dict[str, dict[str, int]]:
    """Tokens a second on one process and on two, medians; they take turns."""
    found: dict[str, dict[str, list[int]]] = {name: {"1": [], "2": []} for name in MODELS}
    for _ in range(ROUNDS):
        for name, (batch, width) in MODELS.items():
            for processes in (1, 2):
                said = run(processes, "--steps", 30, "--batch", batch, "--width", width)
                (speed,) = re.findall(r"([\d,]+) tokens a second", said)
                found[name][str(processes)].append(int(speed.replace(",", "")))
                print(name, processes, speed)
    return {
        name: {count: round(median(each)) for count, each in of.items()}
        for name, of in found.items()
    }


def write() -> None:
    found = {str(processes): losses(processes) for processes in (1, 2, 4)}
    apart = max(abs(one - other) for each in found.values() for one, other in zip(found["1"], each))
    step = gpt_step.times()
    results = {
        "date": date.today().isoformat(),
        "command": COMMAND,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "torch": version("torch").partition("+")[0],
        "micrograd-book": version("micrograd-book"),
        "cores": os.cpu_count(),
        "steps": STEPS,
        "losses": {name: [round(loss, 6) for loss in each] for name, each in found.items()},
        "apart": float(f"{apart:.1e}"),
        "models": MODELS,
        "tokens a second": speeds(),
        "steps beside": [
            {"size": each["size"], "ratio": round(each["ours"] / each["PyTorch"], 2)}
            for each in step["sizes"]
        ],
    }
    text = json.dumps(results, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda part: " ".join(part[0].split()), text)
    (FIGURES / "torch-results.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
