"""A file with its numbered steps and what they come to, and the two files that are made of it.

Each function says its steps in comments and does them below. A reader's template keeps the steps;
what is shown as a solution keeps what they come to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

__all__ = ["definitions", "solved", "template"]

_STEP = re.compile(r" *# TODO \d+: .*\n(?: *#  .*\n)*")


def template(text: str, done: Collection[str] = ()) -> str:
    """The file to start from: the steps, and an error where they are still to be done.

    Args:
        text: the file with both.
        done: names of functions, methods and classes in it whose steps are done already.

    >>> print(template("def two():\\n    # TODO 1: Return it\\n    return 2\\n"))
    def two():
        # TODO 1: Return it
        raise NotImplementedError("two")
    <BLANKLINE>
    """
    lines = text.splitlines(keepends=True)
    for name, node in reversed(definitions(text).items()):
        if isinstance(node, ast.ClassDef):
            continue
        described = ast.get_docstring(node) is not None
        begin = (node.body[0].end_lineno or 0) if described else node.lineno
        body = "".join(lines[begin : node.end_lineno])
        if {name, name.partition(".")[0]} & {*done}:
            lines[begin : node.end_lineno] = [_STEP.sub("", body)]
        elif steps := _STEP.findall(body):
            error = f'raise NotImplementedError("{name}")\n'
            lines[begin : node.end_lineno] = [*steps, " " * (node.col_offset + 4) + error]
    return "".join(lines)


def solved(text: str) -> str:
    """The file with all steps done.

    >>> print(solved("def two():\\n    # TODO 1: Return it\\n    return 2\\n"))
    def two():
        return 2
    <BLANKLINE>
    """
    done = _STEP.sub("", text)
    return re.sub(r"^(Milestone \d)\. Fill in .*$", r"\1.", done, flags=re.MULTILINE)


def definitions(text: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The classes and functions of a file and the methods of its classes, by their full names."""
    found: dict[str, ast.FunctionDef | ast.ClassDef] = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    found[f"{node.name}.{inner.name}"] = inner
    return found
