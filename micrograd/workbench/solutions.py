"""One way to do what a milestone asks for: the templates with their steps done."""

from __future__ import annotations

import ast

from micrograd.milestones import load_milestone
from micrograd.workbench.folder import PARTS, finished
from micrograd.workbench.steps import definitions

__all__ = ["show_solution"]


def show_solution(number: int, name: str = "") -> str:
    """What a milestone asks for, done: in the form of the files that a reader fills in.

    Args:
        number: of the milestone.
        name: of a method, a function or a class, to see that alone.

    Raises:
        ValueError: if there is no such milestone, or no such name in its solution.

    >>> print(show_solution(1, "__rsub__"))
    # engine.py
    <BLANKLINE>
        def __rsub__(self, other: float) -> Value:
            \"\"\"A plain number on the left: other - self.\"\"\"
            return Value(other) - self
    """
    load_milestone(number)  # says so if there is none
    parts = []
    for file, wanted in PARTS[number].items():
        text = finished(file)
        nodes = definitions(text)
        names = wanted.split()
        if name:
            inner = [full for full in nodes if full.partition(".")[0] in names]
            found = dict.fromkeys([*names, *inner])
            names = [full for full in found if name in (full, full.rpartition(".")[2])]
        if names:
            parts += [f"# {file}.py", *(_text(nodes[full], text) for full in names)]
    if not parts:
        raise ValueError(f"expected a name from the solution of milestone {number}, got {name}")
    return "\n\n".join(parts)


def _text(node: ast.FunctionDef | ast.ClassDef, source: str) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
