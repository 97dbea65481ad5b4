"""The chapter on handwritten digits quotes what experiments.digits_runs measured."""

import json
from pathlib import Path

import pytest
from experiments.digits_runs import FIGURES, PASSES, SEEDS, accuracy, parts

from micrograd import cross_entropy, evaluate, load_model

CHAPTER = (Path(__file__).parents[1] / "book" / "examples" / "digits.md").read_text("utf-8")
RESULTS = json.loads((FIGURES / "digits-results.json").read_text("utf-8"))
NAMES = ("divided by 16", "standardised", "as it is", "no hidden layer")


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("name", NAMES)
def test_the_means_that_the_figure_describes_are_those_measured(name: str, part: str) -> None:
    ends = [run[part][-1] for run in RESULTS["runs"][name]]
    assert len(ends) == len(SEEDS)
    described = CHAPTER.partition("with the accuracy of five seeds each")[2].partition("\n")[0]
    assert f"{100 * sum(ends) / len(ends):.1f}" in described


def test_it_says_when_and_by_what_they_were_measured() -> None:
    for key in ("date", "command", "python", "micrograd-book"):
        assert RESULTS[key] in CHAPTER


def test_the_range_over_seeds_is_that_measured() -> None:
    ends = [100 * run["test"][-1] for run in RESULTS["runs"]["divided by 16"]]
    assert f"from {min(ends):.1f} % to {max(ends):.1f} %" in CHAPTER


def test_the_network_of_the_figures_is_the_one_that_the_chapter_trains() -> None:
    network = load_model(FIGURES / "digits-model.json")
    _, validation, test = parts("divided by 16")
    loss = evaluate(network, validation, cross_entropy)
    assert f"pass {PASSES}: loss on the validation part {loss:.2f}" in CHAPTER
    assert f"right: {accuracy(network, validation):.1%}" in CHAPTER
    assert f"{accuracy(network, test):.1%} of {len(test)}" in CHAPTER
