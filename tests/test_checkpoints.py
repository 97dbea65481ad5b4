"""Checkpoints: exact, whole whatever happens, and refused where anything is wrong with them."""

import json
import math
import os
import random
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd
from micrograd.datasets import separable, xor
from micrograd.engine import Value
from micrograd.nn import MLP
from micrograd.stability import (
    Checkpoint,
    CheckpointError,
    RecoveryManager,
    StabilityMetrics,
    train_network_with_stability,
)
from micrograd.training import SGD, TrainingMetrics, mse_loss

ROOT = Path(micrograd.__file__).parents[1]
KILLS = int(os.environ.get("MICROGRAD_KILLS", "10"))  # 50 in the full measure

any_float = st.integers(0, 2**64 - 1).map(lambda n: struct.unpack(">d", n.to_bytes(8, "big"))[0])


def bits(numbers: Any) -> list[bytes]:
    return [struct.pack(">d", number) for number in numbers]


def network(seed: int = 1) -> MLP:
    return MLP(2, [3, 1], rng=random.Random(seed))


def train(net: MLP, **options: Any) -> StabilityMetrics:
    """A short run with batches and a learning rate that needs recoveries."""
    settings: dict[str, Any] = {
        "batch_size": 3, "seed": 5, "learning_rate": 4.0, "max_iterations": 40,
        "patience": None, "checkpoint_every": 1000, "loss_threshold": -1.0,
    } | options  # fmt: skip
    return train_network_with_stability(net, separable(8), None, mse_loss, False, **settings)


def written(path: Path, **options: Any) -> Checkpoint:
    train(network(), checkpoint_file=path, **options)
    return Checkpoint.load(path)


# Exactness


@given(st.lists(any_float, min_size=1, max_size=9))
def test_every_float_comes_back_bit_for_bit(numbers: list[float]) -> None:
    text = Checkpoint(1, tuple(numbers), tuple(reversed(numbers))).to_json()
    again = Checkpoint.from_json(text)
    assert bits(again.parameters) == bits(numbers)
    assert bits(again.gradients) == bits(reversed(numbers))


@pytest.mark.parametrize(
    ("number", "shown"),
    [(nan, '"nan"'), (inf, '"inf"'), (-inf, '"-inf"'), (-0.0, "-0.0"), (0.1, "0.1"), (1.0, "1.0")],
)
def test_numbers_are_legible(number: float, shown: str) -> None:
    assert f'\n"parameters": [{shown}],\n' in Checkpoint(0, (number,), (0.0,)).to_json()


def test_file_is_json_that_anyone_can_read(tmp_path: Path) -> None:
    written(tmp_path / "run.json", learning_rate=1e10, max_iterations=3)

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    content = json.loads(text, parse_constant=refuse)
    assert (content["format"], content["version"]) == ("micrograd checkpoint", 1)


def test_whole_run_comes_back(tmp_path: Path) -> None:
    checkpoint = written(tmp_path / "run.json", seed=None)
    assert checkpoint.metrics is not None
    assert checkpoint.metrics.recoveries
    assert checkpoint.order is not None
    assert checkpoint.order.random_state is not None
    assert Checkpoint.from_json(checkpoint.to_json()) == checkpoint


# Writing

CRASHES = ["fsync", "replace", "close", "write"]


@pytest.mark.parametrize("crash", CRASHES)
def test_failure_while_writing_leaves_the_old_file_whole(
    crash: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.json"
    old = written(path, max_iterations=2)

    def fail(*arguments: Any) -> None:
        raise OSError("the disk is full")

    if crash == "write":
        monkeypatch.setattr(Checkpoint, "to_json", fail)
    elif crash == "close":
        (tmp_path / "run.json.tmp").mkdir()
    else:
        monkeypatch.setattr(os, crash, fail)
    with pytest.raises(OSError):  # noqa: PT011
        replace(old, iteration=999).save(path)
    assert Checkpoint.load(path) == old
    if crash != "close":
        assert os.listdir(tmp_path) == ["run.json"]


def test_what_a_killed_writer_left_behind_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    (tmp_path / "run.json.tmp").write_text('{"format": "microgr')
    written(path, max_iterations=2)
    assert os.listdir(tmp_path) == ["run.json"]


def test_file_and_folder_reach_the_disk_before_and_after_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, really_replace = [], os.replace

    def record(source: Any, target: Any) -> None:
        steps.append("replace")
        really_replace(source, target)

    monkeypatch.setattr(os, "fsync", lambda descriptor: steps.append("fsync"))
    monkeypatch.setattr(os, "replace", record)
    Checkpoint(0, (), ()).save(tmp_path / "run.json")
    assert steps == ["fsync", "replace", "fsync"]


def test_where_folders_cannot_be_opened_the_file_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    Checkpoint(0, (), ()).save(tmp_path / "run.json")
    assert Checkpoint.load(tmp_path / "run.json") == Checkpoint(0, (), ())


# Reading: a valid checkpoint or a CheckpointError, and nothing else

SAMPLE: dict[str, Any] = json.loads(
    replace(
        Checkpoint.capture([Value(0.5), Value(-1.0)], 1, SGD([], 0.1), StabilityMetrics([2.0])),
        best=Checkpoint(0, (0.5, nan), (0.0, 0.0)),
    ).to_json()
)


def read(content: Any) -> Checkpoint | None:
    """The checkpoint, where there is one; whatever else is raised fails the test."""
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    try:
        checkpoint = Checkpoint.from_json(text)
    except CheckpointError:
        return None
    assert Checkpoint.from_json(checkpoint.to_json()).to_json() == checkpoint.to_json()
    return checkpoint


def test_sample_is_valid() -> None:
    assert read(SAMPLE) is not None


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    assert read(content) is None


@given(st.text(max_size=30))
def test_random_text_is_refused(content: str) -> None:
    assert read(content) is None


@given(st.integers(0, 10_000))
def test_truncated_file_is_refused(length: int) -> None:
    text = Checkpoint.from_json(json.dumps(SAMPLE)).to_json()
    assert read(text[: length % (len(text) - 2)]) is None


@given(st.data())
def test_file_with_a_changed_byte_is_refused_or_valid(data: st.DataObject) -> None:
    content = bytearray(json.dumps(SAMPLE).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(content))


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(content: Any) -> list[tuple[Any, Any]]:
    """Each container of a nest with each of its keys."""
    if not isinstance(content, (dict, list)):
        return []
    keys = list(content) if isinstance(content, dict) else list(range(len(content)))
    return [(content, key) for key in keys] + [p for key in keys for p in places(content[key])]


@given(st.data(), anything)
def test_mutated_content_is_refused_or_valid(data: st.DataObject, new: Any) -> None:
    content = json.loads(json.dumps(SAMPLE))
    container, key = data.draw(st.sampled_from(places(content)))
    change = data.draw(st.sampled_from(["set", "delete", "repeat"]))
    if change == "set":
        container[key] = new
    elif change == "delete":
        del container[key]
    elif isinstance(container, list):
        container.append(container[key])
    else:
        container[f"{key}_"] = container[key]
    read(content)


@given(anything)
def test_other_json_is_refused(content: Any) -> None:
    assert read(content) is None


def changed(**new: Any) -> dict[str, Any]:
    return SAMPLE | new


ORDER = {"examples": 4, "batch_size": 2, "seed": None, "random_state": None, "random_gauss": None}
STATE = list(random.Random(0).getstate()[1])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "in JSON"),
        ("[" * 100_000, "in JSON"),
        ("1" * 5000, "in JSON"),
        (b"\xff", "in JSON"),
        ('{"version": 1, "version": 1}', "a name stands twice"),
        ("[]", "got None"),
        (changed(format="pickle"), "'pickle', 1"),
        (changed(version=2), "of version 1, got .* 2"),
        (changed(version=True), "of version 1, got .* True"),
        (changed(version=1.0), "of version 1, got"),
        (changed(extra=1), "checkpoint: expected the fields iteration, "),
        (changed(iteration="1"), "checkpoint.iteration: expected a int, got '1'"),
        (changed(iteration=True), "checkpoint.iteration: expected a int, got True"),
        (changed(iteration=-1), "iteration of at least 0, got -1"),
        (changed(parameters=[0.5, 1]), r"parameters\[1\]: expected a float, got 1"),
        (changed(parameters=[0.5, "1.0"]), r"parameters\[1\]: expected a float, got '1.0'"),
        (changed(parameters=[0.5, "nan:0000000000000000"]), r"\[1\]: expected a float"),
        (changed(parameters={}), "checkpoint.parameters: expected a tuple"),
        (changed(parameters=[0.5]), "as the 1 parameters, got 2"),
        (changed(gradients=[0.5]), "as the 2 parameters, got 1"),
        (changed(learning_rate=-0.5), "a learning rate, got -0.5"),
        (changed(learning_rate="nan"), "a learning rate, got nan"),
        (changed(metrics=[]), "checkpoint.metrics: expected a StabilityMetrics"),
        (changed(order=ORDER | {"examples": 0}), "got 0 examples"),
        (changed(order=ORDER | {"batch_size": 0}), "in batches of 0"),
        (changed(order=ORDER | {"random_state": STATE[:-1]}), "expected a random state"),
        (changed(order=ORDER | {"random_state": [-1, *STATE[1:]]}), "out of range"),
        (changed(order=ORDER | {"random_state": [*STATE[:-1], 625]}), "expected a random state"),
        (json.dumps(SAMPLE).replace("0.5", "1e999"), r"\[0\]: expected a float, got inf"),
        (json.dumps(SAMPLE).replace("0.5", "NaN"), r"\[0\]: expected a float, got nan"),
    ],
)
def test_refusal_says_what_is_wrong_and_where(content: Any, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        Checkpoint.from_json(content if isinstance(content, (str, bytes)) else json.dumps(content))


def test_severity_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    content = written(tmp_path / "run.json").to_json()
    with pytest.raises(CheckpointError, match=r"events\[0\].severity: expected a StabilityLevel"):
        Checkpoint.from_json(content.replace('"unstable"', '"silly"'))


def test_refusal_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("no")
    with pytest.raises(CheckpointError, match=r"run\.json: expected a checkpoint in JSON"):
        Checkpoint.load(tmp_path / "run.json")


def test_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Checkpoint.load(tmp_path / "run.json")


# Restoring


def test_restoring_brings_back_parameters_optimiser_and_metrics() -> None:
    w, metrics = Value(1.0), TrainingMetrics([3.0], 3.0)
    w.grad = 0.5
    optimizer = SGD([w], 0.1)
    checkpoint = Checkpoint.capture([w], 1, optimizer, metrics)
    w.data, w.grad, optimizer.learning_rate = nan, nan, 9.0
    metrics.update(2.0)
    checkpoint.restore([w], optimizer, metrics)
    assert (w.data, w.grad, optimizer.learning_rate) == (1.0, 0.5, 0.1)
    assert metrics == TrainingMetrics([3.0], 3.0)
    metrics.update(2.0)
    checkpoint.restore([w], optimizer, metrics)
    assert list(metrics) == [3.0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_other_number_of_parameters_is_refused_before_anything_is_written(count: int) -> None:
    checkpoint = Checkpoint.capture([Value(1.0), Value(2.0)], 0)
    others = [Value(7.0) for _ in range(count)]
    with pytest.raises(CheckpointError, match=f"expected 2 parameters.* got {count}"):
        checkpoint.restore(others)
    assert [other.data for other in others] == [7.0] * count


@pytest.mark.parametrize("what", [{"optimizer": SGD([], 0.5)}, {"metrics": TrainingMetrics([1.0])}])
def test_what_was_not_kept_cannot_be_restored(what: dict[str, Any]) -> None:
    w = Value(1.0)
    checkpoint = Checkpoint.capture([w], 0)
    w.data = 2.0
    with pytest.raises(CheckpointError, match="with an optimiser and metrics"):
        checkpoint.restore([w], **what)
    assert w.data == 2.0


def test_manager_keeps_the_newest_checkpoints() -> None:
    w, manager = Value(0.0), RecoveryManager(max_checkpoints=2)
    for iteration in range(4):
        w.data = float(iteration)
        manager.create_checkpoint([w], iteration)
    assert list(manager.checkpoints) == ["checkpoint_2", "checkpoint_3"]
    assert (manager.restore_checkpoint([w], "checkpoint_2"), w.data) == (2, 2.0)
    assert (manager.restore_checkpoint([w]), w.data) == (3, 3.0)


def test_second_checkpoint_of_an_iteration_takes_the_place_of_the_first() -> None:
    w, manager = Value(0.0), RecoveryManager()
    manager.create_checkpoint([w], 1)
    w.data = 5.0
    manager.create_checkpoint([w], 1)
    w.data = nan
    manager.restore_checkpoint([w])
    assert (len(manager.checkpoints), w.data) == (1, 5.0)


def test_unknown_checkpoint_is_refused_and_the_known_ones_are_listed() -> None:
    manager = RecoveryManager()
    with pytest.raises(CheckpointError, match=r"\(none\), got ''"):
        manager.restore_checkpoint([])
    manager.create_checkpoint([], 1)
    with pytest.raises(CheckpointError, match=r"\(checkpoint_1\), got 'checkpoint_2'"):
        manager.restore_checkpoint([], "checkpoint_2")


@pytest.mark.parametrize("count", [0, -1, 1.5, True])
def test_manager_needs_room_for_one_checkpoint(count: Any) -> None:
    with pytest.raises(ValueError, match="max_checkpoints to be a whole number of at least 1"):
        RecoveryManager(count)


# Resuming


def straight_through(**options: Any) -> tuple[list[bytes], str]:
    random.seed(3)
    net = network()
    metrics = train(net, **options)
    return bits(p.data for p in net.parameters()), Checkpoint(0, (), (), 0.0, metrics).to_json()


@pytest.mark.parametrize("seed", [5, None])
@pytest.mark.parametrize("batch_size", [None, 3, 8])
@pytest.mark.parametrize("stop", [1, 2, 3, 20, 39, 40])
def test_resumed_run_has_the_bits_of_one_that_was_not_interrupted(
    stop: int, batch_size: int | None, seed: int | None, tmp_path: Path
) -> None:
    path, options = tmp_path / "run.json", {"batch_size": batch_size, "seed": seed}
    expected = straight_through(**options)
    afterwards = random.random()
    random.seed(3)
    train(network(), checkpoint_file=path, max_iterations=stop, **options)
    random.seed(99)
    net = network(seed=2)
    metrics = train(net, checkpoint_file=path, resume=True, **options)
    story = Checkpoint(0, (), (), 0.0, metrics).to_json()
    assert (bits(p.data for p in net.parameters()), story) == expected
    assert metrics.recoveries
    if seed is None and batch_size == 3:
        assert random.random() == afterwards


def test_resuming_without_a_file_starts_anew(tmp_path: Path) -> None:
    net = network()
    metrics = train(net, checkpoint_file=tmp_path / "run.json", resume=True, max_iterations=5)
    assert len(metrics) == 5
    assert Checkpoint.load(tmp_path / "run.json").iteration == 5


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    written(path)
    before, net = path.read_bytes(), network(seed=2)
    train(net, checkpoint_file=path, resume=True)
    assert path.read_bytes() == before


def test_run_that_gave_up_goes_on_only_if_more_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert train(network(), checkpoint_file=path, max_recoveries=0).stopped_because == (
        "unrecoverable"
    )
    before = path.read_bytes()
    train(network(), checkpoint_file=path, max_recoveries=0, resume=True)
    assert path.read_bytes() == before
    more = train(network(), checkpoint_file=path, max_recoveries=9, resume=True)
    assert more.stopped_because == "max_iterations"


@pytest.mark.parametrize(
    ("edit", "options", "message"),
    [
        (lambda c: replace(c, metrics=None), {}, "of parameters only"),
        (lambda c: replace(c, iteration=7), {}, "metrics of 7 iterations, got 4"),
        (lambda c: c, {"batch_size": 2}, "expected data in the order .*batch_size=3"),
        (lambda c: c, {"seed": 6}, "expected data in the order .*seed=5"),
        (lambda c: c, {"seed": None}, "expected data in the order"),
        (
            lambda c: Checkpoint(4, (1.0,), (1.0,), 0.1, c.metrics, Checkpoint(0, (1.0,), (1.0,)),
                                 c.order),
            {}, "expected 1 parameters",
        ),
    ],
)  # fmt: skip
def test_checkpoint_of_another_run_is_refused_and_nothing_changed(
    edit: Callable[[Checkpoint], Checkpoint], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    edit(written(path, max_iterations=4)).save(path)
    net, content = network(seed=2), path.read_bytes()
    with pytest.raises(CheckpointError, match=message):
        train(net, checkpoint_file=path, resume=True, **options)
    assert bits(p.data for p in net.parameters()) == bits(p.data for p in network(2).parameters())
    assert path.read_bytes() == content


# Kill -9

KILLED = """
import os, random, signal, sys
from micrograd.datasets import separable
from micrograd.nn import MLP
from micrograd.stability import train_network_with_stability
from micrograd.training import mse_loss

left, calls = int(sys.argv[2]), 0

def count(frame, event, argument):  # the calls of functions: in a step, in writing a file
    global calls
    calls += event == "call" or event == "c_call"
    if calls == left:
        os.kill(os.getpid(), signal.SIGKILL)

def counting(predictions, targets):
    sys.setprofile(count)
    return mse_loss(predictions, targets)

train_network_with_stability(
    MLP(2, [3, 1], rng=random.Random(1)), separable(8), None, counting, False,
    batch_size=3, seed=5, learning_rate=4.0, max_iterations=40, patience=None,
    loss_threshold=-1.0, checkpoint_every=1, checkpoint_file=sys.argv[1],
)
sys.setprofile(None)
print(calls)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_killed_runs_leave_a_file_that_resumes_to_the_same_bits(tmp_path: Path) -> None:
    def run(path: Path, calls: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", KILLED, str(path), str(calls)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    undisturbed = run(tmp_path / "whole.json", 0)
    calls = int(undisturbed.stdout)
    rng, expected, reached = random.Random(0), straight_through(), set()
    for i in range(KILLS):  # one in each of as many equal parts of the run
        path = tmp_path / f"{i}.json"
        ended = run(path, round(calls * (i + rng.random()) / KILLS) or 1)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        reached.add(Checkpoint.load(path).iteration)
        net = network(seed=2)
        metrics = train(net, checkpoint_file=path, resume=True)
        story = Checkpoint(0, (), (), 0.0, metrics).to_json()
        assert (bits(p.data for p in net.parameters()), story) == expected
    assert len(reached) > KILLS // 2, reached  # they died at different moments


def test_xor_run_survives_many_resumptions(tmp_path: Path) -> None:
    def run(net: MLP, iterations: int, **options: Any) -> StabilityMetrics:
        return train_network_with_stability(
            net, xor(), None, mse_loss, False, learning_rate=0.3, max_iterations=iterations,
            patience=None, loss_threshold=-1.0, **options,
        )  # fmt: skip

    whole, parts = network(), network()
    expected = run(whole, 40)
    for iterations in range(1, 41, 3):
        metrics = run(parts, iterations, checkpoint_file=tmp_path / "run.json", resume=True)
    assert list(metrics) == list(expected)
    assert bits(p.data for p in parts.parameters()) == bits(p.data for p in whole.parameters())
    assert not math.isnan(metrics[-1])
