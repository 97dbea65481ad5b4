"""The pages in the folder are the pages of the book: what is out of date is written, the rest goes.

The examples of the book are run before its pages are written, from the same doctrees. A page that
was read again then is not read again now, so Sphinx alone would leave it as it was written before;
and of a chapter that is gone it leaves the page, for readers, links and the search to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

NO_CHAPTERS = {"genindex", "py-modindex", "search", "404"}


def to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages that are older than what was read of them; the root, if only the search is to lose."""
    if app.builder.name != "html":
        return []
    older = [
        name
        for name in env.found_docs
        if (page := Path(app.outdir, f"{name}.html")).exists()
        and page.stat().st_mtime < Path(app.doctreedir, f"{name}.doctree").stat().st_mtime
    ]
    return older or [app.config.root_doc for _ in dead_pages(app)][:1]


def dead_pages(app: Sphinx) -> Iterator[Path]:
    """Pages whose chapter is gone."""
    out = Path(app.outdir)
    kept = app.env.found_docs | NO_CHAPTERS | {*app.config.html_additional_pages, *app.config.moved}
    for page in out.rglob("*.html"):
        inside = page.relative_to(out)
        if inside.with_suffix("").as_posix() not in kept and inside.parts[0][0] != "_":
            yield page


def remove_dead(app: Sphinx, error: Exception | None) -> None:
    if app.builder.name == "html" and not error:
        for page in list(dead_pages(app)):
            page.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("press.redirects")  # whose pages stay
    app.connect("env-updated", to_write)
    app.connect("build-finished", remove_dead, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
