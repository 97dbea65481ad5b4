"""The blocks a chapter is built of: pitfalls, design notes, exercises, hints and solutions."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LEVELS = ("easy", "medium", "long")


class details(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """Something folded away behind a word or two."""

    def __init__(self, summary: str = "", *children: nodes.Node, **attributes: Any) -> None:
        super().__init__("", *children, summary=summary, **attributes)


def visit_details(self: Any, node: details) -> None:
    self.body.append(self.starttag(node, "details"))
    self.body.append(f"<summary>{self.encode(node['summary'])}</summary>\n")


def depart_details(self: Any, node: details) -> None:
    self.body.append("</details>\n")


class Block(SphinxDirective):
    """A titled box."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    kind = ""
    prefix = ""

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        box = nodes.admonition(classes=[self.kind])
        title, messages = self.parse_inline(self.prefix + self.arguments[0])
        box += nodes.title(self.arguments[0], "", *title)
        box += self.parse_content_to_nodes()
        return [box, *messages]


class Pitfall(Block):
    """The obvious way, and how it fails."""

    kind, prefix = "pitfall", "Pitfall: "


class Design(Block):
    """A decision, with both sides."""

    kind, prefix = "design", "Design note: "


class Exercise(Block):
    """Something to do; its argument is a level."""

    kind = "exercise"

    def run(self) -> list[nodes.Node]:
        level = self.arguments[0]
        if level not in LEVELS:
            raise self.error(f"expected an exercise to be one of {LEVELS}, got {level}")
        number: int = (self.env.temp_data.get("exercises") or 0) + 1
        self.env.temp_data["exercises"] = number
        self.arguments[0] = f"Exercise {number} ({level})"
        return super().run()


class Fold(SphinxDirective):
    """Something folded away."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        return [
            details(self.name.capitalize(), *self.parse_content_to_nodes(), classes=[self.name])
        ]


class TitledFold(SphinxDirective):
    """Something folded away that belongs where it stands, behind words of its own."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        content = self.parse_content_to_nodes()
        return [details(self.arguments[0], *content, classes=["fold"])]


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(details, html=(visit_details, depart_details))
    app.add_directive("pitfall", Pitfall)
    app.add_directive("design", Design)
    app.add_directive("exercise", Exercise)
    app.add_directive("hint", Fold, override=True)
    app.add_directive("solution", Fold)
    app.add_directive("fold", TitledFold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
