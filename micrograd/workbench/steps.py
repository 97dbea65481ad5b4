"""A file with its numbered steps and what they come to, and the two files that are made of it.

Each function says its steps in comments and does them below. A reader's template keeps the steps;
what is shown as a solution keeps what they come to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

__all__ = ["solved", "template"]

_STEP = re.compile(r" *# TODO \d+: .*\n(?: *#  .*\n)*")


def template(text: str) -> str:
    """The file to start from: the steps, and an error where they are still to be done.

    >>> print(template("def two():\\n    # TODO 1: Return it\\n    return 2\\n"))
    def two():
        # TODO 1: Return it
        raise NotImplementedError("two")
    <BLANKLINE>
    """
    lines = text.splitlines(keepends=True)
    for name, node in reversed(list(_functions(ast.parse(text)))):
        described = ast.get_docstring(node) is not None
        begin = (node.body[0].end_lineno or 0) if described else node.lineno
        if steps := _STEP.findall("".join(lines[begin : node.end_lineno])):
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


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of a module and the methods of its classes, by their full names, in order."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner
