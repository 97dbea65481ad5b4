"""Mistakes written blind: from the templates and two right answers, without sight of any hint.

``blind/lot_a.toml`` is the lot that hints and checks are tuned on; so far it has the mistakes of
milestone 1, and ``blind/to_tune_on_2.toml`` is to follow. A lot that is kept back goes to
``blind/lot_b.toml``: ``blind/kept_back_2.toml``, ``_3`` and ``_4`` are its parts for milestones 2
to 4, with which no hint has been compared so far. Each mistake is a few replacements in one file
of ``blind/closures`` or ``blind/pairs``. ``blind/judged.json`` says of each first hint what it is
worth, as judged by a reader of the mistake and the hint: ``names`` the mistake, or says truthfully
what is ``certain`` (the rule, the operation, the operand), or is ``vague``, or asserts what is
``false``. A judgement holds for one hint, and is void if that changes: see what is to be judged by

    cd tests && python -m experiments.blind_lots a
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

HERE = Path(__file__).parent / "blind"
LOTS = {path.stem[-1]: path for path in sorted(HERE.glob("lot_?.toml"))}
JUDGED = HERE / "judged.json"
VERDICTS = ("names", "certain", "vague", "false")
LIMIT = 3.0  # seconds; enough for every check, and not long for what never ends


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
        for path in sorted((HERE / self.base).glob("*.txt")):
            source = path.read_text("utf-8")
            for old, new in self.edits if path.stem == self.file else ():
                if source.count(old) != 1:
                    raise ValueError(f"{self.id}: expected {old!r} once in {path.name}")
                source = source.replace(old, new)
            (folder / f"{path.stem}.py").write_text(source, "utf-8")


def load(lot: str) -> list[Blind]:
    """The mistakes of a lot."""
    told = tomllib.loads(LOTS[lot].read_text("utf-8"))["mistake"]
    names = Blind.__dataclass_fields__
    return [
        Blind(**{key: value for key, value in each.items() if key in names and key != "edits"},
              edits=tuple((old, new) for old, new in each["edits"]))
        for each in told
    ]  # fmt: skip


def caught(mistake: Blind) -> Failure | None:
    """What the milestone that teaches the matter says of a mistake; nothing if it passes."""
    with tempfile.TemporaryDirectory() as folder:
        mistake.make(Path(folder))
        milestone = load_milestone(mistake.milestone, own=True)
        return check_milestone(Path(folder), milestone, LIMIT).failure


def outcomes(mistakes: Iterable[Blind]) -> Iterator[tuple[Blind, Failure | None]]:
    """Each of them, and what is said of it; two at a time."""
    mistakes = list(mistakes)
    with ThreadPoolExecutor(2) as pool:
        yield from zip(mistakes, pool.map(caught, mistakes))


def judged() -> dict[str, dict[str, str]]:
    """By the identifier of a mistake: the ``hint`` that was judged, and the ``verdict``."""
    told: dict[str, dict[str, str]] = json.loads(JUDGED.read_text("utf-8"))
    return told


def main(lot: str) -> None:
    """Print what is said of each mistake of a lot whose hint has not been judged."""
    known = judged() if JUDGED.exists() else {}
    for mistake, failure in outcomes(load(lot)):
        hint = failure.hints[0] if failure else ""
        if known.get(mistake.id, {}).get("hint") != hint:
            print(f"{mistake.id}  {mistake.title}\n  truth  {mistake.truth}")
            if failure:
                print(f"  check  {failure.check.title}: {failure.came[:100]}")
                print(f"  where  {failure.where}\n  hint   {hint}\n")
            else:
                print("  NOT CAUGHT\n")


if __name__ == "__main__":
    main(sys.argv[1])
