"""``{cell}``: code as one writes it, without prompts, and beneath it what it printed.

The body of the directive is the code; after a line ``---`` comes all that it prints. Without that
line it must print nothing. It is run among the doctests of its page, with the same names, and what
it prints is compared as strictly. With ``:raises:`` it must end in an error, whose last line is the
last that is printed. An argument is the group, as for a doctest; ``:options: +ELLIPSIS`` are flags
for the comparison.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

RULE = "---"  # between code and output
RAISES = doctest.register_optionflag("RAISES")
# Put around the code of a cell that raises: the last line of a traceback is printed.
TELL = """
try:
    pass
except Exception as _error:
    print(*__import__("traceback").format_exception_only(_error), sep="", end="")
"""


class Cell(SphinxDirective):
    """A piece of a program, and what it prints."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = {"raises": directives.flag, "options": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        lines = list(self.content)
        rule = lines.index(RULE) if RULE in lines else len(lines)
        code, printed = ("\n".join(part).strip("\n") for part in (lines[:rule], lines[rule + 1 :]))
        if not code.strip():
            raise self.error(f"expected code in a cell, got none above {RULE}")
        if not printed.strip() and (rule < len(lines) or "raises" in self.options):
            raise self.error(f"expected what the cell prints below a line {RULE}, got nothing")
        groups = [self.arguments[0].strip()] if self.arguments else ["default"]
        options = self.flags() | {RAISES: "raises" in self.options}
        blocks = [nodes.literal_block(code, code, language="python", testnodetype="testcode")]
        if printed:
            block = nodes.literal_block(printed, printed, language="none", classes=["printed"])
            block["testnodetype"] = "testoutput"
            blocks.append(block)
        for part in blocks:
            part["groups"], part["options"] = groups, options
            self.set_source_info(part)
            place(self, part)
        cell = nodes.container("", *blocks, classes=["cell"])
        self.set_source_info(cell)
        return [cell]

    def flags(self) -> dict[int, bool]:
        """The flags of doctest that the options name, each with a sign."""
        found: dict[int, bool] = {}
        for word in self.options.get("options", "").split():
            if word[0] not in "+-" or word[1:] not in doctest.OPTIONFLAGS_BY_NAME:
                raise self.error(f"expected a flag of doctest with its sign, got {word}")
            found[doctest.OPTIONFLAGS_BY_NAME[word[1:]]] = word[0] == "+"
        return found


def cells_in(chapter: str) -> Iterator[tuple[str, str]]:
    """Code and output of each cell in the text of a chapter, in their order."""
    for body in re.findall(r"^ *`{3,}\{cell\}.*\n((?: *:.*\n)*(?:.*\n)*?) *`{3,}$", chapter, re.M):
        lines = [line for line in dedent(body).splitlines() if not line.startswith(":")]
        rule = lines.index(RULE) if RULE in lines else len(lines)
        code, printed = lines[:rule], lines[rule + 1 :]
        yield "\n".join(code).strip("\n"), "\n".join(printed).strip("\n")


def defined_in(chapter: Path, *data: str) -> dict[str, Any]:
    """What the cells of a chapter define or import before its exercises, and the data named."""
    names: dict[str, Any] = {}
    for code, _ in cells_in(chapter.read_text("utf-8").split("{exercise}")[0]):
        for part in ast.parse(code).body:
            defines = isinstance(part, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))
            if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
                defines = part.targets[0].id in data
            if defines:
                exec(compile(ast.Module([part], []), str(chapter), "exec"), names)
    return names


def place(directive: SphinxDirective, block: nodes.Node) -> None:
    """Give a block of a Markdown page the line of what is first in it."""
    if directive.env.doc2path(directive.env.docname).suffix == ".md":
        block.line = directive.lineno + directive.content_offset + 1


def telling(code: str, page: str, above: int | None, raises: bool) -> ast.Module:
    """The code of a cell as lines of its page; one that raises prints how it ends."""
    tree = ast.parse("\n" * (above or 0) + code, page)
    if raises:
        body = ast.parse(TELL).body
        assert isinstance(body[0], ast.Try)
        body[0].body = tree.body
        tree.body = list(body)
    return tree


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("cell", Cell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
