"""Listings: ``literalinclude`` with a caption that names file and object, and links to them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader

ROOT = Path(__file__).parents[2]


class source_link(nodes.General, nodes.Inline, nodes.TextElement):  # noqa: N801
    """A link to a line of the source pages, where there are any."""


class Listing(LiteralInclude):
    """A piece of the package."""

    def run(self) -> list[nodes.Node]:
        self.options.setdefault("language", "python")
        self.options.setdefault("dedent", None)  # as far as it goes
        found: list[nodes.Node] = super().run()
        if "caption" in self.options or not isinstance(found[0], nodes.literal_block):
            return found
        _, filename = self.env.relfn2path(self.arguments[0])
        path = Path(filename).resolve()
        reader = LiteralIncludeReader(filename, self.options | {"lineno-match": None}, self.config)
        reader.read()
        first = reader.lineno_start
        where = path.relative_to(ROOT).as_posix()
        found[0]["listed"] = where
        name = self.options.get("pyobject") or enclosing(path, first)
        caption = nodes.caption("", "")
        caption += source_link("", "", nodes.literal("", where), file=where, name=name)
        if "pyobject" in self.options:
            caption += nodes.Text(": ")
            caption += nodes.literal("", name)
        wrapper = nodes.container("", literal_block=True, classes=["literal-block-wrapper"])
        wrapper += caption
        wrapper += found[0]
        return [wrapper]


def enclosing(path: Path, line: int) -> str:
    """The first function or class that is defined at or after a line of a file."""
    best = (10**9, "")
    stack: list[tuple[str, ast.AST]] = [("", ast.parse(path.read_text("utf-8")))]
    while stack:
        prefix, tree = stack.pop()
        for child in ast.iter_child_nodes(tree):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                if child.lineno >= line:
                    best = min(best, (child.lineno, prefix + child.name))
                stack.append((f"{prefix}{child.name}.", child))
    return best[1]


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Turn the links into references, if this builder writes source pages."""
    for link in list(doctree.findall(source_link)):
        if app.builder.name == "html":
            page = f"_modules/{link['file'].removesuffix('.py')}"
            uri = f"{app.builder.get_relative_uri(docname, page)}#{link['name']}"
            link.replace_self(nodes.reference("", "", *link.children, refuri=uri, internal=True))
        else:
            link.replace_self(link.children)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(source_link)
    app.add_directive("literalinclude", Listing, override=True)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
