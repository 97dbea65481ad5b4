"""What the theme leaves to do for people who do not use a mouse, or do not see the page."""

from __future__ import annotations

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


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", mend, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
