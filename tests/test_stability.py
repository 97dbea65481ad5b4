"""Validation, clipping, the graph report, the monitor, and the guarded training loop."""

import math
import random
import signal
from collections.abc import Callable, Iterator
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.datasets import moons, noisy_line, separable, xor
from micrograd.engine import Value
from micrograd.nn import MLP, Module
from micrograd.stability import (
    Checkpoint,
    NumericalValidator,
    StabilityEvent,
    StabilityLevel,
    StabilityMetrics,
    StabilityMonitor,
    clip_gradient_norm,
    clip_gradient_values,
    gradient_size,
    train_network_with_stability,
)
from micrograd.training import (
    TrainingMetrics,
    mse_loss,
    train_network,
)


def with_gradients(*gradients: float) -> list[Value]:
    parameters = [Value(0.0) for _ in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient
    return parameters


def gradients_of(parameters: list[Value]) -> list[float]:
    return [parameter.grad for parameter in parameters]


def bits(net: Module) -> list[str]:
    return [parameter.data.hex() for parameter in net.parameters()]


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


reasonable = st.floats(-1e100, 1e100)


@given(st.lists(reasonable, min_size=1, max_size=9), st.floats(1e-3, 1e3))
def test_clipping_by_norm_keeps_the_direction(gradients: list[float], max_norm: float) -> None:
    parameters = with_gradients(*gradients)
    norm = clip_gradient_norm(parameters, max_norm)
    assert norm == math.hypot(*gradients)
    scale = min(1.0, max_norm / norm) if norm else 1.0
    assert gradients_of(parameters) == [g * scale for g in gradients]
    assert math.hypot(*gradients_of(parameters)) <= max_norm * (1 + 1e-12)


@pytest.mark.parametrize("bad", [nan, inf])
def test_gradients_without_a_direction_are_left_alone(bad: float) -> None:
    parameters = with_gradients(3.0, bad)
    assert not math.isfinite(clip_gradient_norm(parameters, 1.0))
    assert parameters[0].grad == 3.0


def test_clipping_by_value_clips_each_by_itself() -> None:
    parameters = with_gradients(3.0, -40.0, 5.0, inf)
    assert clip_gradient_values(parameters, 5.0) == 2
    assert gradients_of(parameters) == [3.0, -5.0, 5.0, 5.0]


@pytest.mark.parametrize("limit", [0.0, -1.0, inf, nan])
def test_limit_that_is_not_positive_and_finite_is_refused(limit: float) -> None:
    for clip in (clip_gradient_norm, clip_gradient_values):
        with pytest.raises(ValueError, match=f"positive, finite number, got {limit}"):
            clip([], limit)


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
    with pytest.raises(ValueError, match="whole number of at least"):
        StabilityMonitor(**options)


# Training

HEALTHY: list[tuple[list[int], Any, dict[str, Any]]] = [
    ([2, 4, 1], xor(), {"learning_rate": 0.2}),
    ([1, 1], noisy_line(20), {"learning_rate": 0.1}),
    ([2, 4, 1], separable(12), {"learning_rate": 0.1, "batch_size": 1, "patience": None}),
    ([2, 4, 1], moons(12), {"learning_rate": 0.1, "batch_size": 5, "seed": 3, "patience": 20}),
    ([2, 4, 1], moons(12), {"learning_rate": 0.1, "batch_size": 5, "loss_threshold": 0.2}),
]


@pytest.mark.parametrize("case", HEALTHY)
@pytest.mark.parametrize("seed", range(3))
def test_healthy_run_has_the_bits_of_a_plain_one(case: Any, seed: int) -> None:
    (nin, *nouts), data, options = case

    def run(train: Any) -> tuple[list[str], TrainingMetrics, float]:
        random.seed(seed)
        net = MLP(nin, nouts)
        metrics = train(net, data, verbose=False, max_iterations=100, **options)
        return bits(net), metrics, random.random()

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


def network() -> MLP:
    return MLP(2, [3, 1], rng=random.Random(1))


def train(net: MLP, loss_fn: Any = mse_loss, **options: Any) -> StabilityMetrics:
    settings: dict[str, Any] = {"learning_rate": 0.1, "max_iterations": 30} | options
    return train_network_with_stability(net, xor(), None, loss_fn, False, **settings)


def at(step: int, act: Callable[[], None], times: int = 1) -> Any:
    """The squared error, with something done as it is computed for the ``step``-th time."""
    calls = 0

    def loss_fn(predictions: Any, targets: Any) -> Value:
        nonlocal calls
        calls += 1
        if step <= calls < step + times:
            act()
        return mse_loss(predictions, targets)

    return loss_fn


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
    assert bits(net) == bits(best)


def test_run_beyond_help_ends_with_the_best_parameters() -> None:
    net = network()
    metrics = train(net, lambda p, t: mse_loss(p, t) * nan, max_recoveries=3)
    assert (metrics.stopped_because, len(metrics.recoveries), len(metrics)) == (
        "unrecoverable", 3, 4
    )  # fmt: skip
    assert bits(net) == bits(network())
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
    assert StabilityEvent("nan", StabilityLevel.CRITICAL, 1, {}, "").origin == ""
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
        ({"checkpoint_every": 0}, "checkpoint_every to be a whole number of at least 1"),
        ({"max_recoveries": -1}, "max_recoveries to be a whole number of at least 0"),
        ({"gradient_clip": 0.0}, "gradient_clip to be a positive"),
        ({"resume": True}, "checkpoint_file to resume from"),
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


# Ctrl-C


@pytest.fixture
def default_handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_handler")
@pytest.mark.parametrize(("times", "completed"), [(1, 7), (2, 6)])
def test_interrupt_ends_after_a_completed_step_and_can_be_resumed(
    times: int, completed: int, tmp_path: Any
) -> None:
    def press() -> None:
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)

    net, twin, path = network(), network(), tmp_path / "run.json"
    metrics = train(net, at(7, press), checkpoint_file=path)
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", completed)
    undisturbed = train(twin, max_iterations=completed)
    assert (list(metrics), bits(net)) == (list(undisturbed), bits(twin))
    assert Checkpoint.load(path).iteration == completed
    train(net, checkpoint_file=path, resume=True)
    train(twin := network())
    assert bits(net) == bits(twin)


@pytest.mark.usefixtures("default_handler")
@pytest.mark.parametrize("name", ["update", "should_stop"])
def test_interrupt_while_recording_abandons_the_whole_step(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = getattr(TrainingMetrics, name), []

    def interrupted(self: TrainingMetrics, *arguments: Any) -> Any:
        result = original(self, *arguments)
        calls.append(1)
        if len(calls) == 7:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return result

    net, twin = network(), network()
    monkeypatch.setattr(TrainingMetrics, name, interrupted)
    metrics = train(net, batch_size=3)
    monkeypatch.undo()
    random.seed(0)
    undisturbed = train(twin, max_iterations=6, batch_size=3)
    assert (metrics.stopped_because, len(metrics)) == ("interrupted", 6)
    undisturbed.stopped_because = "interrupted"
    assert (metrics, bits(net)) == (undisturbed, bits(twin))


@pytest.mark.usefixtures("default_handler")
def test_interrupt_at_the_end_of_a_pass_can_be_resumed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    original, calls = TrainingMetrics.should_stop, []

    def interrupted(self: TrainingMetrics, config: Any) -> str:
        calls.append(1)
        if len(calls) == 6:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return original(self, config)

    net, twin, path = network(), network(), tmp_path / "run.json"
    monkeypatch.setattr(TrainingMetrics, "should_stop", interrupted)
    assert len(train(net, batch_size=3, checkpoint_file=path)) == 5
    monkeypatch.undo()
    metrics = train(net, batch_size=3, checkpoint_file=path, resume=True)
    random.seed(0)
    assert list(metrics) == list(train(twin, batch_size=3))
    assert bits(net) == bits(twin)
