"""Graphs checked for what would spoil a gradient, and graphs as text."""

from fractions import Fraction
from math import inf, nan
from typing import Any

import pytest

from micrograd.datasets import separable
from micrograd.engine import GraphCycleError, Value
from micrograd.graphs import validate_graph, visualize_graph
from micrograd.nn import MLP
from micrograd.training import binary_cross_entropy, hinge_loss, mse_loss

# Checked


def kinds(root: Value, *parameters: Value) -> list[str]:
    return [problem.kind for problem in validate_graph(root, parameters)]


def test_healthy_graph_is_true_and_counted() -> None:
    x = Value(2.0)
    report = validate_graph(x * x + 1.0, [x])
    assert report
    assert (report.leaves, report.operations) == (2, 2)
    assert str(report) == "2 leaves, 2 operations: nothing is wrong"


def every_operation() -> list[Value]:
    x, y = Value(0.7), Value(1.3)
    return [
        x + y, x - y, x * y, x / y, -x, x**2, x**-1.5, x**y, 2**x, x ** Fraction(1, 3), abs(x),
        x.exp(), x.log(), x.sqrt(), x.tanh(), x.sigmoid(), x.relu(),
    ]  # fmt: skip


@pytest.mark.parametrize("i", range(17))
def test_every_operation_is_healthy_until_it_is_tampered_with(i: int) -> None:
    value = every_operation()[i]
    assert kinds(value) == []
    value.data += 0.5
    assert kinds(value) == ([] if value._op == "**1/3" else ["operation"])  # 1/3 is not redone


@pytest.mark.parametrize("loss_fn", [mse_loss, hinge_loss, binary_cross_entropy])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_networks_are_healthy(loss_fn: Any, activation: str) -> None:
    net = MLP(2, [5, 5, 1], activation=activation)
    data = separable(10, labels=(-1.0, 1.0) if loss_fn is hinge_loss else (0.0, 1.0))
    assert validate_graph(
        loss_fn([net(x) for x, _ in data], [y for _, y in data]), net.parameters()
    )


def test_operation_that_is_not_the_engine_s_is_believed() -> None:
    x = Value(2.0)
    assert kinds(Value(0.9, (x,), "sin", _derivatives=(-0.4,))) == []


def test_values_that_are_nan_are_consistent_with_themselves() -> None:
    assert kinds(Value(-1.0).log()) == []
    assert kinds(Value(nan) + 1.0) == []


@pytest.mark.parametrize(
    "zero", [Value(1e-200) * 1e-200, Value(1e-300) / 1e300, Value(1e-200) ** 2, Value(-800.0).exp()]
)
def test_zero_by_rounding_is_reported(zero: Value) -> None:
    assert kinds(zero) == ["underflow"]


@pytest.mark.parametrize("zero", [Value(0.0) * 5.0, Value(0.0) / 5.0, Value(1.0) / inf, -Value(0)])
def test_zero_that_is_right_is_not_reported(zero: Value) -> None:
    assert "underflow" not in kinds(zero)


def test_cycle_is_reported_as_the_cycle_itself() -> None:
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    c = a * b
    a._parents, a._derivatives, a._op = (c, b), (1.0, 1.0), "+"
    (problem,) = [p for p in validate_graph(c.tanh()) if p.kind == "cycle"]
    assert problem.detail in ("a <- * <- a", "* <- a <- *")
    assert problem.values[0] is problem.values[-1]
    for value, parent in zip(problem.values, problem.values[1:], strict=False):
        assert parent in value._parents


def test_edge_is_reported_with_both_ends_and_the_parameter_by_its_place() -> None:
    x, unused = Value(0.0), Value(1.0)
    root = x.sqrt()
    edge, lost = validate_graph(root, [x, unused])
    assert (edge.kind, edge.values) == ("derivative", (root, x))
    assert (lost.kind, lost.name, lost.values) == ("unreached", "[1]", (unused,))


def test_validation_changes_nothing_and_takes_a_long_chain() -> None:
    x = y = Value(0.5)
    x.grad = 3.0
    for _ in range(5000):
        y = y + 0.001
    assert validate_graph(y)
    assert (x.grad, y.grad) == (3.0, 0.0)


# Shown


def test_graph_shows_operation_data_and_gradient_of_each_value() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    product = a * b
    product.backward()
    assert visualize_graph(product).splitlines() == [
        "*  data -6  grad 1",
        "├─ a  data 2  grad -3",
        "└─ b  data -3  grad 2",
    ]


def test_graph_shows_a_shared_value_once_and_refers_to_it() -> None:
    x = Value(2.0, label="x")
    double = x + x
    text = visualize_graph(double * double)
    assert text.count("data 2 ") == 1
    assert text.count("x #2, as above") == 1
    assert text.splitlines()[-1] == "└─ + #1, as above"


def test_graph_points_at_what_is_not_finite() -> None:
    text = visualize_graph(Value(0.0).log() + 1)
    assert [("not finite" in line) for line in text.splitlines()] == [True, True, False, False]


def test_graph_is_cut_at_the_greatest_depth_and_says_so() -> None:
    text = visualize_graph((Value(1.0).exp() + 1) * 2, max_depth=1)
    assert text.splitlines()[1] == "├─ +  data 3.718  grad 0  ..."
    assert "exp" not in text


def test_graph_shows_a_shared_value_in_full_where_it_is_not_cut() -> None:
    shared = Value(1.0).exp()
    lines = visualize_graph(shared.tanh() + shared, max_depth=2).splitlines()
    assert [line.endswith("...") for line in lines] == [False, False, True, False, False]
    assert lines[-1].endswith("leaf  data 1  grad 0")


def test_graph_ends_after_the_greatest_number_of_lines_and_says_so() -> None:
    lines = visualize_graph(Value(1.0) + 2 + 3, max_lines=2).splitlines()
    assert len(lines) == 3
    assert lines[-1] == "... of 5 values in all"


def test_graph_of_a_very_long_chain_is_shown_in_part() -> None:
    total = Value(0.0)
    for _ in range(20_000):
        total = total + 1
    assert visualize_graph(total, max_depth=10**6).endswith("... of 40001 values in all")


def test_graph_with_a_cycle_raises() -> None:
    a = Value(1.0)
    b = a + 1
    a._parents, a._derivatives = (b,), (1.0,)
    with pytest.raises(GraphCycleError):
        visualize_graph(b)
