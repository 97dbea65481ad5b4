"""Search by section: what there is to find, written into a script that the search page loads.

A hit is a section, a symptom, a term of the glossary, or a name of the package. ``book-search.js``
ranks them in the browser, in place of Sphinx's search of whole pages; since all that it needs is in
a script, it works from the disk, where a page may not read another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

SYMPTOMS = "reference/symptoms"
PLACES = "search-places.js"
SKIPPED = (nodes.comment, addnodes.index, nodes.math, nodes.math_block)


def places(app: Sphinx) -> Iterator[dict[str, str]]:
    """All that can be found: kind, title, page, address, and what it says."""
    for page in sorted(app.env.found_docs):
        doctree = app.env.get_doctree(page)
        title = app.env.titles[page].astext()
        for section in doctree.findall(nodes.section):
            at = "" if isinstance(section.parent, nodes.document) else f"#{section['ids'][0]}"
            parts = [part for part in section.children if not isinstance(part, nodes.section)]
            heading = section.children[0].astext()
            kind = "section" if at else "page"
            yield place(kind, heading, title, f"{page}.html{at}", said(parts[1:]))
        for term in doctree.findall(nodes.term):
            item = term.parent
            assert item is not None
            if term["ids"] and (
                page == SYMPTOMS or isinstance(item.parent.parent, addnodes.glossary)
            ):
                kind, where = "term", title
                if page == SYMPTOMS:
                    kind, where = "symptom", f"{title}: {above(term)}"
                text = said([part for part in item.children if not isinstance(part, nodes.term)])
                yield place(kind, term.astext(), where, f"{page}.html#{term['ids'][0]}", text)
    for name, _, kind, page, anchor, _ in app.env.domains["py"].get_objects():
        if kind != "module":
            short = ".".join(name.split(".")[-2:]) if kind == "method" else name.split(".")[-1]
            yield place("name", short, app.env.titles[page].astext(), f"{page}.html#{anchor}", name)


def above(node: nodes.Node) -> str:
    """The heading of the section that a part of a page is in."""
    section = inside(node, (nodes.section,))
    return section.children[0].astext() if section else ""


def place(kind: str, title: str, page: str, address: str, text: str) -> dict[str, str]:
    return {"kind": kind, "title": title, "page": page, "at": address, "text": text}


def said(parts: list[nodes.Node]) -> str:
    """What some parts of a page say, without formulas; of code each word once, at the end."""
    words: list[str] = []
    code: dict[str, None] = {}
    block = None  # that the last words are in
    for part in parts:
        for node in part.findall(lambda each: isinstance(each, (nodes.Text, nodes.raw))):
            if inside(node, SKIPPED):
                continue
            if inside(node, (nodes.literal_block,)):
                code |= dict.fromkeys(re.findall(r"[^\W\d]\w{2,}", node.astext()))
                continue
            around = inside(node, (nodes.paragraph, nodes.title, nodes.term, nodes.caption))
            if isinstance(node, nodes.raw):
                words.append("; ")  # the end of a line
            elif not inside(node, (nodes.raw,)):
                words += ["" if around is block else " ", node.astext()]
                block = around
    return re.sub(r"\s+", " ", " ".join(["".join(words), *code])).strip()


def inside(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> nodes.Node | None:
    """The nearest of some kinds that a part of a page is in."""
    above = node.parent
    while above is not None and not isinstance(above, (*kinds, nodes.section)):
        above = above.parent
    return above if isinstance(above, kinds) else None


def name_symptoms(app: Sphinx, doctree: nodes.document) -> None:
    """Give each symptom a place that can be linked."""
    if app.env.docname == SYMPTOMS:
        for item in doctree.findall(nodes.definition_list_item):
            term = item.children[0]
            if isinstance(term, nodes.term) and not term["ids"]:
                name = nodes.make_id(term.astext())[:60].rstrip("-")
                term["ids"].append(f"symptom-{name}")


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    if pagename == "search" and app.builder.name == "html":
        app.add_js_file(PLACES, loading_method="defer", priority=900)
        app.add_js_file("book-search.js", loading_method="defer", priority=901)


def write_places(app: Sphinx, error: Exception | None) -> None:
    if app.builder.name == "html" and not error:
        static = Path(app.outdir, "_static")
        tools = (static / "searchtools.js").read_text("utf-8")
        for used in ("performSearch: (query) =>", "_parseQuery: (query) =>"):
            if used not in tools:
                raise ExtensionError(
                    f"expected {used} in searchtools.js, which book-search.js replaces: "
                    "is this another version of sphinx?"
                )
        found = json.dumps(list(places(app)), ensure_ascii=False, separators=(",", ":"))
        (static / PLACES).write_text(f"const bookPlaces = {found};\n", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", name_symptoms)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_places)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
