"""Mistakes written blind: from the templates and right answers, without sight of any hint.

There are two lots, with a file for each milestone: ``blind/to_tune_on`` has those that hints and
checks were mended on, ``blind/kept_back`` those that were run against the hints before that, and
are quoted. Each mistake is a few replacements in one file of a right answer, in ``blind/closures``
or ``blind/pairs``, or in the templates with their steps done (``finished``).

``book/workbench/blind.json`` says of each mistake of the second what its first hint was worth at
the first look, as judged by a reader of the mistake and of what is shown: it ``names`` it, or says
truthfully what is ``certain`` (the rule, the operation, the operand), or is ``vague``, or asserts
what is ``false``; or the mistake is ``uncaught``. What is said of them today is printed by

    cd tests && python -m experiments.blind_lots kept_back
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from micrograd.milestones import load_milestone
from micrograd.workbench import Failure, check_milestone
from micrograd.workbench.folder import ARRAYS, FIRST_OF_ARRAYS, finished

HERE = Path(__file__).parent / "blind"
LOTS = ("to_tune_on", "kept_back")
JUDGED = Path(__file__).parents[2] / "book" / "workbench" / "blind.json"
VERDICTS = ("names", "certain", "vague", "false", "uncaught")
LIMIT = 8.0  # seconds; enough for every check, and not long for what never ends


@dataclass(frozen=True)
class Blind:
    """One mistake: what was done wrong, what a perfect hint would say, where, and the edits."""

    id: str
    title: str
    truth: str
    milestone: int
    base: str
    file: str
    edits: tuple[tuple[str, str], ...]

    def make(self, folder: Path) -> None:
        """Write an implementation with this mistake into a folder.

        Raises:
            ValueError: if what is to be replaced does not stand in the file exactly once.
        """
        for name, right in self.sources().items():
            source = right
            for old, new in self.edits if name == self.file else ():
                if source.count(old) != 1:
                    raise ValueError(f"{self.id}: expected {old!r} once in {name}")
                source = source.replace(old, new)
            (folder / f"{name}.py").write_text(source, "utf-8")

    def sources(self) -> dict[str, str]:
        """The right answer that it is made in: each file by its name."""
        if self.base == "finished":
            return {name: finished(name) for name in ARRAYS}
        return {path.stem: path.read_text("utf-8") for path in (HERE / self.base).glob("*.txt")}


def load(lot: str) -> list[Blind]:
    """The mistakes of a lot, in the order of the milestones."""
    names = Blind.__dataclass_fields__
    return [
        Blind(**{key: value for key, value in each.items() if key in names and key != "edits"},
              edits=tuple((old, new) for old, new in each["edits"]))
        for path in sorted((HERE / lot).glob("milestone?.toml"))
        for each in tomllib.loads(path.read_text("utf-8"))["mistake"]
    ]  # fmt: skip


def caught(mistake: Blind) -> Failure | None:
    """What is said of a mistake by the time its milestone is reached; nothing if all passes."""
    with tempfile.TemporaryDirectory() as folder:
        mistake.make(Path(folder))
        first = FIRST_OF_ARRAYS if mistake.milestone >= FIRST_OF_ARRAYS else 1
        for number in range(first, mistake.milestone + 1):
            result = check_milestone(Path(folder), load_milestone(number, own=True), LIMIT)
            if result.failure:
                return result.failure
    return None


def outcomes(mistakes: Iterable[Blind]) -> Iterator[tuple[Blind, Failure | None]]:
    """Each of them, and what is said of it; two at a time."""
    mistakes = list(mistakes)
    with ThreadPoolExecutor(2) as pool:
        yield from zip(mistakes, pool.map(caught, mistakes))


def judged() -> dict[str, str]:
    """By the identifier of a mistake that was kept back: the verdict on its first hint."""
    told: dict[str, dict[str, str]] = json.loads(JUDGED.read_text("utf-8"))
    return {id_: verdict for verdicts in told.values() for id_, verdict in verdicts.items()}


def main(lot: str) -> None:
    """Print what is said of each mistake of a lot."""
    for mistake, failure in outcomes(load(lot)):
        print(f"{mistake.id}  {mistake.title}\n  truth  {mistake.truth}")
        if failure:
            print(f"  check  {failure.check.title}: {failure.came[:100]}")
            print(f"  where  {failure.where}\n  hint   {failure.hints[0]}\n")
        else:
            print("  NOT CAUGHT\n")


if __name__ == "__main__":
    main(sys.argv[1])
