"""``{faults} FILE`` runs every fault of a table while the page is read, and shows how each ended.

The file defines ``FAULTS``, a list of rows with a ``table``, a ``name``, an ``injection``, a
``detector``, an ``outcome``, and a ``run`` that puts the fault in and returns what noticed it and
how it ended. A row whose run does not end as it says stops the page.
"""

from __future__ import annotations

import runpy
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from press.changes import SOURCES

HEADINGS = ("failure", "injected by", "noticed by", "ended")
WIDTHS = (22, 28, 24, 26)


class Faults(SphinxDirective):
    """The faults of a file, run, as a table; rows of one ``table`` stand together."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        _, file = self.env.relfn2path(self.arguments[0])
        for path in SOURCES.of(Path(file).resolve()):
            self.env.note_dependency(str(path))
        try:
            faults = runpy.run_path(file)["FAULTS"]
        except Exception as error:
            raise self.error(f"expected FAULTS in {self.arguments[0]}, got {error!r}") from error
        body = nodes.tbody()
        for kind, group in groupby(faults, lambda fault: fault.table):
            body += row(nodes.strong("", f"{kind.capitalize()} failures"))
            for fault in group:
                noticed, ended = self.outcome(fault)
                body += row(*map(nodes.Text, (fault.name, fault.injection, noticed, ended)))
        columns = [nodes.colspec(colwidth=width) for width in WIDTHS]
        columns[0]["stub"] = 1  # the names head their rows
        head = nodes.thead("", row(*map(nodes.Text, HEADINGS)))
        inner = nodes.tgroup("", *columns, head, body, cols=len(WIDTHS))
        table = nodes.table("", inner, classes=["faults"])
        self.set_source_info(table)
        return [table]

    def outcome(self, fault: Any) -> tuple[str, str]:
        """What a fault's run returns, which must be what its row says."""
        name = f"{fault.name} ({fault.injection})"
        expected = (fault.detector, fault.outcome)
        try:
            got: tuple[str, str] = fault.run()
        except Exception as error:
            raise self.error(f"expected {name} to end in {expected}, got {error!r}") from error
        if got != expected:
            raise self.error(f"expected {name} to end in {expected}, got {got}")
        return got


def row(*cells: nodes.Node) -> nodes.row:
    """A row of a table; a single cell spans it."""
    entries = [nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells]
    if len(cells) == 1:
        entries[0]["morecols"] = len(WIDTHS) - 1
    return nodes.row("", *entries)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("faults", Faults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
