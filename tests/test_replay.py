"""A graph run again as vectors: the engine's numbers, with other numbers in the leaves."""

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_gradients_property import expression_at, points, sketches

from micrograd import (
    MLP,
    AnomalyError,
    GraphCycleError,
    Value,
    detect_anomaly,
    maximum,
    moons,
    mse_loss,
    record,
    softmax,
)
from micrograd.replay import Replay

EDGES = [*(0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-300, 1e300), math.inf, -math.inf, math.nan]
UNARY: dict[str, Any] = {
    **{
        name: getattr(Value, name)
        for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "softplus", "relu", "gelu")
    },
    "neg": lambda x: -x,
    "leaky": Value.leaky_relu,
    "abs": abs,
    "leaky 0.2": lambda x: x.leaky_relu(0.2),
    **{f"** {n}": lambda x, n=n: x**n for n in (0, 1, 2, 3, -1, -2, 0.5, 1.5, Fraction(1, 3))},
}
BINARY: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "maximum": maximum,
}


def near(replayed: float, engine: float, ulps: int) -> bool:
    if math.isnan(engine) or math.isinf(engine):
        return math.isnan(replayed) == math.isnan(engine) and (
            math.isnan(engine) or replayed == engine
        )
    return abs(replayed - engine) <= ulps * math.ulp(engine)


def compare(compute: Any, recorded_at: list[float], at: list[float]) -> None:
    """Recorded with some numbers, replayed with others; beside the engine's own."""
    leaves = list(map(Value, recorded_at))
    replay = Replay(compute(*leaves))
    for leaf, number in zip(leaves, at):
        leaf.data = number
    fresh = list(map(Value, at))
    expected = compute(*fresh)
    expected.backward()
    assert near(replay.forward(), expected.data, 2)
    replay.backward()
    for leaf, other in zip(leaves, fresh):
        both_nan = math.isnan(leaf.grad) and math.isnan(other.grad)
        assert (
            both_nan
            or leaf.grad == other.grad
            or math.isclose(leaf.grad, other.grad, rel_tol=1e-12, abs_tol=1e-300)
        ), (leaf.grad, other.grad)


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", UNARY)
def test_functions_agree_with_the_engine_at_the_edges(name: str, x: float) -> None:
    compare(UNARY[name], [0.7], [x])


@pytest.mark.parametrize("a", EDGES)
@pytest.mark.parametrize("name", BINARY)
def test_operators_agree_with_the_engine_at_the_edges(name: str, a: float) -> None:
    for b in EDGES:
        compare(BINARY[name], [0.7, 0.3], [a, b])


@given(sketches, points, st.floats(0.9, 1.1))
def test_random_graphs_agree_with_the_engine(sketch: Any, point: list[float], by: float) -> None:
    expression = expression_at(sketch, point)
    leaves = list(map(Value, point))
    root = expression(leaves)
    if not isinstance(root, Value):
        return
    replay = Replay(root)
    moved = [x * by for x in point]
    for leaf, x in zip(leaves, moved):
        leaf.data = x
    fresh = list(map(Value, moved))
    again = expression(fresh)
    again.backward()
    if not math.isfinite(again.data):  # moved out of where it is smooth
        return
    assert math.isclose(replay.forward(), again.data, rel_tol=1e-9, abs_tol=1e-9)
    replay.backward()
    largest = max(abs(leaf.grad) for leaf in fresh)
    for leaf, other in zip(leaves, fresh):
        assert math.isclose(leaf.grad, other.grad, rel_tol=1e-6, abs_tol=1e-6 * (1.0 + largest))


def test_a_training_by_replay_is_the_training_of_the_engine() -> None:
    data = moons(20, seed=1)

    def losses(replayed: bool) -> list[float]:
        net = MLP(2, [6, 1], rng=random.Random(0))

        def record_loss() -> Value:
            return mse_loss([net(x) for x, _ in data], [y for _, y in data])

        replay = Replay(record_loss())
        found = []
        for _ in range(30):
            net.zero_grad()
            if replayed:
                found.append(replay.forward())
                replay.backward()
            else:
                loss = record_loss()
                found.append(loss.data)
                loss.backward()
            for p in net.parameters():
                p.data -= 0.1 * p.grad
        return found

    assert np.allclose(losses(True), losses(False), rtol=1e-12)


def test_gradients_of_leaves_accumulate() -> None:
    x = Value(3.0)
    replay = Replay(x * x + x)
    replay.forward()
    replay.backward()
    replay.backward()
    assert x.grad == 14.0


def test_interior_values_stay_what_they_were() -> None:
    x = Value(3.0)
    y = x * x
    replay = Replay(y + 1.0)
    x.data = 5.0
    assert replay.forward() == 26.0
    replay.backward()
    assert (y.data, y.grad) == (9.0, 0.0)


def test_what_can_be_done_at_the_same_time_is_one_group() -> None:
    xs = [Value(float(i)) for i in range(10)]
    replay = Replay(sum(softmax(xs), Value(0.0)))
    assert (replay.nodes, len(replay.leaves)) == (72, 22)
    assert replay.groups < 30
    assert repr(replay) == f"<Replay: 72 values in {replay.groups} groups>"


def test_a_leaf_by_itself_is_a_graph() -> None:
    x = Value(2.0)
    replay = Replay(x)
    assert replay.forward() == 2.0
    replay.backward()
    assert x.grad == 1.0


# What it refuses


def test_operations_of_ones_own_are_refused_by_name() -> None:
    x = Value(2.0)
    for op in ("sin", "**odd", "**1/0"):
        with pytest.raises(
            ValueError,
            match=f"an operation of the engine to replay, got '{op}'".replace("*", r"\*"),
        ):
            Replay(record(1.0, [x], [1.0], op) + x)


@pytest.mark.parametrize("wrong", [3.0, [Value(1.0)], None])
def test_what_is_no_value_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="expected a Value to replay, got"):
        Replay(wrong)


def test_a_cycle_is_shown() -> None:
    x = Value(1.0)
    y = x + 1.0
    x._parents = (y,)
    with pytest.raises(GraphCycleError):
        Replay(y)


def test_a_backward_before_the_first_forward_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected forward\(\) before the first backward\(\)"):
        Replay(Value(1.0) * 2.0).backward()


def test_anomalies_are_found_when_they_are_looked_for() -> None:
    x = Value(2.0)
    replay = Replay(x.log() * 3.0)
    x.data = 0.0
    assert replay.forward() == -math.inf
    with detect_anomaly(), pytest.raises(AnomalyError, match="log gave -inf in the replay"):
        replay.forward()


@pytest.mark.parametrize(
    ("fresh", "said"),
    [
        (lambda x: x * x - 1.0, r"'\+' has become '-'"),
        (lambda x: x * x + 1.0 + 1.0, "4 values have become 6"),
        (lambda x: x + 1.0, r"'\*' has become 'a leaf'"),
        (lambda x: x, "4 values have become 1"),
    ],
)
def test_another_graph_is_told_from_the_recorded_one(fresh: Any, said: str) -> None:
    replay = Replay(square_plus(Value(2.0)))
    replay.expect(square_plus(Value(5.0)))
    with pytest.raises(ValueError, match=said):
        replay.expect(fresh(Value(2.0)))


def square_plus(x: Value) -> Value:
    return x * x + 1.0


def test_other_operands_are_another_graph() -> None:
    x, y = Value(1.0), Value(2.0)
    replay = Replay(x * y + x)
    with pytest.raises(ValueError, match=r"'\+' has other operands"):
        replay.expect(x * y + y)
