"""Pages that have moved: where each was, a page that leads to where it is now.

``moved`` in the configuration maps old names to new ones. A link from elsewhere keeps its place on
the page, and the page that leads on is found without scripts too.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ConfigError

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


def write_pages(app: Sphinx, error: Exception | None) -> None:
    """Write the pages that lead on."""
    if error or app.builder.name != "html":
        return
    for old, new in app.config.moved.items():
        if old in app.env.found_docs or new not in app.env.found_docs:
            raise ConfigError(f"expected {old} to be gone and {new} to be a page")
        target = posixpath.relpath(f"{new}.html", posixpath.dirname(old))
        page = Path(app.outdir, f"{old}.html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format(target=target), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("moved", {}, "html", types=(dict,))
    app.connect("build-finished", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
