"""The loop: one step, an iterator of steps, and what can be measured as they go by."""

import gc
import math
import random
from collections.abc import Callable, Iterator
from itertools import islice
from math import inf, nan
from typing import Any

import pytest
from little_nets import LINE, Straight, at, bits_of, network, noisy_loss

from micrograd import (
    MLP,
    SGD,
    Adam,
    Batches,
    Value,
    binary_cross_entropy,
    evaluate,
    hinge_loss,
    mse_loss,
    separable,
    steps,
    train_step,
    validated,
    xor,
)
from micrograd.loop import Step, paused_collector

Loss = Callable[[Any, Any], Value]


# One step


def test_train_step_is_the_loop_by_hand_bit_for_bit() -> None:
    ours, theirs = network(), network()
    inputs, targets = [x for x, _ in xor()], [y for _, y in xor()]
    optimizer = SGD(ours.parameters(), 0.1)
    for _ in range(5):
        loss = mse_loss([theirs(x) for x in inputs], targets)
        theirs.zero_grad()
        loss.backward()
        for q in theirs.parameters():
            q.data -= 0.1 * q.grad
        assert train_step(ours, inputs, targets, optimizer) == loss.data
        assert bits_of(ours) == bits_of(theirs)


def test_train_step_forgets_old_gradients() -> None:
    model = Straight()
    model.a.grad = 1000.0
    train_step(model, [[1.0]], [1.0], SGD(model.parameters(), 0.5))
    assert (model.a.data, model.a.grad) == (1.0, -2.0)


def test_train_step_uses_the_loss_it_is_given() -> None:
    model = Straight(a=0.5)
    assert train_step(model, [[1.0]], [1], SGD(model.parameters()), hinge_loss) == 0.5


def test_train_step_takes_inputs_and_targets_once() -> None:
    ours, theirs = Straight(), Straight()
    lists = [x for x, _ in LINE], [y for _, y in LINE]
    loss = train_step(theirs, *lists, SGD(theirs.parameters(), 0.1))
    once = (x for x, _ in LINE), (y for _, y in LINE)
    assert train_step(ours, *once, SGD(ours.parameters(), 0.1)) == loss
    assert bits_of(ours) == bits_of(theirs)


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_loss_that_is_not_finite_leaves_the_parameters_alone(bad: float) -> None:
    model = Straight(1.0, 2.0)
    loss = train_step(
        model, [[1.0]], [1.0], SGD(model.parameters()), lambda p, t: mse_loss(p, t) * bad
    )
    assert not math.isfinite(loss)
    assert (model.a.data, model.b.data) == (1.0, 2.0)


def infinite_slope(predictions: Any, targets: Any) -> Value:
    """A finite loss whose gradient is not: the slope of the root at 0."""
    loss = mse_loss(predictions, targets)
    return loss + (loss * 0.0).sqrt()


def test_finite_loss_with_an_infinite_gradient_leaves_the_parameters_alone() -> None:
    model = Straight(1.0, 2.0)
    optimizer = Adam(model.parameters())
    assert math.isfinite(train_step(model, [[1.0]], [1.0], optimizer, infinite_slope))
    assert (model.a.data, model.b.data, optimizer.steps) == (1.0, 2.0, 0)


def test_loss_that_is_no_value_is_refused() -> None:
    model = Straight()
    with pytest.raises(TypeError, match="loss to be a Value, got float"):
        train_step(model, [[1.0]], [1.0], SGD(model.parameters()), lambda p, t: 1.0)


# The collector


def collector_while_stepping() -> bool:
    """Whether the cyclic collector is on while a step computes its loss."""
    state, model = [], Straight()
    loss_fn = at(1, lambda: state.append(gc.isenabled()))
    train_step(model, [[1.0]], [1.0], SGD(model.parameters()), loss_fn)
    return state[0]


def test_collector_rests_while_a_step_runs_and_is_on_afterwards() -> None:
    assert gc.isenabled()
    assert not collector_while_stepping()
    assert gc.isenabled()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        assert not collector_while_stepping()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_collector_is_on_again_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError):
        train_step(lambda x: 1 // 0, [[1.0]], [1.0], SGD([Value(1.0)]))
    assert gc.isenabled()


def test_collector_is_on_between_two_steps() -> None:
    model = Straight()
    for _ in islice(steps(model, Batches(LINE), SGD(model.parameters())), 3):
        assert gc.isenabled()


def test_paused_collector_may_be_nested() -> None:
    with paused_collector():
        with paused_collector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("loss_fn", [mse_loss, hinge_loss, binary_cross_entropy])
def test_train_step_leaves_nothing_for_the_collector(loss_fn: Loss) -> None:
    net = MLP(2, [4, 1])
    data = separable(5, labels=(-1.0, 1.0) if loss_fn is hinge_loss else (0.0, 1.0))
    inputs, targets = [x for x, _ in data], [y for _, y in data]
    optimizer = SGD(net.parameters())
    gc.collect()
    gc.disable()
    try:
        train_step(net, inputs, targets, optimizer, loss_fn)
        assert gc.collect() == 0
    finally:
        gc.enable()


# Evaluating


def test_evaluation_is_the_loss_without_a_step() -> None:
    model = Straight(1.0, 2.0)
    loss = evaluate(model, LINE)
    assert loss == mse_loss([model(x) for x, _ in LINE], [y for _, y in LINE]).data
    assert (model.a.data, model.b.data, model.a.grad) == (1.0, 2.0, 0.0)


def test_evaluation_takes_its_data_once() -> None:
    model = Straight(1.0, 2.0)
    assert evaluate(model, zip([[1.0], [2.0]], [1.0, 2.0])) == 4.0


def test_nothing_to_evaluate_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one training example, got none"):
        evaluate(Straight(), [])


# Step after step


def test_a_loop_of_ones_own_is_three_lines() -> None:
    net = network()
    optimizer = Adam(net.parameters(), 0.1)
    for step in steps(net, Batches(xor()), optimizer):
        if step.loss < 0.01:
            break
    assert [round(float(net(x))) for x, _ in xor()] == [0, 1, 1, 0]  # type: ignore[arg-type]


def test_steps_are_the_steps_by_hand_bit_for_bit() -> None:
    ours, theirs = network(), network()
    optimizer, batches = SGD(theirs.parameters(), 0.1), Batches(separable(9), 4, seed=2)
    for step in islice(
        steps(ours, Batches(separable(9), 4, seed=2), SGD(ours.parameters(), 0.1)), 10
    ):
        inputs, targets = next(batches)
        assert step.loss == train_step(theirs, inputs, targets, optimizer)
        assert (step.inputs, step.targets) == (inputs, targets)
        assert bits_of(ours) == bits_of(theirs)


def test_step_tells_what_happened_in_it() -> None:
    model = Straight()
    step = next(steps(model, [([[1.0]], [1.0])], SGD(model.parameters(), 0.5, clip=1.0)))
    assert (step.iteration, step.loss, step.clipped, step.stop) == (1, 1.0, True, "")
    assert step.gradient_norm == pytest.approx(1.0)
    assert (step.held_out, step.events, step.recovery, step.best) == (None, [], None, None)


def test_steps_are_counted_on_from_those_completed_before() -> None:
    model = Straight()
    run = steps(model, Batches(LINE), SGD(model.parameters()), completed=7)
    assert [step.iteration for step in islice(run, 2)] == [8, 9]


def test_steps_end_where_the_batches_do() -> None:
    model = Straight()
    batches = ([[float(i)], [float(i)]] for i in range(3))
    run = steps(model, (([x], y) for x, y in batches), SGD(model.parameters(), 0.1))
    assert [step.iteration for step in run] == [1, 2, 3]
    assert list(run) == []


def test_nothing_happens_before_a_step_is_asked_for() -> None:
    model = Straight()
    run = steps(model, Batches(LINE), SGD(model.parameters(), 0.1))
    assert model.seen == []
    next(run)
    assert len(model.seen) == len(LINE)


def test_what_is_recorded_while_iterating_outlives_an_exception_in_the_loss() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    model, losses = Straight(), []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        for step in steps(model, Batches(LINE), SGD(model.parameters(), 0.1), at(6, fail)):
            losses.append(step.loss)
    twin = Straight()
    run = steps(twin, Batches(LINE), SGD(twin.parameters(), 0.1))
    assert losses == [step.loss for step in islice(run, 5)]
    assert bits_of(model) == bits_of(twin)


@pytest.mark.parametrize("loss_fn", [infinite_slope, lambda p, t: mse_loss(p, t) * nan])
def test_step_that_may_not_be_taken_is_told_and_not_taken(loss_fn: Loss) -> None:
    model = Straight(1.0, 2.0)
    optimizer = SGD(model.parameters(), 0.1, clip=1.0)
    step = next(steps(model, Batches(LINE), optimizer, loss_fn))
    assert not math.isfinite(step.gradient_norm)
    assert (step.clipped, optimizer.steps, model.a.data, model.b.data) == (False, 0, 1.0, 2.0)


def test_step_not_taken_is_not_clipped_though_the_one_before_it_was() -> None:
    calls: list[int] = []

    def loss_fn(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        return mse_loss(predictions, targets) * (nan if len(calls) == 2 else 1.0)

    model = Straight()
    run = steps(model, Batches(LINE), SGD(model.parameters(), 0.1, clip=0.1), loss_fn)
    assert [step.clipped for step in islice(run, 3)] == [True, False, True]


def test_loss_may_draw_random_numbers_as_in_the_loop_by_hand() -> None:
    ours, theirs = network(), network()
    random.seed(4)
    run = steps(ours, Batches(xor(), 2), SGD(ours.parameters(), 0.1), noisy_loss)
    losses = [step.loss for step in islice(run, 6)]
    random.seed(4)
    batches, optimizer = Batches(xor(), 2), SGD(theirs.parameters(), 0.1)
    by_hand = [train_step(theirs, *next(batches), optimizer, noisy_loss) for _ in range(6)]
    assert losses == by_hand


def test_what_a_step_returns_may_be_a_list_of_outputs() -> None:
    net = MLP(1, [2], init="zeros")
    run = steps(net, Batches([([1.0], [1.0, 3.0])]), SGD(net.parameters(), 0.1))
    assert next(run).loss == 5.0


# Data that are not trained on


def run_of(*iterations: int) -> Iterator[Step]:
    return (Step(iteration, 1.0) for iteration in iterations)


def test_held_out_loss_is_measured_now_and_then() -> None:
    model = Straight(1.0, 2.0)
    run = validated(run_of(1, 2, 3, 4, 5), model, LINE, every=2)
    loss = evaluate(model, LINE)
    assert [step.held_out for step in run] == [None, loss, None, loss, None]


def test_held_out_loss_is_that_after_the_step() -> None:
    model, data = Straight(), [([2.0], 1.0)]
    run = validated(steps(model, Batches(LINE), SGD(model.parameters(), 0.1)), model, data)
    for step in islice(run, 3):
        assert step.held_out == evaluate(model, data)


def test_held_out_data_are_taken_once() -> None:
    model = Straight()
    run = validated(run_of(1, 2), model, zip([[2.0]], [1.0]), hinge_loss)
    assert [step.held_out for step in run] == [1.0, 1.0]


@pytest.mark.parametrize(("every", "error"), [(0, ValueError), (1.5, TypeError)])
def test_steps_between_two_measurements_are_a_whole_number(
    every: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match="expected every to be"):
        next(validated(run_of(1), Straight(), LINE, every=every))
