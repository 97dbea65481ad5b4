"""The tests of this project, counted in its files: what they reach, and how they are made."""

import ast
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt

import micrograd

ROOT = Path(micrograd.__file__).parents[1]
KINDS = ["at chosen points", "for a table of cases", "laws, on random input"]
LEVELS = ["operations,\ngraphs", "components", "training,\nrecovery", "whole programs,\nthe book"]
LEVEL = dict.fromkeys(["engine", "backward", "gradients_property", "pytorch_agreement"], 0)
LEVEL |= dict.fromkeys(
    ["training", "stability", "fault_injection", "diagnosis", "checkpoints", "collector"], 2
)
whole = "benchmarks book browser colours faults_directive fonts formats interactive interrupt live"
whole += " cells changes milestones package pythons reproducibility workbench"
LEVEL |= dict.fromkeys(whole.split(), 3)

tests = Counter()
for file in ROOT.glob("tests/test_*.py"):
    level = LEVEL.get(file.stem.removeprefix("test_"), 1)
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            tests[level, 2 if "given(" in decorators else 1 if decorators else 0] += 1

places = {"chapters": "book/*/*.md", "docstrings": "micrograd/*.py"}
places["milestones"] = "micrograd/milestones/*.txt"
examples = {
    place: sum(file.read_text("utf-8").count(">>> ") for file in ROOT.glob(pattern))
    for place, pattern in places.items()
}

fig, (left, right) = plt.subplots(1, 2, figsize=(7.0, 2.7), width_ratios=(2.3, 1.0))
start = [0] * len(LEVELS)
for kind, name in enumerate(KINDS):
    widths = [tests[level, kind] for level in range(len(LEVELS))]
    left.barh(LEVELS, widths, left=start, color=f"C{kind}", height=0.6, label=name)
    start = [a + b for a, b in zip(start, widths)]
for level, total in enumerate(start):
    left.text(total + 3, level, str(total), va="center")
left.set(xlabel="test functions", xlim=(0, 1.12 * max(start)))
left.legend(
    loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3, columnspacing=1.0, handlelength=1.0
)
right.barh(list(examples), list(examples.values()), color="C5", height=0.6)
for row, count in enumerate(examples.values()):
    right.text(count, row, f" {count:,}", va="center")
right.set(xlabel="examples that are run", xlim=(0, 1.35 * max(examples.values())))
right.xaxis.set_major_formatter("{x:,.0f}")
for ax in (left, right):
    ax.grid(visible=False)
