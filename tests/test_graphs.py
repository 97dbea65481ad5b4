"""Graphs checked for what would spoil a gradient, and graphs as text."""

import sys
from contextlib import suppress
from fractions import Fraction
from inspect import isfunction, signature
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.datasets import separable
from micrograd.engine import GraphCycleError, Value, detect_anomaly
from micrograd.graphs import validate_graph, visualize_graph
from micrograd.losses import binary_cross_entropy, hinge_loss, mse_loss
from micrograd.nn import MLP

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
    assert kinds(value) == ["operation"]


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
    assert "operation" not in kinds(Value(-1.0).log())
    assert "operation" not in kinds(Value(nan) + 1.0)


@pytest.mark.parametrize("name", sorted(vars(Value)))
def test_every_operation_that_is_a_method_is_known(name: str) -> None:
    """Operations are looked up in the class, so that a new one is known at once."""
    method = vars(Value)[name]
    if name.startswith("_") or not isfunction(method) or name == "backward":
        return
    value = method(Value(0.7))
    assert kinds(value) == []
    if len(signature(method).parameters) == 1:
        tamper(value, data=value.data + 0.5)
        assert kinds(value) == ["operation"]


# Not finite


def test_only_the_birth_of_what_is_not_finite_is_listed() -> None:
    """Of a network's hundreds of values that are nan, the parameter that made them so."""
    net = MLP(3, [8, 8, 1])
    net.parameters()[0].label, net.parameters()[0].data = "w", nan
    loss = mse_loss([net([1.0, 2.0, 3.0]) for _ in range(20)], [0.0] * 20)
    (problem,) = validate_graph(loss)
    assert (problem.kind, problem.name, problem.detail) == ("nonfinite", "w", "its data is nan")


def test_the_operation_that_made_an_infinity_is_named_with_its_numbers() -> None:
    x = Value(800.0, label="x")
    (problem,) = validate_graph((x.exp() + 1.0).tanh() * x)
    assert (problem.kind, problem.detail) == ("nonfinite", "exp(800) gave inf")


def test_an_infinity_that_harms_nothing_is_a_mask() -> None:
    """A softmax over scores of which one is minus infinity is right, gradients and all."""
    scores = [Value(1.0), Value(-inf), Value(0.5)]
    powers = [score.exp() for score in scores]
    loss = (powers[0] / (powers[0] + powers[1] + powers[2])).log()
    assert validate_graph(loss, scores) or kinds(loss) == ["underflow"]
    loss.backward()
    assert scores[1].grad == 0.0


def test_an_infinity_that_harms_is_listed() -> None:
    assert kinds(Value(inf) * Value(2.0)) == ["nonfinite"]
    assert kinds((Value(inf) * 0.0).tanh()) == ["nonfinite"]


def test_the_derivative_names_the_expression_and_the_parameter() -> None:
    w, x = Value(0.0, label="w"), Value(1.0)
    assert [p.detail for p in validate_graph(w.sqrt() * 3.0)] == [
        "the derivative of sqrt(0) by w is inf"
    ]
    half = Value(2.0, (x, w), "half", _derivatives=(1.0, inf))
    assert [p.detail for p in validate_graph(half)] == ["the derivative of half(1, 0) by w is inf"]


def test_long_reports_are_cut_and_count_what_they_leave_out() -> None:
    report = validate_graph(Value(1.0), [Value(0.0) for _ in range(50)])
    lines = str(report).splitlines()
    assert len(list(report)) == 50
    assert len(lines) == 23
    assert lines[-1] == "... and 30 more: 30 unreached"


# Damage


def tamper(value: Value, **fields: Any) -> None:
    """Set what the engine never sets again."""
    for name, content in fields.items():
        setattr(value, name, content)


def test_what_was_recorded_is_shown_beside_what_is_right() -> None:
    x = Value(2.0) * Value(3.0)
    tamper(x, data=1.0)
    assert [p.detail for p in validate_graph(x)] == ["2 * 3 is 6, but 1 is recorded"]
    y = Value(2.0) ** 2
    tamper(y, _derivatives=(5.0,))
    assert [p.detail for p in validate_graph(y)] == [
        "its derivatives are (4), but (5) are recorded"
    ]


class Odd:
    """A thing that is no number, no name and no list, and cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("cannot be shown")


DAMAGE: list[dict[str, Any]] = [
    {"_op": None},
    {"_op": 7},
    {"_op": "backward"},
    {"_derivatives": ("x", 1.0)},
    {"_derivatives": ()},
    {"_derivatives": (nan, inf)},
    {"_parents": ()},
    {"_parents": (1.0, "x")},
    {"data": None},
    {"data": "3"},
    {"data": [1.0, 2.0]},
    {"data": 1 + 2j},
    {"data": nan},
    {"data": Odd()},
    {"_op": Odd()},
]


def small_graph() -> tuple[Value, list[Value]]:
    a, b = Value(0.5), Value(2.0)
    nodes = [a, b, a * b, a - b, a.exp(), b**2, b.log()]
    nodes += [nodes[2].tanh(), nodes[3] * nodes[4], nodes[5] / nodes[6]]
    nodes += [nodes[7] + nodes[8]]
    nodes += [nodes[9] + nodes[10]]
    return nodes[-1], nodes


def named(fields: dict[str, Any]) -> str:
    return " ".join(f"{name} {type(content).__name__}" for name, content in fields.items())


@pytest.mark.parametrize("damage", DAMAGE, ids=named)
def test_damage_is_reported(damage: dict[str, Any]) -> None:
    root, nodes = small_graph()
    tamper(nodes[2], **damage)
    report = validate_graph(root, nodes[:2])
    assert not report
    assert str(report)


@pytest.mark.parametrize("name", ["**.", "**1/0", "**", "**x", "label", "__init__", "sin", "\n"])
def test_names_of_no_operation_are_left_alone(name: str) -> None:
    root, nodes = small_graph()
    tamper(nodes[2], _op=name)
    assert str(validate_graph(root, nodes[:2]))


THINGS = (None, 7, 1e400, "3", "", (), (1.0, "x"), [Value(1.0)], (Value(1.0),) * 3, Odd(), object)


@pytest.mark.parametrize("slot", Value.__slots__)
@pytest.mark.parametrize("where", [0, 2, 10, 11])
def test_whatever_is_put_into_a_value_raises_nothing(slot: str, where: int) -> None:
    for thing in THINGS:
        root, nodes = small_graph()
        tamper(nodes[where], **{slot: thing})
        assert str(validate_graph(root, nodes[:2]))


@pytest.mark.parametrize("slot", Value.__slots__)
@pytest.mark.parametrize("where", [0, 2, 10, 11])
def test_whatever_is_taken_out_of_a_value_raises_nothing(slot: str, where: int) -> None:
    root, nodes = small_graph()
    with suppress(AttributeError):  # a label is not there until it is given
        delattr(nodes[where], slot)
    assert str(validate_graph(root, nodes[:2]))


@pytest.mark.parametrize("slot", ["data", "_op"])
def test_a_missing_part_is_damage(slot: str) -> None:
    root, nodes = small_graph()
    delattr(nodes[2], slot)
    assert kinds(root) == ["damaged"]


@given(st.data())
def test_any_mixture_of_damage_is_survived(data: st.DataObject) -> None:
    root, nodes = small_graph()
    for _ in range(data.draw(st.integers(1, 6))):
        node = data.draw(st.sampled_from(nodes))
        slots = st.sampled_from([*Value.__slots__, "_parents", "_derivatives"])
        numbers = st.floats() | st.integers() | st.none() | st.text(max_size=3)
        several = st.tuples() | st.tuples(numbers) | st.tuples(numbers, numbers)
        values = st.lists(st.sampled_from(nodes), max_size=3).map(tuple) | st.sampled_from(nodes)
        names = st.sampled_from(["+", "*", "**", "**2", "exp", "tanh", "neg", "**x", "backward"])
        thing = data.draw(numbers | several | values | names)
        with suppress(TypeError):  # of an engine that refuses it
            tamper(node, **{data.draw(slots): thing})
    report = validate_graph(root, nodes[:2])
    assert report.leaves + report.operations >= 1
    assert str(report)


def test_damage_of_a_parent_is_reported_once() -> None:
    a = Value(1.0)
    root = (a * 2.0) + (a * 3.0)
    tamper(a, data="3")
    (problem,) = validate_graph(root)
    assert (problem.kind, problem.values) == ("damaged", (a,))
    assert problem.detail == "its data is str '3', which is no number"


def test_a_numpy_array_as_data_is_damage() -> None:
    numpy = pytest.importorskip("numpy")
    a = Value(1.0)
    root = a * 2.0
    tamper(a, data=numpy.ones(3))
    assert kinds(root) == ["damaged"]


def test_a_graph_is_checked_inside_anomaly_detection() -> None:
    wrong, right = Value(0.0) + Value(1.0), Value(0.0).log()
    tamper(wrong, _op="/")
    healthy = Value(2.0) * 3.0
    with detect_anomaly():
        assert kinds(healthy) == []
        assert kinds(right) == ["nonfinite"]
        assert kinds(Value(0.5).exp()) == []
    tamper(wrong, _parents=(Value(1.0), Value(0.0)))
    with detect_anomaly():
        (problem,) = validate_graph(wrong)
    assert problem.kind == "operation"
    assert "gave inf" in problem.detail


@pytest.mark.parametrize("slot", ["label", "_op", "data"])
def test_what_cannot_be_shown_is_survived_wherever_it_is_named(slot: str) -> None:
    a, b = Value(0.0), Value(2.0)
    c = a.sqrt() * b
    cycle = c + 1.0
    tamper(b, _parents=(cycle,), _derivatives=(1.0,), _op="+")
    for value in (a, b, c, cycle):
        tamper(value, **{slot: Odd()})
    assert str(validate_graph(cycle, [a, b, Value(1.0)]))


@pytest.mark.parametrize("root", [1.0, None, "x", [Value(1.0)]])
def test_only_a_value_has_a_graph(root: Any) -> None:
    with pytest.raises(TypeError, match="expected root to be a Value, got"):
        validate_graph(root)


def test_parameters_are_any_iterable_and_a_module_is_named() -> None:
    net = MLP(1, [1])
    loss = mse_loss(net([1.0]), 0.0)
    assert validate_graph(loss, (p for p in net.parameters()))
    assert kinds(Value(1.0), *(p for p in [Value(2.0)])) == ["unreached"]
    with pytest.raises(TypeError, match=r"pass its \.parameters\(\)"):
        validate_graph(loss, net)  # type: ignore[arg-type]


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
    tamper(a, _parents=(c, b), _derivatives=(1.0, 1.0), _op="+")
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
    tamper(a, _parents=(b,), _derivatives=(1.0,))
    with pytest.raises(GraphCycleError):
        visualize_graph(b)


class Output:
    """Standard output of a terminal that knows some characters."""

    def __init__(self, encoding: str | None) -> None:
        self.encoding = encoding


@pytest.mark.parametrize(
    ("encoding", "branch"),
    [("cp1252", "|- "), ("ascii", "|- "), ("utf-8", "├─ "), ("cp437", "├─ "), (None, "├─ ")],
)
def test_branches_are_those_that_the_output_can_show(
    encoding: str | None, branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = (Value(1.0) + 2.0) * 3.0
    monkeypatch.setattr(sys, "stdout", Output(encoding))
    text = visualize_graph(graph)
    monkeypatch.undo()
    assert text.splitlines()[1].startswith(branch)
    assert text.encode(encoding or "utf-8")


def test_branches_may_be_asked_for() -> None:
    graph = (Value(1.0) + 2.0) * 3.0
    assert visualize_graph(graph, plain=True).isascii()
    assert not visualize_graph(graph, plain=False).isascii()


@pytest.mark.parametrize("limits", [{"max_depth": -1}, {"max_lines": 0}])
def test_limits_out_of_range_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="to be at least"):
        visualize_graph(Value(1.0), **limits)
