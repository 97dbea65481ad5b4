"""The diagnosis of failed runs, measured on runs made to fail and on healthy ones."""

import json
import math
from math import inf, nan

import pytest
from experiments.diagnosis_runs import (
    CAUSES,
    RESULTS,
    Run,
    confusion_matrix,
    failing_run,
    results,
    show,
)

from micrograd.diagnosis import Cause, diagnose_training_failure

SEEDS = range(20)
FALLING = [0.9**i for i in range(40)]


@pytest.fixture(scope="module")
def matrix() -> dict[Cause, dict[Cause, int]]:
    matrix = confusion_matrix(SEEDS)
    print(show(matrix))
    return matrix


@pytest.mark.parametrize("cause", CAUSES)
def test_cause_is_named_in_19_of_20_runs(
    cause: Cause, matrix: dict[Cause, dict[Cause, int]]
) -> None:
    assert sum(matrix[cause].values()) == len(SEEDS)
    assert matrix[cause][cause] >= 0.95 * len(SEEDS), show(matrix)


def test_failing_runs_are_the_same_at_every_call() -> None:
    for cause in CAUSES:
        first, second = failing_run(cause, 3), failing_run(cause, 3)
        assert repr(first) == repr(second)


def test_the_results_in_the_book_are_those_of_fresh_runs() -> None:
    printed = json.loads(RESULTS.read_text("utf-8"))
    seeds = [int(seed) for seed in printed["seeds"].split()]
    assert len(seeds) >= 20
    assert not set(seeds) & set(SEEDS)
    fresh = results(seeds[:2])
    for known in ("losses and gradient norms", "losses alone"):
        first_two = {name: " ".join(row.split()[:2]) for name, row in printed[known].items()}
        assert first_two == fresh[known]


def test_healthy_runs_are_of_many_kinds() -> None:
    runs = [failing_run(Cause.HEALTHY, seed) for seed in SEEDS]
    names = {run.description.split(":")[0].split(",")[0] for run in runs}
    assert names == {"line", "curve", "sides", "xor"}
    assert {run.epoch > 1 for run in runs} == {True, False}


# Each rule by itself, on losses written by hand


def test_a_falling_loss_is_healthy_and_a_diagnosis_of_it_is_false() -> None:
    diagnosis = diagnose_training_failure(FALLING)
    assert diagnosis.cause is Cause.HEALTHY
    assert not diagnosis


def test_a_diagnosis_of_a_failure_is_true_and_prints_cause_evidence_and_recommendation() -> None:
    diagnosis = diagnose_training_failure([1.0, nan])
    assert diagnosis
    for text in ("not a number", "iteration 2", diagnosis.evidence, diagnosis.recommendation):
        assert text in str(diagnosis)


@pytest.mark.parametrize("losses", [[nan], [inf], [1.0, 0.5, nan], [3.0, 20.0, 2.0, inf]])
def test_a_sudden_nan_or_infinity_is_not_a_divergence(losses: list[float]) -> None:
    assert diagnose_training_failure(losses).cause is Cause.NAN


@pytest.mark.parametrize("end", [nan, inf])
def test_a_nan_or_infinity_after_growth_is_a_divergence(end: float) -> None:
    assert diagnose_training_failure([1.0, 50.0, 2500.0, end]).cause is Cause.DIVERGED


def test_a_gradient_that_is_not_finite_is_found_behind_finite_losses() -> None:
    diagnosis = diagnose_training_failure([1.0, 0.9], [[1.0, 2.0], [nan, 2.0]])
    assert diagnosis.cause is Cause.NAN
    assert "gradient" in diagnosis.evidence


def test_a_loss_that_grows_without_end_has_diverged() -> None:
    assert diagnose_training_failure([1.5**i for i in range(20)]).cause is Cause.DIVERGED


def test_a_loss_at_the_edge_of_overflow_has_diverged() -> None:
    losses = [1.0] * 10 + [1e308] * 10
    assert diagnose_training_failure(losses, losses, epoch=2).cause is Cause.DIVERGED


def test_a_loss_that_jumps_up_and_down_oscillates() -> None:
    assert diagnose_training_failure([1.0, 0.4] * 20).cause is Cause.OSCILLATING


def test_noise_below_a_fall_is_not_an_oscillation() -> None:
    noisy = [loss + 0.03 * (-1) ** i for i, loss in enumerate(FALLING)]
    assert not diagnose_training_failure(noisy)


def test_a_small_steady_fall_is_a_learning_rate_too_low() -> None:
    assert diagnose_training_failure([1.0 - 0.005 * i for i in range(40)]).cause is Cause.SLOW


def test_a_fall_that_ends_early_is_a_stagnation() -> None:
    losses = [0.6 + 0.4 * 0.5**i for i in range(40)]
    assert diagnose_training_failure(losses).cause is Cause.STAGNATED


def test_a_fall_that_ends_above_the_start_is_a_stagnation() -> None:
    losses = [1.0] * 5 + [1.9 - 0.01 * i for i in range(35)]
    assert diagnose_training_failure(losses).cause is Cause.STAGNATED


def test_a_loss_that_is_still_falling_fast_is_healthy() -> None:
    losses = [1.0] * 2 + [0.98**i for i in range(40)]
    diagnosis = diagnose_training_failure(losses)
    assert not diagnosis
    assert "still falling" in diagnosis.evidence


def test_a_constant_loss_means_zero_gradients() -> None:
    assert diagnose_training_failure([0.7] * 20).cause is Cause.ZERO


def test_an_almost_constant_loss_means_vanishing_gradients() -> None:
    losses = [0.7 - 1e-9 * i for i in range(20)]
    assert diagnose_training_failure(losses).cause is Cause.VANISHING


def test_a_layer_whose_gradient_is_exactly_zero_is_named() -> None:
    losses = [0.7 + 0.3 * 0.5**i for i in range(20)]
    norms = [[0.0, 0.1 + 0.5**i] for i in range(20)]
    diagnosis = diagnose_training_failure(losses, norms)
    assert diagnosis.cause is Cause.ZERO
    assert "layers[0]" in diagnosis.evidence


def test_gradients_that_fade_to_zero_at_a_minimum_are_a_stagnation() -> None:
    losses = [0.6 + 0.4 * 0.5**i for i in range(40)]
    norms = [0.5 ** (4 * i) if i < 15 else 0.0 for i in range(40)]
    assert diagnose_training_failure(losses, norms).cause is Cause.STAGNATED


@pytest.mark.parametrize("norms", [[1e-6, 1e-4, 1.0], [1e-5, 1e-5, 1e-5]])
def test_gradients_that_are_small_from_the_start_vanish(norms: list[float]) -> None:
    losses = [0.7 - 1e-3 * i for i in range(20)]
    assert diagnose_training_failure(losses, [norms] * 20).cause is Cause.VANISHING


def test_gradients_that_grow_as_the_loss_falls_add_up() -> None:
    losses = [1.0 - 0.01 * i * i for i in range(10)]
    norms = [1.0 + i for i in range(10)]
    assert diagnose_training_failure(losses, norms).cause is Cause.ACCUMULATING


def test_gradients_that_grow_with_the_loss_do_not_add_up() -> None:
    losses = [1.0, 0.9, *(1.1**i for i in range(10))]
    assert diagnose_training_failure(losses, [2.0 * loss for loss in losses]).cause is not (
        Cause.ACCUMULATING
    )


def test_gradient_norms_may_be_of_the_whole_network() -> None:
    by_layer = failing_run(Cause.ACCUMULATING, 0)
    totals = [math.hypot(*layers) for layers in by_layer.gradient_norms]
    assert diagnose_training_failure(by_layer.losses, totals).cause is Cause.ACCUMULATING


def test_the_mean_over_an_epoch_sees_through_the_noise_of_batches() -> None:
    batches = [loss for i in range(20) for loss in (1.5 - 0.01 * i, 0.5 - 0.01 * i)]
    assert diagnose_training_failure(batches).cause is Cause.OSCILLATING
    assert diagnose_training_failure(batches, epoch=2).cause is Cause.SLOW


def test_a_few_iterations_are_too_few_to_tell() -> None:
    for n in range(1, 8):
        diagnosis = diagnose_training_failure([1.0] * n, [0.0] * n)
        assert not diagnosis
        assert "too few" in diagnosis.evidence


def test_a_loss_of_zero_is_healthy() -> None:
    assert not diagnose_training_failure([0.0] * 20, [0.0] * 20)


def test_no_losses_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one iteration, got none"):
        diagnose_training_failure([])


def test_another_number_of_gradients_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 gradient norms, got 1"):
        diagnose_training_failure([1.0, 0.5], [1.0])


def test_an_epoch_below_one_iteration_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 iteration, got 0"):
        diagnose_training_failure([1.0], epoch=0)


def test_a_run_prints_what_it_was() -> None:
    run = failing_run(Cause.HEALTHY, 0)
    assert isinstance(run, Run)
    assert "MLP" in run.description
