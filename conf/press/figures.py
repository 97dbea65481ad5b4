"""Figures: ``{plot}`` shows what a script of matplotlib draws.

The scripts are run before pages are written, as many at a time as ``-j`` says; a picture is kept
for as long as its script, what that imports and reads, the style and the press are what they were
(see ``changes``). Each must have a caption and an alternative text.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from press import fonts, plotting
from press.changes import SOURCES, fingerprint
from press.common import tasks_of
from press.progress import Phase

logger = logging.getLogger(__name__)


class Figure(SphinxDirective):
    """A picture with its caption."""

    has_content = True
    required_arguments = 1

    def depend_on(self, *files: Path) -> None:
        for file in files:
            self.env.note_dependency(str(file))

    def figure(self, picture: nodes.Node, caption: str, kind: str) -> list[nodes.Node]:
        figure = nodes.figure("", picture, classes=[kind], align="default")
        self.set_source_info(figure)
        inline, messages = self.parse_inline(caption)
        figure += nodes.caption(caption, "", *inline)
        self.add_name(figure)
        return [figure, *messages]


class plot(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """The picture that a script draws."""

    def make(self, picture: Path) -> None:
        plotting.draw(Path(self["script"]), picture)


class Plot(Figure):
    """A figure from a script; the content is its caption."""

    made = plot
    tools = [Path(plotting.__file__)]  # what the picture is made with
    option_spec = {
        "alt": directives.unchanged_required,
        "name": directives.unchanged_required,
        "reads": directives.unchanged_required,  # other files it is drawn from, as patterns
    }

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        script = Path(self.env.relfn2path(self.arguments[0])[1])
        if not script.is_file():
            raise self.error(f"there is no script {self.arguments[0]}")
        files = {plotting.STYLE, *fonts.FOR_FIGURES, *SOURCES.of(script, *self.tools)}
        patterns = self.options.get("reads", "").split()
        for pattern in patterns:
            found = reading(Path(self.env.srcdir), [pattern])
            if not found:
                raise self.error(f"expected files at {pattern}, there are none")
            files |= found
        self.depend_on(*files)
        name = "-".join(script.relative_to(self.env.srcdir).with_suffix(".svg").parts)
        picture = self.made("", name=name, script=str(script), files=files, reads=patterns)
        picture["alt"] = self.options.get("alt", "")
        self.set_source_info(picture)
        return self.figure(picture, " ".join(self.content), "plot")


def picture_of(builder: Builder, node: plot) -> Path:
    return Path(builder.doctreedir).parent / "figures" / str(node["name"])


def reading(book: Path, patterns: list[str]) -> set[Path]:
    """The files that patterns find now, in the folder that the book is in."""
    return {file for pattern in patterns for file in book.parent.glob(pattern)}


def made_from(book: Path, node: plot) -> str:
    """Whatever a picture depends on, as a hash."""
    return fingerprint(node["files"] | reading(book, node["reads"]), matplotlib.__version__)


def draw_plots(app: Sphinx, builder: Builder) -> None:
    """Draw the pictures that are missing or made from something else than now."""
    if builder.format != "html":
        return
    doctrees = map(app.env.get_doctree, sorted(app.env.found_docs))
    plots = {node["name"]: node for doctree in doctrees for node in doctree.findall(plot)}
    told = {name: made_from(Path(app.srcdir), node) for name, node in plots.items()}
    memory = Path(builder.doctreedir).parent / "figures" / "made-from.json"
    known = json.loads(memory.read_text("utf-8")) if memory.exists() else {}
    images = Path(builder.outdir, builder.imagedir)
    for name in known.keys() - plots.keys():
        (memory.parent / name).unlink(missing_ok=True)
        (images / name).unlink(missing_ok=True)
    known = {
        name: known[name]
        for name, node in plots.items()
        if known.get(name) == told[name] and picture_of(builder, node).exists()
    }

    def keep(*results: str) -> None:
        """Remember at once what was drawn, the last argument: what is next may be interrupted."""
        phase.step()
        known.update({name: told[name] for name in results[-1:] if name})
        memory.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")

    memory.parent.mkdir(parents=True, exist_ok=True)
    old = [node for name, node in plots.items() if name not in known]
    phase = Phase("Drawing figures", len(old), app.config.progress)
    tasks = tasks_of(app)
    for node in old:
        picture_of(builder, node).unlink(missing_ok=True)
        tasks.add_task(draw_plot, (node, picture_of(builder, node)), keep)
    tasks.join()
    phase.end()
    images.mkdir(parents=True, exist_ok=True)
    for name in known:
        shutil.copyfile(memory.parent / name, images / name)


def draw_plot(task: tuple[plot, Path]) -> str:
    """Draw a picture; returns its name, or nothing if that failed."""
    node, picture = task
    try:
        node.make(picture)
    except Exception as error:
        logger.warning("%s: %r", node["script"], error, location=node, type="figure")
        return ""
    return str(node["name"])


def visit_plot(self: Any, node: plot) -> None:
    add_image(self, node)
    raise nodes.SkipNode


def add_image(self: Any, node: plot) -> None:
    if picture_of(self.builder, node).exists():
        source = f"{self.builder.imgpath}/{node['name']}"
        self.body.append(self.emptytag(node, "img", src=source, alt=node["alt"], CLASS="plot"))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(plot, html=(visit_plot, None))
    app.connect("write-started", draw_plots)
    app.add_directive("plot", Plot)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
