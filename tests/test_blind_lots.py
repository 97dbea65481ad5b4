"""Mistakes written without sight of the hints: one lot is caught, the other was judged."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from experiments.blind_lots import JUDGED, LOTS, VERDICTS, Blind, caught, judged, load

TUNED_ON = [pytest.param(mistake, id=mistake.id) for mistake in load("to_tune_on")]


@pytest.mark.parametrize("mistake", TUNED_ON)
def test_a_mistake_that_was_tuned_on_is_caught(mistake: Blind) -> None:
    if mistake.base == "finished":
        pytest.importorskip("numpy", reason="NumPy is not installed")
    assert caught(mistake) is not None


def test_every_mistake_that_was_kept_back_has_a_verdict_of_its_first_look() -> None:
    kept = {mistake.id: mistake.milestone for mistake in load("kept_back")}
    assert judged().keys() == kept.keys()
    assert {*judged().values()} <= {*VERDICTS}
    by_milestone = json.loads(JUDGED.read_text("utf-8"))
    assert Counter(str(number) for number in kept.values()) == {
        number: len(verdicts) for number, verdicts in by_milestone.items()
    }


def test_every_mistake_can_be_made_and_has_an_identifier_of_its_own(tmp_path: Path) -> None:
    mistakes = [mistake for lot in LOTS for mistake in load(lot)]
    assert len({mistake.id for mistake in mistakes}) == len(mistakes) >= 200
    for mistake in mistakes:
        mistake.make(tmp_path)
