"""Doctests in chapters: right line numbers, milestones by name, and no rerun without a reason.

Sphinx's own doctest extension does the work; this one builds on it:

- it gives a block in a Markdown chapter the line it stands on;
- at the end of a run it says which milestones passed, and with how many examples;
- with ``milestone`` set it runs that milestone alone;
- it runs as many pages at a time as ``-j`` says, each in a process of its own;
- unless ``retest`` is set, a page whose examples passed before, with this very package, is not
  run again.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Set
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.ext.doctest import DocTestBuilder, DoctestDirective, TestGroup
from sphinx.util.parallel import ParallelTasks, SerialTasks, parallel_available

from micrograd.milestones import load_milestone

GROUP = "milestone "
COUNTS = [f"{code}_{n}" for code in ("total", "setup", "cleanup") for n in ("tries", "failures")]


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
        self.report = self.outfile
        self.page: Counter[str] = Counter()  # what was counted on this page
        self.book: Counter[str] = Counter()  # and on all
        self.memory_file = Path(self.outdir, "passed.json")
        self.memory: dict[str, Any] = {}
        if self.memory_file.exists():
            self.memory = json.loads(self.memory_file.read_text("utf-8"))

    def write_documents(self, docnames: Set[str]) -> None:
        """Run the examples of all pages, unless they are known to pass."""
        tasks = tasks_of(self._app)
        for docname in sorted(docnames):
            doctree = self.env.get_doctree(docname)
            examples = [node for node in doctree.findall(nodes.Element) if "testnodetype" in node]
            if self.only:
                for node in examples:
                    if node["groups"] != [self.only]:
                        del node["testnodetype"]
            fingerprint = self.fingerprint(examples)
            known = self.memory.get(docname, {})
            if known.get("fingerprint") == fingerprint and not (self.only or self.config.retest):
                self.count_page(known)
            else:
                tasks.add_task(self.test_page, (docname, doctree, fingerprint), self.count_page)
        tasks.join()

    def test_page(self, page: tuple[str, nodes.document, str]) -> dict[str, Any]:
        """Run the examples of one page, and tell how it went."""
        docname, doctree, fingerprint = page
        self.page = Counter()
        self.outfile = io.StringIO()
        for name in COUNTS:
            setattr(self, name, 0)
        passed = self.test_doc(docname, doctree)
        self.page.update({name: getattr(self, name) for name in COUNTS})
        return {
            "docname": docname,
            "fingerprint": fingerprint,
            "passed": passed,
            "counts": self.page,
            "report": self.outfile.getvalue(),
        }

    def count_page(self, *results: Any) -> None:
        """Add what one page told, the last argument, to what is known of all."""
        page = results[-1]
        self.book.update(page["counts"])
        self.report.write(page["report"])
        if not self.only:
            self.memory.pop(page["docname"], None)
            if page["passed"]:
                self.memory[page["docname"]] = page

    def test_group(self, group: TestGroup) -> bool:
        """Run one group, and count."""
        tries, failures = self.test_runner.tries, self.test_runner.failures
        passed = super().test_group(group)
        self.page[f"{group.name} tries"] += self.test_runner.tries - tries
        self.page[f"{group.name} failures"] += self.test_runner.failures - failures
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
        self.outfile = self.report
        for name in COUNTS:
            setattr(self, name, self.book[name])
        super().finish()
        self.memory_file.write_text(json.dumps(self.memory, indent=1), "utf-8")
        names = sorted({key.rsplit(" ", 1)[0] for key in self.book if key.startswith(GROUP)})
        print("\nMilestones\n==========" if names else "\nNo milestone was run.")
        for name in names:
            title = load_milestone(int(name.removeprefix(GROUP))).title
            tries, failures = self.book[f"{name} tries"], self.book[f"{name} failures"]
            wrong = f"FAILED {failures} of" if failures else "passed,"
            print(f"{name.capitalize()}, {title}: {wrong} {tries} examples")


def tasks_of(app: Sphinx) -> ParallelTasks | SerialTasks:
    """What runs tasks, as many at a time as ``-j`` says."""
    gc.freeze()  # they need not look for garbage among all that Sphinx holds
    several = parallel_available and app.parallel > 1
    return ParallelTasks(app.parallel) if several else SerialTasks()


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
