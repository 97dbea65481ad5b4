"""``{network}`` draws a network that a few lines of Python make, as circles and lines.

The argument is its name. ``:inputs: 0.5, -1`` shows what each neuron gives for them.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from micrograd.drawing import draw_network
from press.valuegraph import Computed


class network(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """The drawing of a network."""


def visit_network(self: Any, node: network) -> None:
    alt = html.escape(node["alt"], quote=True)
    svg = node["svg"].replace('role="img"', f'role="img" aria-label="{alt}" class="network"', 1)
    self.body.append(f'<div class="drawing">{svg}</div>')
    raise nodes.SkipNode


class Network(Computed):
    """A network as circles and lines; the argument is its name."""

    option_spec = {
        "alt": directives.unchanged_required,
        "caption": directives.unchanged_required,
        "name": directives.unchanged_required,
        "inputs": directives.unchanged_required,
        "outputs": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        given = self.options.get("inputs")
        try:
            inputs = None if given is None else [float(x) for x in given.split(",")]
            outputs = self.options.get("outputs")
            called = None if outputs is None else [name.strip() for name in outputs.split(",")]
            drawn = self.names(Path(__file__))[self.arguments[0]]
            svg = draw_network(drawn, inputs, output_names=called)
        except Exception as error:
            raise self.error(f"network: {error!r}") from error
        picture = network("", svg=svg, alt=self.options.get("alt", ""))
        return self.figure(picture, self.options.get("caption", ""), "graph")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(network, html=(visit_network, None))
    app.add_directive("network", Network)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
