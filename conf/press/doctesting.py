"""Doctests and cells in chapters: their lines, milestones by name, no rerun without a reason.

Sphinx's own doctest extension does the work; this one builds on it:

- it gives a block in a Markdown chapter the line it stands on;
- it runs cells (see ``cells``) among the doctests of their page;
- at the end of a run it says which milestones passed, and with how many examples;
- with ``milestone`` set it runs that milestone alone, and with ``bridge`` what needs PyTorch, which
  is left out otherwise (see ``bridge``);
- it runs as many pages at a time as ``-j`` says, each in a process of its own;
- unless ``retest`` is set, a page whose examples passed before is not run again if they, and what
  they import and read, are what they were (see ``changes``).
"""

from __future__ import annotations

import doctest
import io
import json
import linecache
import sys
from collections import Counter
from collections.abc import Set
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.ext.doctest import DocTestBuilder, DoctestDirective, TestCode, TestGroup, parser

from micrograd.milestones import load_milestones
from press import bridge
from press.cells import RAISES, place, telling
from press.changes import SOURCES, fingerprint
from press.common import GROUP, tasks_of
from press.progress import Phase

COUNTS = [f"{code}_{n}" for code in ("total", "setup", "cleanup") for n in ("tries", "failures")]


class LineDoctestDirective(DoctestDirective):
    """A doctest that knows its line."""

    def run(self) -> list[nodes.Node]:
        (node,) = super().run()
        place(self, node)
        return [node]


class MilestoneDocTestBuilder(DocTestBuilder):
    """Sphinx's doctest builder, with milestones and a memory."""

    def init(self) -> None:
        super().init()
        self.titles = {f"{GROUP}{each.number}": each.title for each in load_milestones()}
        self.only = f"{GROUP}{self.config.milestone}" if self.config.milestone else ""
        if self.config.bridge:
            self.only, self.titles = bridge.GROUP, {}
        elif self.only and self.only not in self.titles:
            numbers = ", ".join(name.removeprefix(GROUP) for name in self.titles)
            sys.exit(f"expected MILESTONE to be one of {numbers}, got {self.config.milestone}")
        self.report = self.outfile
        self.page: Counter[str] = Counter()  # what was counted on this page
        self.book: Counter[str] = Counter()  # and on all
        self.memory_file = Path(self.outdir, "passed.json")
        self.memory: dict[str, Any] = {}
        self.bridged: dict[str, str] = {}
        if self.memory_file.exists():
            self.memory = json.loads(self.memory_file.read_text("utf-8"))

    def write_documents(self, docnames: Set[str]) -> None:
        """Run the examples of all pages, unless they are known to pass."""
        fresh = []
        for docname in sorted(docnames):
            doctree = self.env.get_doctree(docname)
            examples = [node for node in doctree.findall(nodes.Element) if "testnodetype" in node]
            for node in [node for node in examples if not self.is_asked(node)]:
                del node["testnodetype"]
                examples.remove(node)
            if self.config.bridge and examples:
                self.bridged[docname] = bridge.told_by(examples)
            told = told_by(examples)
            known = self.memory.get(docname, {})
            if known.get("fingerprint") == told and not (self.only or self.config.retest):
                self.count_page(known)
            elif examples:
                fresh.append((docname, doctree, told))
        phase = Phase("Running the examples of pages", len(fresh), self.config.progress)

        def ran(*results: Any) -> None:
            phase.step()
            self.count_page(*results)

        tasks = tasks_of(self._app)
        for page in fresh:
            tasks.add_task(self.test_page, page, ran)
        tasks.join()
        phase.end()

    def is_asked(self, example: nodes.Element) -> bool:
        """Whether an example is to be run: all but those that need PyTorch, or those of a group."""
        return example["groups"] == [self.only] if self.only else not bridge.needs_bridge(example)

    def test_page(self, page: tuple[str, nodes.document, str]) -> dict[str, Any]:
        """Run the examples of one page, and tell how it went."""
        docname, doctree, told = page
        self.page = Counter()
        said = io.StringIO()
        self.outfile = said  # type: ignore[assignment]  # it is only written to
        for name in COUNTS:
            setattr(self, name, 0)
        passed = self.test_doc(docname, doctree)
        self.page.update({name: getattr(self, name) for name in COUNTS})
        return {
            "docname": docname,
            "fingerprint": told,
            "passed": passed,
            "counts": self.page,
            "report": said.getvalue(),
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
        """Run the blocks of one group, which share their names, and count."""
        runner = self.test_runner
        tries, failures = runner.tries, runner.failures
        names: dict[str, Any] = {}
        for code, *output in group.tests:
            test = self.test_of(group.name, code, *output)
            test.globs = names
            runner.run(test, out=self._warn_out, clear_globs=False)
        self.page[f"{group.name} tries"] += runner.tries - tries
        self.page[f"{group.name} failures"] += runner.failures - failures
        return bool(runner.failures == failures)

    def test_of(self, name: str, code: TestCode, output: TestCode | None = None) -> doctest.DocTest:
        """A block as a test: the examples of a doctest, or a cell as one example."""
        self.cell = code if code.type == "testcode" else None
        if self.cell:
            example = doctest.Example(code.code, output.code if output else "")
            example.options = {**code.options, doctest.DONT_ACCEPT_BLANKLINE: True}
            return doctest.DocTest([example], {}, name, code.filename, code.lineno, None)
        test = parser.get_doctest(code.code, {}, name, code.filename, code.lineno)
        for example in test.examples:
            example.options = {**code.options, **example.options}
        return test

    def compile(self, code: str, name: str, _: str, flags: Any, dont_inherit: bool) -> Any:
        """What doctest compiles with; a cell is compiled whole, as the lines of its page.

        A cell may run doctests of its own: those are compiled as ever.
        """
        if self.cell is None or code.strip() != self.cell.code.strip():
            return compile(code, name, "single", flags, dont_inherit)
        page = self.cell.filename
        lines = Path(self.env.srcdir, page).read_text("utf-8").splitlines(keepends=True)
        linecache.cache[page] = len(lines), None, lines, page  # for tracebacks
        tree = telling(code, page, self.cell.lineno, raises=self.cell.options[RAISES])
        return compile(tree, page, "exec", flags, dont_inherit)

    def finish(self) -> None:
        """Say which milestones passed."""
        self.outfile = self.report
        for name in COUNTS:
            setattr(self, name, self.book[name])
        super().finish()
        kept = self.memory.keys() & self.env.found_docs
        memory = {name: self.memory[name] for name in sorted(kept)}
        self.memory_file.write_text(json.dumps(memory, indent=1), "utf-8")
        if self.config.bridge and not self.total_failures:
            bridge.note(self.env.srcdir, self.bridged)
            print(f"The bridge to PyTorch: passed, {self.total_tries} examples")
        if self.config.bridge or not (self.config.retest or self.only or self.total_failures):
            return  # it is not what was asked for
        names = [name for name in self.titles if f"{name} tries" in self.book]
        print("\nMilestones\n==========" if names else "\nNo milestone was run.")
        for name in names:
            tries, failures = self.book[f"{name} tries"], self.book[f"{name} failures"]
            wrong = f"FAILED {failures} of" if failures else "passed,"
            print(f"{name.capitalize()}, {self.titles[name]}: {wrong} {tries} examples")


def told_by(examples: list[nodes.Element]) -> str:
    """Whatever the outcome of the examples depends on, as a hash."""
    told = [(node.get("test", node.astext()), node["groups"], node["options"]) for node in examples]
    code = [piece for node in examples for piece in pieces(node)]
    return fingerprint(SOURCES.of(code=code), told, sys.version)


def pieces(block: nodes.Element) -> list[str]:
    """The code of a block, in the pieces that are run one after the other."""
    text = block.get("test", block.astext())
    if block["testnodetype"] == "doctest":
        return [example.source for example in doctest.DocTestParser().get_examples(text)]
    return [text] if block["testnodetype"] == "testcode" else []


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("sphinx.ext.doctest")
    app.setup_extension("press.progress")
    app.add_directive("doctest", LineDoctestDirective, override=True)
    app.add_builder(MilestoneDocTestBuilder, override=True)
    app.add_config_value("milestone", "", "", types=(str, int))
    app.add_config_value("retest", False, "", types=(bool,))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
