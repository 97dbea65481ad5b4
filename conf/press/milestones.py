"""``{milestone} N`` shows a milestone's checks; ``{milestone-list}`` lists all milestones."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from mdit_py_plugins.anchors.index import slugify
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from micrograd import milestones
from micrograd.milestones import Milestone, load_milestone, load_milestones
from press.blocks import details
from press.common import GROUP


class MilestoneDirective(SphinxDirective):
    """The checkpoint of a chapter, from the milestone's file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            milestone = load_milestone(int(self.arguments[0]))
        except ValueError as error:
            raise self.error(str(error)) from error
        if milestone.chapter != self.env.docname:
            raise self.error(f"milestone {milestone.number} belongs to {milestone.chapter}")
        box = nodes.admonition(classes=["checkpoint"])
        box += nodes.title("", f"Checkpoint: milestone {milestone.number}, {milestone.title}")
        box += self.parse_text_to_nodes(milestone.introduction)
        folded = details(f"The {len(milestone.checks)} checks, with hints", classes=["fold"])
        for check in milestone.checks:
            folded += nodes.rubric("", check.title + " (of the package)" * bool(check.needs))
            if check.remark:
                folded += self.parse_text_to_nodes(check.remark)
            folded += self.doctest(milestone, check)
            if check.hints:
                hints = details("If it fails", classes=["hint"])
                hints += self.parse_text_to_nodes(advice(check, milestone.chapter))
                folded += hints
        box += folded
        not_all = any(check.needs for check in milestone.checks)
        box += self.parse_text_to_nodes(
            f"To run {'those that are not of the package' if not_all else 'these'} on code of your "
            f"own, see [](#build-it-yourself): `make check MILESTONE={milestone.number}`."
        )
        self.options["name"] = f"milestone-{milestone.number}"
        self.add_name(box)
        return [box]

    def doctest(self, milestone: Milestone, check: milestones.Check) -> nodes.literal_block:
        """What the doctest directive would make of the examples."""
        examples = check.doctest.rstrip("\n")
        block = nodes.literal_block(examples, examples)
        block["language"] = "pycon"
        block["testnodetype"] = "doctest"
        block["groups"] = [f"{GROUP}{milestone.number}"]
        block["options"] = {}
        block.source = f"{milestones.__path__[0]}/{milestone.filename}"
        block.line = check.line
        self.env.note_dependency(block.source)
        return block


def advice(check: milestones.Check, chapter: str) -> str:
    """A check's hints and what to read, as Markdown: those for one wrong answer begin with it.

    What to read is named with its chapter if that is not the one it is shown in.
    """
    lines = [f"- {answers(hint)}{hint.text}" for hint in check.hints]
    if check.section:
        link = f"/{check.chapter}.md#{slugify(check.section)}"
        elsewhere = "" if check.chapter == chapter else f", in {{doc}}`/{check.chapter}`"
        lines += ["", f"The section to read is [{check.section}]({link}){elsewhere}."]
    return "\n".join(lines)


def answers(hint: milestones.Hint) -> str:
    """What a hint holds for, as one would see it: the name of an error, a colon, a message.

    >>> answers(milestones.Hint("", ("(0, 1)", "TypeError *real number*Value*")))
    '`(0, 1)` or `TypeError: … real number … Value …`: '
    """
    shown = [re.sub(r"^(\w+Error) ", r"\1: ", condition) for condition in hint.when]
    shown = [re.sub(r" ?\* ?", " … ", answer).replace(":  …", ": …").strip() for answer in shown]
    return " or ".join(f"`{answer}`" for answer in shown) + (": " if shown else "")


class MilestoneListDirective(SphinxDirective):
    """All milestones: what each asks for, and where its checkpoint is."""

    option_spec = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        lines = []
        for milestone in load_milestones():
            self.env.note_dependency(f"{milestones.__path__[0]}/{milestone.filename}")
            lines += [
                f"**[Milestone {milestone.number}: {milestone.title}]"
                f"(#milestone-{milestone.number})**",
                "",
                milestone.introduction,
                "",
                *(f"- {check.title}" for check in milestone.checks),
                "",
            ]
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("milestone", MilestoneDirective)
    app.add_directive("milestone-list", MilestoneListDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
