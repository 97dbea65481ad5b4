"""Ctrl-C ends a training after a completed step, and nothing is lost."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import micrograd
from micrograd import (
    MLP,
    TrainingMetrics,
    Value,
    gradient_descent_step,
    mse_loss,
    train_network,
    training,
    xor,
)

ROOT = Path(micrograd.__file__).parents[1]


@pytest.fixture(autouse=True)
def default_handler() -> Iterator[None]:
    """Python's own handler, whatever this process was started with."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def network() -> MLP:
    return MLP(2, [3, 1], rng=random.Random(1))


def press_ctrl_c(times: int = 1) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def pressing_at(step: int, times: int = 1) -> Callable[[Any, Any], Value]:
    """The squared error, with Ctrl-C pressed as it is computed for the ``step``-th time."""
    calls = 0

    def loss(predictions: Any, targets: Any) -> Value:
        nonlocal calls
        calls += 1
        if calls == step:
            press_ctrl_c(times)
        return mse_loss(predictions, targets)

    return loss


def train(net: MLP, loss_fn: Callable[[Any, Any], Value], **overrides: Any) -> TrainingMetrics:
    return train_network(net, xor(), None, loss_fn, False, learning_rate=0.1, **overrides)


def assert_completed_steps(net: MLP, metrics: TrainingMetrics) -> None:
    """``net`` and its losses are those of a run of as many iterations, bit for bit."""
    twin = network()
    if metrics.iterations:
        undisturbed = train(twin, mse_loss, max_iterations=metrics.iterations)
        assert list(metrics) == list(undisturbed)
    assert [p.data for p in net.parameters()] == [p.data for p in twin.parameters()]


@pytest.mark.parametrize("step", [1, 2, 7])
def test_first_interrupt_ends_training_after_the_current_step(step: int) -> None:
    net = network()
    metrics = train(net, pressing_at(step))
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", step)
    assert_completed_steps(net, metrics)


@pytest.mark.parametrize("step", [1, 2, 7])
def test_second_interrupt_abandons_the_current_step(step: int) -> None:
    net = network()
    metrics = train(net, pressing_at(step, times=2))
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", step - 1)
    assert_completed_steps(net, metrics)


def test_second_interrupt_does_not_tear_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted_half_way(parameters: list[Value], learning_rate: float) -> None:
        gradient_descent_step(parameters[:5], learning_rate)
        press_ctrl_c(times=2)
        gradient_descent_step(parameters[5:], learning_rate)

    monkeypatch.setattr(training, "gradient_descent_step", interrupted_half_way)
    net = network()
    metrics = train(net, mse_loss)
    monkeypatch.undo()
    assert metrics.stopped_because == "interrupted"
    assert_completed_steps(net, metrics)


def test_second_interrupt_between_two_steps_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    update = TrainingMetrics.update

    def interrupted_update(self: TrainingMetrics, loss: float, min_improvement: float) -> None:
        update(self, loss, min_improvement)
        press_ctrl_c(times=2)

    monkeypatch.setattr(TrainingMetrics, "update", interrupted_update)
    net = network()
    try:
        metrics = train(net, mse_loss)
    except KeyboardInterrupt:
        pytest.fail("the metrics are lost")
    monkeypatch.undo()
    assert metrics.stopped_because == "interrupted"
    assert_completed_steps(net, metrics)


def test_interrupt_in_the_last_iteration_does_not_hide_why_training_stopped() -> None:
    metrics = train(network(), pressing_at(3), max_iterations=3)
    assert metrics.stopped_because == "max_iterations"


def test_interrupted_training_reports_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    train_network(network(), xor(), None, pressing_at(2))
    assert capsys.readouterr().out.endswith("stopped because: interrupted\n")


def test_training_goes_on_in_a_second_run_after_an_interrupt() -> None:
    net = network()
    train(net, pressing_at(2))
    assert len(train(net, mse_loss, max_iterations=3)) == 3


@pytest.mark.parametrize("times", [0, 1, 2])
def test_handler_is_python_s_own_again_after_training(times: int) -> None:
    train(network(), pressing_at(2, times), max_iterations=3)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_handler_is_python_s_own_again_after_an_exception() -> None:
    def failing(predictions: Any, targets: Any) -> Value:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(network(), failing)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_handler_of_somebody_else_is_left_alone_and_called() -> None:
    calls = []

    def custom(signum: int, frame: Any) -> None:
        calls.append(signum)

    signal.signal(signal.SIGINT, custom)
    metrics = train(network(), pressing_at(2, times=3), max_iterations=4)
    assert (metrics.stopped_because, len(metrics)) == ("max_iterations", 4)
    assert calls == [signal.SIGINT] * 3
    assert signal.getsignal(signal.SIGINT) is custom


def test_keyboard_interrupt_of_somebody_else_s_handler_ends_training() -> None:
    def custom(signum: int, frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, custom)
    net = network()
    metrics = train(net, pressing_at(4))
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", 3)
    assert_completed_steps(net, metrics)


def test_ignored_interrupt_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    metrics = train(network(), pressing_at(2), max_iterations=4)
    assert metrics.stopped_because == "max_iterations"
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_training_outside_the_main_thread_works_and_touches_no_handler() -> None:
    net, during, results = network(), [], []

    def loss(predictions: Any, targets: Any) -> Value:
        during.append(signal.getsignal(signal.SIGINT))
        return mse_loss(predictions, targets)

    thread = threading.Thread(target=lambda: results.append(train(net, loss, max_iterations=3)))
    thread.start()
    thread.join()
    (metrics,) = results
    assert set(during) == {signal.default_int_handler}
    assert_completed_steps(net, metrics)


KILLED = """
import functools, random, signal
from micrograd import MLP, moons, mse_loss, train_network

signal.signal(signal.SIGINT, signal.default_int_handler)

@functools.cache
def announce():
    print("training", flush=True)

def loss(predictions, targets):
    announce()
    return mse_loss(predictions, targets)

def run(max_iterations):
    net = MLP(2, [4, 1], rng=random.Random(1))
    metrics = train_network(
        net, moons(20), loss_fn=loss, verbose=False, patience=None, loss_threshold=-1.0,
        batch_size=5, seed=2, max_iterations=max_iterations,
    )
    return metrics, [p.data.hex() for p in net.parameters()]

metrics, parameters = run(10**9)
assert metrics.stopped_because == "interrupted", metrics.stopped_because
undisturbed, expected = run(len(metrics))
assert list(metrics) == list(undisturbed)
assert parameters == expected
print("the same after", len(metrics))
"""


@pytest.mark.parametrize("delay", [random.Random(i).uniform(0.0, 0.3) for i in range(5)])
def test_process_interrupted_at_a_random_moment_has_the_parameters_of_a_completed_step(
    delay: float,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "training\n"
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert output.startswith("the same after"), errors
    assert process.returncode == 0
