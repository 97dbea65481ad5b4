"""Pages that have moved: where each was, a page that leads to where it is now.

``moved`` in the configuration maps old names to new ones. A link from elsewhere keeps its place on
the page, and the page that leads on is found without scripts too.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Moved</title>
<meta name="robots" content="noindex">
<link rel="canonical" href="{target}">
<meta http-equiv="refresh" content="1; url={target}">
<script>location.replace("{target}" + location.hash)</script>
</head>
<body><main>
<h1>Moved</h1>
<p>This page is now <a href="{target}">at another place</a>.</p>
</main></body>
</html>
"""


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain of a page that is still where it was, and of one that leads to nothing."""
    for old, new in app.config.moved.items():
        if old in env.found_docs or new not in env.found_docs:
            logger.warning(f"expected {old} to be gone and {new} to be a page", type="moved")


def write_pages(app: Sphinx, error: Exception | None) -> None:
    """Write the pages that lead on."""
    if error or app.builder.name != "html":
        return
    for old, new in app.config.moved.items():
        if old in app.env.found_docs or new not in app.env.found_docs:
            continue  # `check` has said so
        target = posixpath.relpath(f"{new}.html", posixpath.dirname(old))
        page = Path(app.outdir, f"{old}.html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format(target=target), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("moved", {}, "html", types=(dict,))
    app.connect("env-check-consistency", check)
    app.connect("build-finished", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
