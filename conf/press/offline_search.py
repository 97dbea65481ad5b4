"""Search results with summaries, also where the book is read from the disk.

Browsers forbid a page on the disk to read another one, which is how the theme makes summaries; so
the words of all pages are written into a script, which the search page loads there, and only there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from press.common import replaced

SKIPPED = re.compile(r"<(svg|script|style|nav)\b.*?</\1>|<a class=\"headerlink\".*?</a>", re.DOTALL)


def words(page: str) -> str:
    """What a page says: its sections, with nothing but text in them."""
    article = re.search(r'<article[^>]*role="main"[^>]*>(.*)</article>', page, re.DOTALL)
    if article is None:
        raise ExtensionError(
            "expected an article in the role main on each page, found none: "
            "does this version of furo write it in another way?"
        )
    text = SKIPPED.sub(" ", article[1])
    text = re.sub(r"\s+", " ", re.sub(r"<(?!/?(?:section|dt)\b)[^>]*>", "", text))
    return f'<div role="main">{text}</div>'


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    if pagename == "search" and app.builder.name == "html":
        app.add_js_file("offline-search.js")


def write_words(app: Sphinx, error: Exception | None) -> None:
    if app.builder.name == "html" and not error:
        out = Path(app.outdir)
        fetching = "fetch(requestUrl)"  # which the script answers from the words
        replaced((out / "_static" / "searchtools.js").read_text("utf-8"), fetching, "", "sphinx")
        pages = {f"{name}.html": out / f"{name}.html" for name in sorted(app.env.found_docs)}
        said = {name: words(page.read_text("utf-8")) for name, page in pages.items()}
        target = out / "_static" / "search-words.js"
        target.write_text(f"bookWords({json.dumps(said, ensure_ascii=False)});\n", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
