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
        box["ids"].append(self.place(box[0].astext()))
        return [box, *messages]

    def place(self, title: str) -> str:
        """A name for the box to be linked by, which no other place of the page has."""
        name = nodes.make_id(title.partition(" (")[0])[:60].rstrip("-")
        taken = self.state.document.ids
        free = next(n for n in (name, *(f"{name}-{i}" for i in range(2, 99))) if n not in taken)
        taken[free] = nodes.Element()
        return free


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


def add_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give the boxes of a page a link to themselves, as its headings have one."""
    if app.builder.name == "html":
        for box in doctree.findall(nodes.admonition):
            if box["ids"] and isinstance(box[0], nodes.title):
                sign = app.config.html_permalinks_icon
                link = nodes.reference("", sign, refid=box["ids"][0], internal=True)
                link["classes"].append("headerlink")
                link["reftitle"] = "Link to this box"
                box[0].append(link)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(details, html=(visit_details, depart_details))
    app.add_directive("pitfall", Pitfall)
    app.add_directive("design", Design)
    app.add_directive("exercise", Exercise)
    app.add_directive("hint", Fold, override=True)
    app.add_directive("solution", Fold)
    app.connect("doctree-resolved", add_links)
    app.add_directive("fold", TitledFold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
