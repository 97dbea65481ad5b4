"""``{mistakes}``: which check catches each of a collection of mistakes, and what its hint says.

The mistakes are those of ``tests/experiments/mistakes.py``. Each is made and checked while the page is read,
unless it, the milestones and the workbench are what they were the last time.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from doctesting import package_files
from micrograd.milestones import load_milestones

TESTS = Path(__file__).parents[2] / "tests" / "experiments"
sys.path.append(str(TESTS))

import mistakes  # noqa: E402 (the folder has to be known first)


class MistakesDirective(SphinxDirective):
    """A sentence that counts, and a table for each milestone."""

    def run(self) -> list[nodes.Node]:
        for file in [TESTS / "mistakes.py", *package_files()]:
            self.env.note_dependency(str(file))
        found = findings(Path(self.env.doctreedir).parent / "mistakes.json")
        missed = [title for title, finding in found.items() if not finding]
        if missed:
            raise self.error(f"no check catches: {', '.join(missed)}")
        named = sum(finding["named"] for finding in found.values())
        lines = [
            f"Of {len(found)} mistakes all are caught; the first hint names the very mistake "
            f"in {named} of them."
        ]
        for milestone in load_milestones():
            lines += ["", f"**Milestone {milestone.number}: {milestone.title}**", ""]
            lines += ["| mistake | check that fails | what comes | first hint |"]
            lines += ["|---|---|---|---|"]
            for mistake in mistakes.MISTAKES:
                finding = found[mistake.title]
                if mistake.milestone == milestone.number:
                    cells = [mistake.title, finding["check"], f"`{finding['came']}`"]
                    lines += [f"| {' | '.join([*cells, finding['hint']])} |"]
        return self.parse_text_to_nodes("\n".join(lines))


def findings(file: Path) -> dict[str, dict[str, Any]]:
    """What each mistake, by its title, leads to; nothing for one that passes."""
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    keys = {mistake.title: fingerprint(mistake) for mistake in mistakes.MISTAKES}
    fresh = [mistake for mistake in mistakes.MISTAKES if keys[mistake.title] not in known]
    for mistake, failure in zip(fresh, mistakes.all_caught(fresh)):
        known[keys[mistake.title]] = failure and {
            "check": failure.check.title,
            "came": re.sub(r"^(\w+): .*|(?<=.{40}).*", r"\1", failure.came),
            "hint": failure.hints[0],
            "named": mistake.names(failure),
        }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({key: known[key] for key in keys.values()}, indent=1), "utf-8")
    return {title: known[key] for title, key in keys.items()}


def fingerprint(mistake: mistakes.Mistake) -> str:
    """Whatever the outcome depends on, as a hash: the code, the milestone, and who runs it."""
    digest = hashlib.sha256(repr((mistake, sys.version)).encode())
    for file in package_files():
        wanted = file.stem in mistakes.FILES or "workbench" in file.parts
        if wanted or file.name in (f"milestone{mistake.milestone}.txt", "__init__.py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("mistakes", MistakesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
