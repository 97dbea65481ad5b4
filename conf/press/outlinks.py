"""What is named as a link: works in the bibliography, chapters in the reference of the package.

A DOI, an arXiv number and an address lead there. A docstring names the chapter that tells its story
by its title, in quotes; one that no chapter has is a warning, and warnings fail the build.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

API = "reference/api"
QUOTED = re.compile('[\u201c"]([^\u201d"]+)[\u201d"]')
PAGE = "reference/bibliography"
PLACES = {"doi": "https://doi.org/", "arXiv": "https://arxiv.org/abs/"}
FOUND = re.compile(
    r"(?:\b(doi|arXiv):)?((?<=doi:)10\.\S+?|(?<=arXiv:)\d{4}\.\d+|https?://\S+?)(?=[.,]?(?:\s|$))"
)


def link(app: Sphinx, doctree: nodes.document) -> None:
    if app.env.docname != PAGE:
        return
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, nodes.reference):
            continue
        parts: list[nodes.Node] = []
        end, said = 0, text.astext()
        for found in FOUND.finditer(said):
            kind, name = found.groups()
            parts.append(nodes.Text(said[end : found.start()]))
            uri = PLACES.get(kind, "") + name
            parts.append(nodes.reference("", found[0], refuri=uri))
            end = found.end()
        if parts:
            assert text.parent is not None
            text.parent.replace(text, [*parts, nodes.Text(said[end:])])


def plain(title: str) -> str:
    """A title as it is named: on one line, with or without its article."""
    return re.sub(r"\s+", " ", title).removeprefix("The ").casefold()


def link_chapters(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Chapters that docstrings name."""
    if not docname.startswith(API):
        return
    chapters = {plain(title.astext()): page for page, title in app.env.titles.items()}
    for text in list(doctree.findall(nodes.Text)):
        said = text.astext()
        if isinstance(text.parent, (nodes.literal, nodes.literal_block, nodes.reference)):
            continue
        parts: list[nodes.Node] = []
        end = 0
        for found in QUOTED.finditer(said):
            page = chapters.get(plain(found[1]))
            if page is None:
                if re.search(r"\bchapters?\s+$", said[: found.start()], re.IGNORECASE):
                    logger.warning("expected a chapter called %s, found none", found[0])
                continue
            uri = app.builder.get_relative_uri(docname, page)
            parts.append(nodes.Text(said[end : found.start(1)]))
            parts.append(nodes.reference("", found[1], refuri=uri, internal=True))
            end = found.end(1)
        if parts and text.parent is not None:
            text.parent.replace(text, [*parts, nodes.Text(said[end:])])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", link)
    app.connect("doctree-resolved", link_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
