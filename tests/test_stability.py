"""The guard: the bits of a plain run until there is trouble, and the best parameters after it."""

import math
import random
import threading
from itertools import islice
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_nets import Straight, at, bits, bits_of, network, noisy_loss

from micrograd import (
    MLP,
    SGD,
    Adam,
    Batches,
    Module,
    Momentum,
    NumericalValidator,
    RunFile,
    StabilityLevel,
    StabilityMetrics,
    StabilityMonitor,
    TrainingConfig,
    Value,
    cosine_decay,
    guarded,
    moons,
    mse_loss,
    noisy_line,
    saved,
    separable,
    steps,
    train_network,
    train_network_with_stability,
    warmup,
    xor,
)
from micrograd.monitor import event


def train(net: Any, loss_fn: Any = mse_loss, **options: Any) -> StabilityMetrics:
    settings: dict[str, Any] = {"learning_rate": 0.1, "max_iterations": 30} | options
    return train_network_with_stability(net, xor(), None, loss_fn, False, **settings)


# Until there is trouble

HEALTHY: list[tuple[list[int], Any, dict[str, Any]]] = [
    ([2, 4, 1], xor(), {"learning_rate": 0.2}),
    ([1, 1], noisy_line(20), {"learning_rate": 0.1}),
    ([2, 4, 1], separable(12), {"learning_rate": 0.1, "batch_size": 1, "patience": None}),
    ([2, 4, 1], moons(12), {"learning_rate": 0.1, "batch_size": 5, "seed": 3, "patience": 20}),
    ([2, 4, 1], moons(12), {"learning_rate": 0.1, "batch_size": 5, "loss_threshold": 0.2}),
    ([2, 4, 1], xor(), {"learning_rate": 0.01, "optimizer": Adam, "held_out": separable(6)}),
]


@pytest.mark.parametrize("case", HEALTHY)
@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_has_the_bits_of_a_plain_one(case: Any, seed: int) -> None:
    (nin, *nouts), data, options = case

    def run(train: Any) -> Any:
        random.seed(seed)
        net = MLP(nin, nouts)
        metrics = train(net, data, verbose=False, max_iterations=100, **options)
        return bits_of(net), metrics, random.random()

    (ours, metrics, after), (theirs, plain, afterwards) = (
        run(train_network_with_stability), run(train_network)
    )  # fmt: skip
    assert isinstance(metrics, StabilityMetrics)
    assert (ours, list(metrics), after) == (theirs, list(plain), afterwards)
    assert (metrics.best_loss, metrics.patience_counter, metrics.stopped_because) == (
        plain.best_loss, plain.patience_counter, plain.stopped_because
    )  # fmt: skip
    assert metrics.recoveries == []
    assert metrics.learning_rate == options["learning_rate"]


@given(
    seed=st.integers(0, 99),
    widths=st.sampled_from([[1], [3, 1], [2, 2, 1]]),
    rate=st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    batch_size=st.sampled_from([None, 1, 4, 5]),
    order=st.sampled_from([None, 3]),
    rule=st.sampled_from([
        None, Adam, Momentum, lambda p, rate: SGD(p, rate, clip=0.1, schedule=warmup(5)),
    ]),
    loss_fn=st.sampled_from([mse_loss, noisy_loss]),
    patience=st.sampled_from([None, 3]),
)  # fmt: skip
def test_guard_changes_no_bit_until_there_is_trouble(
    seed: int, widths: list[int], rate: float, batch_size: int | None, order: int | None,
    rule: Any, loss_fn: Any, patience: int | None,
) -> None:  # fmt: skip
    def run(train_: Any) -> tuple[Any, Any]:
        random.seed(seed)
        net = MLP(2, widths)
        metrics = train_(
            net, separable(10), None, loss_fn, False, learning_rate=rate, batch_size=batch_size,
            seed=order, optimizer=rule, patience=patience, max_iterations=20,
        )  # fmt: skip
        return metrics, (bits_of(net), bits(metrics), metrics.stopped_because, random.random())

    (metrics, ours), (_, theirs) = run(train_network_with_stability), run(train_network)
    if not metrics.recoveries and metrics.stopped_because != "unrecoverable":
        assert ours == theirs
    else:  # until then
        until = metrics.recoveries[0].iteration
        assert ours[1][:until] == theirs[1][:until]


# After it


def test_recovery_goes_back_to_the_best_parameters_with_half_the_learning_rate() -> None:
    net = network()

    def spoil() -> None:
        for parameter in net.parameters():
            parameter.data = nan

    best, metrics = network(), train(net, at(10, spoil), max_iterations=10, learning_rate=0.2)
    (recovery,) = metrics.recoveries
    assert (recovery.reason, recovery.iteration, recovery.restored_iteration) == ("nan", 10, 8)
    assert (recovery.learning_rate, metrics.learning_rate) == (0.1, 0.1)
    train(best, learning_rate=0.2, max_iterations=8)
    assert bits_of(net) == bits_of(best)


def test_run_beyond_help_ends_with_the_best_parameters() -> None:
    net = network()
    metrics = train(net, lambda p, t: mse_loss(p, t) * nan, max_recoveries=3)
    assert (metrics.stopped_because, len(metrics.recoveries), len(metrics)) == (
        "unrecoverable", 3, 4
    )  # fmt: skip
    assert bits_of(net) == bits_of(network())
    assert metrics.best_loss == inf


def test_fault_in_the_last_iteration_is_recovered_from() -> None:
    net = network()
    metrics = train(net, at(30, lambda: setattr(net.layers[0].neurons[0].b, "data", nan)))
    assert metrics.stopped_because == "max_iterations"
    assert all(math.isfinite(parameter.data) for parameter in net.parameters())


def test_gradient_that_is_not_finite_is_not_applied_though_the_loss_is() -> None:
    calls = []

    def loss_fn(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        loss = mse_loss(predictions, targets)
        return loss + (loss * 0.0).sqrt() if len(calls) in (5, 6) else loss

    metrics = train(network(), loss_fn, max_iterations=5)
    (event,) = metrics.events
    assert (event.kind, math.isfinite(metrics[4])) == ("nan", True)
    assert event.origin.startswith("sqrt of Value(data=0.0")
    assert len(metrics.recoveries) == 1


def test_parameter_the_loss_does_not_reach_may_not_be_nan_either() -> None:
    class Lazy(MLP):
        spare = Value(1.0)

        def parameters(self) -> list[Value]:
            return [*super().parameters(), self.spare]

    net = Lazy(2, [3, 1])
    metrics = train(net, at(10, lambda: setattr(net.spare, "data", nan)))
    assert net.spare.data == 1.0
    assert [recovery.reason for recovery in metrics.recoveries] == ["nan"]


def test_patience_begins_anew_after_a_recovery() -> None:
    calls: list[int] = []

    def loss_fn(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        return mse_loss(predictions, targets) * (nan if len(calls) == 4 else 1.0)

    metrics = train(network(), loss_fn, learning_rate=0.0, patience=5)
    assert (metrics.stopped_because, len(metrics)) == ("patience", 9)


def test_story_is_told_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    net = network()
    loss_fn = at(3, lambda: setattr(net.layers[0].neurons[0].b, "data", inf))
    metrics = train_network_with_stability(
        net, xor(), None, loss_fn, max_iterations=6, report_every=4
    )
    assert capsys.readouterr().out.splitlines() == [
        f"Iteration 4: Loss = {metrics[3]:.6f}", *str(metrics).splitlines()
    ]  # fmt: skip
    _, event, recovery = str(metrics).splitlines()
    assert event.startswith("iteration 3: nan (")
    assert recovery.startswith("iteration 3: back to the parameters after iteration ")


def test_origin_is_empty_where_the_fault_does_not_come_again() -> None:
    failed: list[int] = []

    def once(predictions: Any, targets: Any) -> Value:
        failed.append(1)
        return mse_loss(predictions, targets) * (nan if len(failed) == 5 else 1.0)

    assert train(network(), once).events[0].origin == ""


def test_clipped_steps_are_counted_and_short() -> None:
    metrics = train(network(), gradient_clip=0.1, max_iterations=5)
    assert metrics.clipped == 5
    assert max(metrics.gradient_norms) <= 0.1 * (1 + 1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoint_every": 0}, "every to be at least 1, got 0"),
        ({"max_recoveries": -1}, "max_recoveries to be at least 0"),
        ({"gradient_clip": 0.0}, "gradient_clip to be a positive"),
        ({"learning_rate": -1.0}, "learning rate"),
    ],
)
def test_impossible_argument_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(network(), **options)


@pytest.mark.parametrize("bad", [nan, inf, Value(nan)])
def test_data_that_are_not_finite_are_refused_and_named(bad: Any) -> None:
    for example in (([1.0, bad], 1.0), ([1.0, 2.0], bad), ([1.0, 2.0], [[bad]])):
        with pytest.raises(ValueError, match=r"expected finite data, got .* in example 1"):
            train_network_with_stability(network(), [([0.0, 0.0], 0.0), example])


def test_empty_data_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one training example"):
        train_network_with_stability(network(), [])


def test_data_that_are_no_numbers_are_the_network_s_affair() -> None:
    class Words(Module):
        w = Value(0.5)

        def __call__(self, word: str) -> Value:
            return self.w * len(word)

        def parameters(self) -> list[Value]:
            return [self.w]

    data = [("a", 1.0), ("bb", 2.0), (None, 2.0)]
    train_network_with_stability(Words(), data[:2], verbose=False, max_iterations=3)


@pytest.mark.parametrize("bad", [nan, 1e7])
def test_parameters_that_are_not_healthy_to_begin_with_are_refused(bad: float) -> None:
    net = network()
    net.parameters()[2].data = bad
    with pytest.raises(ValueError, match=r"parameters to start from, got .* in parameter \[2\]"):
        train(net)


def test_recovery_brings_back_the_memory_of_the_optimiser() -> None:
    net = network()
    optimizer = Momentum(net.parameters(), 0.2)

    def spoil() -> None:
        net.parameters()[0].data = nan

    metrics = train(net, at(10, spoil), optimizer=optimizer, max_iterations=10)
    twin = network()
    theirs = Momentum(twin.parameters(), 0.2)
    (recovery,) = metrics.recoveries
    train(twin, optimizer=theirs, max_iterations=recovery.restored_iteration)
    assert optimizer.memory == theirs.memory
    assert optimizer.steps == recovery.restored_iteration
    assert (optimizer.learning_rate, metrics.learning_rate) == (0.1, 0.1)


def test_recovery_halves_the_rate_below_a_schedule() -> None:
    net = network()
    optimizer = SGD(net.parameters(), 0.8, schedule=cosine_decay(50))
    metrics = train(net, lambda p, t: mse_loss(p, t) * nan, optimizer=optimizer, max_recoveries=2)
    assert [recovery.learning_rate for recovery in metrics.recoveries] == [0.4, 0.2]
    assert optimizer.learning_rate == 0.2


@pytest.mark.parametrize("bad", [inf, -inf, nan])
def test_loss_that_is_not_finite_is_never_the_best_nor_a_reason_to_stop(bad: float) -> None:
    calls: list[int] = []

    def loss_fn(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        return mse_loss(predictions, targets) + (bad if len(calls) == 4 else 0.0)

    metrics = train(network(), loss_fn, max_iterations=10)
    assert (metrics.stopped_because, len(metrics)) == ("max_iterations", 10)
    assert math.isfinite(metrics.best_loss)


def test_huge_losses_that_stay_are_survived() -> None:
    metrics = train(network(), lambda p, t: mse_loss(p, t) * 0.0 + 1.5e308, max_iterations=60)
    assert [event.kind for event in metrics.events] == ["vanishing", "stagnation"]


def test_parameters_beyond_the_limit_of_the_validator_are_not_kept() -> None:
    net = network()
    metrics = train(net, learning_rate=50.0, validator=NumericalValidator(inf_threshold=3))
    assert metrics.recoveries
    assert all(abs(parameter.data) <= 3.0 for parameter in net.parameters())
    limits = {event.evidence["limit"] for event in metrics.events if "limit" in event.evidence}
    assert limits == {3.0}


def test_validator_that_counts_as_false_is_a_validator() -> None:
    class Empty(NumericalValidator):
        def __len__(self) -> int:
            return 0

    assert train(network(), learning_rate=50.0, validator=Empty(inf_threshold=3)).recoveries


def test_threshold_of_a_guarded_run_is_met_by_the_mean_of_a_pass() -> None:
    net = MLP(2, [8, 1], rng=random.Random(0))
    metrics = train_network_with_stability(
        net, moons(40), verbose=False, batch_size=1, seed=0, learning_rate=0.1,
        loss_threshold=0.05, max_iterations=400,
    )  # fmt: skip
    assert min(metrics) < 0.05
    if metrics.stopped_because == "loss_threshold":
        assert sum(metrics[-40:]) / 40 < 0.05
    else:
        assert metrics.best_loss >= 0.05


def test_clip_of_the_optimiser_counts_too() -> None:
    net = network()
    metrics = train(net, optimizer=SGD(net.parameters(), 0.1, clip=0.1), max_iterations=5)
    assert metrics.clipped == 5


def test_looking_for_the_origin_of_a_nan_does_not_disturb_another_run() -> None:
    looking, done = threading.Event(), threading.Event()
    outcomes: list[Any] = []

    def bad(predictions: Any, targets: Any) -> Value:
        return mse_loss(predictions, targets) * nan

    def slowly(predictions: Any, targets: Any) -> Value:
        calls.append(1)
        if len(calls) == 2:  # the step is done again, with the engine watching
            looking.set()
            assert done.wait(60)
        return bad(predictions, targets)

    def run() -> None:
        assert looking.wait(60)
        try:
            outcomes.append(list(train(network(), bad, max_recoveries=0)))
        except ArithmeticError as error:
            outcomes.append([error])
        done.set()

    calls: list[int] = []
    thread = threading.Thread(target=run)
    thread.start()
    metrics = train(network(), slowly, max_recoveries=0)
    thread.join()
    assert bits(outcomes[0]) == bits(metrics)


# The story


def test_metrics_of_a_guarded_run_are_shown_in_short() -> None:
    metrics = train(network(), lambda p, t: mse_loss(p, t) * nan, max_recoveries=3)
    assert len(str(metrics).splitlines()) == 1 + len(metrics.events) + 3
    assert len(repr(metrics)) < 150


def test_state_of_a_guarded_run_that_is_none_is_refused_and_nothing_changed() -> None:
    metrics = StabilityMetrics([1.0])
    good = train(network(), lambda p, t: mse_loss(p, t) * nan, max_recoveries=1).state()
    for bad in (
        {},
        None,
        good | {"events": [1]},
        good | {"recoveries": [{}]},
        good | {"losses": 1},
    ):
        with pytest.raises(ValueError, match="expected"):
            metrics.load_state(bad)  # type: ignore[arg-type]
    assert metrics == StabilityMetrics([1.0])
    metrics.load_state(good)
    assert str(metrics.state()) == str(good)


# By hand


@pytest.mark.parametrize("loss_fn", [mse_loss, noisy_loss])
@pytest.mark.parametrize("rate", [0.1, 4.0, 50.0])
@pytest.mark.parametrize("batch_size", [None, 3])
def test_iterators_composed_by_hand_are_the_guarded_run(
    loss_fn: Any, rate: float, batch_size: int | None, tmp_path: Path
) -> None:
    net, metrics = network(), StabilityMetrics()
    batches = Batches(separable(8), batch_size, seed=5)
    optimizer = SGD(net.parameters(), rate)
    monitor = StabilityMonitor(pass_length=batches.pass_length)
    file = RunFile(
        tmp_path / "ours.json", net, optimizer=optimizer, batches=batches, monitor=monitor
    )
    random.seed(3)
    run = steps(net, batches, optimizer, loss_fn)
    for step in saved(guarded(run, net, optimizer, monitor, loss_fn), file, 10):
        metrics.record(step)
        if step.stop or step.iteration == 30:
            break
    random.seed(3)
    twin = network()
    theirs = train_network_with_stability(
        twin, separable(8), None, loss_fn, False, batch_size=batch_size, seed=5,
        learning_rate=rate, max_iterations=30, patience=None, loss_threshold=-1.0,
        checkpoint_file=tmp_path / "theirs.json",
    )  # fmt: skip
    assert (bits_of(net), bits(metrics)) == (bits_of(twin), bits(theirs))
    assert list(map(str, metrics.events)) == list(map(str, theirs.events))
    assert metrics.recoveries == theirs.recoveries
    for kind in ("", ".history"):
        ours = (tmp_path / f"ours.json{kind}").read_bytes()
        assert ours == (tmp_path / f"theirs.json{kind}").read_bytes()


def test_guard_of_a_run_that_ends_ends() -> None:
    model = Straight()
    optimizer = SGD(model.parameters(), 0.1)
    batches = list(islice(Batches([([1.0], 2.0)]), 3))
    run = guarded(steps(model, batches, optimizer), model, optimizer, StabilityMonitor())
    assert [step.iteration for step in run] == [1, 2, 3]


def test_rate_of_another_kind_that_is_set_by_hand_is_halved_to_a_float() -> None:
    numpy = pytest.importorskip("numpy")
    model = Straight()
    optimizer = SGD(model.parameters())
    optimizer.learning_rate = numpy.float32(0.5)
    run = steps(model, Batches([([1.0], 2.0)]), optimizer, lambda p, t: mse_loss(p, t) * nan)
    step = next(guarded(run, model, optimizer, StabilityMonitor()))
    assert (step.recovery.learning_rate, type(step.recovery.learning_rate)) == (0.25, float)


def test_run_is_written_at_the_start_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    model = Straight()
    file, written = RunFile(tmp_path / "run.json", model), []
    save = file.save

    def noted(steps: Any, best: Any = None) -> None:
        save(steps, best)
        written.append(len(steps))

    file.save = noted  # type: ignore[method-assign]
    batches = list(islice(Batches([([1.0], 2.0)]), 8))
    for _ in saved(steps(model, batches, SGD(model.parameters())), file, every=3):
        pass
    assert written == [0, 3, 3, 2]


def test_configuration_is_used_and_overrides_win() -> None:
    config = TrainingConfig(learning_rate=0.0, max_iterations=9)
    metrics = train_network_with_stability(
        network(), xor(), config, verbose=False, max_iterations=4
    )
    assert (len(metrics), len(set(metrics))) == (4, 1)
    with pytest.raises(TypeError, match="expected a field of TrainingConfig"):
        train_network_with_stability(network(), xor(), lr=0.1)


def test_event_is_given_with_what_usually_helps() -> None:
    noticed = event("divergence", 3, {"loss": 2.0})
    assert noticed.severity is StabilityLevel.UNSTABLE
    assert "smaller steps" in noticed.recommendation
