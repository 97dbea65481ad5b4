"""What the theme leaves to do for people who do not use a mouse, or do not see the page.

Each page is mended as it is written: captions in the navigation get a level, landmarks a name, the
page of the search a heading, and the keyboard can scroll a wide listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from press.common import replaced


@dataclass(frozen=True)
class Mend:
    """A replacement that is due on every page that has ``sign`` in it."""

    package: str
    sign: str
    found: str
    better: str


MENDS = (
    Mend(
        "furo",
        "<body",
        '<aside class="sidebar-drawer">',
        '<aside class="sidebar-drawer" aria-label="The book">',
    ),
    Mend(
        "furo",
        "<body",
        '<aside class="toc-drawer',
        '<aside aria-label="This page" class="toc-drawer',
    ),
    Mend(
        "furo",
        "searchtools.js",
        '<div id="search-results">',
        '<h1>Search</h1><div id="search-results">',
    ),
    Mend(
        "sphinx",
        '<p class="caption"',
        '<p class="caption" role="heading"',
        '<p class="caption" role="heading" aria-level="2"',
    ),
    Mend(
        "sphinx",
        '<div class="highlight"',
        '<div class="highlight"><pre>',
        '<div class="highlight"><pre tabindex="0">',
    ),
)


def mended(page: str) -> str:
    """A page with all that is due on it."""
    for mend in MENDS:
        if mend.sign in page:
            page = replaced(page, mend.found, mend.better, mend.package)
    return page


def mend_pages(app: Sphinx) -> None:
    """Have the pages mended when they come from their templates."""
    if isinstance(app.builder, StandaloneHTMLBuilder) and app.builder.name == "html":
        templates = app.builder.templates
        render = templates.render

        def render_mended(template: str, context: dict[str, Any]) -> str:
            page = render(template, context)
            return mended(page) if template.endswith(".html") else page

        templates.render = render_mended


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", mend_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
