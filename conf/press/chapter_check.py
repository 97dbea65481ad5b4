"""Refuses a chapter that shows something it does not run.

Each fault is a warning with its place, and warnings fail the build:

- an example (``>>>``) that the doctest builder does not run;
- a listing of Python that is neither included from a file nor run;
- a figure without alternative text or caption;
- a milestone without a checkpoint in the chapter it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from micrograd.milestones import load_milestones

logger = logging.getLogger(__name__)
PYTHON = {"python", "py", "python3", "py3", "pycon", "pycon3", "default", "ipython"}


def faults(doctree: nodes.document) -> Iterator[tuple[nodes.Node, str]]:
    """What is wrong with a page, and where. Docstrings' examples are pytest's to run."""
    for block in doctree.findall(nodes.literal_block):
        if "testnodetype" in block or "listed" in block:
            continue
        if ">>>" in block.astext():
            yield block, "an example that is not run: make it a {doctest} block"
        elif block.get("language") in PYTHON:
            yield block, "a listing of Python that is neither an include nor run"
    for example in doctree.findall(nodes.doctest_block):
        if ":docstring of " not in (example.source or ""):
            yield example, "an example that is not run: make it a {doctest} block"
    for quote in doctree.findall(nodes.block_quote):  # Markdown takes >>> for a quote thrice nested
        if isinstance(quote.parent.parent, nodes.block_quote):
            yield quote, "an example that is not run: make it a {doctest} block"
    for figure in doctree.findall(nodes.figure):
        if not any(caption.astext().strip() for caption in figure.findall(nodes.caption)):
            yield figure, "a figure without a caption"
    for picture in doctree.findall(nodes.Element):
        shown = isinstance(picture, nodes.image) or "alt" in picture
        if shown and not picture.get("alt", "").strip():
            yield picture, "a figure without alternative text"


def check_page(app: Sphinx, doctree: nodes.document) -> None:
    for node, fault in faults(doctree):
        while node.line is None and node.parent is not None:
            node = node.parent
        logger.warning(fault, location=node, type="chapter")


def check_milestones(app: Sphinx, env: BuildEnvironment) -> None:
    for milestone in load_milestones():
        if milestone.chapter not in env.found_docs:
            place = "there is no such chapter"
        elif f"milestone-{milestone.number}" not in env.get_doctree(milestone.chapter).ids:
            place = "it has no {milestone} block for it"
        else:
            continue
        logger.warning(
            "milestone %d has no checkpoint in %s: %s",
            milestone.number,
            milestone.chapter,
            place,
            type="chapter",
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", check_page)
    app.connect("env-check-consistency", check_milestones)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
