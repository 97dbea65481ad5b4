"""Schedules: the factor on the learning rate, step by step."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_nets import with_gradients

from micrograd import (
    SGD,
    LearningRateScheduler,
    Value,
    constant,
    cosine_decay,
    exponential_decay,
    step_decay,
    warmup,
)
from micrograd.schedules import Schedule


def test_constant_schedule_changes_nothing() -> None:
    assert {constant()(step) for step in range(100)} == {1.0}


def test_step_decay_falls_at_once() -> None:
    schedule = step_decay(3, 0.5)
    assert [schedule(step) for step in range(8)] == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_exponential_decay_meets_step_decay_where_that_falls() -> None:
    smooth, abrupt = exponential_decay(3, 0.5), step_decay(3, 0.5)
    assert [smooth(step) for step in (0, 3, 6)] == [abrupt(step) for step in (0, 3, 6)]
    assert smooth(1) == pytest.approx(0.5 ** (1 / 3), rel=1e-15)


def test_cosine_decay_is_half_a_cosine_down_to_its_floor() -> None:
    schedule = cosine_decay(4, floor=0.2)
    expected = [0.2 + 0.8 * (1 + math.cos(math.pi * i / 4)) / 2 for i in range(4)]
    assert [schedule(step) for step in range(4)] == pytest.approx(expected, rel=1e-15)
    assert {schedule(step) for step in (4, 5, 1000)} == {0.2}


def test_warm_up_rises_in_a_line_and_is_never_zero() -> None:
    assert [warmup(4)(step) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_schedule_after_the_warm_up_counts_from_0() -> None:
    schedule = warmup(2, step_decay(1, 0.5))
    assert [schedule(step) for step in range(5)] == [0.5, 1.0, 1.0, 0.5, 0.25]


def test_schedule_that_counts_as_false_is_a_schedule() -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

        def __call__(self, step: int) -> float:
            return 0.5

    assert warmup(1, Empty())(1) == 0.5
    assert SGD([Value(1.0)], 0.1, schedule=Empty()).rate == 0.05


@given(st.integers(1, 50), st.floats(0.01, 1.0), st.integers(0, 500))
def test_decaying_schedules_never_rise_and_start_at_1(every: int, factor: float, step: int) -> None:
    for schedule in (
        step_decay(every, factor), exponential_decay(every, factor), cosine_decay(every)
    ):  # fmt: skip
        assert schedule(0) == 1.0
        assert 0.0 <= schedule(step + 1) <= schedule(step) <= 1.0


@pytest.mark.parametrize("make", [step_decay, exponential_decay, cosine_decay, warmup])
@pytest.mark.parametrize(("steps", "error"), [(0, ValueError), (2.5, TypeError), (True, TypeError)])
def test_number_of_steps_is_a_whole_one_above_0(
    make: Callable[..., Schedule], steps: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"expected (every|total|steps) to be"):
        make(steps)


@pytest.mark.parametrize("make", [step_decay, exponential_decay])
@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_factor_is_positive_and_finite(make: Callable[..., Schedule], factor: float) -> None:
    with pytest.raises(ValueError, match="expected factor to be a positive"):
        make(10, factor)


@pytest.mark.parametrize("floor", [-0.1, 1.0, math.nan])
def test_floor_is_at_least_0_and_below_1(floor: float) -> None:
    with pytest.raises(ValueError, match="expected floor to be a finite number"):
        cosine_decay(10, floor)


@pytest.mark.parametrize("make", [step_decay, exponential_decay])
def test_rate_that_grows_beyond_all_bounds_is_refused_by_name(
    make: Callable[..., Schedule],
) -> None:
    parameters = with_gradients(1.0)
    optimizer = SGD(parameters, 0.1, schedule=make(1, 10.0))
    optimizer.steps = 1000
    with pytest.raises(ValueError, match=r"the learning rate to be a finite number .* got inf"):
        optimizer.step()
    assert (parameters[0].data, optimizer.steps) == (0.0, 1000)


def test_optimiser_asks_its_schedule_at_every_step() -> None:
    (p,) = with_gradients(1.0)
    optimizer = SGD([p], 1.0, schedule=step_decay(1, 0.5))
    for _ in range(3):
        optimizer.step()
    assert p.data == -(1.0 + 0.5 + 0.25)


# From outside, epoch by epoch


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("constant", {}, [0.8, 0.8, 0.8]),
        ("step", {"every": 2, "factor": 0.5}, [0.8, 0.8, 0.4]),
        ("exponential", {"factor": 0.5}, [0.8, 0.4, 0.2]),
        ("cosine", {"total": 2}, [0.8, 0.4, 0.0]),
        ("warmup", {"steps": 2}, [0.4, 0.8, 0.8]),
    ],
)
def test_scheduler_sets_the_rate_of_an_epoch(
    kind: str, options: dict[str, Any], expected: list[float]
) -> None:
    optimizer = SGD([Value(1.0)], 0.8)
    scheduler = LearningRateScheduler(optimizer, kind, **options)
    rates = []
    for epoch in range(3):
        scheduler.step(epoch, loss=1.0)
        rates.append(optimizer.learning_rate)
    assert rates == pytest.approx(expected)


def test_scheduler_takes_steps_of_a_tenth_by_default() -> None:
    optimizer = SGD([Value(1.0)], 1.0)
    LearningRateScheduler(optimizer).step(2)
    assert optimizer.learning_rate == pytest.approx(0.01)


def test_scheduler_may_jump_to_any_epoch() -> None:
    optimizer = SGD([Value(1.0)], 0.8)
    scheduler = LearningRateScheduler(optimizer, "step", every=10, factor=0.5)
    scheduler.step(20)
    assert optimizer.learning_rate == 0.2
    scheduler.step(0)
    assert optimizer.learning_rate == 0.8


def test_unknown_kind_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(ValueError, match="one of constant, step, exponential, cosine, warmup; got"):
        LearningRateScheduler(SGD([Value(1.0)]), "linear")


@pytest.mark.parametrize(("epoch", "error"), [(-1, ValueError), (0.5, TypeError)])
def test_epoch_is_a_whole_number(epoch: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="expected epoch to be"):
        LearningRateScheduler(SGD([Value(1.0)])).step(epoch)
