"""Checkpoints: exact, by name, and refused where anything is wrong with them."""

import json
import random
import struct
from dataclasses import dataclass, field, replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_nets import bits, bits_of, network, values

from micrograd import (
    MLP,
    SGD,
    Adam,
    Batches,
    Checkpoint,
    CheckpointError,
    Module,
    Momentum,
    RecoveryManager,
    StabilityMetrics,
    StabilityMonitor,
    TrainingMetrics,
    Value,
    xor,
)
from micrograd.batches import RandomModule
from micrograd.monitor import event
from micrograd.runs import Recovery

any_float = st.integers(0, 2**64 - 1).map(lambda n: struct.unpack(">d", n.to_bytes(8, "big"))[0])


def through_a_file(checkpoint: Checkpoint) -> Checkpoint:
    return Checkpoint.from_json(checkpoint.to_json())


# Exactness


@given(st.lists(any_float, min_size=1, max_size=9))
def test_every_float_comes_back_bit_for_bit(numbers: list[float]) -> None:
    parameters = values(*numbers)
    for parameter, number in zip(parameters, reversed(numbers), strict=True):
        parameter.grad = number
    again = through_a_file(Checkpoint.capture(parameters, 1))
    assert bits(again.parameters.values()) == bits(numbers)
    assert bits(again.gradients) == bits(reversed(numbers))


def test_file_is_json_that_anyone_can_read(tmp_path: Path) -> None:
    net = network()
    net.parameters()[0].data = nan

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    Checkpoint.capture(net, 3, SGD(net.parameters(), 1)).save(tmp_path / "run.json")
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    content = json.loads(text, parse_constant=refuse)
    assert (content["format"], content["version"]) == ("micrograd checkpoint", 2)
    assert '\n "layers.0.neurons.0.w.0": {"float": "nan"},\n' in text


def test_checkpoint_of_everything_comes_back() -> None:
    net = network()
    parts: dict[str, Any] = {
        "optimizer": Adam(net.parameters()),
        "metrics": StabilityMetrics([nan]),
        "batches": Batches(xor(), 3),
        "monitor": StabilityMonitor(),
        "random": RandomModule(),
    }
    best = Checkpoint.capture(net.parameters(), 0)
    checkpoint = Checkpoint.capture(net, 1, best=best, **parts)
    assert through_a_file(checkpoint).to_json() == checkpoint.to_json()


def test_checkpoint_does_not_change_with_what_it_was_made_of() -> None:
    net, metrics = network(), TrainingMetrics([1.0])
    optimizer, monitor = Momentum(net.parameters()), StabilityMonitor()
    checkpoint = Checkpoint.capture(net, 1, optimizer, metrics, monitor=monitor)
    before = checkpoint.to_json()
    net.parameters()[0].data, net.parameters()[0].grad = 9.0, 9.0
    optimizer.step()
    metrics.update(2.0)
    monitor.update_metrics(1.0, [1.0], 1)
    assert checkpoint.to_json() == before


# Names


def test_parameters_are_kept_by_name() -> None:
    net = MLP(2, [1], init="zeros")
    assert list(Checkpoint.capture(net, 0).parameters) == [
        "layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b"
    ]  # fmt: skip


def test_parameters_without_a_model_are_numbered() -> None:
    assert Checkpoint.capture(iter(values(0.5, 1.5)), 0).parameters == {"[0]": 0.5, "[1]": 1.5}


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            MLP(12, [1]),
            "it lacks layers.0.neurons.1.w.0 and 9 more; "
            "it has layers.0.neurons.0.w.2 and 9 more besides$",
        ),
        (MLP(2, [3, 2]), "model: it has layers.1.neurons.1.w.0 and 3 more besides$"),
        (MLP(2, [2, 1]), "model: it lacks layers.0.neurons.2.w.0 and 3 more$"),
    ],
)
def test_network_of_another_shape_is_refused_by_name(other: MLP, message: str) -> None:
    checkpoint = through_a_file(Checkpoint.capture(network(), 0))
    before = bits_of(other)
    with pytest.raises(CheckpointError, match=f"expected the parameters .*{message}"):
        checkpoint.restore(other)
    assert bits_of(other) == before


def test_as_many_parameters_in_another_shape_are_refused() -> None:
    wide, narrow = MLP(12, [1]), network()
    assert len(wide.parameters()) == len(narrow.parameters()) == 13
    with pytest.raises(CheckpointError, match="expected the parameters of the checkpoint"):
        Checkpoint.capture(narrow, 0).restore(wide)


def test_parameters_in_another_order_are_refused() -> None:
    class Two(Module):
        def __init__(self, names: str) -> None:
            for name in names:
                setattr(self, name, Value(1.0))

    with pytest.raises(CheckpointError, match="got another model: it has them in another order"):
        Checkpoint.capture(Two("ab"), 0).restore(Two("ba"))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_other_number_of_parameters_is_refused_before_anything_is_written(count: int) -> None:
    checkpoint = Checkpoint.capture(values(1.0, 2.0), 0)
    others = values(*[7.0] * count)
    with pytest.raises(CheckpointError, match=f"expected 2 parameters.* got {count}"):
        checkpoint.restore(others)
    assert [other.data for other in others] == [7.0] * count


def test_checkpoint_of_a_model_fits_its_parameters_and_the_other_way_round() -> None:
    net, twin = network(), network(seed=2)
    Checkpoint.capture(net, 0).restore(twin.parameters())
    assert bits_of(twin) == bits_of(net)
    twin = network(seed=2)
    Checkpoint.capture(net.parameters(), 0).restore(twin)
    assert bits_of(twin) == bits_of(net)


def test_numbered_checkpoint_of_another_number_of_parameters_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"expected 2 parameters.* got 13"):
        Checkpoint.capture(values(1.0, 2.0), 0).restore(network())


class Borrowed(Module):
    """Names one of its parameters, and has two that cannot be found among its attributes."""

    def __init__(self) -> None:
        self.own = Value(1.0)
        self.hidden = {Value(2.0), Value(3.0)}  # a set has no order, so it is not looked through

    def parameters(self) -> list[Value]:
        return [self.own, *sorted(self.hidden, key=lambda value: value.data)]


def test_parameters_that_a_model_does_not_name_are_kept_by_number() -> None:
    model, twin = Borrowed(), Borrowed()
    checkpoint = through_a_file(Checkpoint.capture(model, 0))
    assert checkpoint.parameters == {"own": 1.0, "[1]": 2.0, "[2]": 3.0}
    twin.own.data = 9.0
    checkpoint.restore(twin)
    assert bits_of(twin) == bits_of(model)


def test_parameter_that_is_listed_twice_is_kept_once() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self.w, self.w]

    model = Tied()
    checkpoint = through_a_file(Checkpoint.capture(model, 0))
    model.w.data = nan
    checkpoint.restore(model)
    assert (checkpoint.parameters, model.w.data) == ({"w": 1.0}, 1.0)


def test_parameters_whose_names_look_alike_are_both_kept() -> None:
    class Table(Module):
        def __init__(self) -> None:
            self.of = {1: Value(1.0), "1": Value(2.0)}

    model = Table()
    checkpoint = through_a_file(Checkpoint.capture(model, 0))
    for parameter in model.parameters():
        parameter.data = nan
    checkpoint.restore(model)
    assert [p.data for p in model.parameters()] == [1.0, 2.0]


def test_model_that_is_no_module_is_kept_by_number() -> None:
    class Plain:
        def __init__(self) -> None:
            self.w = Value(1.0)

        def parameters(self) -> list[Value]:
            return [self.w]

    model: Any = Plain()
    checkpoint = through_a_file(Checkpoint.capture(model, 0))
    model.w.data = nan
    checkpoint.restore(model)
    assert (checkpoint.parameters, model.w.data) == ({"[0]": 1.0}, 1.0)


def test_parameter_named_float_comes_back() -> None:
    class Named(Module):
        def __init__(self) -> None:
            self.float = Value(0.5)

    assert through_a_file(Checkpoint.capture(Named(), 0)).parameters == {"float": 0.5}


# Parts: an optimiser, metrics, whatever has a state


def test_restoring_brings_back_parameters_optimiser_and_metrics() -> None:
    w, metrics = Value(1.0), TrainingMetrics([3.0], 3.0)
    w.grad = 0.5
    optimizer = SGD([w], 0.1)
    checkpoint = through_a_file(Checkpoint.capture([w], 1, optimizer, metrics))
    for _ in range(2):
        w.data, w.grad, optimizer.learning_rate = nan, nan, 9.0
        metrics.update(2.0)
        checkpoint.restore([w], optimizer, metrics)
        assert (w.data, w.grad, optimizer.learning_rate) == (1.0, 0.5, 0.1)
        assert metrics == TrainingMetrics([3.0], 3.0)


def test_metrics_of_a_plain_run_stay_those_of_a_plain_run() -> None:
    w, metrics = Value(1.0), TrainingMetrics([3.0], 3.0)
    checkpoint = Checkpoint.capture([w], 1, SGD([w], 0.3), metrics)
    assert checkpoint.parts["metrics"].keys() == vars(TrainingMetrics()).keys()
    assert checkpoint.parts["optimizer"]["learning_rate"] == 0.3
    with pytest.raises(CheckpointError, match="expected the metrics to have the fields"):
        checkpoint.restore([w], metrics=StabilityMetrics())


def test_metrics_of_a_guarded_run_come_back_with_their_story() -> None:
    metrics = StabilityMetrics([nan, 1.0], 1.0, clipped=1, learning_rate=0.5)
    metrics.events = [event("nan", 1, {"loss": nan})]
    metrics.recoveries = [Recovery(1, "nan", 0, 0.5)]
    checkpoint = through_a_file(Checkpoint.capture(values(1.0), 2, metrics=metrics))
    again = StabilityMetrics()
    checkpoint.restore(values(1.0), metrics=again)
    assert str(again.state()) == str(metrics.state())
    assert isinstance(again.recoveries[0], Recovery)


@dataclass(repr=False)
class Annotated(TrainingMetrics):
    """Metrics that somebody added to."""

    note: str = ""
    accuracies: list[float] = field(default_factory=list)


def test_metrics_of_any_kind_can_be_kept() -> None:
    metrics = Annotated([1.0], note="first", accuracies=[0.5])
    checkpoint = through_a_file(Checkpoint.capture(values(1.0), 1, metrics=metrics))
    metrics.note = "second"
    metrics.accuracies.append(0.75)
    checkpoint.restore(values(1.0), metrics=metrics)
    assert metrics == Annotated([1.0], note="first", accuracies=[0.5])


class Empty(SGD):
    """An optimiser that counts as false."""

    def __len__(self) -> int:
        return 0


def test_part_that_counts_as_false_is_kept_and_restored() -> None:
    w = Value(1.0)
    optimizer, metrics = Empty([w], 0.1), TrainingMetrics()
    assert not optimizer
    assert not metrics
    checkpoint = Checkpoint.capture([w], 0, optimizer, metrics)
    optimizer.learning_rate = 9.0
    metrics.update(1.0)
    checkpoint.restore([w], optimizer, metrics)
    assert (optimizer.learning_rate, len(metrics)) == (0.1, 0)


@pytest.mark.parametrize("name", ["optimizer", "metrics", "monitor"])
def test_what_was_not_kept_cannot_be_restored(name: str) -> None:
    w = Value(1.0)
    parts: dict[str, Any] = {
        "optimizer": SGD([w]), "metrics": TrainingMetrics(), "monitor": StabilityMonitor()
    }  # fmt: skip
    checkpoint = Checkpoint.capture([w], 0)
    w.data = 2.0
    with pytest.raises(CheckpointError, match=f"with {name}, got one with parameters only"):
        checkpoint.restore([w], **{name: parts[name]})
    assert w.data == 2.0


@pytest.mark.parametrize("error", [ValueError, TypeError, KeyError])
def test_part_that_does_not_fit_leaves_everything_as_it_was(error: type[Exception]) -> None:
    class Refusing:
        loaded = 0

        def state(self) -> dict[str, Any]:
            return {}

        def load_state(self, state: dict[str, Any]) -> None:
            self.loaded += 1
            if self.loaded == 1:
                raise error("it does not fit")

    w = Value(1.0)
    optimizer, last = SGD([w], 0.1), Refusing()
    checkpoint = Checkpoint.capture([w], 0, optimizer, last=last)
    w.data, optimizer.learning_rate = 2.0, 0.2
    with pytest.raises(CheckpointError, match="it does not fit"):
        checkpoint.restore([w], optimizer, last=last)
    assert (w.data, optimizer.learning_rate) == (2.0, 0.2)


def test_state_of_another_optimiser_is_refused_and_nothing_changed() -> None:
    net, other = network(), network(seed=2)
    checkpoint = Checkpoint.capture(net, 0, Adam(net.parameters()))
    before = bits_of(other)
    with pytest.raises(CheckpointError, match="expected the state of SGD, got Adam"):
        checkpoint.restore(other, SGD(other.parameters()))
    assert bits_of(other) == before


@pytest.mark.parametrize(("bad", "error"), [(-1, ValueError), (1.5, TypeError)])
def test_iteration_is_a_whole_number(bad: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="expected iteration to be"):
        Checkpoint.capture(values(1.0), bad)


# Reading: a valid checkpoint or a CheckpointError, and nothing else

PARAMETERS = values(0.5, -1.0)
SAMPLE: dict[str, Any] = json.loads(
    Checkpoint.capture(
        PARAMETERS, 1, Momentum(PARAMETERS, 0.1), StabilityMetrics([2.0]),
        best=replace(Checkpoint.capture(PARAMETERS, 0), gradients=(nan, inf)),
    ).to_json()
)  # fmt: skip


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
def test_mutated_content_is_refused_or_restored_or_changes_nothing(
    data: st.DataObject, new: Any
) -> None:
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
    checkpoint = read(content)
    if checkpoint is None:
        return
    parameters = values(7.0, 8.0)
    optimizer, metrics = Momentum(parameters, 0.5), StabilityMetrics([9.0])
    before = optimizer.state(), metrics.state()
    try:
        checkpoint.restore(parameters, optimizer, metrics)
    except CheckpointError:
        assert [p.data for p in parameters] == [7.0, 8.0]
        assert (optimizer.state(), metrics.state()) == before


@given(anything)
def test_other_json_is_refused(content: Any) -> None:
    assert read(content) is None


def changed(**new: Any) -> dict[str, Any]:
    return SAMPLE | new


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        (b"\xff", "expected JSON"),
        ('{"version": 2, "version": 2}', "a name stands twice"),
        ("[]", "expected a JSON object, got a list"),
        (changed(format="pickle"), "got pickle 2"),
        (changed(version=1), "of version 2, got .* 1"),
        (changed(version=2.0), "of version 2, got .* 2.0"),
        (changed(extra=1), "the checkpoint to have the fields iteration, "),
        (changed(iteration="1"), "iteration to be a int, got str '1'"),
        (changed(iteration=True), "iteration to be a int, got bool True"),
        (changed(iteration=-1), "iteration to be at least 0, got -1"),
        (changed(parameters={"[0]": 0.5, "[1]": 1}), r"parameters: \[1\] to be a float, got int 1"),
        (changed(parameters=[0.5, 1.0]), "parameters to be a dict, got list"),
        (changed(parameters={"[0]": 0.5}), "as the 1 parameters, got 2"),
        (changed(gradients=[0.5]), "as the 2 parameters, got 1"),
        (changed(gradients=[0.5, 1]), "gradients to be a list of floats"),
        (changed(gradients={}), "gradients to be a list, got dict"),
        (changed(parts=[]), "parts to be a dict"),
        (changed(parts={"optimizer": 1}), "parts: optimizer to be a dict, got int 1"),
        (changed(best=1), "the checkpoint: best to have the fields"),
        (changed(best={}), "the checkpoint: best to have the fields"),
        (
            changed(best={**Checkpoint.capture(values(1.0), 0)._fields()}),
            "expected 1 parameters, as in the checkpoint, got 2",
        ),
        (json.dumps(SAMPLE).replace("0.5", "1e999"), "1e999 is no JSON"),
        (json.dumps(SAMPLE).replace("0.5", "NaN"), "NaN is no JSON"),
    ],
)
def test_refusal_says_what_is_wrong_and_where(content: Any, message: str) -> None:
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    with pytest.raises(CheckpointError, match=message):
        Checkpoint.from_json(text)


def test_refusal_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("no")
    with pytest.raises(CheckpointError, match=r"run\.json: expected JSON"):
        Checkpoint.load(tmp_path / "run.json")


def test_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Checkpoint.load(tmp_path / "run.json")


def test_checkpoint_saved_is_the_checkpoint_loaded(tmp_path: Path) -> None:
    checkpoint = Checkpoint.capture(network(), 3)
    checkpoint.save(tmp_path / "run.json")
    assert Checkpoint.load(tmp_path / "run.json") == checkpoint


# Some of them, in memory


def test_manager_keeps_the_newest_checkpoints() -> None:
    w, manager = Value(0.0), RecoveryManager(max_checkpoints=2)
    for iteration in range(4):
        w.data = float(iteration)
        manager.create_checkpoint([w], iteration)
    assert list(manager.checkpoints) == ["checkpoint_2", "checkpoint_3"]
    assert (manager.restore_checkpoint([w], "checkpoint_2"), w.data) == (2, 2.0)
    assert (manager.restore_checkpoint([w]), w.data) == (3, 3.0)


def test_manager_keeps_optimiser_and_metrics() -> None:
    w, manager = Value(1.0), RecoveryManager()
    optimizer, metrics = SGD([w], 0.1), TrainingMetrics([1.0])
    manager.create_checkpoint([w], 1, optimizer, metrics)
    optimizer.learning_rate = 0.2
    metrics.update(2.0)
    manager.restore_checkpoint([w], optimizer=optimizer, metrics=metrics)
    assert (optimizer.learning_rate, list(metrics)) == (0.1, [1.0])


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


@pytest.mark.parametrize(
    ("count", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_manager_needs_room_for_one_checkpoint(count: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="max_checkpoints to be"):
        RecoveryManager(count)


# The random module's generator


def test_state_of_the_random_module_goes_through_json() -> None:
    random.gauss(0.0, 1.0)  # leaves a second number behind for the next call
    checkpoint = through_a_file(Checkpoint.capture(values(1.0), 0, random=RandomModule()))
    expected = [random.gauss(0.0, 1.0), random.random()]
    checkpoint.restore(values(1.0), random=RandomModule())
    assert [random.gauss(0.0, 1.0), random.random()] == expected


STATE = RandomModule().state()


@pytest.mark.parametrize(
    "bad",
    [
        {},
        STATE | {"version": 2},
        STATE | {"numbers": STATE["numbers"][:-1]},
        STATE | {"numbers": [-1, *STATE["numbers"][1:]]},
        STATE | {"numbers": [*STATE["numbers"][:-1], 625]},
        STATE | {"numbers": 3},
        STATE | {"rest": nan},
        STATE | {"rest": "0"},
    ],
)
def test_random_state_that_is_none_is_refused_and_nothing_changed(bad: dict[str, Any]) -> None:
    before = random.getstate()
    with pytest.raises(ValueError, match="expected a random state, got a damaged one"):
        RandomModule().load_state(bad)
    assert random.getstate() == before
