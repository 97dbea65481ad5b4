"""Figures: ``{plot}`` runs a script of matplotlib, ``{valuegraph}`` draws the graph of a Value.

The scripts are run before pages are written, as many at a time as ``-j`` says; a picture that is
newer than its script, the package, the style and what it reads is kept. Both must have a caption
and an alternative text. A graph of more than one operation carries its steps with it (see
``stepper``).
"""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib import pyplot
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import fonts
import micrograd
import stepper
from doctesting import package_files, tasks_of
from micrograd import Value, to_svg

logger = logging.getLogger(__name__)
matplotlib.use("Agg")
STYLE = Path(__file__).parents[1] / "static" / "book.mplstyle"


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
        draw(Path(self["script"]), picture)


class Plot(Figure):
    """A figure from a script; the content is its caption."""

    made = plot
    tools: list[Path] = []  # what the picture is made with, besides matplotlib and the package
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
        files = [script, STYLE, Path(fonts.__file__), *self.tools, *package_files()]
        for pattern in self.options.get("reads", "").split():
            found = sorted(Path(self.env.srcdir).parent.glob(pattern))
            if not found:
                raise self.error(f"expected files at {pattern}, there are none")
            files += found
        self.depend_on(*files)
        name = "-".join(script.relative_to(self.env.srcdir).with_suffix(".svg").parts)
        picture = self.made("", name=name, script=str(script), files=files)
        picture["alt"] = self.options.get("alt", "")
        self.set_source_info(picture)
        return self.figure(picture, " ".join(self.content), "plot")


def picture_of(builder: Builder, node: plot) -> Path:
    return Path(builder.doctreedir).parent / "figures" / node["name"]


def draw_plots(app: Sphinx, builder: Builder) -> None:
    """Draw the pictures that are missing or older than what they are made from."""
    if builder.format != "html":
        return
    tasks = tasks_of(app)
    for docname in app.env.found_docs:
        for node in app.env.get_doctree(docname).findall(plot):
            picture = picture_of(builder, node)
            newest = max(file.stat().st_mtime for file in node["files"])
            if not picture.exists() or picture.stat().st_mtime < newest:
                picture.unlink(missing_ok=True)
                tasks.add_task(draw_plot, (node, picture))
    tasks.join()


def draw_plot(task: tuple[plot, Path]) -> None:
    node, picture = task
    try:
        node.make(picture)
    except Exception as error:
        logger.warning("%s: %r", node["script"], error, location=node, type="figure")


def visit_plot(self: Any, node: plot) -> None:
    add_image(self, node)
    raise nodes.SkipNode


def add_image(self: Any, node: plot) -> None:
    picture = picture_of(self.builder, node)
    if picture.exists():
        images = Path(self.builder.outdir, self.builder.imagedir)
        images.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, images / node["name"])
        source = f"{self.builder.imgpath}/{node['name']}"
        self.body.append(self.emptytag(node, "img", src=source, alt=node["alt"], CLASS="plot"))


@contextmanager
def book_style() -> Iterator[None]:
    """What is drawn within has the book's colours and typefaces, and no figure is left behind."""
    fonts.give_to_matplotlib()
    with matplotlib.rc_context(), matplotlib.style.context(["default", str(STYLE)]):
        pyplot.close("all")
        yield
        pyplot.close("all")


def draw(script: Path, picture: Path, **saving: Any) -> None:
    """Run a script that draws one figure, and save that."""
    with book_style():
        runpy.run_path(str(script))
        if len(pyplot.get_fignums()) != 1:
            raise ValueError(
                f"expected the script to draw 1 figure, got {len(pyplot.get_fignums())}"
            )
        picture.parent.mkdir(parents=True, exist_ok=True)
        pyplot.savefig(picture, format="svg", metadata={"Date": None}, **saving)


class ValueGraph(Figure):
    """The graph behind a Value that a few lines of Python compute; the argument is its name."""

    option_spec = {
        "alt": directives.unchanged_required,
        "caption": directives.unchanged_required,
        "name": directives.unchanged_required,
        "highlight": directives.unchanged_required,
        "no-gradients": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        self.depend_on(Path(stepper.__file__), *package_files())
        names: dict[str, Any] = {name: getattr(micrograd, name) for name in micrograd.__all__}
        try:
            exec("\n".join(self.content), names)
            for name, value in names.items():
                if isinstance(value, Value):
                    value.label = value.label or name
            highlight = [names[name] for name in self.options.get("highlight", "").split()]
            root = names[self.arguments[0]]
            gradients = "no-gradients" not in self.options
            svg = stepper.mark(to_svg(root, highlight, gradients), root)
            steps = stepper.record(root, gradients)
        except Exception as error:
            raise self.error(f"valuegraph: {error!r}") from error
        alt = self.options.get("alt", "")
        picture = stepper.valuegraph("", svg=svg, alt=alt, steps=stepper.to_json(steps, gradients))
        return self.figure(picture, self.options.get("caption", ""), "graph")


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("stepper")
    app.add_node(plot, html=(visit_plot, None))
    app.connect("write-started", draw_plots)
    app.add_directive("plot", Plot)
    app.add_directive("valuegraph", ValueGraph)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
