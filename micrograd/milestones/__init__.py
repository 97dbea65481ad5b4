"""The milestones: what a reader's own system can do after each part of the book, as doctests.

Each milestone is a text file beside this one: a title, the chapter it belongs to, and checks.
A check has a title, perhaps a remark, a doctest, and hints for when it fails, from the gentle to
the strong. The chapters show these files, ``make doctest`` runs them, and they are installed
with the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

__all__ = ["Check", "Milestone", "load_milestone", "load_milestones"]


@dataclass(frozen=True)
class Check:
    """One thing a milestone asks for.

    Attributes:
        title: what holds if the check passes.
        remark: Markdown to read before the doctest; may be empty.
        doctest: the examples, as doctest text.
        line: the line in the milestone's file on which the doctest starts, from 1.
        hints: what to look at when it fails, the gentlest first.
    """

    title: str
    remark: str
    doctest: str
    line: int
    hints: tuple[str, ...]


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


def load_milestones() -> list[Milestone]:
    """All milestones, in order.

    >>> [milestone.number for milestone in load_milestones()]
    [1, 2, 3, 4]
    """
    names = [file.name for file in files(__name__).iterdir() if file.name.endswith(".txt")]
    numbers = (int(name.removeprefix("milestone").removesuffix(".txt")) for name in names)
    return [load_milestone(number) for number in sorted(numbers)]


def load_milestone(number: int) -> Milestone:
    """Milestone ``number``.

    Raises:
        ValueError: if there is no such milestone.
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
    chapter = next(line for line in head[2] if line.startswith("Chapter: "))
    introduction = "\n".join(line for line in head[2] if line != chapter)
    return Milestone(
        number,
        head[0].partition(": ")[2],
        chapter.removeprefix("Chapter: "),
        introduction.strip(),
        tuple(_check(*check) for check in checks),
        file.name,
    )


def _check(title: str, offset: int, body: list[str]) -> Check:
    first = next(i for i, line in enumerate(body) if line.startswith(">>>"))
    hint = next((i for i, line in enumerate(body) if line.startswith("Hint: ")), len(body))
    hints = "\n".join(body[hint:]).split("Hint: ")[1:]
    return Check(
        title,
        "\n".join(body[:first]).strip(),
        "\n".join(body[first:hint]).strip() + "\n",
        offset + first + 1,
        tuple(" ".join(text.split()) for text in hints),
    )
