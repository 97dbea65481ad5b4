"""What the theme leaves to do for people who do not use a mouse, or do not see the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def mend(
    app: Sphinx,
    pagename: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give captions in the navigation a level, and let the keyboard scroll a wide listing."""
    for key in ("body", "furo_navigation_tree"):
        if context.get(key):
            context[key] = (
                context[key]
                .replace(
                    'class="caption" role="heading"',
                    'class="caption" role="heading" aria-level="2"',
                )
                .replace(
                    '<div class="highlight"><pre>', '<div class="highlight"><pre tabindex="0">'
                )
            )


TEMPLATES = {  # what stands in the theme's templates and not in what it is given
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="The book">',
    '<aside class="toc-drawer': '<aside aria-label="This page" class="toc-drawer',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    '<div class="math"><math': '<div class="math" tabindex="0"><math',
}


def mend_templates(app: Sphinx, error: Exception | None) -> None:
    """Name the landmarks, and give the page of the search a heading."""
    if app.builder.name != "html" or error:
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        for found, better in TEMPLATES.items():
            if better not in text:
                text = text.replace(found, better)
        page.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", mend, priority=900)
    app.connect("build-finished", mend_templates)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
