"""Watching a training: single numbers, gradients together, and the monitor of many steps."""

import json
import math
from fractions import Fraction
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd import NumericalValidator, StabilityLevel, StabilityMonitor, _files
from micrograd.clipping import gradient_size
from micrograd.monitor import StabilityEvent, event

# Numbers


@pytest.mark.parametrize(
    ("value", "usable", "level"),
    [
        (0.0, True, StabilityLevel.STABLE),
        (1.0, True, StabilityLevel.STABLE),
        (-1e6, True, StabilityLevel.STABLE),
        (-1.1e6, False, StabilityLevel.UNSTABLE),
        (1e-8, True, StabilityLevel.STABLE),
        (-0.9e-8, True, StabilityLevel.WARNING),
        (5e-324, True, StabilityLevel.WARNING),
        (inf, False, StabilityLevel.CRITICAL),
        (-inf, False, StabilityLevel.CRITICAL),
        (nan, False, StabilityLevel.CRITICAL),
    ],
)
def test_scalar_is_judged_by_its_size(value: float, usable: bool, level: StabilityLevel) -> None:
    ok, found, message = NumericalValidator().validate_scalar(value, "the loss")
    assert (ok, found) == (usable, level)
    healthy = level is StabilityLevel.STABLE
    assert message == "" if healthy else message.endswith(f"{value} in the loss")


def test_message_without_a_context_is_the_number() -> None:
    assert NumericalValidator().validate_scalar(nan)[2] == "nan"


@pytest.mark.parametrize(
    ("gradient", "clipped"), [(3.0, 3.0), (10.0, 10.0), (11.0, 10.0), (-inf, -10.0)]
)
def test_gradient_is_clipped_to_the_threshold(gradient: float, clipped: float) -> None:
    assert NumericalValidator().clip_gradient(gradient) == clipped


def test_clipping_does_not_hide_nan() -> None:
    assert math.isnan(NumericalValidator().clip_gradient(nan))


@pytest.mark.parametrize(
    ("gradients", "level", "issue"),
    [
        ([], "WARNING", "no_gradients"),
        ([1.0, nan], "CRITICAL", "nan_gradients"),
        ([1.0, inf], "CRITICAL", "nan_gradients"),
        ([1.0, -11.0], "UNSTABLE", "gradient_explosion"),
        ([1e-9, 0.0], "WARNING", "gradient_vanishing"),
        ([1.0, 0.0], "STABLE", None),
    ],
)
def test_gradient_flow_is_judged(gradients: list[float], level: str, issue: str | None) -> None:
    found, analysis = NumericalValidator().analyze_gradient_flow(gradients)
    assert (found.name, analysis.get("issue")) == (level, issue)
    assert analysis["gradient_count"] == len(gradients)


def test_gradient_flow_counts_what_is_lost_and_measures_what_is_there() -> None:
    validator = NumericalValidator()
    assert validator.analyze_gradient_flow([nan, inf, 1.0])[1]["nan_count"] == 2
    analysis = validator.analyze_gradient_flow([1.0, -3.0])[1]
    assert (analysis["max_gradient"], analysis["mean_gradient"]) == (3.0, 2.0)


def test_gradients_may_come_from_a_generator() -> None:
    level, analysis = NumericalValidator().analyze_gradient_flow(g for g in (1.0, -11.0))
    assert (level, analysis["max_gradient"]) == (StabilityLevel.UNSTABLE, 11.0)


def test_mean_of_huge_gradients_does_not_overflow() -> None:
    analysis = NumericalValidator().analyze_gradient_flow([1.5e308, 1.5e308])[1]
    assert analysis["mean_gradient"] == 1.5e308


@pytest.mark.parametrize("threshold", [3, True, Fraction(3)])
def test_thresholds_are_floats(threshold: Any) -> None:
    validator = NumericalValidator(threshold, threshold, threshold)
    assert {type(number) for number in vars(validator).values()} == {float}


@pytest.mark.parametrize("name", ["nan_threshold", "inf_threshold", "gradient_clip_threshold"])
@pytest.mark.parametrize("bad", [0.0, -1.0, nan, inf])
def test_threshold_that_is_not_positive_is_refused(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=f"expected {name} to be a positive, finite number"):
        NumericalValidator(**{name: bad})


# The monitor


def watch(
    losses: list[float], gradients: list[list[float]] | None = None, **options: Any
) -> StabilityMonitor:
    monitor = StabilityMonitor(**options)
    for i, loss in enumerate(losses):
        monitor.update_metrics(loss, gradients[i] if gradients else [0.5, -0.2], i + 1)
    return monitor


def noticed(monitor: StabilityMonitor) -> list[tuple[str, int]]:
    return [(event.kind, event.iteration) for event in monitor.events]


def falling(count: int) -> list[float]:
    return [0.9**i for i in range(count)]


def test_falling_loss_is_healthy() -> None:
    monitor = watch(falling(100))
    assert monitor.events == []
    assert monitor.should_intervene() == (False, "", {})


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_loss_that_is_not_finite_is_noticed_at_once(bad: float) -> None:
    monitor = watch([1.0, bad])
    assert noticed(monitor) == [("nan", 2)]
    trouble, reason, details = monitor.should_intervene()
    assert (trouble, reason, details["severity"]) == (True, "nan", StabilityLevel.CRITICAL)


def test_gradient_that_is_not_finite_is_noticed() -> None:
    assert noticed(watch([1.0, 0.9], [[1.0, 1.0], [1.0, nan]])) == [("nan", 2)]


def test_explosion_is_a_norm_far_above_the_usual() -> None:
    monitor = watch(falling(9), [[0.5]] * 8 + [[-51.0]])
    assert noticed(monitor) == [("explosion", 9)]
    assert monitor.events[0].evidence == {"gradient_norm": 51.0, "usual_norm": 0.5}
    assert monitor.should_intervene()[:2] == (True, "explosion")


@pytest.mark.parametrize(
    "gradients",
    [[[0.5]] * 8 + [[49.0]], [[1e-4]] * 8 + [[9.0]], [[5e4]] * 9, [[0.5]] * 4 + [[1e5]]],
)
def test_norm_that_is_usual_or_small_or_without_history_is_no_explosion(
    gradients: list[list[float]],
) -> None:
    assert noticed(watch(falling(len(gradients)), gradients)) == []


def test_vanishing_is_most_gradients_near_zero_for_a_while_and_only_a_warning() -> None:
    monitor = watch(falling(20), [[1e-9, 0.0, 0.5]] * 20)
    assert noticed(monitor) == [("vanishing", 5)]
    assert not monitor.should_intervene()[0]


def test_some_small_gradients_are_healthy() -> None:
    assert noticed(watch(falling(20), [[1e-9, 0.1, 0.5]] * 20)) == []


def test_no_gradients_are_not_vanishing_ones() -> None:
    assert noticed(watch(falling(20), [[]] * 20)) == []
    assert gradient_size([])[0] == 0.0


def test_divergence_is_a_loss_above_twice_its_best_that_rises() -> None:
    assert noticed(watch([1.0, 2.1, 2.2, 2.3, 2.4, 2.5])) == [("divergence", 6)]


@pytest.mark.parametrize(
    "losses",
    [
        [1.0, 1.9, 1.92, 1.94, 1.96, 1.98],
        [1.0, 2.5, 2.4, 2.3, 2.2, 2.1],
        [1.0, 2.1, 2.2, 1.5, 2.4, 2.5],
        [0.0, 1e-9, 2e-9, 3e-9, 4e-9, 5e-9],
        [-1.0, -0.9, -0.8, -0.7, -0.6, -0.5],
    ],
)
def test_loss_that_is_near_its_best_or_falls_is_no_divergence(losses: list[float]) -> None:
    assert noticed(watch(losses)) == []


def test_divergence_of_a_negative_loss() -> None:
    assert noticed(watch([-1.0, 0.1, 0.2, 0.3, 0.4, 0.5])) == [("divergence", 6)]


def test_oscillation_is_up_and_down_to_no_avail() -> None:
    assert noticed(watch([0.5 + 0.4 * (-1) ** i for i in range(20)])) == [("oscillation", 20)]


@pytest.mark.parametrize(
    "losses",
    [
        [0.5 + 0.05 * (-1) ** i for i in range(40)],
        [0.95**i * (0.5 + 0.2 * (-1) ** i) for i in range(40)],
        [0.5 + 0.4 * (-1) ** (i // 2) for i in range(40)],
    ],
    ids=["small", "falling", "slow"],
)
def test_other_ups_and_downs_are_no_oscillation(losses: list[float]) -> None:
    assert noticed(watch(losses)) == []


def test_stagnation_is_a_loss_that_stays_and_is_reported_once() -> None:
    monitor = watch([1.0, *[0.25] * 50])
    assert noticed(monitor) == [("stagnation", 21)]
    assert not monitor.should_intervene()[0]


def test_loss_that_stays_at_zero_has_arrived() -> None:
    assert noticed(watch([0.0] * 50)) == []


def test_what_comes_again_is_reported_again() -> None:
    assert noticed(watch([1.0, nan, nan, 1.0, nan])) == [("nan", 2), ("nan", 5)]


def test_losses_of_batches_are_compared_a_pass_at_a_time() -> None:
    losses = [0.1, 1.9] * 30
    assert "oscillation" in dict(noticed(watch(losses)))
    monitor = watch(losses, pass_length=2)
    assert monitor.best_loss == 1.0
    assert "oscillation" not in dict(noticed(monitor))


def test_best_loss_outlives_a_reset_and_nothing_else_does() -> None:
    monitor = watch([1.0, 2.1, 2.2, 2.3, 2.4, 2.5])
    monitor.reset()
    assert not monitor.should_intervene()[0]
    assert (monitor.update_metrics(9.0, [1.0], 7), monitor.best_loss) == ([], 1.0)


def test_event_tells_what_happened() -> None:
    event = watch([nan]).events[0]
    assert str(event) == "iteration 1: nan (loss nan, gradient_norm 0.5385)"
    assert "smaller steps" in event.recommendation
    assert isinstance(hash(event), int)
    with pytest.raises(AttributeError):
        event.kind = "other"  # type: ignore[misc]


@pytest.mark.parametrize("options", [{"window": 4}, {"pass_length": 0}, {"window": True}])
def test_window_that_is_too_small_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=r"expected (window|pass_length) to be"):
        StabilityMonitor(**options)


def test_validator_that_is_given_holds_the_thresholds() -> None:
    strict = NumericalValidator(gradient_clip_threshold=0.01)
    losses, gradients = falling(9), [[1e-5]] * 8 + [[0.02]]
    assert noticed(watch(losses, gradients)) == []
    assert noticed(watch(losses, gradients, validator=strict)) == [("explosion", 9)]


# Negative losses, and huge ones


def test_negative_loss_that_falls_is_healthy() -> None:
    assert noticed(watch([-1.0 - 0.01 * i for i in range(40)])) == []


def test_constant_negative_loss_stagnates_and_is_no_divergence() -> None:
    assert noticed(watch([-1.0] * 40)) == [("stagnation", 20)]


def test_negative_loss_may_oscillate() -> None:
    assert noticed(watch([-0.5 + 0.4 * (-1) ** i for i in range(20)])) == [("oscillation", 20)]


@given(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=40))
def test_best_of_negative_losses_is_the_lowest(losses: list[float]) -> None:
    assert watch([-loss for loss in losses]).best_loss == -max(losses)


def test_huge_losses_do_not_overflow_in_the_windows() -> None:
    assert noticed(watch([1.5e308] * 30)) == [("stagnation", 20)]
    assert noticed(watch([1.5e308 * (-1) ** i for i in range(20)])) == [("oscillation", 20)]


def test_mean_of_a_pass_of_huge_losses_is_finite() -> None:
    assert watch([1.5e308] * 4, pass_length=2).best_loss == 1.5e308


# Events


def test_event_goes_through_json() -> None:
    for happened in watch([1.0, nan, *[1.0] * 30]).events:
        text = _files.to_json(happened.as_dict())
        assert str(StabilityEvent.from_dict(_files.from_json(text))) == str(happened)


@pytest.mark.parametrize("evidence", [3, True, Fraction(3)])
def test_evidence_of_any_kind_can_be_written_and_read(evidence: Any) -> None:
    happened = event("divergence", 3, {"loss": evidence})
    again = StabilityEvent.from_dict(json.loads(json.dumps(happened.as_dict())))
    assert again.evidence == {"loss": float(evidence)}
    assert type(again.evidence["loss"]) is float


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "silly"}, {"severity": 1}, {"iteration": 1.0}, {"evidence": {"loss": 1}},
        {"evidence": []}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused(change: dict[str, Any]) -> None:
    good = event("nan", 1, {"loss": nan}).as_dict()
    with pytest.raises(ValueError, match=r"expected|silly"):
        StabilityEvent.from_dict(good | change)


# State


@given(
    st.lists(st.sampled_from([0.5, 1.0, 2.5, 3.0, nan, -1.0]), max_size=60),
    st.integers(0, 60),
    st.integers(1, 3),
)
def test_monitor_goes_on_from_its_state_as_if_nothing_had_happened(
    losses: list[float], stop: int, pass_length: int
) -> None:
    whole, part, rest = (StabilityMonitor(7, pass_length=pass_length) for _ in range(3))
    for i, loss in enumerate(losses):
        whole.update_metrics(loss, [loss, 1e-9, 1e-9], i)
        if i < stop:
            part.update_metrics(loss, [loss, 1e-9, 1e-9], i)
    rest.load_state(_files.from_json(_files.to_json(part.state())))
    for i, loss in list(enumerate(losses))[stop:]:
        rest.update_metrics(loss, [loss, 1e-9, 1e-9], i)
    assert str(rest.state()) == str(whole.state())
    assert list(map(str, part.events + rest.events)) == list(map(str, whole.events))
    assert rest.should_intervene()[:2] == whole.should_intervene()[:2]


def test_state_of_a_monitor_has_one_size() -> None:
    sizes = {len(str(watch([1.25] * n, [[0.5]] * n).state())) for n in (50, 500)}
    assert len(sizes) == 1


def test_state_of_a_monitor_is_a_copy() -> None:
    monitor = watch([1.0, 2.0, 3.0], pass_length=2)
    state, shown = monitor.state(), str(monitor.state())
    monitor.load_state(state)
    for i in range(9):
        monitor.update_metrics(4.0, [1.0], i)
    assert str(state) == shown


def state(**changes: Any) -> dict[str, Any]:
    return watch([1.0, 2.0, 3.0], pass_length=2).state() | changes


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (None, "expected the monitor's state to have the fields"),
        ({}, "expected the monitor's state to have the fields"),
        (state(best_loss=1), "best_loss to be a float"),
        (state(losses=[1]), "expected losses to be a list of floats"),
        (state(norms=["1.0"]), "expected norms to be a list of floats"),
        (state(losses=[1.0] * 21), "losses to have at most 20 entries, got 21"),
        (state(unfinished=[1.0, 1.0]), "unfinished to have at most 1 entries, got 2"),
        (state(faint=-1), "faint to be at least 0"),
        (state(current=[{}]), "expected an event to have the fields"),
    ],
)
def test_state_that_is_none_of_a_monitor_is_refused_and_nothing_changed(
    bad: Any, message: str
) -> None:
    monitor = watch([1.0, 5.0], pass_length=2)
    before = monitor.state()
    with pytest.raises(ValueError, match=message):
        monitor.load_state(bad)
    assert monitor.state() == before


def test_losses_of_other_kinds_are_kept_as_floats() -> None:
    monitor = StabilityMonitor()
    monitor.update_metrics(3, [1, 2], 1)
    monitor.load_state(_files.from_json(_files.to_json(monitor.state())))
    assert (monitor.best_loss, type(monitor.best_loss)) == (3.0, float)
