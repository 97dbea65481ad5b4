"""The bed a diagnosis is measured on: it covers what it says, and is the same every time."""

from dataclasses import replace

import pytest
from experiments.diagnosis_bed import CAUSES, HELD_OUT, SEEDS, TUNE, Run, Setting, line_of, run_of
from experiments.diagnosis_setting import run

from micrograd import Value

HALVES = {"tune": TUNE, "held_out": HELD_OUT}


def told(setting: Setting) -> tuple[str, str]:
    return setting.cause, setting.name


@pytest.mark.parametrize("half", HALVES)
def test_each_half_has_two_settings_for_every_cause(half: str) -> None:
    causes = [setting.cause for setting in HALVES[half]]
    assert set(causes) == set(CAUSES)
    assert min(causes.count(cause) for cause in CAUSES if not cause.startswith("healthy")) >= 2
    assert len(SEEDS) == 20


def test_there_are_many_causes_and_several_ways_to_be_healthy() -> None:
    healthy = {cause for cause in CAUSES if cause.startswith("healthy")}
    assert len(healthy) >= 4
    assert len(CAUSES) - len(healthy) >= 14


def test_the_halves_share_no_setting_and_no_data() -> None:
    settings = [told(setting) for half in HALVES.values() for setting in half]
    assert len(set(settings)) == len(settings)
    unnamed = {half: {replace(s, cause="", name="") for s in HALVES[half]} for half in HALVES}
    assert not unnamed["tune"] & unnamed["held_out"]
    for one in TUNE[:8]:
        for other in HELD_OUT[:8]:
            assert one.build("tune", 0)[1] != other.build("held_out", 0)[1]


@pytest.mark.parametrize("half", HALVES)
def test_the_same_seed_gives_the_same_bits_and_another_one_others(half: str) -> None:
    for setting in HALVES[half][::9]:
        short = replace(setting, iterations=4)
        # As lines: nan is not equal to itself, and a set has no order.
        assert line_of(run(short, half, 3)) == line_of(run(short, half, 3))
        assert run(short, half, 3).losses != run(short, half, 4).losses


def test_a_run_survives_its_way_through_a_file() -> None:
    for setting in TUNE[::9]:
        made = run(replace(setting, iterations=3), "tune", 0)
        back = run_of(line_of(made))
        assert line_of(back) == line_of(made)
        assert back.accepted == made.accepted


def _ended(final: float, cause: str = "step uphill") -> Run:
    setting = next(setting for setting in TUNE if setting.cause == cause)
    return replace(run(replace(setting, iterations=2), "tune", 0), final=final)


@pytest.mark.parametrize(
    ("final", "outcome"),
    [
        (float("nan"), "broken"),
        (float("inf"), "broken"),
        (0.51, "broken"),
        (0.5, "grey"),
        (0.2, "grey"),
        (0.19, "healthy"),
    ],
)
def test_the_outcome_is_told_by_the_share_of_the_baseline(final: float, outcome: str) -> None:
    assert _ended(final).outcome == outcome
    assert _ended(final).counts == (outcome == "broken")
    assert _ended(final, "healthy hinge").counts == (outcome == "healthy")


def test_the_baseline_is_a_constant_that_no_other_one_beats() -> None:
    for setting in (*TUNE, *HELD_OUT):
        targets = [y for _, y in setting.build("", 0)[1]]
        if any(y != y for y in targets):
            continue
        best = setting.loss.best_constant(targets)
        at_best, *beside = (
            setting.loss.meant([Value(best + shift)] * len(targets), targets).data
            for shift in (0.0, -0.05, 0.05)
        )
        assert at_best <= min(beside) + 1e-12, told(setting)
