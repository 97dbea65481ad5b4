"""Optimisers: their rules on numbers and on arrays, their state; and clipping."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_nets import Parameter, gradients_of, with_gradients

from micrograd import (
    MLP,
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Momentum,
    Optimizer,
    RMSprop,
    Value,
    _files,
    clip_gradient_norm,
    clip_gradient_values,
    cosine_decay,
    gradient_descent_step,
    gradient_norm,
)
from micrograd.clipping import all_finite, gradient_size

numpy = pytest.importorskip("numpy")

Make = Callable[..., Optimizer]
RULES: dict[str, Make] = {
    "SGD": SGD,
    "Momentum": Momentum,
    "Nesterov": lambda p, rate, **options: Momentum(p, rate, nesterov=True, **options),
    "AdaGrad": AdaGrad,
    "RMSprop": RMSprop,
    "Adam": Adam,
    "AdamW": AdamW,
}
every_rule = pytest.mark.parametrize("make", RULES.values(), ids=RULES)


def walk(optimizer: Optimizer, steps: int, first: int = 0) -> None:
    """Steps along gradients that depend on the step and on where each parameter is."""
    for step in range(first, first + steps):
        for i, p in enumerate(optimizer.parameters):
            p.grad = p.data * 0.3 + math.sin(step + i)
        optimizer.step()


# One step by hand


def test_gradient_descent_moves_against_the_gradient_and_leaves_it() -> None:
    p = Value(3.0)
    p.grad = 4.0
    gradient_descent_step([p], 0.25)
    assert (p.data, p.grad) == (2.0, 4.0)


def test_gradient_descent_takes_a_generator_once() -> None:
    parameters = with_gradients(1.0, 2.0)
    gradient_descent_step((p for p in parameters), 1)
    assert [p.data for p in parameters] == [-1.0, -2.0]


@pytest.mark.parametrize("learning_rate", [-0.1, inf, -inf, nan])
def test_impossible_learning_rate_is_refused_and_nothing_changed(learning_rate: float) -> None:
    (p,) = with_gradients(4.0)
    with pytest.raises(ValueError, match=f"learning rate .* got {learning_rate}"):
        gradient_descent_step([p], learning_rate)
    with pytest.raises(ValueError, match="learning rate"):
        SGD([p], learning_rate)
    assert p.data == 0.0


@pytest.mark.parametrize("rate", [numpy.float64(0.25), numpy.float32(0.25), Fraction(1, 4)])
def test_rate_of_another_kind_leaves_the_parameters_floats(rate: Any) -> None:
    (p,) = with_gradients(4.0)
    gradient_descent_step([p], rate)
    optimizer = SGD([p], rate)
    optimizer.step()
    assert (p.data, type(p.data), type(optimizer.learning_rate)) == (-2.0, float, float)


# Rules


@pytest.mark.parametrize(
    ("make", "moved"),
    [
        (lambda p: SGD(p, 0.25), -1.0),
        (lambda p: Momentum(p, 0.25), -1.0),
        (lambda p: Momentum(p, 0.25, 0.5, nesterov=True), -1.5),
        (lambda p: AdaGrad(p, 0.25, eps=1e-300), -0.25),
        (lambda p: RMSprop(p, 0.25, beta=0.75, eps=1e-300), -0.5),
        (lambda p: Adam(p, 0.25, eps=1e-300), -0.25),
        (lambda p: AdamW(p, 0.25, eps=1e-300), -0.25),
    ],
)
def test_first_step_is_that_of_the_formula(make: Callable[[Any], Optimizer], moved: float) -> None:
    (p,) = with_gradients(4.0)
    make([p]).step()
    assert p.data == pytest.approx(moved, rel=1e-12)


def test_momentum_goes_on_where_there_is_no_slope_any_more() -> None:
    (p,) = with_gradients(1.0)
    optimizer = Momentum([p], 1.0, 0.5)
    optimizer.step()
    p.grad = 0.0
    optimizer.step()
    assert p.data == -1.5


def test_weight_decay_shrinks_a_parameter_without_a_gradient() -> None:
    p = Value(2.0)
    AdamW([p], 0.1, decay=0.5).step()
    assert p.data == 2.0 - 0.1 * 0.5 * 2.0


@every_rule
def test_parameter_without_a_gradient_stays(make: Make) -> None:
    p = Value(0.0)
    make([p], 0.1).step()
    assert p.data == 0.0


@every_rule
def test_rate_of_0_moves_nothing_and_the_step_is_counted(make: Make) -> None:
    (p,) = with_gradients(4.0)
    optimizer = make([p], 0.0)
    optimizer.step()
    assert (p.data, optimizer.steps) == (0.0, 1)


@every_rule
def test_rate_stands_in_second_place(make: Make) -> None:
    assert make([Value(1.0)], 0.125).learning_rate == 0.125


def test_rate_has_a_default() -> None:
    assert (SGD([Value(1.0)]).learning_rate, Adam([Value(1.0)]).learning_rate) == (0.01, 0.001)


@pytest.mark.parametrize(
    ("rule", "option", "bad"),
    [
        (Momentum, "momentum", 1.0), (Momentum, "momentum", -0.1), (AdaGrad, "eps", 0.0),
        (RMSprop, "beta", 1.0), (RMSprop, "eps", -1.0), (Adam, "beta1", 1.0),
        (Adam, "beta2", nan), (Adam, "eps", 0.0), (AdamW, "decay", -0.1), (AdamW, "beta1", 2.0),
        (SGD, "clip", 0.0), (SGD, "clip", inf),
    ],
)  # fmt: skip
def test_option_out_of_range_is_refused_by_name(rule: Make, option: str, bad: float) -> None:
    with pytest.raises(ValueError, match=f"expected {option} to be"):
        rule([Value(1.0)], **{option: bad})


@pytest.mark.parametrize("option", ["momentum", "clip", "learning_rate"])
def test_option_that_is_no_number_is_refused_by_name(option: str) -> None:
    options: dict[str, Any] = {option: "0.9"}
    with pytest.raises(TypeError, match=f"{option.replace('_', ' ')} to be a real number, got str"):
        Momentum([Value(1.0)], **options)


# Parameters


def test_parameters_of_an_optimiser_are_those_it_was_given() -> None:
    parameters = with_gradients(1.0, 2.0)
    optimizer = SGD(parameters)
    parameters.clear()
    assert len(optimizer.parameters) == 2


def test_parameters_may_come_from_a_generator() -> None:
    net = MLP(1, [2])
    assert SGD(p for p in net.parameters()).parameters == net.parameters()


def test_no_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one parameter to train, got none"):
        SGD(iter([]))


@pytest.mark.parametrize("given_", [MLP(1, [2]), [1.0], 3, None, "parameters"])
def test_what_is_no_parameter_is_refused(given_: Any) -> None:
    with pytest.raises(TypeError, match=r"expected .*parameter"):
        SGD(given_)


def test_optimiser_clears_the_gradients_of_its_parameters() -> None:
    parameters = with_gradients(4.0, nan)
    SGD(parameters).zero_grad()
    assert gradients_of(parameters) == [0.0, 0.0]


def test_optimiser_prints_in_short() -> None:
    assert repr(Adam(with_gradients(1.0, 2.0), 0.05)) == "Adam(2 parameters, learning_rate=0.05)"


def test_rate_may_be_changed_between_steps() -> None:
    (p,) = with_gradients(1.0)
    optimizer = SGD([p], 1.0)
    optimizer.step()
    optimizer.learning_rate = 2
    optimizer.step()
    assert (p.data, type(p.data)) == (-3.0, float)


@pytest.mark.parametrize("bad", [-1.0, nan, "0.1"])
def test_rate_that_has_become_impossible_is_refused_and_nothing_moves(bad: Any) -> None:
    (p,) = with_gradients(1.0)
    optimizer = Momentum([p], 1.0)
    optimizer.learning_rate = bad
    with pytest.raises((TypeError, ValueError), match="learning rate"):
        optimizer.step()
    assert (p.data, optimizer.memory["velocity"], optimizer.steps) == (0.0, [0.0], 0)


# The same lines step arrays


@every_rule
@pytest.mark.parametrize("shape", [(3,), (2, 2), (1, 3, 2)])
def test_rule_on_an_array_gives_element_by_element_what_it_gives_on_numbers(
    make: Make, shape: tuple[int, ...]
) -> None:
    start = numpy.linspace(-1.0, 2.0, math.prod(shape))
    array = Parameter(start.reshape(shape).copy(), numpy.zeros(shape))
    numbers = [Parameter(float(x)) for x in start]
    ours, theirs = make([array], 0.1), make(numbers, 0.1)
    for step in range(50):
        array.grad = 0.3 * array.data + math.sin(step)
        for p in numbers:
            p.grad = 0.3 * p.data + math.sin(step)
        ours.step()
        theirs.step()
    assert array.data.shape == shape
    assert array.data.ravel().tolist() == pytest.approx([p.data for p in numbers], rel=1e-14)


@every_rule
def test_numbers_and_arrays_may_be_parameters_of_one_optimiser(make: Make) -> None:
    mixed = [Parameter(numpy.array([1.0, 2.0])), Parameter(numpy.ones((2, 1))), Parameter(0.5)]
    walk(make(mixed, 0.1, clip=0.5), 5)
    assert [getattr(p.data, "shape", ()) for p in mixed] == [(2,), (2, 1), ()]


# State


@every_rule
@pytest.mark.parametrize("stop", [0, 1, 7])
def test_state_saved_and_loaded_gives_the_same_next_steps(make: Make, stop: int) -> None:
    def start() -> Optimizer:
        return make([Value(1.0), Value(-2.0)], 0.1, schedule=cosine_decay(20), clip=0.5)

    whole, part, rest = start(), start(), start()
    walk(whole, 12)
    walk(part, stop)
    state = _files.from_json(_files.to_json(part.state()))
    for p, q in zip(rest.parameters, part.parameters, strict=True):
        p.data = q.data
    rest.load_state(state)
    walk(rest, 12 - stop, first=stop)
    assert [p.data for p in rest.parameters] == [p.data for p in whole.parameters]
    assert rest.state() == whole.state()


@every_rule
def test_state_of_arrays_gives_the_same_next_steps(make: Make) -> None:
    whole, rest = (make([Parameter(numpy.array([1.0, -2.0]))], 0.1) for _ in range(2))
    walk(whole, 5)
    rest.load_state(whole.state())
    rest.parameters[0].data = whole.parameters[0].data.copy()
    for optimizer in (whole, rest):
        walk(optimizer, 5, first=5)
    assert (rest.parameters[0].data == whole.parameters[0].data).all()


@every_rule
def test_state_is_a_copy(make: Make) -> None:
    optimizer = make([Parameter(numpy.array([1.0, -2.0])), Value(1.0)], 0.1)
    walk(optimizer, 3)
    state, shown = optimizer.state(), repr(optimizer.state())
    optimizer.load_state(state)
    walk(optimizer, 3, first=3)
    assert repr(state) == shown
    assert repr(optimizer.state()) != shown


@pytest.mark.parametrize(
    "rate", [1, True, Fraction(1, 2), Decimal("0.5"), numpy.float32(0.5), numpy.int64(2)]
)
def test_state_with_a_rate_of_any_kind_can_be_written_and_read(rate: Any) -> None:
    for made in (SGD([Value(1.0)], rate), SGD([Value(1.0)])):
        made.learning_rate = rate
        again = SGD([Value(1.0)])
        again.load_state(_files.from_json(_files.to_json(made.state())))
        assert (again.learning_rate, type(again.learning_rate)) == (float(rate), float)


def damaged(**changes: Any) -> dict[str, Any]:
    return Adam([Value(1.0), Value(2.0)], 0.1).state() | changes


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, "expected the optimiser's state to have the fields"),
        ({}, "expected the optimiser's state to have the fields"),
        (damaged(rule="SGD"), "expected the state of Adam, got SGD"),
        (damaged(learning_rate=1), "learning_rate to be a float, got int 1"),
        (damaged(learning_rate=-1.0), "the learning rate to be a finite number of at least 0"),
        (damaged(steps=-1), "steps to be at least 0, got -1"),
        (damaged(memory={"mean": [0.0, 0.0]}), "fields mean, squares; got the fields mean"),
        (damaged(memory={"mean": [0.0], "squares": [0.0, 0.0]}), "mean of 2 parameters, got 1"),
        (
            damaged(memory={"mean": [0.0, "0"], "squares": [0.0, 0.0]}),
            r"mean\[1\] to fit its parameter, got str '0'",
        ),
        (
            damaged(memory={"mean": [0.0, numpy.zeros(2)], "squares": [0.0, 0.0]}),
            r"mean\[1\] to fit its parameter, got ndarray",
        ),
    ],
)
def test_state_that_does_not_fit_is_refused_and_nothing_changed(state: Any, message: str) -> None:
    optimizer = Adam([Value(1.0), Value(2.0)], 0.5)
    walk(optimizer, 2)
    before = optimizer.state()
    with pytest.raises(ValueError, match=message):
        optimizer.load_state(state)
    assert optimizer.state() == before


def test_state_of_arrays_of_another_shape_is_refused() -> None:
    three, two = (Momentum([Parameter(numpy.zeros(n))], 0.1) for n in (3, 2))
    walk(three, 1)
    with pytest.raises(ValueError, match=r"velocity\[0\] to fit its parameter"):
        two.load_state(three.state())


# Clipping

reasonable = st.floats(-1e100, 1e100)
any_size = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(reasonable, min_size=1, max_size=9), st.floats(1e-3, 1e3))
def test_clipping_by_norm_keeps_the_direction(gradients: list[float], max_norm: float) -> None:
    parameters = with_gradients(*gradients)
    norm = clip_gradient_norm(parameters, max_norm)
    assert norm == math.hypot(*gradients)
    scale = min(1.0, max_norm / norm) if norm else 1.0
    assert gradients_of(parameters) == [g * scale for g in gradients]
    assert math.hypot(*gradients_of(parameters)) <= max_norm * (1 + 1e-12)


@given(st.lists(any_size, min_size=1, max_size=5), st.floats(1e-3, 1e3))
def test_finite_gradients_of_any_size_are_clipped(gradients: list[float], max_norm: float) -> None:
    numbers = with_gradients(*gradients)
    array = Parameter(numpy.zeros(len(gradients)), numpy.array(gradients))
    for parameters in (numbers, [array]):
        norm = clip_gradient_norm(parameters, max_norm)
        assert gradient_norm(parameters) <= max_norm * (1 + 1e-12)
        if norm > max_norm:
            assert gradient_norm(parameters) == pytest.approx(max_norm, rel=1e-9)
    signs = [math.copysign(1.0, g) for g in gradients]
    assert [math.copysign(1.0, p.grad) for p in numbers] == signs


def test_gradients_whose_norm_overflows_are_clipped() -> None:
    parameters = with_gradients(1.5e308, 1.5e308)
    assert clip_gradient_norm(parameters, 5.0) == inf
    assert gradients_of(parameters) == pytest.approx([5.0 / math.sqrt(2.0)] * 2, rel=1e-15)


def test_step_along_gradients_whose_norm_overflows_is_clipped() -> None:
    parameters = with_gradients(1.5e308, -1.5e308)
    optimizer = SGD(parameters, 1.0, clip=1.0)
    optimizer.step()
    assert optimizer.clipped
    assert math.hypot(*(p.data for p in parameters)) == pytest.approx(1.0)


def test_norm_of_an_array_does_not_overflow_before_it_has_to() -> None:
    array = Parameter(0.0, numpy.array([3e200, -4e200]))
    assert gradient_norm([array]) == pytest.approx(5e200)
    tiny = Parameter(0.0, numpy.array([3e-200, -4e-200]))
    assert gradient_norm([tiny]) == pytest.approx(5e-200)


@given(st.lists(st.lists(reasonable, min_size=1, max_size=4), min_size=1, max_size=4))
def test_arrays_are_measured_and_clipped_as_their_elements_are(rows: list[list[float]]) -> None:
    arrays = [Parameter(0.0, numpy.array(row)) for row in rows]
    numbers = with_gradients(*(g for row in rows for g in row))
    assert gradient_norm(arrays) == pytest.approx(gradient_norm(numbers), rel=1e-12)
    norms = [clip_gradient_norm(p, 1.0) for p in (arrays, numbers)]
    assert norms[0] == pytest.approx(norms[1], rel=1e-12)
    flat = [g for p in arrays for g in p.grad.tolist()]
    assert flat == pytest.approx(gradients_of(numbers), rel=1e-12)
    assert clip_gradient_values(arrays, 0.1) == clip_gradient_values(numbers, 0.1)
    flat = [g for p in arrays for g in p.grad.tolist()]
    assert flat == pytest.approx(gradients_of(numbers), rel=1e-12)


def test_array_without_elements_has_no_length() -> None:
    empty = Parameter(0.0, numpy.zeros(0))
    assert gradient_norm([empty]) == 0.0
    assert clip_gradient_norm([empty, *with_gradients(8.0)], 2.0) == 8.0


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("order", [1, -1])
def test_gradients_without_a_direction_are_left_alone(bad: float, order: int) -> None:
    parameters = with_gradients(*[3.0, bad, 1e308, 1e308][::order])
    before = gradients_of(parameters)
    assert not math.isfinite(clip_gradient_norm(parameters, 1.0))
    assert str(gradients_of(parameters)) == str(before)


@pytest.mark.parametrize("clip", [clip_gradient_norm, clip_gradient_values])
def test_gradients_of_a_generator_are_clipped(clip: Callable[[Any, float], float]) -> None:
    parameters = with_gradients(30.0, 40.0)
    clip((p for p in parameters), 5.0)
    assert max(gradients_of(parameters)) <= 5.0
    assert gradient_norm(p for p in parameters) == gradient_norm(parameters)


@pytest.mark.parametrize("clip", [clip_gradient_norm, clip_gradient_values])
@pytest.mark.parametrize("given_", [MLP(1, [2]), [3.0, 4.0], 3])
def test_what_is_no_list_of_parameters_is_not_clipped_but_refused(
    clip: Callable[[Any, float], float], given_: Any
) -> None:
    with pytest.raises(TypeError, match=r"expected .*parameter"):
        clip(given_, 5.0)


def test_norm_of_a_model_itself_is_refused() -> None:
    with pytest.raises(TypeError, match=r"pass its \.parameters\(\)"):
        gradient_norm(MLP(1, [2]))  # type: ignore[arg-type]


def test_clipping_by_value_clips_each_by_itself() -> None:
    parameters = with_gradients(3.0, -40.0, 5.0, inf)
    assert clip_gradient_values(parameters, 5.0) == 2
    assert gradients_of(parameters) == [3.0, -5.0, 5.0, 5.0]


@pytest.mark.parametrize("limit", [0.0, -1.0, inf, nan])
def test_limit_that_is_not_positive_and_finite_is_refused(limit: float) -> None:
    for clip in (clip_gradient_norm, clip_gradient_values):
        with pytest.raises(ValueError, match=f"positive, finite number, got {limit}"):
            clip([], limit)


def test_optimiser_says_whether_it_clipped() -> None:
    (p,) = with_gradients(4.0)
    optimizer = SGD([p], 1.0, clip=2)
    optimizer.step()
    assert (p.data, p.grad, optimizer.clipped) == (-2.0, 2.0, True)
    p.grad = 1.0
    optimizer.step()
    assert not optimizer.clipped


# All finite, and how large


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_one_number_that_is_not_finite_is_found_among_numbers_and_arrays(bad: float) -> None:
    assert all_finite([1, 0.5, numpy.array([1.0, -2.0]), numpy.zeros(0)])
    assert not all_finite([0.5, bad])
    assert not all_finite([0.5, numpy.array([[1.0, bad]])])


def test_size_of_gradients_is_their_norm_and_the_median_of_their_magnitudes() -> None:
    assert gradient_size(x for x in (3.0, -4.0, 0.0)) == (5.0, 3.0)


def test_no_gradients_have_no_size() -> None:
    norm, median = gradient_size([])
    assert (norm, math.isnan(median)) == (0.0, True)
