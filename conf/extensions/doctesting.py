"""Doctests in chapters: right line numbers, milestones by name, and no rerun without a reason.

Sphinx's own doctest extension does the work; this one builds on it:

- it gives a block in a Markdown chapter the line it stands on;
- at the end of a run it says which milestones passed, and with how many examples;
- with ``milestone`` set it runs that milestone alone;
- unless ``retest`` is set, a page whose examples passed before, with this very package, is not
  run again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.ext.doctest import DocTestBuilder, DoctestDirective, TestGroup

from micrograd.milestones import load_milestone

GROUP = "milestone "


class LineDoctestDirective(DoctestDirective):
    """A doctest that knows its line."""

    def run(self) -> list[nodes.Node]:
        (node,) = super().run()
        if self.env.doc2path(self.env.docname).suffix == ".md":
            node.line = self.lineno + self.content_offset + 1
        return [node]


class MilestoneDocTestBuilder(DocTestBuilder):
    """Sphinx's doctest builder, with milestones and a memory."""

    def init(self) -> None:
        super().init()
        self.only = f"{GROUP}{self.config.milestone}" if self.config.milestone else ""
        if self.only:
            load_milestone(int(self.config.milestone))  # says so if there is none
        self.tried: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.memory_file = Path(self.outdir, "passed.json")
        self.memory: dict[str, Any] = {}
        if self.memory_file.exists():
            self.memory = json.loads(self.memory_file.read_text("utf-8"))

    def test_doc(self, docname: str, doctree: nodes.document) -> bool:
        """Run the examples of one page, unless they are known to pass."""
        examples = list(
            doctree.findall(lambda node: "testnodetype" in getattr(node, "attributes", ()))
        )
        if self.only:
            for node in examples:
                if node["groups"] != [self.only]:
                    del node["testnodetype"]
            return super().test_doc(docname, doctree)

        print_ = self.fingerprint(examples)
        known = self.memory.pop(docname, {})
        if known.get("fingerprint") == print_ and not self.config.retest:
            tried = Counter(known["tried"])
            self.total_tries += sum(tried.values())
            self.tried += tried
            passed = True
        else:
            before = self.tried.copy()
            passed = super().test_doc(docname, doctree)
            tried = self.tried - before
        if passed:
            self.memory[docname] = {"fingerprint": print_, "tried": tried}
        return passed

    def test_group(self, group: TestGroup) -> bool:
        """Run one group, and count."""
        tries, failures = self.test_runner.tries, self.test_runner.failures
        passed = super().test_group(group)
        self.tried[group.name] += self.test_runner.tries - tries
        self.failed[group.name] += self.test_runner.failures - failures
        return passed

    def fingerprint(self, examples: list[nodes.Element]) -> str:
        """Whatever the outcome of the examples depends on, as a hash."""
        told = [(node.get("test", node.astext()), node["groups"]) for node in examples]
        digest = hashlib.sha256(repr((told, sys.version)).encode())
        for file in package_files():
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def finish(self) -> None:
        """Say which milestones passed."""
        super().finish()
        self.memory_file.write_text(json.dumps(self.memory, indent=1), "utf-8")
        names = sorted(name for name in self.tried if name.startswith(GROUP))
        print("\nMilestones\n==========" if names else "\nNo milestone was run.")
        for name in names:
            title = load_milestone(int(name.removeprefix(GROUP))).title
            wrong = f"FAILED {self.failed[name]} of" if self.failed[name] else "passed,"
            print(f"{name.capitalize()}, {title}: {wrong} {self.tried[name]} examples")


def package_files() -> list[Path]:
    """All files that the package is made of."""
    package = Path(__file__).parents[2] / "micrograd"
    return sorted(file for file in package.rglob("*") if file.suffix in (".py", ".txt"))


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("sphinx.ext.doctest")
    app.add_directive("doctest", LineDoctestDirective, override=True)
    app.add_builder(MilestoneDocTestBuilder, override=True)
    app.add_config_value("milestone", "", "", types=(str, int))
    app.add_config_value("retest", False, "", types=(bool,))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
