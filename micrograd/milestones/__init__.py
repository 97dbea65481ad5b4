"""The milestones: what a reader's own system can do after each part of the book, as doctests.

Each milestone is a text file beside this one: a title, the chapter it belongs to, and checks.
A check has a title, perhaps a remark, a doctest, hints for when it fails, from the gentle to the
strong, and a section of the book to read then. The chapters show these files, ``make doctest``
runs them, the workbench runs them on a reader's own code, and they are installed with the package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from doctest import DocTestParser, Example
from importlib.resources import files

__all__ = ["Check", "Hint", "Milestone", "load_milestone", "load_milestones"]


@dataclass(frozen=True)
class Hint:
    """What to look at when a check fails.

    In the file it is ``Hint: text``, or ``Hint if 4.25 or TypeError *unhashable*: text`` for one
    that holds only if one of these came instead of the right answer.

    Attributes:
        text: Markdown.
        when: the answers or exceptions that it explains, as they begin, without a colon, and
            with ``*`` for anything; empty if it always holds.
    """

    text: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One thing a milestone asks for.

    Attributes:
        title: what holds if the check passes.
        remark: Markdown to read before the doctest; may be empty.
        doctest: the examples, as doctest text.
        line: the line in the milestone's file on which the doctest starts, from 1.
        hints: what to look at when it fails, the gentlest first.
        chapter: the document of the book to read when it fails.
        section: the heading in it.
        needs: the part of the package that it is about, such as ``tensors``; empty for one that
            files of a reader's own can pass in the workbench.
    """

    title: str
    remark: str
    doctest: str
    line: int
    hints: tuple[Hint, ...]
    chapter: str
    section: str
    needs: str = ""

    @property
    def examples(self) -> list[Example]:
        """The examples of the doctest, in order."""
        return DocTestParser().get_examples(self.doctest)


@dataclass(frozen=True)
class Milestone:
    """One milestone.

    Attributes:
        number: from 1.
        title: what a system that has reached it can do.
        chapter: the document of the book that leads to it.
        introduction: Markdown.
        checks: in order; they share one namespace.
        filename: of the file it came from, inside this package.
    """

    number: int
    title: str
    chapter: str
    introduction: str
    checks: tuple[Check, ...]
    filename: str


def load_milestones(own: bool = False) -> list[Milestone]:
    """All milestones, in order; see :func:`load_milestone`."""
    names = [file.name for file in files(__name__).iterdir() if file.name.endswith(".txt")]
    numbers = (int(name.removeprefix("milestone").removesuffix(".txt")) for name in names)
    return [load_milestone(number, own) for number in sorted(numbers)]


def load_milestone(number: int, own: bool = False) -> Milestone:
    """Milestone ``number``.

    Args:
        number: from 1.
        own: those of its checks alone that a reader's own files can pass.

    Raises:
        ValueError: if there is no such milestone.

    >>> len(load_milestone(8).checks), len(load_milestone(8, own=True).checks)
    (13, 7)
    """
    file = files(__name__) / f"milestone{number}.txt"
    if not file.is_file():
        raise ValueError(f"expected the number of a milestone, got {number}")
    lines = file.read_text("utf-8").splitlines()
    # A section starts at a line that the next one underlines: the title with =, checks with -.
    starts = [i for i in range(len(lines) - 1) if lines[i] and set(lines[i + 1]) in ({"="}, {"-"})]
    head, *checks = (
        (lines[start], start + 2, lines[start + 2 : end])
        for start, end in zip(starts, [*starts[1:], len(lines)])
    )
    fields = dict(line.split(": ", 1) for line in head[2] if _FIELD.match(line))
    introduction = "\n".join(line for line in head[2] if not _FIELD.match(line))
    return Milestone(
        number,
        head[0].partition(": ")[2],
        fields["Chapter"],
        introduction.strip(),
        tuple(check for check in map(_check, *zip(*checks)) if not (own and check.needs)),
        file.name,
    )


def _check(title: str, offset: int, body: list[str]) -> Check:
    first = next(i for i, line in enumerate(body) if line.startswith(">>>"))
    end = next((i for i, line in enumerate(body) if _LABEL.match(line)), len(body))
    labelled = _LABEL.split("\n".join(body[end:]))[1:]  # label, condition, text, and so on
    pairs = list(zip(labelled[::3], labelled[1::3], labelled[2::3]))
    said = {label: " ".join(text.split()) for label, _, text in pairs if label != "Hint"}
    reading = said.get("Read", "")
    chapter, _, section = reading.partition(", ")
    return Check(
        title,
        "\n".join(body[:first]).strip(),
        "\n".join(body[first:end]).strip() + "\n",
        offset + first + 1,
        tuple(
            Hint(" ".join(text.split()), tuple(condition.split(" or ")) if condition else ())
            for label, condition, text in pairs
            if label == "Hint"
        ),
        chapter,
        section,
        said.get("Needs", ""),
    )


_FIELD = re.compile(r"Chapter: ")
_LABEL = re.compile(r"^(Hint|Needs|Read)(?: if (.+?))?: ", re.MULTILINE)
