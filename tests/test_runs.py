"""Runs on disk: never lost, of constant cost, and taken up again to the same bits."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from little_nets import at, bits, bits_of, network, noisy_loss

import micrograd
from micrograd import (
    MLP,
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Batches,
    Checkpoint,
    CheckpointError,
    Momentum,
    NumericalValidator,
    RMSprop,
    RunFile,
    StabilityMetrics,
    StabilityMonitor,
    Value,
    _files,
    cosine_decay,
    guarded,
    mse_loss,
    saved,
    separable,
    step_decay,
    steps,
    train_network_with_stability,
    warmup,
    xor,
)
from micrograd.loop import Step

numpy = pytest.importorskip("numpy")

ROOT = Path(micrograd.__file__).parents[1]
KILLS = int(os.environ.get("MICROGRAD_KILLS", "15"))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reaches the disk when is tested in ``test_files.py``; here it would only take time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def train(net: Any, loss_fn: Any = mse_loss, **options: Any) -> StabilityMetrics:
    """A short run with batches and a learning rate that needs recoveries."""
    settings: dict[str, Any] = {
        "batch_size": 3, "seed": 5, "learning_rate": 4.0, "max_iterations": 40,
        "patience": None, "checkpoint_every": 1000, "loss_threshold": -1.0,
    } | options  # fmt: skip
    return train_network_with_stability(net, separable(8), None, loss_fn, False, **settings)


def outcome(net: Any, metrics: StabilityMetrics) -> tuple[list[bytes], str, float]:
    """All that a run has led to: two are equal only if every bit is."""
    return bits_of(net), _files.to_json(metrics.state()), random.random()


def straight_through(loss_fn: Any = mse_loss, **options: Any) -> tuple[list[bytes], str, float]:
    random.seed(3)
    net = network()
    return outcome(net, train(net, loss_fn, **options))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Whatever is accepted can be saved, loaded and resumed to the same bits


class Plain:
    """A model that is no ``Module``: all that training asks of one is ``parameters()``."""

    def __init__(self, seed: int) -> None:
        self.net = network(seed)

    def parameters(self) -> list[Value]:
        return self.net.parameters()

    def __call__(self, x: Any) -> Any:
        return self.net(x)


def huge(predictions: Any, targets: Any) -> Value:
    return mse_loss(predictions, targets) * 1e307


def negative(predictions: Any, targets: Any) -> Value:
    return mse_loss(predictions, targets) - 1.0


def rarely_nan(predictions: Any, targets: Any) -> Value:
    return mse_loss(predictions, targets) * (nan if random.random() < 0.1 else 1.0)


RULES: list[Any] = [
    None,
    SGD,
    Adam,
    AdaGrad,
    lambda p, rate: SGD(p, rate, clip=1, schedule=step_decay(5, Fraction(1, 2))),
    lambda p, rate: Momentum(p, rate, Fraction(1, 2), nesterov=True, clip=Fraction(3)),
    lambda p, rate: RMSprop(p, rate, beta=0, eps=1),
    lambda p, rate: Adam(p, rate, 0, numpy.float32(0.5), schedule=warmup(4, cosine_decay(9, 0.1))),
    lambda p, rate: AdamW(p, rate, decay=1, schedule=cosine_decay(20)),
]

rates = [0, 1, True, 0.05, Fraction(1, 2), Decimal("0.5"), 4.0, 30, 1e6]
rates += [numpy.float32(0.1), numpy.float64(2.5), numpy.int64(3)]
accepted = st.fixed_dictionaries(
    {
        "learning_rate": st.sampled_from(rates),
        "loss_threshold": st.sampled_from([-inf, -100, 0, Fraction(-3, 2), numpy.float32(0.01)]),
        "patience": st.sampled_from([None, None, 5, numpy.int64(8)]),
        "min_improvement": st.sampled_from([0, 0.1, Fraction(1, 10), numpy.float32(0.01)]),
        "batch_size": st.sampled_from([None, 1, 3, numpy.int64(4), 8, 100]),
        "seed": st.sampled_from([None, 0, 3, -3, 2**70, numpy.int64(7), numpy.uint8(9)]),
        "report_every": st.sampled_from([1, numpy.int64(7)]),
        "optimizer": st.sampled_from(RULES),
        "gradient_clip": st.sampled_from([None, 1, True, Fraction(1, 3), numpy.float32(0.5)]),
        "max_recoveries": st.sampled_from([0, 10, 10, numpy.int64(3)]),
        "validator": st.sampled_from([
            None, NumericalValidator(inf_threshold=3),
            NumericalValidator(numpy.float32(0.1), 4, True),
        ]),
        "held_out": st.sampled_from([None, xor()]),
    }
)  # fmt: skip


@settings(max_examples=100)
@given(
    options=accepted,
    loss_fn=st.sampled_from([mse_loss, noisy_loss, rarely_nan, negative, huge]),
    make=st.sampled_from([network, Plain]),
    end=st.sampled_from(["limit", "crash", "ctrl-c", "twice"]),
    stop=st.integers(1, 24),
    every=st.integers(1, 9),
)
def test_whatever_is_accepted_can_be_saved_and_resumed_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory,
    options: dict[str, Any],
    loss_fn: Any,
    make: Callable[[int], Any],
    end: str,
    stop: int,
    every: int,
) -> None:
    path = tmp_path_factory.mktemp("run") / "run.json"
    options = options | {"max_iterations": 24}

    def run(seed: int, loss: Any, **more: Any) -> tuple[list[bytes], str, float]:
        net = make(seed)
        return outcome(net, train(net, loss, **options | more))

    random.seed(3)
    whole = run(1, loss_fn)
    kept: dict[str, Any] = {"checkpoint_file": path, "checkpoint_every": every}
    random.seed(3)
    if end == "limit":
        run(1, loss_fn, max_iterations=stop, **kept)
    else:
        calls = 0

        def disturbed(predictions: Any, targets: Any) -> Value:
            nonlocal calls
            calls += 1
            if calls == stop and end == "crash":
                raise ZeroDivisionError
            if calls == stop:
                for _ in range(1 if end == "ctrl-c" else 2):
                    signal.raise_signal(signal.SIGINT)
            result: Value = loss_fn(predictions, targets)
            return result

        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            run(1, disturbed, **kept)
        except ZeroDivisionError:
            assert end == "crash"
        except KeyboardInterrupt:  # where the loss was being computed on data that are held out
            assert end == "twice"
        finally:
            signal.signal(signal.SIGINT, before)
    random.seed(99)
    assert run(2, loss_fn, resume=True, **kept) == whole


@pytest.mark.parametrize("loss_fn", [mse_loss, noisy_loss])
@pytest.mark.parametrize("seed", [5, None])
@pytest.mark.parametrize("batch_size", [None, 3, 8])
@pytest.mark.parametrize("stop", [1, 2, 3, 20, 39, 40])
def test_resumed_run_has_the_bits_of_one_that_was_not_interrupted(
    stop: int, batch_size: int | None, seed: int | None, loss_fn: Any, tmp_path: Path
) -> None:
    path, options = tmp_path / "run.json", {"batch_size": batch_size, "seed": seed}
    expected = straight_through(loss_fn, **options)
    random.seed(3)
    train(network(), loss_fn, checkpoint_file=path, max_iterations=stop, **options)
    random.seed(99)
    net = network(seed=2)
    metrics = train(net, loss_fn, checkpoint_file=path, resume=True, **options)
    assert outcome(net, metrics) == expected
    assert metrics.recoveries


def test_random_numbers_of_the_model_are_resumed_too(tmp_path: Path) -> None:
    class Dropping(MLP):
        def __call__(self, x: Any) -> Any:
            return super().__call__([v if random.random() < 0.7 else 0.0 for v in x])

    def run(seed: int, **options: Any) -> Any:
        net = Dropping(2, [3, 1], rng=random.Random(seed))
        return outcome(net, train(net, learning_rate=0.1, **options))

    random.seed(3)
    whole = run(1)
    random.seed(3)
    run(1, checkpoint_file=tmp_path / "run.json", max_iterations=17)
    assert run(2, checkpoint_file=tmp_path / "run.json", resume=True) == whole


def test_run_survives_many_resumptions(tmp_path: Path) -> None:
    options: dict[str, Any] = {"learning_rate": 0.3, "batch_size": 3, "seed": None}
    expected = straight_through(noisy_loss, **options)
    random.seed(3)
    parts = network()
    for iterations in range(1, 41, 3):
        metrics = train(
            parts, noisy_loss, checkpoint_file=tmp_path / "run.json", resume=True,
            max_iterations=iterations, **options,
        )  # fmt: skip
    assert outcome(parts, metrics) == expected


# Nothing is lost by a call that forgot something


def test_file_that_is_there_is_refused_and_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    train(network(), checkpoint_file=path)
    before, net = contents(tmp_path), network(seed=2)
    with pytest.raises(
        CheckpointError,
        match=r"run\.json and run\.json\.history of .* would be lost: resume it, or",
    ):
        train(net, checkpoint_file=path)
    assert contents(tmp_path) == before
    assert bits_of(net) == bits_of(network(seed=2))


def test_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("dear diary")
    with pytest.raises(CheckpointError, match=r"notes\.txt of .* would be lost"):
        train(network(), checkpoint_file=tmp_path / "notes.txt")
    assert contents(tmp_path) == {"notes.txt": b"dear diary"}


def test_history_without_its_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json.history").write_text("{}\n")
    with pytest.raises(CheckpointError, match=r"but run\.json\.history of"):
        train(network(), checkpoint_file=tmp_path / "run.json")


def test_file_may_be_given_up(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    train(network(), checkpoint_file=path)
    train(network(seed=2), checkpoint_file=path, overwrite=True, max_iterations=3)
    assert Checkpoint.load(path).iteration == 3
    assert len((tmp_path / "run.json.history").read_text().splitlines()) == 3
    again, anew = network(seed=4), network(seed=2)
    metrics = train(again, checkpoint_file=path, resume=True, max_iterations=9)
    assert list(metrics) == list(train(anew, max_iterations=9))
    assert bits_of(again) == bits_of(anew)


def test_file_given_up_for_a_run_that_fails_at_once_is_that_of_the_new_run(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    train(network(), checkpoint_file=path)
    with pytest.raises(ZeroDivisionError):
        train(network(seed=2), lambda p, t: 1 / 0, checkpoint_file=path, overwrite=True)
    checkpoint = Checkpoint.load(path)
    assert checkpoint.iteration == 0
    assert bits(checkpoint.parameters.values()) == bits_of(network(seed=2))


def test_exception_out_of_the_loss_leaves_the_file_of_the_last_save(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(network(), at(24, fail), checkpoint_file=path, checkpoint_every=10)
    assert Checkpoint.load(path).iteration == 20


@pytest.mark.parametrize("options", [{"resume": True}, {"overwrite": True}])
def test_nothing_to_resume_or_to_overwrite_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a checkpoint_file to resume from or to overwrite"):
        train(network(), **options)


def test_both_to_resume_and_to_overwrite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="to resume the checkpoint_file or to overwrite it"):
        train(network(), checkpoint_file=tmp_path / "run.json", resume=True, overwrite=True)


def test_resuming_without_a_file_starts_anew(tmp_path: Path) -> None:
    net = network()
    metrics = train(net, checkpoint_file=tmp_path / "run.json", resume=True, max_iterations=5)
    assert len(metrics) == 5
    assert Checkpoint.load(tmp_path / "run.json").iteration == 5


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    train(network(), checkpoint_file=tmp_path / "run.json")
    before = contents(tmp_path)
    train(network(seed=2), checkpoint_file=tmp_path / "run.json", resume=True)
    assert contents(tmp_path) == before


def test_run_that_gave_up_goes_on_only_if_more_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    given_up = train(network(), checkpoint_file=path, max_recoveries=0)
    assert given_up.stopped_because == "unrecoverable"
    before = contents(tmp_path)
    again = train(network(), checkpoint_file=path, max_recoveries=0, resume=True)
    assert again.stopped_because == "unrecoverable"
    assert contents(tmp_path) == before
    more = train(network(), checkpoint_file=path, max_recoveries=9, resume=True)
    assert more.stopped_because == "max_iterations"


def test_learning_rate_of_a_resumed_run_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    train(network(), checkpoint_file=path, max_iterations=2, learning_rate=0.25)
    metrics = train(
        network(), checkpoint_file=path, resume=True, max_iterations=4, learning_rate=9.0
    )
    assert metrics.learning_rate == 0.25


# What it costs


def constant_run(path: Path, iterations: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each save of a run in which no number changes any more."""
    sizes, write = [], _files.write

    def counted(file: Any, content: bytes) -> None:
        sizes.append(len(content))
        write(file, content)

    monkeypatch.setattr(_files, "write", counted)
    train(
        network(), checkpoint_file=path, checkpoint_every=1, max_iterations=iterations,
        learning_rate=0.0, batch_size=None, seed=None,
    )  # fmt: skip
    monkeypatch.undo()
    return sizes


def test_every_save_writes_the_same_number_of_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = constant_run(tmp_path / "run.json", 300, monkeypatch)
    # From 100 on the number of the iteration has three digits, and the windows are full.
    assert len(set(sizes[100:])) == 1
    assert len(sizes) == 301  # once at the beginning


def test_size_of_the_file_does_not_depend_on_how_long_the_run_was(tmp_path: Path) -> None:
    def size(iterations: int) -> int:
        path = tmp_path / f"{iterations}.json"
        train(network(), checkpoint_file=path, max_iterations=iterations, learning_rate=0.1)
        return path.stat().st_size

    assert size(800) == pytest.approx(size(100), rel=0.02)


def test_history_grows_by_a_line_a_step(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    lines = []
    for iterations in (7, 20, 33):
        train(network(), checkpoint_file=path, max_iterations=iterations, resume=True)
        lines.append((tmp_path / "run.json.history").read_text().splitlines())
    assert [len(some) for some in lines] == [7, 20, 33]
    assert lines[2][:20] == lines[1]
    assert [json.loads(line)["iteration"] for line in lines[2]] == list(range(1, 34))


def test_steps_are_appended_and_those_before_are_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network()
    optimizer, batches = SGD(net.parameters(), 0.1), Batches(xor())
    file = RunFile(tmp_path / "run.json", net, optimizer=optimizer, batches=batches)
    run = steps(net, batches, optimizer)
    file.save(list(islice(run, 5)))
    before = file.history.read_bytes()
    file.save(list(islice(run, 2)))
    assert file.history.read_bytes().startswith(before)
    assert file.history.stat().st_size == pytest.approx(7 / 5 * len(before), rel=0.1)


# By hand


def run_of(path: Path, seed: int = 1) -> tuple[Any, Any, Any, RunFile]:
    net = network(seed)
    optimizer, batches = Adam(net.parameters(), 0.1), Batches(xor(), 3)
    return net, optimizer, batches, RunFile(path, net, optimizer=optimizer, batches=batches)


def test_run_of_ones_own_is_saved_and_resumed_to_the_same_bits(tmp_path: Path) -> None:
    net, optimizer, batches, file = run_of(tmp_path / "run.json")
    whole, their_optimizer, their_batches, _ = run_of(tmp_path / "no.json")
    random.seed(3)
    for _ in islice(steps(whole, their_batches, their_optimizer), 20):
        pass
    random.seed(3)
    for step in saved(steps(net, batches, optimizer), file, every=4):
        if step.iteration == 13:
            break
    net, optimizer, batches, file = run_of(tmp_path / "run.json", seed=2)
    past = file.resume()
    assert [step.iteration for step in past] == list(range(1, 14))
    assert file.resumed
    run = steps(net, batches, optimizer, completed=len(past))
    for step in saved(run, file, every=4):
        if step.iteration == 20:
            break
    assert bits_of(net) == bits_of(whole)


def test_steps_that_do_not_go_on_from_the_past_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    net, optimizer, batches, file = run_of(tmp_path / "run.json")
    file.save(list(islice(steps(net, batches, optimizer), 3)))
    before = contents(tmp_path)
    net, optimizer, batches, file = run_of(tmp_path / "run.json")
    file.resume()
    run = saved(steps(net, batches, optimizer), file, every=2)  # forgot completed=3
    with pytest.raises(ValueError, match=r"expected step 4 of the run, got 1: .* completed="):
        list(islice(run, 3))
    assert contents(tmp_path) == before


def test_save_that_failed_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, optimizer, batches, file = run_of(tmp_path / "run.json")
    run = steps(net, batches, optimizer)
    file.save(list(islice(run, 2)))
    more = list(islice(run, 3))

    def fail(*arguments: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is full"):
        file.save(more)
    monkeypatch.undo()
    assert Checkpoint.load(file.path).iteration == 2
    file.save(more)
    net, optimizer, batches, file = run_of(tmp_path / "run.json", seed=2)
    assert [step.iteration for step in file.resume()] == [1, 2, 3, 4, 5]


def test_history_keeps_what_happened_in_a_step(tmp_path: Path) -> None:
    net = network()
    optimizer, batches = SGD(net.parameters(), 30.0), Batches(xor())
    monitor = StabilityMonitor()
    parts: dict[str, Any] = {"optimizer": optimizer, "batches": batches, "monitor": monitor}
    file = RunFile(tmp_path / "run.json", net, **parts)
    run = guarded(steps(net, batches, optimizer), net, optimizer, monitor)
    taken = list(islice(saved(run, file), 30))
    run.close()
    file.save([])
    past = RunFile(tmp_path / "run.json", net, **parts).resume()
    shown = ("iteration", "loss", "gradient_norm", "clipped", "stop", "events", "recovery")
    told = [[str(getattr(step, name)) for name in shown] for step in past]
    assert told == [[str(getattr(step, name)) for name in shown] for step in taken[: len(past)]]
    assert any(step.recovery for step in past)


# Files that are damaged or belong to another run


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 2}, "expected batches with batch_size 2, got 3"),
        ({"seed": 6}, "expected batches with seed 6, got 5"),
        ({"seed": None}, "expected batches with seed None, got 5"),
        ({"optimizer": Adam}, "expected the state of Adam, got SGD"),
    ],
)
def test_file_of_another_run_is_refused_and_nothing_changed(
    options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    train(network(), checkpoint_file=path, max_iterations=4)
    net, before, state = network(seed=2), contents(tmp_path), random.getstate()
    with pytest.raises(CheckpointError, match=rf"run\.json: .*{message}"):
        train(net, checkpoint_file=path, resume=True, **options)
    assert bits_of(net) == bits_of(network(seed=2))
    assert (contents(tmp_path), random.getstate()) == (before, state)


def test_file_of_another_network_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    train(network(), checkpoint_file=path, max_iterations=4)
    with pytest.raises(CheckpointError, match=r"another model: it lacks layers.0.neurons.2.w.0"):
        train(MLP(2, [2, 1]), checkpoint_file=path, resume=True)


def test_checkpoint_alone_is_no_run(tmp_path: Path) -> None:
    net = network()
    Checkpoint.capture(net, 0).save(tmp_path / "run.json")
    (tmp_path / "run.json.history").touch()
    with pytest.raises(CheckpointError, match="with optimizer, batches, monitor, random, got one"):
        train(net, checkpoint_file=tmp_path / "run.json", resume=True)


LINE = (
    '{"iteration": 3, "loss": 1.0, "gradient_norm": 1.0, "clipped": false, "stop": "", '
    '"held_out": null, "events": [], "recovery": null}'
)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: None, r"expected its history beside it, run\.json\.history, got none"),
        (lambda lines: lines[:3], "a history of 4 steps in run.json.history, got 3"),
        (
            lambda lines: lines[:2] + lines[3:] + lines[3:],
            "step 3 of the history, got that of iter",
        ),
        (lambda lines: [*lines[:2], "{", lines[3]], "expected JSON"),
        (lambda lines: [*lines[:2], "{}", lines[3]], "step 3 of the history to have the fields"),
        (lambda lines: [*lines[:2], LINE.replace("1.0", "1"), lines[3]], "loss to be a float"),
        (
            lambda lines: [*lines[:2], LINE.replace('"held_out": null', '"held_out": 1'), lines[3]],
            "step 3 of the history: held_out to be a float",
        ),
        (
            lambda lines: [
                *lines[:2],
                LINE.replace('"recovery": null', '"recovery": {}'),
                lines[3],
            ],
            "step 3 of the history: recovery to have the fields",
        ),
        (
            lambda lines: [*lines[:2], LINE.replace('"events": []', '"events": [1]'), lines[3]],
            "an event to have the fields",
        ),
    ],
)
def test_damaged_history_is_refused_and_nothing_changed(
    damage: Callable[[list[str]], list[str] | None], message: str, tmp_path: Path
) -> None:
    path, history = tmp_path / "run.json", tmp_path / "run.json.history"
    train(network(), checkpoint_file=path, max_iterations=4)
    lines = damage(history.read_text().splitlines())
    if lines is None:
        history.unlink()
    else:
        history.write_text("".join(line + "\n" for line in lines))
    net, before = network(seed=2), contents(tmp_path)
    with pytest.raises(CheckpointError, match=rf"run\.json: .*{message}"):
        train(net, checkpoint_file=path, resume=True)
    assert bits_of(net) == bits_of(network(seed=2))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("rest", [LINE + "\n", LINE[:30], "\0\0\0"])
def test_what_came_after_the_checkpoint_is_cut_off(rest: str, tmp_path: Path) -> None:
    path, history = tmp_path / "run.json", tmp_path / "run.json.history"
    train(network(), checkpoint_file=path, max_iterations=2)
    with history.open("a") as file:
        file.write(rest)
    net, twin = network(seed=2), network()
    metrics = train(net, checkpoint_file=path, resume=True, max_iterations=9)
    assert list(metrics) == list(train(twin, max_iterations=9))
    assert bits_of(net) == bits_of(twin)
    assert len(history.read_text().splitlines()) == 9


def test_step_by_default_is_what_the_history_needs(tmp_path: Path) -> None:
    file = RunFile(tmp_path / "run.json", network())
    file.save([Step(1, 0.5, 1.0), Step(2, 0.25, 1.0)])
    assert [step.loss for step in file.resume()] == [0.5, 0.25]


# Kill -9

KILLED = """
import os, random, signal, sys
from micrograd import MLP, mse_loss, separable, train_network_with_stability

folder, kills = sys.argv[1], int(sys.argv[2])
where = ("runs.py", "_files.py", "checkpoints.py"), ("save", "write", "_begin", "capture")
os.fsync = lambda descriptor: None

def train(file):
    train_network_with_stability(
        MLP(2, [3, 1], rng=random.Random(1)), separable(8), None, mse_loss, False,
        batch_size=3, seed=5, learning_rate=4.0, max_iterations=40, patience=None,
        loss_threshold=-1.0, checkpoint_every=1, checkpoint_file=file,
    )

lines, last = 0, None

def count(frame, kind, argument):
    global lines
    if kind == "line":
        lines += 1
        if lines == last:
            os.kill(os.getpid(), signal.SIGKILL)
    return count

def only_where_files_are_written(frame, kind, argument):
    files, functions = where
    code = frame.f_code
    return count if code.co_filename.endswith(files) and code.co_name in functions else None

sys.settrace(only_where_files_are_written)
train(f"{folder}/whole.json")
total, lines, rng = lines, 0, random.Random(0)
for i in range(kills):
    last = rng.randrange(total * i // kills, total * (i + 1) // kills) + 1
    child = os.fork()
    if not child:
        train(f"{folder}/{i}.json")
        os._exit(1)  # it should not have come so far
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_runs_killed_in_any_line_leave_a_file_that_resumes_to_the_same_bits(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(KILLS)], cwd=ROOT, check=True)
    expected, reached = straight_through()[:2], set()
    for i in range(KILLS):
        path = tmp_path / f"{i}.json"
        reached.add(Checkpoint.load(path).iteration if path.exists() else None)
        random.seed(3)
        net = network(seed=1 if not path.exists() else 2)
        metrics = train(net, checkpoint_file=path, resume=True)
        assert outcome(net, metrics)[:2] == expected, i
    assert len(reached) > KILLS // 2, reached  # they did die at different moments
