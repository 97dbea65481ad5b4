"""Ctrl-C ends a training after a completed step, and nothing is lost."""

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from little_nets import at, bits_of, network, noisy_loss

import micrograd
from micrograd import (
    SGD,
    Batches,
    Checkpoint,
    StabilityMonitor,
    TrainingMetrics,
    Value,
    guarded,
    mse_loss,
    separable,
    steps,
    train_network,
    train_network_with_stability,
    xor,
)

ROOT = Path(micrograd.__file__).parents[1]
OURS = signal.default_int_handler


@pytest.fixture(autouse=True)
def default_handler() -> Iterator[None]:
    """Python's own handler, whatever this process was started with."""
    before = signal.signal(signal.SIGINT, OURS)
    yield
    signal.signal(signal.SIGINT, before)


def press_ctrl_c(times: int = 1) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def pressing_at(step: int, times: int = 1) -> Callable[[Any, Any], Value]:
    """The squared error, with Ctrl-C pressed as it is computed for the ``step``-th time."""
    loss_fn: Callable[[Any, Any], Value] = at(step, lambda: press_ctrl_c(times))
    return loss_fn


def train(net: Any, loss_fn: Callable[[Any, Any], Value], **overrides: Any) -> TrainingMetrics:
    return train_network(net, xor(), None, loss_fn, False, learning_rate=0.1, **overrides)


def assert_completed_steps(net: Any, metrics: TrainingMetrics) -> None:
    """``net`` and its losses are those of a run of as many iterations, bit for bit."""
    twin = network()
    if metrics.iterations:
        undisturbed = train(twin, mse_loss, max_iterations=metrics.iterations)
        assert list(metrics) == list(undisturbed)
    assert bits_of(net) == bits_of(twin)


# In the loss


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


def test_step_that_is_abandoned_puts_back_random_numbers_and_batches() -> None:
    def run(loss_fn: Any, iterations: int) -> Any:
        random.seed(4)
        net = network()
        batches = Batches(separable(8), 3)
        optimizer = SGD(net.parameters(), 0.1)
        for _ in islice(steps(net, batches, optimizer, loss_fn), iterations):
            pass
        return net, batches, optimizer

    calls: list[int] = []

    def disturbed(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        loss = noisy_loss(predictions, targets)
        if len(calls) == 4:  # the first batch of the second pass, which has just been ordered
            press_ctrl_c(2)
        return loss

    net, batches, optimizer = run(disturbed, 99)
    here = random.getstate()
    twin, _, _ = run(noisy_loss, 3)
    assert len(calls) == 4
    assert bits_of(net) == bits_of(twin)
    assert random.getstate() == here
    for _ in islice(steps(net, batches, optimizer, noisy_loss), 5):
        pass
    whole, _, _ = run(noisy_loss, 8)
    assert bits_of(net) == bits_of(whole)


def test_step_that_is_abandoned_on_batches_of_ones_own_puts_back_random_numbers() -> None:
    net, states = network(), []

    def disturbed(predictions: Any, targets: Any) -> Value:
        states.append(random.getstate())
        loss = noisy_loss(predictions, targets)
        if len(states) == 3:
            press_ctrl_c(2)
        return loss

    inputs, targets = [x for x, _ in xor()], [y for _, y in xor()]
    run = steps(net, [(inputs, targets)] * 9, SGD(net.parameters(), 0.1), disturbed)
    assert [step.iteration for step in run] == [1, 2]
    assert random.getstate() == states[2]


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize(("times", "completed"), [(1, 7), (2, 6)])
def test_interrupted_run_can_be_resumed_to_the_same_bits(
    times: int, completed: int, seed: int | None, tmp_path: Path
) -> None:
    def run(net: Any, loss_fn: Any, **options: Any) -> TrainingMetrics:
        return train_network_with_stability(
            net, separable(8), None, loss_fn, False, batch_size=3, seed=seed,
            learning_rate=0.1, max_iterations=20, patience=None, **options,
        )  # fmt: skip

    calls: list[int] = []

    def disturbed(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        loss = noisy_loss(predictions, targets)
        if len(calls) == 7:
            press_ctrl_c(times)
        return loss

    path, net, twin = tmp_path / "run.json", network(), network()
    metrics = run(net, disturbed, checkpoint_file=path)
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", completed)
    assert Checkpoint.load(path).iteration == completed
    random.seed(9)
    resumed = run(network(seed=2), noisy_loss, checkpoint_file=path, resume=True)
    random.seed(0)  # as every test begins
    assert list(resumed) == list(run(twin, noisy_loss))


def test_third_interrupt_in_the_loss_is_as_the_second() -> None:
    net = network()
    metrics = train(net, pressing_at(4, times=3))
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", 3)
    assert_completed_steps(net, metrics)


# In the update, and between two steps


class Slow(SGD):
    """Ctrl-C is pressed in the middle of its third update."""

    presses = 2

    def direction(self, i: int, gradient: Any) -> Any:
        if self.steps == 2 and i == 5:
            press_ctrl_c(self.presses)
        return gradient


@pytest.mark.parametrize("presses", [1, 2])
def test_interrupt_does_not_tear_an_update(presses: int) -> None:
    net = network()
    optimizer = Slow(net.parameters(), 0.1)
    optimizer.presses = presses
    metrics = train(net, mse_loss, optimizer=optimizer)
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", 3)
    assert_completed_steps(net, metrics)


def test_third_interrupt_ends_even_an_update() -> None:
    net = network()
    optimizer = Slow(net.parameters(), 0.1)
    optimizer.presses = 3
    with pytest.raises(KeyboardInterrupt):
        train(net, mse_loss, optimizer=optimizer)
    assert signal.getsignal(signal.SIGINT) is OURS


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", ["update", "record", "should_stop"])
def test_interrupt_between_two_steps_loses_nothing(
    name: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = getattr(TrainingMetrics, name), []

    def interrupted(self: TrainingMetrics, *arguments: Any) -> Any:
        result = original(self, *arguments)
        calls.append(1)
        if len(calls) == 7:
            press_ctrl_c(times)
        return result

    monkeypatch.setattr(TrainingMetrics, name, interrupted)
    net = network()
    try:
        metrics = train(net, mse_loss)
    except KeyboardInterrupt:
        pytest.fail("the metrics are lost")
    monkeypatch.undo()
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", 7)
    assert_completed_steps(net, metrics)


@pytest.mark.parametrize("times", [1, 2])
def test_interrupt_in_a_loop_of_ones_own_ends_it_with_its_step(times: int) -> None:
    net = network()
    run = steps(net, Batches(xor()), SGD(net.parameters(), 0.1))
    seen = []
    for step in run:
        seen.append(step.iteration)
        if step.iteration == 4:
            press_ctrl_c(times)
        seen.append(step.iteration)
    assert seen == [1, 1, 2, 2, 3, 3, 4, 4]
    assert signal.getsignal(signal.SIGINT) is OURS


def test_third_interrupt_is_python_s_own() -> None:
    net, seen = network(), []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        for step in run_of(net):
            seen.append(step.iteration)
            if step.iteration == 4:
                press_ctrl_c(3)
    assert seen == [1, 2, 3, 4]
    assert signal.getsignal(signal.SIGINT) is OURS


def test_step_in_which_ctrl_c_was_pressed_says_so() -> None:
    net = network()
    run = steps(net, Batches(xor()), SGD(net.parameters(), 0.1), pressing_at(3))
    assert [step.stop for step in run] == ["", "", "interrupted"]


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


# The handler


@pytest.mark.parametrize("times", [0, 1, 2])
def test_handler_is_python_s_own_again_after_training(times: int) -> None:
    train(network(), pressing_at(2, times), max_iterations=3)
    assert signal.getsignal(signal.SIGINT) is OURS


def test_handler_is_python_s_own_again_after_an_exception() -> None:
    def failing(predictions: Any, targets: Any) -> Value:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(network(), failing)
    assert signal.getsignal(signal.SIGINT) is OURS


def run_of(net: Any, loss_fn: Any = mse_loss) -> Any:
    return steps(net, Batches(xor()), SGD(net.parameters(), 0.1), loss_fn)


def test_handler_is_python_s_own_again_after_a_break() -> None:
    for _ in run_of(network()):
        assert signal.getsignal(signal.SIGINT) is not OURS
        break
    assert signal.getsignal(signal.SIGINT) is OURS


def test_handler_is_python_s_own_again_after_an_exception_in_the_loop_s_body() -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        for step in run_of(network()):
            raise ZeroDivisionError(step.iteration)
    assert signal.getsignal(signal.SIGINT) is OURS


def test_handler_is_python_s_own_again_when_the_batches_are_over() -> None:
    net = network()
    optimizer = SGD(net.parameters(), 0.1)
    run = steps(net, list(islice(Batches(xor()), 3)), optimizer)
    assert len(list(run)) == 3
    assert signal.getsignal(signal.SIGINT) is OURS


def test_handler_is_python_s_own_again_when_a_run_is_closed() -> None:
    with closing(run_of(network())) as run:
        next(run)
        assert signal.getsignal(signal.SIGINT) is not OURS
    assert signal.getsignal(signal.SIGINT) is OURS


def test_closing_the_outermost_iterator_is_enough() -> None:
    net = network()
    optimizer = SGD(net.parameters(), 0.1)
    run = guarded(steps(net, Batches(xor()), optimizer), net, optimizer, StabilityMonitor())
    next(run)
    assert signal.getsignal(signal.SIGINT) is not OURS
    run.close()
    assert signal.getsignal(signal.SIGINT) is OURS


def test_run_that_was_never_begun_touches_no_handler() -> None:
    run = run_of(network())
    assert signal.getsignal(signal.SIGINT) is OURS
    run.close()


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


def test_training_within_a_training_leaves_the_handler_to_the_outer_one() -> None:
    def loss(predictions: Any, targets: Any) -> Value:
        inner = signal.getsignal(signal.SIGINT)
        train(network(seed=2), mse_loss, max_iterations=2)
        assert signal.getsignal(signal.SIGINT) is inner is not OURS
        return mse_loss(predictions, targets)

    net = network()
    assert_completed_steps(net, train(net, loss, max_iterations=3))


def test_training_outside_the_main_thread_works_and_touches_no_handler() -> None:
    net, during, results = network(), [], []

    def loss(predictions: Any, targets: Any) -> Value:
        during.append(signal.getsignal(signal.SIGINT))
        return mse_loss(predictions, targets)

    thread = threading.Thread(target=lambda: results.append(train(net, loss, max_iterations=3)))
    thread.start()
    thread.join()
    (metrics,) = results
    assert set(during) == {OURS}
    assert_completed_steps(net, metrics)


def test_run_begun_in_the_main_thread_may_be_closed_in_another() -> None:
    run, errors = run_of(network()), []
    next(run)

    def close() -> None:
        try:
            run.close()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=close)
    thread.start()
    thread.join()
    assert errors == []


# At a moment of nobody's choosing

INTERRUPTED = """
import random, signal, sys
from micrograd import MLP, moons, train_network

signal.signal(signal.SIGINT, signal.default_int_handler)
lines, last = 0, None

def count(frame, kind, argument):
    global lines
    if kind == "line":
        lines += 1
        if lines == last:
            signal.raise_signal(signal.SIGINT)
    return count

def run(max_iterations):
    net = MLP(2, [2, 1], rng=random.Random(1))
    metrics = train_network(
        net, moons(6), verbose=False, patience=None, loss_threshold=-1.0, batch_size=2, seed=2,
        max_iterations=max_iterations,
    )
    return metrics, [p.data.hex() for p in net.parameters()]

# Every line of the loop and of what it calls, but not those of the package around it.
inside = ("loop.py", "optim.py", "batches.py", "engine.py", "losses.py", "clipping.py")
sys.settrace(lambda frame, kind, argument:
             count if frame.f_code.co_filename.endswith(inside) else None)
lengths, plain = set(), {n: run(n) for n in range(1, 7)}
net = MLP(2, [2, 1], rng=random.Random(1))
plain[0] = [], [p.data.hex() for p in net.parameters()]  # before the first step
lines = 0
run(6)
total, rng = lines, random.Random(int(sys.argv[1]))
for _ in range(25):
    lines, last = 0, rng.randrange(total // 20, total * 19 // 20)
    metrics, parameters = run(6)
    expected, undisturbed = plain[len(metrics)]
    assert (list(metrics), parameters) == (list(expected), undisturbed), last
    assert metrics.stopped_because in ("interrupted", "max_iterations"), metrics
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    lengths.add(len(metrics))
print(sorted(lengths))
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_interrupt_in_any_line_leaves_the_parameters_of_a_completed_step(seed: int) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(seed)], cwd=ROOT, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    assert len(finished.stdout.split()) >= 4  # they were interrupted in different steps
