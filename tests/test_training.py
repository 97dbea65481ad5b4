"""Losses, steps, and the training loop with every reason to stop."""

import gc
import math
import random
from collections.abc import Callable, Sequence
from itertools import chain
from math import inf, nan
from typing import Any

import pytest

from micrograd import (
    MLP,
    SGD,
    Module,
    TrainingConfig,
    TrainingMetrics,
    Value,
    binary_cross_entropy,
    cross_entropy,
    gradient_check,
    gradient_descent_step,
    hinge_loss,
    mse_loss,
    noisy_line,
    separable,
    train_network,
    train_step,
    xor,
)
from micrograd.training import paused_collector

Loss = Callable[[Any, Any], Value]
Line = list[tuple[list[float], float]]
LINE: Line = [([-1.0], -1.0), ([0.0], 1.0), ([1.0], 3.0)]
ELEMENTWISE: list[Loss] = [mse_loss, hinge_loss, binary_cross_entropy]


class Straight(Module):
    """The smallest network: ``a x + b``, from known parameters, remembering its inputs."""

    def __init__(self, a: float = 0.0, b: float = 0.0) -> None:
        self.a, self.b = Value(a), Value(b)
        self.seen: list[float] = []

    def __call__(self, x: Sequence[float]) -> Value:
        self.seen.append(x[0])
        return self.a * x[0] + self.b

    def parameters(self) -> list[Value]:
        return [self.a, self.b]


def bits(module: Module) -> list[str]:
    return [p.data.hex() for p in module.parameters()]


def values(*numbers: float) -> list[Value]:
    return [Value(number) for number in numbers]


# Losses


def test_mean_squared_error_of_one_prediction() -> None:
    prediction = Value(5.0)
    loss = mse_loss(prediction, 3.0)
    loss.backward()
    assert (loss.data, prediction.grad) == (4.0, 4.0)


def test_mean_squared_error_is_a_mean() -> None:
    a, b = predictions = values(1.0, 5.0)
    loss = mse_loss(predictions, [2.0, 3.0])
    loss.backward()
    assert (loss.data, a.grad, b.grad) == (2.5, -1.0, 2.0)


def test_hinge_loss_is_zero_beyond_the_margin_and_a_line_below_it() -> None:
    right, unsure, wrong = scores = values(2.0, 0.5, 3.0)
    loss = hinge_loss(scores, [1, 1, -1])
    loss.backward()
    assert loss.data == (0.0 + 0.5 + 4.0) / 3
    assert (right.grad, unsure.grad, wrong.grad) == (0.0, -1 / 3, 1 / 3)


@pytest.mark.parametrize("z", [-2.0, -0.5, 0.0, 0.5, 2.0])
@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_is_its_definition(z: float, target: float) -> None:
    logit, s = Value(z), 1 / (1 + math.exp(-z))
    loss = binary_cross_entropy([logit], [target])
    loss.backward()
    definition = -target * math.log(s) - (1 - target) * math.log(1 - s)
    assert loss.data == pytest.approx(definition, rel=1e-14)
    assert logit.grad == pytest.approx(s - target, rel=1e-14)


@pytest.mark.parametrize(
    ("z", "target", "value", "slope"),
    [
        (1000.0, 1.0, 0.0, 0.0),
        (1000.0, 0.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0, 0.0),
        (-1000.0, 1.0, 1000.0, -1.0),
        (-1000.0, 0.5, 500.0, -0.5),
    ],
)
def test_binary_cross_entropy_survives_large_logits(
    z: float, target: float, value: float, slope: float
) -> None:
    logit = Value(z)
    loss = binary_cross_entropy([logit], [target])
    loss.backward()
    assert (loss.data, logit.grad) == (value, slope)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_is_its_definition(target: int) -> None:
    row = values(0.5, -1.0, 2.0)
    loss = cross_entropy([row], [target])
    loss.backward()
    total = sum(math.exp(z.data) for z in row)
    softmax = [math.exp(z.data) / total for z in row]
    assert loss.data == pytest.approx(-math.log(softmax[target]), rel=1e-14)
    expected = [s - (i == target) for i, s in enumerate(softmax)]
    assert [z.grad for z in row] == pytest.approx(expected, rel=1e-14)


def test_cross_entropy_at_equal_logits() -> None:
    row = values(0.0, 0.0, 0.0, 0.0)
    loss = cross_entropy([row], [2])
    loss.backward()
    assert loss.data == math.log(4.0)
    assert [z.grad for z in row] == [0.25, 0.25, -0.75, 0.25]


@pytest.mark.parametrize(
    ("logits", "target", "value", "slopes"),
    [
        ((1000.0, -1000.0), 0, 0.0, (0.0, 0.0)),
        ((1000.0, -1000.0), 1, 2000.0, (1.0, -1.0)),
        ((-1000.0, -1000.0), 0, math.log(2.0), (-0.5, 0.5)),
        ((1000.0, 1000.0), 1, math.log(2.0), (0.5, -0.5)),
    ],
)
def test_cross_entropy_survives_large_logits(
    logits: tuple[float, ...], target: int, value: float, slopes: tuple[float, ...]
) -> None:
    row = values(*logits)
    loss = cross_entropy([row], [target])
    loss.backward()
    assert loss.data == pytest.approx(value, rel=1e-12)
    assert tuple(z.grad for z in row) == slopes


def test_cross_entropy_is_a_mean_over_rows() -> None:
    first, second = values(1.0, 2.0), values(0.5, -0.5)
    both = cross_entropy([first, second], [0, 1]).data
    apart = cross_entropy([first], [0]).data + cross_entropy([second], [1]).data
    assert both == pytest.approx(apart / 2, rel=1e-15)


def test_two_classes_of_cross_entropy_are_one_binary_logit() -> None:
    z = 0.75
    two = cross_entropy([values(0.0, z)], [1]).data
    assert two == pytest.approx(binary_cross_entropy([Value(z)], [1.0]).data, rel=1e-15)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_loss_of_nested_predictions_is_that_of_all_of_them(loss: Loss) -> None:
    a, b, c, d = values(0.5, -1.5, 2.5, 0.25)
    flat = loss([a, b, c, d], [1, 1, 1, 1]).data
    assert loss([[a, b], [c, d]], [[1, 1], [1, 1]]).data == flat
    assert loss([[[a], [b]], [[c], [d]]], [[[1], [1]], [[1], [1]]]).data == flat


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_loss_does_not_depend_on_the_order_of_the_examples(loss: Loss) -> None:
    predictions, targets = values(0.5, -1.5, 2.5), [1, 1, 1]
    backwards = loss(predictions[::-1], targets[::-1])
    assert backwards.data == pytest.approx(loss(predictions, targets).data, rel=1e-15)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_targets_may_be_values(loss: Loss) -> None:
    predictions = values(0.5, -1.5)
    assert loss(predictions, values(1.0, 1.0)).data == loss(predictions, [1, 1]).data


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_gradient_of_a_loss_agrees_with_finite_differences(loss: Loss) -> None:
    predictions = values(0.5, -1.5, 2.5)
    assert gradient_check(lambda: loss(predictions, [1, 1, 1]), predictions)


@pytest.mark.parametrize("loss", ELEMENTWISE)
@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        (values(1.0, 2.0), [1], "got 2 predictions and 1 targets"),
        ([values(1.0), values(2.0)], [[1], []], r"predictions at \[1\], got 1 predictions and 0"),
        (values(1.0), 1, "got a list of 1 and a single int"),
        (Value(1.0), [1], "got a single Value and a list of 1"),
        (values(1.0), [[1]], r"got a single Value and a list of 1 at \[0\]"),
        ([values(1.0, 2.0)], [1], r"got a list of 2 and a single int at \[0\]"),
        ([values(1.0), [values(2.0)]], [[1], [1]], r"a single int at \[1\]\[0\]"),
        ([], [], "at least one prediction to compare, got none"),
        ([[], []], [[], []], "at least one prediction to compare, got none"),
    ],
)
def test_shapes_that_differ_or_are_empty_are_refused(
    loss: Loss, predictions: Any, targets: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        loss(predictions, targets)


@pytest.mark.parametrize("loss", ELEMENTWISE)
@pytest.mark.parametrize("prediction", [1.0, 1, "1", None])
def test_prediction_that_is_no_value_is_refused(loss: Loss, prediction: Any) -> None:
    with pytest.raises(TypeError, match=f"to be Values, got {type(prediction).__name__}"):
        loss(prediction, 1)
    with pytest.raises(TypeError, match=r"at \[1\]: a plain number has no graph"):
        loss([Value(1.0), prediction], [1, 1])


@pytest.mark.parametrize("label", [0, 0.5, 2, nan])
def test_hinge_loss_refuses_other_labels(label: float) -> None:
    with pytest.raises(ValueError, match=f"-1 or 1, got {label}"):
        hinge_loss(values(1.0, 1.0), [1, label])


@pytest.mark.parametrize("target", [-0.1, 1.1, nan])
def test_binary_cross_entropy_refuses_targets_that_are_no_probabilities(target: float) -> None:
    with pytest.raises(ValueError, match=rf"in \[0, 1\], got {target}"):
        binary_cross_entropy(values(1.0, 1.0), [1, target])


@pytest.mark.parametrize("target", [-1, 2, 0.5])
def test_cross_entropy_refuses_what_is_no_class(target: Any) -> None:
    with pytest.raises(ValueError, match=f"class from 0 to 1, got {target}"):
        cross_entropy([values(1.0, 2.0)], [target])


@pytest.mark.parametrize("row", [[1.0, 2.0], Value(1.0), "12"])
def test_cross_entropy_refuses_rows_that_are_no_values(row: Any) -> None:
    with pytest.raises(TypeError, match="row of logits to be a list of Values"):
        cross_entropy([row], [0])


def test_cross_entropy_refuses_lengths_that_differ() -> None:
    with pytest.raises(ValueError, match="each of 1 rows, got 2"):
        cross_entropy([values(1.0, 2.0)], [0, 1])


def test_cross_entropy_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="at least one prediction"):
        cross_entropy([], [])


# Gradient descent


def test_gradient_descent_moves_against_the_gradient() -> None:
    p = Value(3.0)
    p.grad = 4.0
    gradient_descent_step([p], 0.25)
    assert (p.data, p.grad) == (2.0, 4.0)


def test_optimizer_steps_with_its_learning_rate() -> None:
    p = Value(3.0)
    p.grad = 4.0
    SGD([p], learning_rate=0.25).step()
    assert p.data == 2.0


def test_optimizer_clears_the_gradients_of_its_parameters() -> None:
    p = Value(3.0)
    p.grad = 4.0
    SGD([p]).zero_grad()
    assert p.grad == 0.0


def test_optimizer_has_a_small_learning_rate_by_default() -> None:
    assert SGD([]).learning_rate == 0.01


def test_parameters_of_an_optimizer_are_those_it_was_given() -> None:
    parameters = values(1.0, 2.0)
    optimizer = SGD(parameters)
    parameters.clear()
    assert len(optimizer.parameters) == 2


@pytest.mark.parametrize("learning_rate", [-0.1, inf, -inf, nan])
def test_impossible_learning_rate_is_refused_and_nothing_changed(learning_rate: float) -> None:
    p = Value(3.0)
    p.grad = 4.0
    with pytest.raises(ValueError, match=f"learning rate .* got {learning_rate}"):
        gradient_descent_step([p], learning_rate)
    with pytest.raises(ValueError, match="learning rate"):
        SGD([p], learning_rate)
    assert p.data == 3.0


def test_numpy_learning_rate_leaves_the_parameters_floats() -> None:
    numpy = pytest.importorskip("numpy")
    p = Value(3.0)
    p.grad = 4.0
    gradient_descent_step([p], numpy.float64(0.25))
    assert type(p.data) is float


# One step


def test_train_step_is_the_loop_by_hand_bit_for_bit() -> None:
    ours, theirs = MLP(2, [4, 1]), MLP(2, [4, 1])
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        q.data = p.data
    inputs, targets = [x for x, _ in xor()], [y for _, y in xor()]
    optimizer = SGD(ours.parameters(), 0.1)
    for _ in range(5):
        loss = mse_loss([theirs(x) for x in inputs], targets)
        theirs.zero_grad()
        loss.backward()
        for q in theirs.parameters():
            q.data -= 0.1 * q.grad
        assert train_step(ours, inputs, targets, optimizer) == loss.data
        assert bits(ours) == bits(theirs)


def test_train_step_forgets_old_gradients() -> None:
    model = Straight()
    model.a.grad = 1000.0
    train_step(model, [[1.0]], [1.0], SGD(model.parameters(), 0.5))
    assert (model.a.data, model.a.grad) == (1.0, -2.0)


def test_train_step_uses_the_loss_it_is_given() -> None:
    model = Straight(a=0.5)
    assert train_step(model, [[1.0]], [1], SGD(model.parameters()), hinge_loss) == 0.5


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_loss_that_is_not_finite_leaves_the_parameters_alone(bad: float) -> None:
    model = Straight(1.0, 2.0)
    loss = train_step(
        model, [[1.0]], [1.0], SGD(model.parameters()), lambda p, t: mse_loss(p, t) * bad
    )
    assert not math.isfinite(loss)
    assert (model.a.data, model.b.data) == (1.0, 2.0)


def test_loss_that_is_no_value_is_refused() -> None:
    model = Straight()
    with pytest.raises(TypeError, match="loss to be a Value, got float"):
        train_step(model, [[1.0]], [1.0], SGD(model.parameters()), lambda p, t: 1.0)  # type: ignore[arg-type, return-value]


def collector_while_stepping(model: Callable[[Any], Value]) -> bool:
    """Whether the cyclic collector is on while a step computes its loss."""
    state = []

    def loss_fn(predictions: list[Value], targets: Any) -> Value:
        state.append(gc.isenabled())
        return predictions[0]

    train_step(model, [[1.0]], [1.0], SGD([]), loss_fn)
    return state[0]


def test_collector_rests_while_a_step_runs_and_is_on_afterwards() -> None:
    assert gc.isenabled()
    assert not collector_while_stepping(Straight())
    assert gc.isenabled()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        assert not collector_while_stepping(Straight())
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_collector_is_on_again_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError):
        train_step(lambda x: 1 // 0, [[1.0]], [1.0], SGD([]))
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


# Configuration


@pytest.mark.parametrize("name", ["max_iterations", "patience", "batch_size", "report_every"])
@pytest.mark.parametrize("count", [0, -1])
def test_count_below_one_is_refused(name: str, count: Any) -> None:
    with pytest.raises(ValueError, match=f"expected {name} to be at least 1, got {count}"):
        TrainingConfig(**{name: count})


@pytest.mark.parametrize("name", ["max_iterations", "patience", "batch_size", "report_every"])
@pytest.mark.parametrize("count", [2.0, "2", True])
def test_count_that_is_no_whole_number_is_refused(name: str, count: Any) -> None:
    with pytest.raises(TypeError, match=f"expected {name} to be a whole number, got {count!r}"):
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
        ("loss_threshold", nan),
        ("min_improvement", -0.1),
        ("min_improvement", 1.0),
        ("min_improvement", nan),
    ],
)
def test_number_out_of_range_is_refused(name: str, number: Any) -> None:
    with pytest.raises(ValueError, match=f"{name.replace('_', '.')}.* got {number}"):
        TrainingConfig(**{name: number})


@pytest.mark.parametrize("name", ["learning_rate", "loss_threshold", "min_improvement"])
@pytest.mark.parametrize("intruder", ["0.1", None, 1j])
def test_setting_that_is_no_number_is_refused(name: str, intruder: Any) -> None:
    with pytest.raises(TypeError, match=f"{name.replace('_', '.')} to be a number, got"):
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


@pytest.mark.parametrize("loss", [nan, inf])
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


# The loop


def test_training_stops_below_the_loss_threshold() -> None:
    metrics = train_network(Straight(), LINE, learning_rate=0.1, loss_threshold=0.01, verbose=False)
    assert metrics.stopped_because == "loss_threshold"
    assert metrics[-1] < 0.01 <= metrics[-2]


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
    assert bits(ours) == bits(theirs)


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
    def run() -> tuple[list[float], list[str]]:
        random.seed(7)
        net = MLP(2, [4, 1])
        metrics = train_network(
            net, separable(20), batch_size=8, seed=3, max_iterations=10, verbose=False
        )
        return list(metrics), bits(net)

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


@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        (Value(0.0), 1, TypeError, "lists of rows and of classes, got a single Value"),
        ([[Value(0.0)], [Value(1.0), Value(2.0)]], [0, 1], ValueError, "one width, .* got 1 and 2"),
        ([[]], [0], ValueError, "at least 1"),
    ],
)
def test_cross_entropy_refuses_rows_that_are_none(
    logits: Any, targets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cross_entropy(logits, targets)
