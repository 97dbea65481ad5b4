"""``{playground}``: a network that learns in the page; ``{play}`` leads there with settings.

The content of the directive is the caption of a figure, as for ``{plot}``: its script draws the
picture for paper. Beside it stand runs that were recorded when the book was built, with the code
of ``static/live/play.py``: ``static/playground.js`` plays them wherever the page is read. Where the
book is live, the same code trains in a worker, and all settings can be changed.

``{play}`rate=5 activation=relu | watch it explode` `` is a link to the front page's playground.
"""

from __future__ import annotations

import json
import os
import posixpath
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from press import STATIC
from press.common import data_block, is_paper
from press.figures import Plot, add_image, picture_of, plot
from press.live import is_live

LIVE = STATIC / "live"
sys.path.append(str(LIVE))  # where the browser finds it, too

import play  # noqa: E402

MOMENTS = [*range(12), *range(12, 40, 2), *range(40, 100, 5), *range(100, 201, 10)]
RECORDED: list[dict[str, Any]] = [
    {},
    {"data": "xor"},
    {"data": "circles"},
    {"data": "line", "layers": "none"},
    {"activation": "relu", "rate": 5},
]
LARGEST = 200_000  # bytes of runs that a page can carry


def record(settings: dict[str, Any], moments: list[int] = MOMENTS) -> dict[str, Any]:
    """A run as ``playground.js`` plays it: settings, code, points, and the states at some steps."""
    run = play.Play(settings)
    states = []
    for moment in moments:
        while run.steps < moment:
            run.step()
        states.append(rounded(run.state()))
    return {
        "settings": run.settings,
        "code": play.code(settings),
        "points": rounded(run.points()),
        "held": rounded([[*x, int(side > 0.0)] for x, side in run.held_out]),
        "states": states,
    }


def rounded(item: Any) -> Any:
    """Three digits of every float are enough to draw."""
    if isinstance(item, dict):
        return {name: rounded(part) for name, part in item.items()}
    if isinstance(item, list):
        return [rounded(part) for part in item]
    return float(f"{item:.3g}") if isinstance(item, float) else item


class playground(plot):  # noqa: N801 (docutils names nodes in lower case)
    """The picture for paper, with the recorded runs beside it."""

    def make(self, picture: Path) -> None:
        super().make(picture)
        told = {"choices": play.CHOICES, "runs": [record(settings) for settings in RECORDED]}
        text = json.dumps(told, separators=(",", ":"))
        if len(text) > LARGEST:
            raise ValueError(f"expected at most {LARGEST} bytes of runs, got {len(text)}")
        picture.with_suffix(".json").write_text(text, "utf-8")


class Playground(Plot):
    """A network that learns in the page; the content is the caption."""

    made = playground
    tools = [Path(__file__), LIVE / "play.py", *Plot.tools]


def visit_playground(self: Any, node: playground) -> None:
    add_image(self, node)
    runs = picture_of(self.builder, node).with_suffix(".json")
    if not is_paper(self.builder) and runs.exists():
        told = json.loads(runs.read_text("utf-8")) | {"live": is_live(self.builder.app)}
        self.body.append(data_block("playground", json.dumps(told, separators=(",", ":"))))
    raise nodes.SkipNode


class Play(SphinxRole):
    """A link to the playground, with settings: ``name=value name=value | text``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        given, _, text = self.text.partition("|")
        try:
            settings = dict(part.split("=") for part in given.split())
            play.checked(settings)
        except ValueError as error:
            message = self.inliner.reporter.error(f"play: {error}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        here = posixpath.dirname(self.env.docname)
        page = posixpath.relpath(f"{self.config.root_doc}.html", here or os.curdir)
        uri = f"{page}#playground?{urlencode(settings)}"
        words = text.strip() or given.strip()
        return [nodes.reference(self.rawtext, words, refuri=uri, internal=True)], []


def setup(app: Sphinx) -> dict[str, Any]:
    app.setup_extension("press.figures")
    app.add_node(playground, html=(visit_playground, None))
    app.add_directive("playground", Playground)
    app.add_role("play", Play())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
