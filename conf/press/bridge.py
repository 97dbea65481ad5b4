"""Pages whose cells need PyTorch: run by ``make bridge``, and dated.

Cells and doctests of the group ``pytorch`` are run by ``make bridge`` alone, so that the book can
be built where there is no PyTorch. When all have passed it notes in :data:`RECORD` what they were,
the day and the versions. ``{bridge}`` says so on a page that has such examples; one without it, or
with examples that are not those of the record, is a warning, and warnings fail the build.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from press.changes import fingerprint

logger = logging.getLogger(__name__)

GROUP = "pytorch"
RECORD = "beyond/bridge.json"  # in the folder of the book


def needs_bridge(example: nodes.Element) -> bool:
    return bool(example["groups"] == [GROUP])


def examples_of(doctree: nodes.document) -> list[nodes.Element]:
    """The examples of a page that need PyTorch."""
    found = (node for node in doctree.findall(nodes.Element) if "testnodetype" in node)
    return [node for node in found if needs_bridge(node)]


def told_by(examples: Iterable[nodes.Element]) -> str:
    """A hash of examples, code and outputs."""
    return fingerprint((), [node.get("test", node.astext()) for node in examples])


def read_record(book: str | Path) -> dict[str, Any]:
    file = Path(book, RECORD)
    known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return known


def note(book: str | Path, pages: Mapping[str, str]) -> None:
    """Write what has passed, with the day and the versions; a record of the same stays."""
    found = {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "torch": version("torch").partition("+")[0],
        "pages": dict(sorted(pages.items())),
    }
    known = read_record(book)
    if {name: known.get(name) for name in found} != found:
        record = {"date": date.today().isoformat(), **found}
        file = Path(book, RECORD)
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


class Bridge(SphinxDirective):
    """Says when the examples of a page were run, and with what."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(Path(self.env.srcdir, RECORD)))
        record = read_record(self.env.srcdir)
        if self.env.docname not in record.get("pages", {}):
            when = "They have not been run yet."
        else:
            with_what = (
                f"Python {record['python']}, NumPy {record['numpy']} and PyTorch {record['torch']}"
            )
            when = f"They were last run on {record['date']}, with {with_what}."
        said = (
            f"The examples of this page need PyTorch. {when} `make bridge` installs it and runs "
            "them again; nothing of this page runs in a browser."
        )
        return [nodes.container("", *self.parse_text_to_nodes(said), classes=["bridge"])]


def check_record(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of pages with examples that are not those of the record."""
    if app.config.bridge:
        return
    known = read_record(app.srcdir).get("pages", {})
    for docname in sorted(env.found_docs):
        doctree = env.get_doctree(docname)
        examples = examples_of(doctree)
        dated = any("bridge" in box["classes"] for box in doctree.findall(nodes.container))
        if examples and not dated:
            fault = "examples that need PyTorch, and no {bridge} that dates them"
        elif examples and known.get(docname) != told_by(examples):
            fault = "examples that need PyTorch and have changed: run `make bridge`"
        else:
            continue
        logger.warning(fault, location=(docname, None), type="chapter")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("bridge", False, "", types=(bool,))
    app.add_directive("bridge", Bridge)
    app.connect("env-check-consistency", check_record)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
