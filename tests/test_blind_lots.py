"""Mistakes written without sight of the hints: all are caught, and no judgement is out of date."""

from __future__ import annotations

from collections import Counter

import pytest
from experiments.blind_lots import LOTS, VERDICTS, Blind, caught, judged, load

EACH = [pytest.param(mistake, id=mistake.id) for lot in LOTS for mistake in load(lot)]


@pytest.mark.parametrize("mistake", EACH)
def test_it_is_caught_and_its_first_hint_was_judged(mistake: Blind) -> None:
    failure = caught(mistake)
    assert failure is not None
    told = judged()[mistake.id]
    assert told["hint"] == failure.hints[0], "the hint has changed: judge it again"
    assert told["verdict"] in VERDICTS


def test_no_hint_asserts_what_is_false() -> None:
    counts = Counter(told["verdict"] for told in judged().values())
    assert counts["false"] == 0
    assert counts["names"] + counts["certain"] >= 0.75 * sum(counts.values())


def test_every_mistake_has_an_identifier_of_its_own() -> None:
    ids = [mistake.id for lot in LOTS for mistake in load(lot)]
    assert len(set(ids)) == len(ids) == len(judged())
