"""Listings: ``literalinclude`` with a caption that names file and object, and links to them.

The source pages link back: to the chapters in which a function or class is listed.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from press import ROOT


class source_link(nodes.General, nodes.Inline, nodes.TextElement):  # noqa: N801
    """A link to a line of the source pages, where there are any."""


class Listing(LiteralInclude):
    """A piece of the package."""

    def run(self) -> list[nodes.Node]:
        self.options.setdefault("language", "python")
        self.options.setdefault("dedent", None)  # as far as it goes
        found: list[nodes.Node] = super().run()
        if "caption" in self.options or not isinstance(found[0], nodes.literal_block):
            for block in found[0].findall(nodes.literal_block):
                block["listed"] = self.arguments[0]
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
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        here = listings(self.env).setdefault(self.env.docname, {}).setdefault(module, [])
        if name and name not in here:
            here.append(name)
            wrapper["ids"].append(f"listing-{module}.{name}")
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
        module = link["file"].removesuffix(".py").replace("/", ".")
        if app.builder.name == "html" and getattr(app.env, "_viewcode_modules", {}).get(module):
            page = f"_modules/{link['file'].removesuffix('.py')}"
            uri = f"{app.builder.get_relative_uri(docname, page)}#{link['name']}"
            link.replace_self(nodes.reference("", "", *link.children, refuri=uri, internal=True))
        else:
            link.replace_self(link.children)


def listings(env: BuildEnvironment) -> dict[str, dict[str, list[str]]]:
    """For each page, the names that it lists of each module."""
    if not hasattr(env, "book_listings"):
        env.book_listings = {}  # type: ignore[attr-defined]
    found: dict[str, dict[str, list[str]]] = env.book_listings  # type: ignore[attr-defined]
    return found


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    listings(env).pop(docname, None)


def merge_pages(
    app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
) -> None:
    listings(env).update(
        (docname, names) for docname, names in listings(other).items() if docname in docnames
    )


def mark_sources(app: Sphinx, env: BuildEnvironment) -> None:
    """Have the source pages mark what is listed, as they mark what is in the reference."""
    modules = getattr(env, "_viewcode_modules", {})
    modules.pop("builtins", None)  # where it looks for an attribute that is a plain number
    for page in Path(app.outdir).glob("_modules/micrograd/*.html"):
        page.unlink()  # else it would be kept for as long as the module is not newer
    for docname, listed in listings(env).items():
        for module, names in listed.items():
            if modules.get(module):
                _, tags, used, _ = modules[module]
                for name in names:
                    if name in tags:
                        used.setdefault(name, docname)


def link_back(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """On a source page, link from each function or class to the chapters that list it."""
    if not pagename.startswith("_modules/") or "body" not in context:
        return
    module = pagename.removeprefix("_modules/").replace("/", ".")

    def links(mark: re.Match[str]) -> str:
        name = html.unescape(mark[2])
        pages = [
            page for page in listings(app.env) if name in listings(app.env)[page].get(module, [])
        ]
        kept = mark[3] if f"#{module}.{name}" in mark[3] and "/api-" in mark[3] else ""
        for page in sorted(pages):
            uri = app.builder.get_relative_uri(pagename, page)
            title = html.escape(app.env.titles[page].astext())
            kept += f'<a class="viewcode-back" href="{uri}#listing-{module}.{name}">[{title}]</a>\n'
        return mark[1] + kept

    context["body"], count = re.subn(
        r'(<div class="viewcode-block" id="([^"]*)">\n)(<a class="viewcode-back".*?</a>\n?)',
        links,
        context["body"],
    )
    if not count and any(module in listed for listed in listings(app.env).values()):
        raise ExtensionError(
            f"expected links back on the source page of {module}, found none: "
            f"does this version of sphinx write them in another way?"
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(source_link)
    app.add_directive("literalinclude", Listing, override=True)
    app.connect("doctree-resolved", resolve)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("env-check-consistency", mark_sources)
    app.connect("html-page-context", link_back)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
