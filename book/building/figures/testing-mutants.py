"""Which mutants of the engine each suite of the chapter kills, by the chapter's code."""

import ast
import contextlib
import io
import re
from pathlib import Path

import matplotlib.pyplot as plt

CHAPTER = Path(__file__).parents[1] / "testing.md"
SUITES = {
    "weak suite": "weak_suite",
    "milestones 1 and 2": "milestones",
    "differences": "differences",
    "edges": "edges",
    "laws": "laws",
}
GROUPS = {
    "compare": "__lt__ __le__ __gt__ __ge__",
    "helpers": "real divide power exp log logistic normal",
    "walk": "backward fold _walk_pairs _pass_back spread _show_cycle",
    "new": "__init__ record _node",
    "+ -": "__add__ __sub__ __radd__ __neg__",
    "* /": "__mul__ __truediv__",
    "**": "__pow__",
    "reflected": "__rsub__ __rtruediv__ __rpow__",
    "log, sqrt": "log. sqrt",
    "relus": "relu leaky_relu",
}

text = CHAPTER.read_text("utf-8").partition("(testing-layers)=")[0]
page = {}
for cell in re.findall(r"^```\{cell\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
    code = cell.partition("\n---\n")[0]
    if "hypothesis" not in code and "as_found" not in code:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, page)
killed = [page["killed_by"](page[suite]) for suite in SUITES.values()]

# Where a mutant is: the function its line belongs to, and the group of that.
group_of = {name: group for group, names in GROUPS.items() for name in names.split()}
functions = {
    file: [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for file, source in page["SOURCES"].items()
}


def group(place):
    file, row, _ = place
    name = next((f.name for f in functions[file] if f.lineno <= row <= f.end_lineno), "")
    name = name + "." if (file, name) == ("engine", "log") else name
    return group_of.get(name, name.strip("_"))


places = [place for place, _ in page["everyone"]]
groups = list(dict.fromkeys(map(group, places)))
places.sort(key=lambda place: groups.index(group(place)))
names = [group(place) for place in places]

fig, ax = plt.subplots(figsize=(7.0, 2.6))
for y, kills in enumerate(killed):
    ax.eventplot(
        [x for x, place in enumerate(places) if place in kills],
        lineoffsets=y, linelengths=0.7, linewidths=2.5, colors=f"C{y}",
    )  # fmt: skip
    ax.text(len(places) + 0.5, y, str(len(kills)), va="center")
missed = [x for x, place in enumerate(places) if not any(place in kills for kills in killed)]
ax.plot(missed, [len(killed)] * len(missed), "x", color="C1", markersize=4, markeredgewidth=1.5)
ax.text(len(places) + 0.5, len(killed), str(len(missed)), va="center")
starts = [names.index(name) for name in groups]
for start in starts[1:]:
    ax.axvline(start - 0.5, color="0.5", linewidth=0.4)
middles = [(a + b - 1) / 2 for a, b in zip(starts, [*starts[1:], len(places)])]
ax.set_xticks(middles, groups, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
ax.set_yticks(range(len(killed) + 1), [*SUITES, "survived"])
ax.set(xlim=(-1, len(places)), xlabel="mutants, by what they are in")
ax.invert_yaxis()
ax.grid(visible=False)
ax.tick_params(length=0)
