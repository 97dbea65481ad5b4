"""The tests of this project, counted in its files: what they reach, and how they are made."""

import ast
import re
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt

import micrograd

ROOT = Path(micrograd.__file__).parents[1]
KINDS = ["at chosen points", "for a table of cases", "laws, on random input"]
LEVELS = {  # every test file is in one of them
    "engine, walk": "engine backward gradients_property pytorch_agreement gradcheck expect",
    "parts": "nn losses datasets batches optim optim_pytorch schedules graphs summaries files "
    "models",
    "training,\nrecovery": "training loop monitor checkpoints runs stability fault_injection "
    "interrupt collector reproducibility",
    "looking\ninside": "diagnostics debugging diagnosis diagnosis_bed baselines drawing plots",
}
LEVEL = {name: level for level, names in LEVELS.items() for name in names.split()}
WHOLE = "the book,\nwhole programs"
ORDER = [*LEVELS, WHOLE]


def kind(test):
    decorators = " ".join(map(ast.unparse, test.decorator_list))
    return KINDS[2 if "given(" in decorators else 1 if "parametrize(" in decorators else 0]


tests = Counter()
for file in ROOT.glob("tests/test_*.py"):
    level = LEVEL.get(file.stem.removeprefix("test_"), WHOLE)
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            tests[level, kind(node)] += 1

PLACES = {"chapters": "book/*/*.md", "docstrings": "micrograd/**/*.py"}
PLACES["milestones"] = "micrograd/milestones/*.txt"
examples = {
    place: sum(len(re.findall(r">>> |^```\{cell\}", file.read_text("utf-8"), re.MULTILINE))
               for file in ROOT.glob(pattern))
    for place, pattern in PLACES.items()
}  # fmt: skip

fig, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.0), width_ratios=(2.3, 1.0))
start = [0] * len(ORDER)
for i, name in enumerate(KINDS):
    widths = [tests[level, name] for level in ORDER]
    left.barh(ORDER, widths, left=start, color=f"C{i}", height=0.6, label=name)
    start = [a + b for a, b in zip(start, widths)]
for level, total in enumerate(start):
    left.text(total + 3, level, str(total), va="center")
left.set(xlabel="test functions", xlim=(0, 1.15 * max(start)))
left.legend(
    loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=3, columnspacing=1.0, handlelength=1.0
)
right.barh(list(examples), list(examples.values()), color="C5", height=0.6)
for row, count in enumerate(examples.values()):
    right.text(count, row, f" {count:,}", va="center")
right.set(xlabel="examples that are run", xlim=(0, 1.35 * max(examples.values())))
right.xaxis.set_major_formatter("{x:,.0f}")
right.tick_params(axis="x", labelsize=8)
for ax in (left, right):
    ax.grid(visible=False)
