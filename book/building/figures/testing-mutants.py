"""Which mutants of the engine each suite of the chapter kills, by the chapter's code."""

import ast
from doctest import DocTestParser
from pathlib import Path

import matplotlib.pyplot as plt

CHAPTER = Path(__file__).parents[1] / "testing.md"
DEFINITIONS = ("import ", "from ", "class ", "def ", "@cache")
SUITES = {
    "weak suite": "weak_suite",
    "milestones 1 and 2": "milestones",
    "differences, 10 points": "many_points",
    "edges": "edges",
    "laws": "laws",
}

page = {}
for example in DocTestParser().get_examples(CHAPTER.read_text("utf-8").replace("\n```", "\n")):
    name, _, value = example.source.partition(" = ")
    if "hypothesis" in example.source:
        continue
    if example.source.startswith(DEFINITIONS) or (value and name.isupper()):
        exec(example.source, page)
source = page["inspect"].getsource(page["engine"])
page["everyone"] = list(page["mutants"](source))
killed = [page["killed_by"](page[suite]) for suite in SUITES.values()]

# Where in the module a mutant is: the function its line belongs to.
functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
lines = [line for line, _ in page["everyone"]]
places = [
    next((f.name for f in functions if f.lineno <= row <= f.end_lineno), "") for row, _ in lines
]
GROUPS = {
    "init": ["__init__"], "+": ["__add__"], "-": ["__sub__"], "* /": ["__mul__", "__truediv__"],
    "neg": ["__neg__"], "**": ["__pow__"], "reflected": ["__rsub__", "__rtruediv__"],
    "log, sqrt": ["log", "sqrt"], "abs": ["__abs__"], "backward": ["_backward", "backward"],
    "edge helpers": ["_node", "_divide", "_power", "_log"],
}  # fmt: skip
group_of = {function: group for group, members in GROUPS.items() for function in members}
places = [group_of.get(place, place) for place in places]

fig, ax = plt.subplots(figsize=(7.0, 2.5))
for y, kills in enumerate(killed):
    ax.eventplot(
        [x for x, line in enumerate(lines) if line in kills],
        lineoffsets=y, linelengths=0.7, linewidths=3.6, colors=f"C{y}",
    )  # fmt: skip
    ax.text(len(lines) + 0.5, y, str(len(kills)), va="center")
missed = [x for x, line in enumerate(lines) if not any(line in kills for kills in killed)]
ax.plot(missed, [len(killed)] * len(missed), "x", color="C1", markeredgewidth=1.8)
ax.text(len(lines) + 0.5, len(killed), str(len(missed)), va="center")
starts = [x for x in range(len(places)) if x == 0 or places[x] != places[x - 1]]
for start in starts[1:]:
    ax.axvline(start - 0.5, color="0.5", linewidth=0.4)
middles = [(a + b - 1) / 2 for a, b in zip(starts, [*starts[1:], len(places)])]
labels = [places[start] for start in starts]
ax.set_xticks(middles, labels, rotation=60, ha="right", rotation_mode="anchor", fontsize=8)
ax.set_yticks(range(len(killed) + 1), [*SUITES, "survived"])
ax.set(xlim=(-1, len(lines)), xlabel="mutants, by the function they are in")
ax.invert_yaxis()
ax.grid(visible=False)
ax.tick_params(length=0)
