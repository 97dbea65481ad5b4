"""The comparison of optimisers that the chapter quotes is the one that its experiment makes."""

import json
import math
from statistics import median
from typing import Any

import pytest
from experiments import optimiser_runs as experiment

KINDS = [(inputs, rule) for inputs in experiment.SCALES for rule in experiment.RULES]


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(experiment.RESULTS.read_text("utf-8"))
    return found


def test_a_run_gives_a_loss_that_is_stored(results: dict[str, Any]) -> None:
    inputs, rule = "one input divided by 50", "Adam"
    stored = results["runs"][inputs][rule]
    loss = experiment.final_loss(inputs, rule, stored["best rate"], experiment.JUDGING[0])
    assert any(math.isclose(loss, other, rel_tol=0.01) for other in stored["losses"])


@pytest.mark.parametrize(("inputs", "rule"), KINDS)
def test_the_best_rate_is_none_at_the_ends(inputs: str, rule: str, results: Any) -> None:
    """A best rate at an end of the range might have been better still beyond it."""
    assert results["runs"][inputs][rule]["best rate"] in experiment.RATES[1:-1]


def test_no_seed_that_judges_has_chosen_a_rate() -> None:
    assert not set(experiment.TUNING) & set(experiment.JUDGING)


def test_the_chapter_says_what_was_found(results: dict[str, Any]) -> None:
    plain, scaled = (results["runs"][inputs] for inputs in experiment.SCALES)
    losses = {rule: plain[rule]["losses"] for rule in plain}
    assert abs(median(losses["SGD"]) - median(losses["Adam"])) < 0.001
    assert sum(loss > 0.05 for loss in losses["SGD"]) == 6
    assert max(losses["Adam"]) < 0.05
    best = min(median(scaled[rule]["losses"]) for rule in scaled)
    assert max(map(median, losses.values())) < best
    assert min(min(scaled[rule]["losses"]) for rule in ("SGD", "Momentum")) > 0.5
