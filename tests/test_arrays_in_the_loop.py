"""Models of tensors in the one loop there is: batches, rules, guard, checkpoints, diagnosis."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micrograd import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Batches,
    Checkpoint,
    CheckpointError,
    Momentum,
    RMSprop,
    RunFile,
    StabilityMonitor,
    analyze_activations,
    analyze_gradients,
    analyze_parameters,
    detect_dead_neurons,
    evaluate,
    guarded,
    moons,
    saved,
    steps,
    track_parameter_updates,
    train_network,
    train_network_with_stability,
)
from micrograd import tensors as t
from micrograd.optim import Optimizer

PAIRS = moons(60, seed=0)
X, Y = np.array([x for x, _ in PAIRS]), np.array([[y] for _, y in PAIRS])
RULES: list[type[Optimizer]] = [SGD, Momentum, AdaGrad, RMSprop, Adam, AdamW]


def network(seed: int = 0, dropout: float = 0.0) -> t.Sequential:
    rng = np.random.default_rng(seed)
    return t.Sequential(
        t.Linear(2, 8, rng=rng),
        t.BatchNorm1d(8),
        t.Tanh(),
        t.Dropout(dropout, rng=np.random.default_rng(seed)),
        t.Linear(8, 1, rng=rng),
    )


def train(net: Any, data: Any = (X, Y), **options: Any) -> Any:
    options = {"learning_rate": 0.1, "max_iterations": 40, "batch_size": 20, "seed": 3} | options
    return train_network(net, data, loss_fn=t.functional.hinge_loss, verbose=False, **options)


def numbers(net: Any) -> list[float]:
    parts = [p.data for p in net.parameters()] + [buffer for _, buffer in net.named_buffers()]
    return [float(x) for part in parts for x in np.ravel(part)]


def test_arrays_and_pairs_give_the_same_batches() -> None:
    columns, pairs = Batches((X, Y), 16, seed=2), Batches(zip(X, Y), 16, seed=2)
    for _ in range(9):
        (inputs, targets), (rows, answers) = next(columns), next(pairs)
        assert isinstance(inputs, np.ndarray)
        assert np.array_equal(inputs, rows)
        assert np.array_equal(targets, answers)
    whole = next(Batches((X, Y)))
    assert whole[0] is X


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="as many inputs as targets, got 60 and 59"):
        Batches((X, Y[1:]))
    with pytest.raises(ValueError, match="at least one training example"):
        Batches((X[:0], Y[:0]))


@pytest.mark.parametrize("rule", RULES)
def test_every_optimiser_trains_a_network_of_tensors(rule: type[Optimizer]) -> None:
    net = network()
    before = evaluate(net, (X, Y), t.functional.hinge_loss)
    metrics = train(net, optimizer=rule(net.parameters(), 0.02), held_out=(X, Y), max_iterations=60)
    assert metrics.iterations == 60
    assert metrics.held_out[-1] < before
    assert metrics.held_out[-1] == evaluate(net, (X, Y), t.functional.hinge_loss)


def test_data_as_pairs_and_as_arrays_train_to_the_same_bits() -> None:
    one, two = network(), network()
    assert train(one).losses == train(two, list(zip(X, Y))).losses
    assert numbers(one) == numbers(two)


def test_a_network_is_not_in_training_while_it_is_evaluated() -> None:
    net = network(dropout=0.5)
    assert evaluate(net, (X, Y), t.functional.hinge_loss) == evaluate(
        net, zip(X, Y), t.functional.hinge_loss
    )
    assert all(module.training for module in net.modules())
    net.eval()
    evaluate(net, (X, Y), t.functional.hinge_loss)
    assert not net.training


def test_a_scalar_network_and_its_tensors_take_the_same_steps() -> None:
    from micrograd import MLP, mse_loss

    mlp = MLP(2, [4, 1], rng=random.Random(0))
    net = t.from_mlp(mlp)
    scalar = train_network(mlp, PAIRS, loss_fn=mse_loss, max_iterations=30, verbose=False)
    arrays = train_network(
        net, (X, Y), loss_fn=t.functional.mse_loss, max_iterations=30, verbose=False
    )
    assert np.allclose(scalar.losses, arrays.losses, rtol=1e-12)
    assert np.allclose(scalar.gradient_norms, arrays.gradient_norms, rtol=1e-10)


@pytest.mark.parametrize("clip", [None, 0.5])
def test_clipping_brings_the_norm_of_all_arrays_down(clip: float | None) -> None:
    net = network()
    optimizer = SGD(net.parameters(), 0.1, clip=clip)
    run = steps(net, Batches((X, Y)), optimizer, t.functional.hinge_loss)
    norms = [next(run).gradient_norm for _ in range(5)]
    run.close()
    assert (max(norms) <= 0.5 + 1e-12) == (clip is not None)


def test_a_guard_brings_a_network_of_tensors_back() -> None:
    net = network()
    optimizer = SGD(net.parameters(), 1e6)
    run = guarded(
        steps(net, Batches((X, Y)), optimizer, t.functional.mse_loss), net, optimizer,
        StabilityMonitor(), t.functional.mse_loss,
    )  # fmt: skip
    recoveries = [step.recovery for step, _ in zip(run, range(60)) if step.recovery]
    run.close()
    assert recoveries
    assert all(map(math.isfinite, numbers(net)))


def test_a_sick_parameter_is_refused_at_the_start() -> None:
    net = network()
    net[0].weight.data[3, 1] = math.nan
    with pytest.raises(
        ValueError, match=r"healthy parameters to start from, got .*parameter \[0\]"
    ):
        train_network_with_stability(net, (X, Y), loss_fn=t.functional.mse_loss, verbose=False)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("rule", [SGD, Adam])
def test_a_run_is_resumed_to_the_same_bits_dropout_included(
    rule: type[Optimizer], dropout: float, tmp_path: Path
) -> None:
    def run(net: Any, iterations: int, file: Path | None = None, resume: bool = False) -> Any:
        return train_network_with_stability(
            net, (X, Y), loss_fn=t.functional.hinge_loss, verbose=False, seed=1, batch_size=16,
            optimizer=rule(net.parameters(), 0.05), max_iterations=iterations,
            checkpoint_file=file, resume=resume, checkpoint_every=3,
        )  # fmt: skip

    straight = network(dropout=dropout)
    expected = run(straight, 17)
    broken = network(dropout=dropout)
    run(broken, 7, tmp_path / "run")
    again = network(seed=9, dropout=dropout)
    found = run(again, 17, tmp_path / "run", resume=True)
    assert found.losses == expected.losses
    assert numbers(again) == numbers(straight)
    assert again[3].rng.random() == straight[3].rng.random()


def test_a_checkpoint_of_arrays_is_a_file_of_safetensors(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    net = network()
    optimizer = Adam(net.parameters(), 0.1)
    train(net, optimizer=optimizer, max_iterations=3)
    kept = Checkpoint.capture(net, 3, optimizer)
    kept.save(tmp_path / "kept")
    arrays = load_file(tmp_path / "kept")
    assert np.array_equal(arrays["parameters.0.weight"], net[0].weight.data)
    other = network(seed=5)
    again = Adam(other.parameters(), 0.7)
    Checkpoint.load(tmp_path / "kept").restore(other, again)
    assert numbers(other) == numbers(net)
    assert again.steps == 3
    for name, kept_of_all in again.memory.items():
        assert all(map(np.array_equal, kept_of_all, optimizer.memory[name]))
    with pytest.raises(TypeError, match="not JSON serializable"):
        kept.to_json()


def test_a_checkpoint_does_not_change_with_the_network() -> None:
    net = network()
    kept, before = Checkpoint.capture(net, 0), numbers(net)
    train(net)
    assert numbers(net) != before
    kept.restore(net)
    train(net)
    kept.restore(net)
    assert numbers(net) == before


def test_a_network_of_another_shape_is_refused_by_name(tmp_path: Path) -> None:
    kept = Checkpoint.capture(t.Sequential(t.Linear(2, 8)), 0)
    with pytest.raises(CheckpointError, match=r"0.weight of the shape \(8, 2\), .* got \(7, 2\)"):
        kept.restore(t.Sequential(t.Linear(2, 7)))
    with pytest.raises(CheckpointError, match=r"it lacks 0\.bias"):
        kept.restore(t.Sequential(t.Linear(2, 8, bias=False)))
    with pytest.raises(CheckpointError, match="with module, got one with parameters only"):
        kept.restore(t.Sequential(t.Linear(2, 8), t.Dropout(0.1)))
    buffered = Checkpoint.capture(t.Sequential(t.BatchNorm1d(2)), 0)
    damaged = {**buffered.parts["module"]["buffers"], "0.running_mean": np.zeros(3)}
    buffered.parts["module"]["buffers"] = damaged
    with pytest.raises(CheckpointError, match=r"0.running_mean of the shape \(2,\), got \(3,\)"):
        buffered.restore(t.Sequential(t.BatchNorm1d(2)))
    other = Checkpoint.capture(t.Sequential(t.Dropout(0.1)), 0)
    other.parts["module"]["generators"] = [{"bit_generator": "PCG64"}]
    with pytest.raises(CheckpointError, match="the state of a generator"):
        other.restore(t.Sequential(t.Dropout(0.1)))
    other.parts["module"]["generators"] = []
    with pytest.raises(CheckpointError, match="and 1 generators, got none and 0"):
        other.restore(t.Sequential(t.Dropout(0.1)))


def test_a_damaged_file_of_arrays_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    Checkpoint.capture(network(), 0).save(file)
    packed = file.read_bytes()
    for damaged in (packed[:-9], packed[:40], packed.replace(b"micrograd checkpoint", b"x" * 20)):
        file.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="expected"):
            Checkpoint.load(file)
    header = json.dumps({"__metadata__": {"other": "1"}}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError, match="a checkpoint in a file of safetensors"):
        Checkpoint.load(file)


def test_a_saved_run_keeps_to_one_size(tmp_path: Path) -> None:
    net = network()
    optimizer, batches = SGD(net.parameters(), 0.1), Batches((X, Y), 16, seed=1)
    file = RunFile(tmp_path / "run", net, optimizer=optimizer, batches=batches)
    sizes = []
    run = saved(steps(net, batches, optimizer, t.functional.hinge_loss), file, every=1)
    for step in run:
        sizes.append((tmp_path / "run").stat().st_size)
        if step.iteration == 99:
            run.close()
    late = sizes[20:]  # the windows of the metrics are full
    assert max(late) - min(late) < 0.02 * max(late)


def test_updates_and_gradients_are_tracked_by_layer() -> None:
    net = network()
    optimizer, tracker = SGD(net.parameters(), 0.1), track_parameter_updates(net)
    for step in steps(net, Batches((X, Y)), optimizer, t.functional.hinge_loss):
        tracker.record()
        if step.iteration == 3:
            break
    assert tracker.layers == ["0", "1", "4"]
    moved = [math.hypot(*row) for row in tracker.gradient_norms]
    assert math.isclose(moved[-1], step.gradient_norm, rel_tol=1e-12)
    assert "update / weight" in str(tracker)


def test_layers_of_tensors_are_looked_at_one_by_one() -> None:
    net = network()
    net[0].weight.data[2] = 0.0
    loss = t.functional.hinge_loss(net(X), Y)
    loss.backward()
    assert [layer.name for layer in analyze_parameters(net)] == ["0", "1", "4"]
    assert [layer.name for layer in analyze_gradients(net)] == ["0", "1", "4"]
    names = [layer.name for layer in analyze_activations(net, X)]
    assert names == ["0", "1", "2", "3", "4"]
    report = detect_dead_neurons(net, X)
    assert report.examined == 4 * 8 + 1
    assert [neuron.name for neuron in report.dead] == ["0[2]", "1[2]", "2[2]", "3[2]"]
    assert {neuron.activation for neuron in report.dead} == {"", "tanh"}


def test_a_loss_of_numbers_says_what_it_wants() -> None:
    from micrograd import mse_loss

    with pytest.raises(TypeError, match="functional"):
        train_network(network(), (X, Y), loss_fn=mse_loss, verbose=False)
