"""What the press is doing: a line for each phase, with a count that moves where it is watched.

Set ``progress`` to see it. Pages are read and written in processes of their own, so the count is
kept where all of them can reach it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


class Phase:
    """Something that is done so many times; nothing is said of what is done no times.

    On a terminal the line is written again at each step, elsewhere once: when the phase begins, or
    when it ends if it is not known how often there is something to do.
    """

    def __init__(self, words: str, total: int | None, shown: bool = True) -> None:
        self.words, self.total, self.shown = words, total, shown
        self.moves = sys.stdout.isatty()
        self.done = get_context("fork").Value("i", 0)
        if total and not self.moves:
            self.say(str(total), end="\n")

    def say(self, count: str, end: str) -> None:
        if self.shown:
            print(f"{self.words}: {count}", end=end, flush=True)

    def step(self, *_: object) -> None:
        """It was done once more, in whichever process."""
        with self.done:
            self.done.value += 1
            if self.moves:
                of = f" of {self.total}" if self.total else ""
                self.say(f"{self.done.value}{of}", end="\r")

    def end(self) -> None:
        """It is over."""
        if self.done.value and self.moves:
            self.say(f"{self.done.value}{' ' * 12}", end="\n")
        elif self.done.value and not self.total:
            self.say(str(self.done.value), end="\n")
        self.done.value = 0


def watch_pages(app: Sphinx) -> None:
    """Tell of the pages that are read and written."""
    if not app.config.progress:
        return
    phases: dict[str, Phase] = {"writing": Phase("Writing pages", None)}

    def begin(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        phases["reading"] = Phase("Reading pages", len(docnames))

    def read(app: Sphinx, doctree: nodes.document) -> None:
        phases["reading"].step()

    def wrote(app: Sphinx, page: str, template: str, context: Any, doctree: object) -> None:
        if doctree is not None:
            phases["writing"].step()

    def end(name: str) -> Callable[..., None]:
        return lambda *_: phases[name].end() if name in phases else None

    app.connect("env-before-read-docs", begin)
    app.connect("doctree-read", read)
    app.connect("env-updated", end("reading"))
    app.connect("html-page-context", wrote)
    app.connect("build-finished", end("writing"))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("progress", False, "", types=(bool,))
    app.connect("builder-inited", watch_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
