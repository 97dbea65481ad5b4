"""``make bench``: every figure the engine is held to, beside the original micrograd, and why.

Each engine runs in processes of its own, with Python's default settings of the cyclic collector;
the engines take turns, and what is compared are medians of CPU time. The numbers behind the
figures of the chapter "What a scalar costs" are written as JSON.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from .worker import KEPT, LADDER, LEFT_OUT, PAUSED, RIVAL, SIZES
from .workload import ROOT

RIVAL_VERSION = "0.1.0"
RESULTS = ROOT / "book" / "arrays" / "figures" / "cost-results.json"
PROJECT = ROOT / "pyproject.toml"
TESTS = ROOT / "tests"
NO_TORCH = "PyTorch is not installed"


class Row(NamedTuple):
    """One figure, and whether it is where it should be."""

    figure: str
    bar: str
    measured: str
    passed: bool | None


def install_rival() -> None:
    """The published package, in a folder that nothing else looks into."""
    if not (RIVAL / f"micrograd-{RIVAL_VERSION}.dist-info").is_dir():
        print(f"Installing micrograd {RIVAL_VERSION} into {RIVAL.relative_to(ROOT)}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(RIVAL), f"micrograd=={RIVAL_VERSION}"], check=True)


def worker(subject: str, task: str, *options: str, python: str = sys.executable) -> str:
    """What one process of its own prints."""
    command = [python, "-m", "benchmarks.worker", subject, task, *options]
    run = subprocess.run(command, cwd=TESTS, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout


def values(subject: str, task: str) -> list[float]:
    """Seconds of a few steps in one process, measured by pyperf."""
    pyperf: Any = import_module("pyperf")
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "values.json"))
        worker(subject, task, "--quiet", "--output", file)
        return list(pyperf.Benchmark.load(file).get_values())


def take_turns(tasks: list[tuple[str, str]], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Median seconds of each task in each round; a round runs every task in its turn."""
    found: dict[tuple[str, str], list[float]] = {task: [] for task in tasks}
    for number in range(rounds):
        for task in tasks if number % 2 == 0 else reversed(tasks):
            if sys.stderr.isatty():
                where = f"  round {number + 1} of {rounds}: {', '.join(task)}"
                print(f"\r{where:79}", end="\r", file=sys.stderr, flush=True)
            found[task].append(median(values(*task)))
    return found


IMPORTING = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import micrograd"


def imported_from_elsewhere() -> list[str]:
    """Packages outside Python's own library that the import loads."""
    code = (
        f"import sys; before = set(sys.modules); {IMPORTING}; "
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(names - set(sys.stdlib_module_names) - {'micrograd'}))"
    )
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def import_cost(rounds: int = 25) -> float:
    """Seconds of CPU time that the import takes, over a Python that does nothing."""

    def seconds(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-I", "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare, full = zip(*[(seconds("pass"), seconds(IMPORTING)) for _ in range(rounds)])
    return float(median(full) - median(bare))


def torch_cost(python: str) -> dict[str, Any] | None:
    """Our engine beside PyTorch's, if there is one."""
    there = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False)
    return None if there.returncode else json.loads(worker("ours", "torch", python=python))


def rival_of(name: str) -> str:
    """The subject that another one is measured against."""
    return "gpt, four slots" if name.startswith("gpt") else "rival"


def at_least(figure: str, bar: float, ratio: float) -> Row:
    return Row(figure, f"at least {bar:g} times faster", f"{ratio:.1f} times", ratio >= bar)


def table(title: str, rows: Iterable[Iterable[str]]) -> str:
    """Columns as wide as they need to be."""
    rows = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows)
    return "\n".join([f"\n{title}", "-" * len(title), *(line.rstrip() for line in lines)])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each engine (7)")
    parser.add_argument("--torch", default=sys.executable, help="a Python that has PyTorch")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    install_rival()

    print("Measuring memory")
    facts = {name: json.loads(worker(name, "facts")) for name in ("rival", "ours")}
    print("Measuring one step")
    by_round = take_turns(
        [
            ("rival", "step"),
            ("ours", "step"),
            ("by hand", "step"),
            ("by hand, last loss kept", "step"),
            ("replayed", "step"),
            ("rival", "forward"),
            ("ours", "forward"),
            ("gpt, four slots", "step"),
            ("gpt", "step"),
            ("gpt, four slots", "forward"),
            ("gpt", "forward"),
        ],
        options.rounds,
    )
    seconds = {task: median(found) for task, found in by_round.items()}
    faster = {  # medians, over the rounds, of how much faster than its rival in the same round
        f"{name}, {task}": median(
            slow / fast for slow, fast in zip(by_round[rival_of(name), task], by_round[name, task])
        )
        for name, task in by_round
        if name != rival_of(name)
    }
    print("Measuring the parts of a step, growth with size, and the import")
    phases = json.loads(worker("ours", "phases"))
    seconds["floats", "forward"] = phases["floats"]["forward"]
    shares = {name: float(worker(name, "share")) for name in ("rival", "by hand", "ours")}
    growth = json.loads(worker("ours", "growth"))
    imported, foreign = import_cost(), imported_from_elsewhere()
    torch = torch_cost(options.torch)
    beside = json.loads(
        worker("ours", "tensors", python=options.torch if torch else sys.executable)
    )
    print("Measuring language models")
    python = options.torch if torch else sys.executable
    language = json.loads(worker("ours", "gpt on arrays", python=python))
    replayed_gpt = float(worker("ours", "gpt replayed"))
    print("Measuring variants")
    lower = [(name, "step") for name in LADDER if name not in PAUSED]
    turns = take_turns(lower, max(1, options.rounds - 2))
    rungs = {name: median(found) for (name, _), found in turns.items()}
    rungs |= json.loads(worker("ours", "paused rungs"))
    exchanged = json.loads(worker("ours", "exchanged"))

    spread = {way: max(found) / min(found) for way, found in growth.items()}
    rows = [
        at_least("moons step through our training loop", 20, faster["ours, step"]),
        at_least("the forward pass within that step", 20, faster["ours, forward"]),
        at_least("the step written out by hand, no pause", 14, faster["by hand, step"]),
        at_least("that step, its graph replayed as vectors", 300, faster["replayed, step"]),
        at_least(
            "the same, against our own engine",
            30,
            median(
                slow / fast
                for slow, fast in zip(by_round["by hand", "step"], by_round["replayed", "step"])
            ),
        ),
        at_least("a GPT step by hand, against four slots", 2, faster["gpt, step"]),
        Row(
            "memory a node",
            "at most 144 bytes",
            f"{facts['ours']['bytes a node']} bytes (rival {facts['rival']['bytes a node']})",
            facts["ours"]["bytes a node"] <= 144,
        ),
        Row(
            "peak memory of a moons step",
            "at most a third of the rival's",
            f"{facts['ours']['peak bytes'] / facts['rival']['peak bytes']:.3f} of it",
            facts["ours"]["peak bytes"] * 3 <= facts["rival"]["peak bytes"],
        ),
        Row(
            "cost against size, 1,000 to 1,000,000 nodes",
            "time a node varies less than 1.5 times",
            f"{spread['together']:.2f} times (with warm caches {spread['alone']:.2f})",
            spread["together"] < 1.5,
        ),
        Row(
            "unreachable objects after a step",
            "0",
            f"{facts['ours']['left behind']} (rival {facts['rival']['left behind']:,})",
            facts["ours"]["left behind"] == 0,
        ),
        Row(
            "import micrograd, over bare Python",
            "standard library only",
            f"{imported * 1e3:.1f} ms, {' '.join(foreign) or 'nothing else'}",
            not foreign,
        ),
        Row(
            "against PyTorch, one scalar graph",
            "faster",
            f"{torch['torch'] / torch['ours']:.1f} times" if torch else NO_TORCH,
            torch["torch"] > torch["ours"] if torch else None,
        ),
        Row(
            "a step of tensors, beside NumPy by hand",
            "at most 2.5 times its time",
            f"{beside['ours'] / beside['by hand']:.2f} times",
            beside["ours"] <= 2.5 * beside["by hand"],
        ),
        *(
            Row(
                f"a step of tensors, against {other}",
                "faster",
                f"{beside[other] / beside['ours']:.1f} times"
                if other in beside
                else f"{other} is not installed",
                beside[other] > beside["ours"] if other in beside else None,
            )
            for other in ("PyTorch", "HIPS autograd")
        ),
        at_least("a GPT step replayed, against four slots", 30, replayed_gpt),
        *(
            at_least(f"a GPT on arrays, {how}, against values", bar, each["values"] / each[how])
            for each in [language["a name"]]
            for how, bar in (("a name at a time", 200), ("32 names at a time", 2000))
        ),
        *(
            Row(
                f"a GPT on arrays, {', '.join(map(str, each['size']))}, beside PyTorch",
                "at most its time",
                f"{each['ours'] / each['PyTorch']:.2f} times" if "PyTorch" in each else NO_TORCH,
                each["ours"] <= each["PyTorch"] if "PyTorch" in each else None,
            )
            for each in language["sizes"]
        ),
    ]
    verdicts = {True: "pass", False: "FAIL", None: "-"}
    print(table("What is promised", [(*row[:3], verdicts[row.passed]) for row in rows]))

    print(table("One step", step_rows(seconds)))
    shares_shown = [(name, f"{share:5.0%}") for name, share in shares.items()]
    print(table("The collector's share of a step", shares_shown))
    print(table("From the textbook's engine to ours, one thing at a time", ladder_rows(rungs)))
    print(table("What the package has, taken away", exchange_rows(KEPT, exchanged)))
    print(table("What it could have, put in its place", exchange_rows(LEFT_OUT, exchanged)))

    results = {
        "made": {
            "date": date.today().isoformat(),
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
            "cpu": cpu(),
            "micrograd-book": tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"],
            "rival": f"micrograd {RIVAL_VERSION}",
            "pyperf": version("pyperf"),
            "torch": torch["version"] if torch else None,
            "rounds": options.rounds,
        },
        "rows": [row._asdict() for row in rows],
        "facts": facts,
        "seconds": {f"{name}, {task}": found for (name, task), found in seconds.items()},
        "faster": faster,
        "collector's share": shares,
        "phases": phases,
        "sizes": SIZES,
        "growth": growth,
        "import": imported,
        "torch": torch and {name: torch[name] for name in ("torch", "ours")},
        "tensors": beside,
        "language": language,
        "ladder": rungs,
        "kept": {name: exchanged[name] for name in KEPT},
        "left out": {name: exchanged[name] for name in LEFT_OUT},
    }
    options.output.write_text(json.dumps(rounded(results), indent=1) + "\n", "utf-8")
    print(f"\nThe numbers are in {os.path.relpath(options.output, ROOT)}")
    return int(any(row.passed is False for row in rows))


def step_rows(seconds: dict[tuple[str, str], float]) -> list[tuple[str, str, str]]:
    return [(name, task, f"{found * 1e3:8.1f} ms") for (name, task), found in seconds.items()]


def ladder_rows(seconds: dict[str, float]) -> list[tuple[str, str, str]]:
    rows, before = [], 0.0
    for name, now in seconds.items():
        gain = f"{before / now:5.2f} times faster than the line above" if before else ""
        rows.append((f"{'+ ' if before else ''}{name}", f"{now * 1e3:8.1f} ms", gain))
        before = now
    return rows


def exchange_rows(
    names: Iterable[str], ratios: dict[str, list[float]]
) -> list[tuple[str, str, str]]:
    rows = []
    for name in names:
        low, middle, high = (ratio - 1.0 for ratio in ratios[name])
        rows.append((name, f"{middle:+5.0%} time a step", f"(quartiles {low:+.0%}, {high:+.0%})"))
    return rows


def cpu() -> str:
    """The model of the processor, where the system says it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def rounded(item: Any) -> Any:
    """Four digits of every float: the rest is noise."""
    if isinstance(item, dict):
        return {name: rounded(part) for name, part in item.items()}
    if isinstance(item, list):
        return [rounded(part) for part in item]
    return float(f"{item:.4g}") if isinstance(item, float) else item


if __name__ == "__main__":
    sys.exit(main())
