"""What a link leads to, shown before it is followed: terms, sources and figures.

The terms of the glossary, the works of the bibliography and the figures of all pages are written
into one file, ``book-previews.js``, which ``static/previews.js`` asks for when a link to one of
them is first pointed at. It is a script, so that a page opened from the disk has it as well.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from press.figures import plot
from press.mathml import mathml

BIBLIOGRAPHY = "reference/bibliography"
TAGS: dict[type[nodes.Node], str] = {
    nodes.literal: "code",
    nodes.emphasis: "em",
    nodes.strong: "strong",
}


def marked(node: nodes.Node) -> str:
    """A text as HTML, with its formulas and its code; links are their words alone."""
    if isinstance(node, nodes.Text):
        return html.escape(node.astext(), quote=False)
    if isinstance(node, (nodes.math, nodes.math_block)):
        return mathml(node.astext(), display=False)
    inner = "".join(map(marked, node.children))
    tag = TAGS.get(type(node))
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def gathered(app: Sphinx) -> Iterator[tuple[str, str]]:
    """Addresses, from the front page, and what is to be shown for each."""
    for docname in sorted(app.env.found_docs):
        doctree = app.env.get_doctree(docname)
        page = app.builder.get_target_uri(docname)
        for glossary in doctree.findall(addnodes.glossary):
            for item in glossary.findall(nodes.definition_list_item):
                terms = [each for each in item.children if isinstance(each, nodes.term)]
                said = marked(next(item.findall(nodes.paragraph)))
                for name in (name for term in terms for name in term["ids"]):
                    yield f"{page}#{name}", f"<p>{said}</p>"
        if docname == BIBLIOGRAPHY:
            for work in doctree.findall(nodes.paragraph):
                for name in work["ids"]:
                    yield f"{page}#{name}", f"<p>{marked(work)}</p>"
        for figure in doctree.findall(nodes.figure):
            picture = next(figure.findall(plot), None)
            caption = next(figure.findall(nodes.caption), None)
            if picture is not None and caption is not None:
                source = f"{app.builder.imagedir}/{picture['name']}"
                shown = f'<img class="plot" alt="" src="{html.escape(source)}">'
                for name in figure["ids"]:
                    yield f"{page}#{name}", f"{shown}<p>{marked(caption)}</p>"


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        told = json.dumps(dict(gathered(app)), ensure_ascii=False, separators=(",", ":"))
        file = Path(app.outdir, "_static", "book-previews.js")
        file.write_text(f"window.bookPreviews={told};\n", "utf-8")


def add_script(app: Sphinx) -> None:
    if app.builder.name == "html":
        app.add_js_file("previews.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", add_script)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
