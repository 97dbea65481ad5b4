"""``{mistakes} FILE``: which check catches each of a collection of mistakes, and its first hint.

The file defines ``MISTAKES``, each with a ``title``, the ``milestone`` that teaches it and
``names(failure)``, whether the first hint names it, and ``sources()``, the files it is made in; and
``all_caught(mistakes)``, which makes them and says how each fails. That is done while the page is
read, for the mistakes whose outcome may be another than the last time.
"""

from __future__ import annotations

import ast
import json
import re
import runpy
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from micrograd.milestones import load_milestones
from micrograd.workbench import Failure
from press import PACKAGE
from press.changes import files_in, fingerprint


class MistakesDirective(SphinxDirective):
    """A sentence that counts, and a table for each milestone."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        file = Path(self.env.relfn2path(self.arguments[0])[1]).resolve()
        for path in (file, *files_in(PACKAGE)):
            self.env.note_dependency(str(path))
        told = runpy.run_path(str(file))
        mistakes = told["MISTAKES"]
        keys = {mistake.title: key(mistake, file) for mistake in mistakes}
        memory = Path(self.env.doctreedir).parent / "mistakes.json"
        try:
            found = findings(memory, mistakes, keys, told["all_caught"])
        except Exception as error:  # a mistake that can no longer be made
            raise self.error(f"{self.arguments[0]}: {error}") from error
        missed = [title for title, finding in found.items() if not finding]
        if missed:
            raise self.error(f"no check catches: {', '.join(missed)}")
        named = sum(finding["named"] for finding in found.values())
        lines = [
            f"Of {len(found)} mistakes all are caught; the first hint names the very mistake "
            f"in {named} of them."
        ]
        for milestone in load_milestones(own=True):
            lines += ["", f"**Milestone {milestone.number}: {milestone.title}**", ""]
            lines += ["| mistake | check that fails | what comes | first hint |"]
            lines += ["|---|---|---|---|"]
            for mistake in mistakes:
                finding = found[mistake.title]
                if mistake.milestone == milestone.number:
                    cells = [mistake.title, finding["check"], f"`{finding['came']}`"]
                    lines += [f"| {' | '.join([*cells, finding['hint']])} |"]
        return self.parse_text_to_nodes("\n".join(lines))


def findings(
    memory: Path,
    mistakes: Sequence[Any],
    keys: dict[str, str],
    caught: Callable[[Sequence[Any]], Iterable[Failure | None]],
) -> dict[str, dict[str, Any]]:
    """What each mistake, by its title, leads to; nothing for one that passes."""
    known = json.loads(memory.read_text("utf-8")) if memory.exists() else {}
    fresh = [mistake for mistake in mistakes if keys[mistake.title] not in known]
    for mistake, failure in zip(fresh, caught(fresh)):
        known[keys[mistake.title]] = failure and {
            "check": failure.check.title,
            "came": re.sub(r"^(\w+): .*|(?<=.{40}).*", r"\1", failure.came),
            "hint": failure.hints[0],
            "named": mistake.names(failure),
        }
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({key: known[key] for key in keys.values()}, indent=1), "utf-8")
    return {title: known[key] for title, key in keys.items()}


def key(mistake: Any, file: Path) -> str:
    """Whatever the outcome depends on, as a hash: the code, the milestone, and who runs it."""
    makers = [
        ast.unparse(node)
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    milestone = PACKAGE / "milestones"
    runner = {milestone / "__init__.py", milestone / f"milestone{mistake.milestone}.txt"}
    runner |= set(files_in(PACKAGE / "workbench"))
    return fingerprint(runner | {*mistake.sources().values()}, mistake, makers, sys.version)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("mistakes", MistakesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
