"""Where one is in the book: numbered parts, a line above each title, and the contents.

The parts are the tables of contents of the front page, in their order; those in ``apart`` have no
number. ``{parts}`` on that page tells them with a line each, and links their chapters. Each page
gets a description of itself for search engines and for those who share its address.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from press.book_search import said

logger = logging.getLogger(__name__)

WORDS, LINES = 200.0, 15.0  # of prose, and of code, that one reads in a minute
STEP = 5  # minutes that reading times are rounded to
INDEXES = [("Index", "genindex"), ("Names of modules", "py-modindex")]  # which Sphinx makes
LONGEST = 160  # characters of a description


@dataclass(frozen=True)
class Place:
    """Where a chapter stands: the number and name of its part, its own number, and of how many."""

    part: int
    name: str
    chapter: int
    of: int


class parts(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """The place of the contents; ``lines`` says a word of each part."""


class Parts(SphinxDirective):
    """The contents: the content is a line for each part, ``name: what it is about``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        lines = dict(line.split(": ", 1) for line in self.content if line.strip())
        return [parts("", lines=lines)]


def tables(env: BuildEnvironment) -> Iterator[addnodes.toctree]:
    """The tables of contents of the front page."""
    root = env.config.root_doc
    if root in env.found_docs:
        yield from env.get_doctree(root).findall(addnodes.toctree)


def number_parts(app: Sphinx, doctree: nodes.document) -> None:
    """Put their numbers before the names of the parts, for the sidebar."""
    if app.env.docname == app.config.root_doc:
        number = 0
        for table in doctree.findall(addnodes.toctree):
            table["part"] = table["caption"]
            if table["caption"] and table["caption"] not in app.config.apart:
                number += 1
                table["caption"] = f"{number}. {table['caption']}"


def find_places(app: Sphinx, env: BuildEnvironment) -> None:
    numbered = [table for table in tables(env) if table["caption"] != table["part"]]
    count = sum(len(table["includefiles"]) for table in numbered)
    app.places = {}  # type: ignore[attr-defined]
    chapter = 0
    for part, table in enumerate(numbered, start=1):
        for page in table["includefiles"]:
            chapter += 1
            app.places[page] = Place(part, table["part"], chapter, count)  # type: ignore[attr-defined]


def fill_parts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """The contents, now that all titles are known."""
    for node in list(doctree.findall(parts)):
        told = dict(node["lines"])
        items = []
        for table in tables(app.env):
            if not table["part"]:
                continue
            if table["part"] not in told:
                logger.warning("expected a line on the part %s in {parts}", table["part"])
            chapters = [(app.env.titles[page].astext(), page) for page in table["includefiles"]]
            if table["part"] in app.config.apart[-1:] and app.builder.name == "html":
                chapters += INDEXES
            links: list[nodes.Node] = []
            for title, page in chapters:
                uri = app.builder.get_relative_uri(docname, page)
                links += [nodes.Text(" · ")] if links else []
                links.append(nodes.reference("", title, refuri=uri, internal=True))
            head = nodes.paragraph("", "", nodes.strong("", table["caption"]))
            head += nodes.Text(f": {told.pop(table['part'], '')}")
            items.append(nodes.list_item("", head, nodes.paragraph("", "", *links)))
        if told:
            logger.warning("expected names of parts in {parts}, got %s", ", ".join(told))
        node.replace_self(nodes.bullet_list("", *items, classes=["parts"]))


def minutes(doctree: nodes.document) -> int:
    """How long a page takes to read, without its exercises, about."""
    prose = code = 0.0
    for node in doctree.findall(lambda each: isinstance(each, (nodes.Text, nodes.literal_block))):
        above, box = node.parent, ""
        while above is not None and not box:
            box = " ".join(
                {"exercise", "checkpoint"}
                & set(getattr(above, "attributes", {}).get("classes", ()))
            )
            above = above.parent
        if box:
            continue
        if isinstance(node, nodes.literal_block):
            code += node.astext().count("\n") + 1
        elif not isinstance(node.parent, nodes.literal_block):
            prose += len(node.astext().split())
    return max(STEP, STEP * round((prose / WORDS + code / LINES) / STEP))


def say_where(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """A line above the title; the page's own description."""
    if app.builder.name != "html":
        return
    if doctree is None:
        return
    text = description(doctree) or app.config.epub_description
    title = html.escape(re.sub(r"<.*?>", "", context.get("title", "")), quote=True)
    context["metatags"] = context.get("metatags", "") + (
        f'\n<meta name="description" content="{html.escape(text, quote=True)}">'
        f'\n<meta property="og:title" content="{title}">'
        f'\n<meta property="og:description" content="{html.escape(text, quote=True)}">'
    )
    place = getattr(app, "places", {}).get(page)
    if place:
        line = (
            f'<p class="where">Part {place.part}, {html.escape(place.name)} · '
            f"chapter {place.chapter} of {place.of} · about {minutes(doctree)} minutes</p>\n"
        )
        context["body"] = re.sub(r"(?=<h1[ >])", lambda _: line, context["body"], count=1)


def add_missing(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for what is not there, which servers show in its place."""
    if app.builder.name == "html":
        yield "404", {}, "404.html"


def description(doctree: nodes.document) -> str:
    """The first sentences of a page."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = said([paragraph])
            return text if len(text) <= LONGEST else f"{text[: LONGEST - 2].rsplit(' ', 1)[0]} …"
    return ""


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("apart", [], "env", types=(list,))
    app.add_node(parts)
    app.add_directive("parts", Parts)
    app.connect("doctree-read", number_parts)
    app.connect("env-updated", find_places)
    app.connect("doctree-resolved", fill_parts)
    app.connect("html-collect-pages", add_missing)
    app.connect("html-page-context", say_where, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
