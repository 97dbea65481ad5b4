"""Configurations, metrics, and whole runs with every reason to stop."""

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from math import inf, nan
from typing import Any

import pytest
from little_nets import LINE, Straight, at, bits_of, network

from micrograd import (
    MLP,
    SGD,
    Adam,
    Module,
    Momentum,
    Optimizer,
    TrainingConfig,
    TrainingMetrics,
    Value,
    binary_cross_entropy,
    cosine_decay,
    cross_entropy,
    hinge_loss,
    moons,
    mse_loss,
    noisy_line,
    separable,
    train_network,
    train_step,
    xor,
)
from micrograd.training import pass_mean

numpy = pytest.importorskip("numpy")

# Configuration


@pytest.mark.parametrize("name", ["max_iterations", "patience", "batch_size", "report_every"])
@pytest.mark.parametrize("count", [0, -1])
def test_count_below_one_is_refused(name: str, count: Any) -> None:
    with pytest.raises(ValueError, match=f"expected {name} to be at least 1, got {count}"):
        TrainingConfig(**{name: count})


@pytest.mark.parametrize("name", ["max_iterations", "patience", "batch_size", "report_every"])
@pytest.mark.parametrize("count", [2.0, "2", True])
def test_count_that_is_no_whole_number_is_refused(name: str, count: Any) -> None:
    with pytest.raises(TypeError, match=f"expected {name} to be a whole number, got .* {count!r}"):
        TrainingConfig(**{name: count})


@pytest.mark.parametrize("name", ["max_iterations", "report_every"])
def test_count_that_must_be_there_is_refused_when_it_is_none(name: str) -> None:
    with pytest.raises(TypeError, match=f"expected {name}"):
        TrainingConfig(**{name: None})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("learning_rate", -0.1),
        ("learning_rate", nan),
        ("learning_rate", inf),
        ("learning_rate", 10**400),
        ("loss_threshold", nan),
        ("min_improvement", -0.1),
        ("min_improvement", 1.0),
        ("min_improvement", nan),
    ],
)
def test_number_out_of_range_is_refused(name: str, number: Any) -> None:
    with pytest.raises(ValueError, match=f"{name.replace('_', '.')}.* got"):
        TrainingConfig(**{name: number})


@pytest.mark.parametrize("name", ["learning_rate", "loss_threshold", "min_improvement"])
@pytest.mark.parametrize("intruder", ["0.1", None, 1j])
def test_setting_that_is_no_number_is_refused(name: str, intruder: Any) -> None:
    with pytest.raises(TypeError, match=f"{name.replace('_', '.')} to be a real number, got"):
        TrainingConfig(**{name: intruder})


def test_configuration_by_default() -> None:
    assert TrainingConfig() == TrainingConfig(
        learning_rate=0.01,
        max_iterations=1000,
        loss_threshold=1e-4,
        patience=50,
        min_improvement=0.0,
        batch_size=None,
        seed=None,
        report_every=100,
    )


def test_configuration_cannot_change_under_a_run() -> None:
    with pytest.raises(AttributeError):
        TrainingConfig().learning_rate = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("name", ["learning_rate", "loss_threshold", "min_improvement"])
@pytest.mark.parametrize("half", [Fraction(1, 2), numpy.float32(0.5), numpy.float64(0.5)])
def test_numbers_of_any_kind_are_taken_as_floats(name: str, half: Any) -> None:
    taken = getattr(TrainingConfig(**{name: half}), name)
    assert (taken, type(taken)) == (0.5, float)


@pytest.mark.parametrize("rate", [1, True])
def test_learning_rate_of_1_is_a_float(rate: Any) -> None:
    assert type(TrainingConfig(learning_rate=rate).learning_rate) is float


@pytest.mark.parametrize(
    "name", ["max_iterations", "patience", "batch_size", "report_every", "seed"]
)
def test_whole_numbers_of_numpy_are_taken_as_int(name: str) -> None:
    taken = getattr(TrainingConfig(**{name: numpy.int64(3)}), name)
    assert (taken, type(taken)) == (3, int)


@pytest.mark.parametrize("seed", ["abc", b"abc", 1.5, True])
def test_seed_that_is_no_whole_number_is_refused(seed: Any) -> None:
    with pytest.raises(TypeError, match="expected seed to be a whole number, got"):
        TrainingConfig(seed=seed)


# Metrics


def recorded(*losses: float, **options: float) -> TrainingMetrics:
    metrics = TrainingMetrics()
    for loss in losses:
        metrics.update(loss, **options)
    return metrics


def test_metrics_are_a_sequence_of_the_losses() -> None:
    metrics = recorded(3.0, 2.0, 1.0)
    assert isinstance(metrics, Sequence)
    assert (len(metrics), metrics[0], metrics[-1]) == (3, 3.0, 1.0)
    assert list(metrics) == [3.0, 2.0, 1.0]
    assert (2.0 in metrics, metrics.index(2.0)) == (True, 1)


def test_slice_of_metrics_is_a_list() -> None:
    assert recorded(3.0, 2.0, 1.0)[1:] == [2.0, 1.0]


def test_index_beyond_the_metrics_is_refused() -> None:
    with pytest.raises(IndexError):
        recorded(1.0)[1]


def test_metrics_keep_the_best_loss_and_count() -> None:
    metrics = recorded(3.0, 1.0, 2.0)
    assert (metrics.best_loss, metrics.iterations) == (1.0, 3)


def test_metrics_without_losses_have_an_infinite_best_one() -> None:
    assert TrainingMetrics().best_loss == inf


@pytest.mark.parametrize("loss", [nan, inf, -inf])
def test_loss_that_is_not_finite_is_never_the_best(loss: float) -> None:
    assert recorded(2.0, loss).best_loss == 2.0


@pytest.mark.parametrize(
    ("losses", "counter"),
    [((1.0,), 0), ((1.0, 1.0), 1), ((1.0, 2.0, 3.0), 2), ((1.0, 2.0, 0.5), 0), ((1.0, 0.99), 0)],
)
def test_patience_counts_since_the_last_improvement(
    losses: tuple[float, ...], counter: int
) -> None:
    assert recorded(*losses).patience_counter == counter


@pytest.mark.parametrize(("loss", "counter"), [(0.95, 1), (0.85, 0)])
def test_improvement_must_be_large_enough(loss: float, counter: int) -> None:
    assert recorded(1.0, loss, min_improvement=0.1).patience_counter == counter


def test_improvement_of_a_negative_loss_is_a_fraction_of_its_size() -> None:
    assert recorded(-1.0, -1.05, min_improvement=0.1).patience_counter == 1
    assert recorded(-1.0, -1.15, min_improvement=0.1).patience_counter == 0


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ((), ""),
        ((1.0,), ""),
        ((1.0, nan), "diverged"),
        ((1.0, inf), "diverged"),
        ((0.5, nan), "diverged"),
        ((0.1,), ""),
        ((0.05,), "loss_threshold"),
        ((1.0, 2.0, 2.0), "patience"),
        ((4.0, 3.0, 2.0, 1.0), "max_iterations"),
    ],
)
def test_reason_to_stop(losses: tuple[float, ...], reason: str) -> None:
    config = TrainingConfig(loss_threshold=0.1, patience=2, max_iterations=4)
    assert recorded(*losses).should_stop(config) == reason


def test_metrics_print_as_a_summary() -> None:
    metrics = recorded(3.0, 1.0, 2.0)
    metrics.stopped_because = "patience"
    assert str(metrics) == "3 iterations, loss 3 -> 2 (best 1), stopped because: patience"


def test_metrics_of_a_running_training_say_so() -> None:
    assert str(recorded(1.0)).endswith("stopped because: it has not")


def test_metrics_without_losses_print_as_such() -> None:
    assert str(TrainingMetrics()) == "no iterations yet"


def test_metrics_are_shown_in_short_however_long_they_are() -> None:
    metrics = recorded(*(1.0 / i for i in range(1, 1001)))
    assert repr(metrics) == f"<TrainingMetrics: {metrics}>"
    assert len(repr(metrics)) < 150


@pytest.mark.parametrize("loss", [3, Fraction(3), numpy.float32(3.0)])
def test_losses_are_recorded_as_floats(loss: Any) -> None:
    metrics = recorded(loss)
    assert [type(x) for x in (*metrics, metrics.best_loss)] == [float, float]


# Metrics of passes


def recorded_in_batches(pass_length: int, *losses: float) -> TrainingMetrics:
    metrics = TrainingMetrics(pass_length=pass_length)
    for loss in losses:
        metrics.update(loss)
    return metrics


def test_best_loss_is_the_mean_of_a_pass() -> None:
    assert recorded_in_batches(2, 0.0, 4.0, 1.0, 1.0).best_loss == 1.0


def test_unfinished_pass_is_not_judged() -> None:
    metrics = recorded_in_batches(3, 0.0, 0.0)
    assert (metrics.best_loss, metrics.should_stop(TrainingConfig())) == (inf, "")


def test_patience_counts_passes() -> None:
    assert recorded_in_batches(2, 1.0, 1.0, 2.0, 2.0, 3.0).patience_counter == 1
    assert recorded_in_batches(2, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0).patience_counter == 2


def test_iterations_are_counted_one_by_one() -> None:
    config = TrainingConfig(max_iterations=5)
    assert recorded_in_batches(3, 1.0, 1.0, 1.0, 1.0, 1.0).should_stop(config) == "max_iterations"


def test_batch_whose_loss_is_not_finite_ends_the_run_at_once() -> None:
    assert recorded_in_batches(3, 1.0, nan).should_stop(TrainingConfig()) == "diverged"


@pytest.mark.parametrize("losses", [[1.5e308, 1.5e308], [1.5e308, -1.5e308, 1.5e308, 1.5e308]])
def test_mean_of_a_pass_does_not_overflow_where_no_loss_does(losses: list[float]) -> None:
    assert pass_mean(losses) == pytest.approx(sum(x / len(losses) for x in losses))


# Metrics as a state


def test_state_of_metrics_is_all_of_them() -> None:
    metrics = recorded_in_batches(2, 3.0, 1.0, 2.0)
    metrics.stopped_because, metrics.held_out, metrics.gradient_norms = "patience", [0.5], [1.0]
    again = TrainingMetrics()
    again.load_state(metrics.state())
    assert again == metrics


def test_state_of_metrics_is_a_copy() -> None:
    metrics = recorded(3.0)
    state = metrics.state()
    metrics.load_state(state)
    metrics.update(2.0)
    assert state["losses"] == [3.0]


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        TrainingMetrics().state() | {"losses": [1]},
        TrainingMetrics().state() | {"gradient_norms": [None]},
        TrainingMetrics().state() | {"best_loss": 1},
        TrainingMetrics().state() | {"more": 1},
    ],
)
def test_state_that_is_none_of_metrics_is_refused_and_nothing_changed(state: Any) -> None:
    metrics = recorded(3.0)
    with pytest.raises(ValueError, match="expected"):
        metrics.load_state(state)
    assert metrics == recorded(3.0)


# The loop


def test_training_stops_below_the_loss_threshold() -> None:
    metrics = train_network(Straight(), LINE, learning_rate=0.1, loss_threshold=0.01, verbose=False)
    assert metrics.stopped_because == "loss_threshold"
    assert metrics[-1] < 0.01 <= metrics[-2]


def test_threshold_of_a_loss_that_may_be_negative_is_never_met_by_chance() -> None:
    metrics = train_network(
        Straight(), LINE, None, lambda p, t: mse_loss(p, t) - 1000.0, False,
        loss_threshold=-inf, max_iterations=5,
    )  # fmt: skip
    assert metrics.stopped_because == "max_iterations"


def test_training_stops_when_patience_is_over() -> None:
    metrics = train_network(Straight(), LINE, learning_rate=0.0, patience=3, verbose=False)
    assert (metrics.stopped_because, len(metrics)) == ("patience", 4)


def test_training_without_patience_goes_on() -> None:
    metrics = train_network(
        Straight(), LINE, learning_rate=0.0, patience=None, max_iterations=60, verbose=False
    )
    assert (metrics.stopped_because, len(metrics)) == ("max_iterations", 60)


def test_training_stops_after_the_most_iterations() -> None:
    metrics = train_network(Straight(), LINE, max_iterations=7, verbose=False)
    assert (metrics.stopped_because, len(metrics)) == ("max_iterations", 7)


def test_training_that_diverges_stops_with_finite_parameters() -> None:
    model = Straight()
    metrics = train_network(model, LINE, learning_rate=1e10, patience=None, verbose=False)
    assert metrics.stopped_because == "diverged"
    assert not math.isfinite(metrics[-1])
    assert all(math.isfinite(loss) for loss in metrics[:-1])
    assert all(math.isfinite(p.data) for p in model.parameters())


def test_losses_are_those_before_each_update() -> None:
    metrics = train_network(Straight(), LINE, max_iterations=1, verbose=False)
    assert metrics[0] == (1.0 + 1.0 + 9.0) / 3


def test_training_is_the_steps_by_hand_bit_for_bit() -> None:
    ours, theirs = Straight(), Straight()
    metrics = train_network(ours, LINE, learning_rate=0.1, max_iterations=5, verbose=False)
    optimizer = SGD(theirs.parameters(), 0.1)
    inputs, targets = [x for x, _ in LINE], [y for _, y in LINE]
    assert list(metrics) == [train_step(theirs, inputs, targets, optimizer) for _ in range(5)]
    assert bits_of(ours) == bits_of(theirs)


def test_config_is_used_and_overrides_win() -> None:
    config = TrainingConfig(learning_rate=0.0, max_iterations=9)
    metrics = train_network(Straight(), LINE, config, verbose=False, max_iterations=4)
    assert (len(metrics), len(set(metrics)), config.max_iterations) == (4, 1, 9)


def test_unknown_override_is_refused_and_the_fields_are_listed() -> None:
    with pytest.raises(TypeError, match=r"learning_rate, max_iterations, .* got lr$"):
        train_network(Straight(), LINE, lr=0.1)


def test_override_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="max_iterations to be at least 1"):
        train_network(Straight(), LINE, max_iterations=0)


def test_empty_data_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one training example"):
        train_network(Straight(), [])


def test_training_uses_the_loss_it_is_given() -> None:
    data = [([1.0], 1.0)]
    metrics = train_network(Straight(), data, None, hinge_loss, False, max_iterations=1)
    assert list(metrics) == [1.0]


def test_progress_is_reported_now_and_then_and_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics = train_network(Straight(), LINE, max_iterations=5, report_every=2)
    assert capsys.readouterr().out.splitlines() == [
        f"Iteration 2: Loss = {metrics[1]:.6f}",
        f"Iteration 4: Loss = {metrics[3]:.6f}",
        str(metrics),
    ]


def test_quiet_training_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    train_network(Straight(), LINE, max_iterations=5, report_every=1, verbose=False)
    assert capsys.readouterr().out == ""


def batches_of(
    size: int | None, iterations: int, count: int = 5, seed: int | None = 1
) -> list[list[float]]:
    """The inputs that each iteration saw, ``count`` examples going round."""
    model, seen = Straight(), []

    def loss_fn(predictions: Any, targets: Any) -> Value:
        seen.append(model.seen[:])
        model.seen.clear()
        return mse_loss(predictions, targets)

    data = [([float(i)], 0.0) for i in range(count)]
    train_network(
        model, data, None, loss_fn, False,
        batch_size=size, max_iterations=iterations, seed=seed, learning_rate=0.0,
        loss_threshold=-1.0,
    )  # fmt: skip
    return seen


@pytest.mark.parametrize("size", [None, 5, 100])
def test_without_batches_every_iteration_sees_all_data_in_order(size: int | None) -> None:
    assert batches_of(size, 2) == [[0.0, 1.0, 2.0, 3.0, 4.0]] * 2


def test_batches_cover_all_data_once_a_pass() -> None:
    batches = batches_of(2, 6)
    assert [len(batch) for batch in batches] == [2, 2, 1, 2, 2, 1]
    for one_pass in (batches[:3], batches[3:]):
        assert sorted(chain.from_iterable(one_pass)) == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_each_pass_has_an_order_of_its_own() -> None:
    batches = batches_of(10, 4, count=20)
    assert batches[:2] != batches[2:]


def test_seed_governs_the_batches() -> None:
    state = random.getstate()
    assert batches_of(10, 4, count=20) == batches_of(10, 4, count=20)
    assert batches_of(10, 4, count=20) != batches_of(10, 4, count=20, seed=2)
    assert random.getstate() == state


def test_without_a_seed_the_random_module_governs_the_batches() -> None:
    random.seed(3)
    first = batches_of(10, 4, count=20, seed=None)
    assert batches_of(10, 4, count=20, seed=None) != first
    random.seed(3)
    assert batches_of(10, 4, count=20, seed=None) == first


def test_same_seeds_give_the_same_bits() -> None:
    def run() -> tuple[list[float], list[bytes]]:
        random.seed(7)
        net = MLP(2, [4, 1])
        metrics = train_network(
            net, separable(20), batch_size=8, seed=3, max_iterations=10, verbose=False
        )
        return list(metrics), bits_of(net)

    assert run() == run()


# Whole runs


def test_line_is_fitted() -> None:
    net = MLP(1, [1])
    train_network(net, noisy_line(30, noise=0.0), learning_rate=0.1, verbose=False)
    assert [p.data for p in net.parameters()] == pytest.approx([2.0, 1.0], abs=0.02)


def test_exclusive_or_is_learnt() -> None:
    net = MLP(2, [4, 1])
    metrics = train_network(net, xor(), learning_rate=0.2, loss_threshold=0.01, verbose=False)
    assert metrics.stopped_because == "loss_threshold"
    assert [round(float(net(x))) for x, _ in xor()] == [0, 1, 1, 0]  # type: ignore[arg-type]


def test_classes_are_told_apart_on_points_never_seen() -> None:
    net = MLP(2, [1])
    train_network(
        net, separable(60), None, binary_cross_entropy, False,
        learning_rate=1.0, max_iterations=60,
    )  # fmt: skip
    unseen = separable(200, seed=1)
    right = [(float(net(x)) > 0.0) == (label == 1.0) for x, label in unseen]  # type: ignore[arg-type]
    assert sum(right) > 0.95 * len(right)


def test_several_outputs_are_trained_together() -> None:
    data = [([-1.0], [1.0, 2.0]), ([1.0], [3.0, -2.0])]
    metrics = train_network(MLP(1, [2]), data, learning_rate=0.2, verbose=False)
    assert metrics.stopped_because == "loss_threshold"


def test_three_classes_are_learnt_with_cross_entropy() -> None:
    data = [([-1.0], 0), ([0.0], 1), ([1.0], 2)]
    net = MLP(1, [6, 3])
    train_network(net, data, None, cross_entropy, False, learning_rate=0.5, max_iterations=300)
    for x, label in data:
        scores = [float(score) for score in net(x)]  # type: ignore[union-attr]
        assert scores.index(max(scores)) == label


# Data of any kind


@pytest.mark.parametrize(
    "make",
    [
        lambda: zip([x for x, _ in LINE], [y for _, y in LINE]),
        lambda: ((x, y) for x, y in LINE),
        lambda: list(map(list, LINE)),
        lambda: [(numpy.array(x), numpy.float64(y)) for x, y in LINE],
        lambda: zip(numpy.array([x for x, _ in LINE]), numpy.array([y for _, y in LINE])),
    ],
    ids=["zip", "generator", "lists", "arrays", "zip of arrays"],
)
@pytest.mark.parametrize("batch_size", [None, 2])
def test_data_may_come_as_anything_that_yields_pairs(make: Any, batch_size: int | None) -> None:
    options: dict[str, Any] = {"batch_size": batch_size, "seed": 1, "max_iterations": 9}
    ours, theirs = MLP(1, [2, 1], init="zeros"), MLP(1, [2, 1], init="zeros")
    metrics = train_network(ours, make(), verbose=False, held_out=make(), **options)
    plain = train_network(theirs, LINE, verbose=False, held_out=LINE, **options)
    assert metrics == plain
    assert bits_of(ours) == bits_of(theirs)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (3, "expected the data to be a list, got int 3"),
        (None, "expected the data to be a list, got NoneType None"),
        ("ab", "expected the data to be a list, got str 'ab'"),
        ([1.0, 2.0], r"expected example 0 to be a pair \(inputs, target\), got float 1.0"),
        (numpy.ones((4, 3)), r"expected example 0 to be a pair \(inputs, target\), got ndarray"),
    ],
)
def test_data_that_are_no_pairs_are_refused_by_name(data: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        train_network(Straight(), data)


def test_network_whose_parameters_come_from_a_generator_is_trained() -> None:
    class Yielding(Straight):
        def parameters(self) -> Any:
            yield self.a
            yield self.b

    ours, theirs = Yielding(), Straight()
    for model in (ours, theirs):
        train_network(model, LINE, max_iterations=5, learning_rate=0.1, verbose=False)
    assert (ours.a.data, ours.b.data) == (theirs.a.data, theirs.b.data)
    assert ours.a.data != 0.0


@pytest.mark.parametrize("model", [lambda x: Value(0.0), 3, None])
def test_model_without_parameters_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match=r"expected a model with parameters\(\), got"):
        train_network(model, LINE)


def test_model_with_nothing_to_train_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one parameter to train, got none"):
        train_network(Module(), LINE)


# Batches: a lucky one ends nothing


@pytest.mark.parametrize("batch_size", [1, 4])
def test_lucky_batch_does_not_end_a_training(batch_size: int) -> None:
    data = [(x, 2.0 * y - 1.0) for x, y in moons(60)]
    net = MLP(2, [8, 1], rng=random.Random(0))
    metrics = train_network(
        net, data, None, hinge_loss, False, batch_size=batch_size, seed=0, max_iterations=300
    )
    assert metrics.pass_length == 60 // batch_size
    assert min(metrics) < TrainingConfig().loss_threshold  # there was a lucky one
    assert metrics.stopped_because == "max_iterations"


@pytest.mark.parametrize(("batch_size", "iterations"), [(None, 4), (2, 8), (1, 12)])
def test_patience_is_a_number_of_passes(batch_size: int | None, iterations: int) -> None:
    metrics = train_network(
        Straight(), LINE, learning_rate=0.0, patience=3, batch_size=batch_size, verbose=False
    )
    # The sum of a pass depends on its order in the last bit, and may be an improvement once.
    assert metrics.stopped_because == "patience"
    assert iterations <= len(metrics) <= iterations + metrics.pass_length
    assert len(metrics) % metrics.pass_length == 0


def test_threshold_is_met_by_the_mean_of_a_pass() -> None:
    metrics = train_network(
        Straight(), LINE, learning_rate=0.1, loss_threshold=0.01, batch_size=1, verbose=False
    )
    assert metrics.stopped_because == "loss_threshold"
    assert metrics.best_loss == pass_mean(metrics[-3:]) < 0.01


# Optimisers, and data that are held out


@pytest.mark.parametrize("rule", [Adam, Momentum])
def test_optimiser_may_be_named_by_its_class(rule: Any) -> None:
    ours, theirs = network(), network()
    metrics = train_network(
        ours, xor(), optimizer=rule, learning_rate=0.05, max_iterations=9, verbose=False
    )
    optimizer = rule(theirs.parameters(), 0.05)
    data = [x for x, _ in xor()], [y for _, y in xor()]
    assert list(metrics) == [train_step(theirs, *data, optimizer) for _ in range(9)]
    assert bits_of(ours) == bits_of(theirs)


def test_optimiser_may_be_made_by_a_function() -> None:
    net = network()
    train_network(
        net, xor(), max_iterations=30, learning_rate=0.5, verbose=False,
        optimizer=lambda p, rate: Adam(p, rate, beta1=0.5, schedule=cosine_decay(30)),
    )  # fmt: skip
    assert bits_of(net) != bits_of(network())


def test_optimiser_that_is_given_decides_about_the_rate() -> None:
    model, twin = Straight(), Straight()
    given = SGD(model.parameters(), 0.25)
    train_network(model, LINE, optimizer=given, learning_rate=9.0, max_iterations=2, verbose=False)
    train_network(twin, LINE, learning_rate=0.25, max_iterations=2, verbose=False)
    assert bits_of(model) == bits_of(twin)
    assert given.steps == 2


def test_optimiser_that_counts_as_false_is_an_optimiser() -> None:
    class Empty(SGD):
        def __len__(self) -> int:
            return 0

    model = Straight()
    optimizer = Empty(model.parameters(), 0.0)
    train_network(
        model, LINE, optimizer=optimizer, learning_rate=1.0, max_iterations=3, verbose=False
    )
    assert (optimizer.steps, model.a.data) == (3, 0.0)


def test_optimiser_of_some_of_the_parameters_trains_these() -> None:
    model = Straight()
    train_network(model, LINE, optimizer=SGD([model.b], 0.1), max_iterations=3, verbose=False)
    assert model.a.data == 0.0 != model.b.data


def test_optimiser_of_other_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match="of this model's parameters, got one with 2 others"):
        train_network(Straight(), LINE, optimizer=SGD(Straight().parameters()))


@pytest.mark.parametrize("made", [None, 3, SGD])
def test_function_that_makes_no_optimiser_is_refused(made: Any) -> None:
    with pytest.raises(TypeError, match="expected optimizer to make an Optimizer, got"):
        train_network(Straight(), LINE, optimizer=lambda p, rate: made)


def test_every_optimiser_learns_a_line() -> None:
    def subclasses(kind: Any) -> list[Any]:
        return [rule for each in kind.__subclasses__() for rule in (each, *subclasses(each))]

    rules = [rule for rule in subclasses(Optimizer) if rule.__module__ == "micrograd.optim"]
    assert len(rules) == 6
    for rule in rules:
        net = MLP(1, [1], rng=random.Random(1))
        metrics = train_network(
            net, noisy_line(20), optimizer=rule, learning_rate=0.1, loss_threshold=0.02,
            max_iterations=2000, patience=None, verbose=False,
        )  # fmt: skip
        assert metrics.stopped_because == "loss_threshold", rule


def test_loss_on_held_out_data_is_kept_after_each_pass() -> None:
    model, unseen = Straight(), [([2.0], 5.0)]
    metrics = train_network(
        model, LINE, held_out=unseen, batch_size=2, learning_rate=0.1, max_iterations=7,
        verbose=False,
    )  # fmt: skip
    assert (metrics.pass_length, len(metrics.held_out)) == (2, 3)
    whole = train_network(
        Straight(), LINE, held_out=unseen, learning_rate=0.1, max_iterations=4, verbose=False
    )
    assert len(whole.held_out) == 4
    assert whole.held_out[0] > whole.held_out[-1]


def test_held_out_data_change_nothing_else() -> None:
    with_, without = network(), network()
    metrics = train_network(with_, xor(), held_out=separable(9), max_iterations=9, verbose=False)
    assert list(metrics) == list(train_network(without, xor(), max_iterations=9, verbose=False))
    assert bits_of(with_) == bits_of(without)


def test_gradient_norms_are_those_after_clipping() -> None:
    model = Straight()
    metrics = train_network(
        model, LINE, optimizer=lambda p, rate: SGD(p, rate, clip=0.5), max_iterations=3,
        verbose=False,
    )  # fmt: skip
    assert metrics.gradient_norms == pytest.approx([0.5] * 3)


# Numbers that are not finite


def test_finite_loss_with_an_infinite_gradient_ends_the_run_with_its_parameters() -> None:
    model = Straight()
    metrics = train_network(
        model, LINE, None, lambda p, t: mse_loss(p, t) + (p[0] * 0.0).sqrt(), False
    )
    assert (metrics.stopped_because, len(metrics)) == ("diverged", 1)
    assert math.isfinite(metrics[0])
    assert (model.a.data, model.b.data) == (0.0, 0.0)


def test_exception_out_of_the_loss_leaves_the_parameters_of_the_last_step() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    model, twin = Straight(), Straight()
    with pytest.raises(ZeroDivisionError):
        train_network(model, LINE, None, at(4, fail), False, learning_rate=0.1)
    train_network(twin, LINE, learning_rate=0.1, max_iterations=3, verbose=False)
    assert bits_of(model) == bits_of(twin)
