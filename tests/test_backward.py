"""The backward pass: accumulation, order, depth, cycles, and the detection of anomalies."""

import gc
from collections.abc import Callable
from itertools import pairwise

import pytest

from micrograd import (
    AnomalyError,
    GraphCycleError,
    Value,
    detect_anomaly,
    engine,
    topological_order,
)


def test_sum_passes_its_gradient_to_both_terms() -> None:
    a, b = Value(2.0), Value(3.0)
    (a + b).backward()
    assert (a.grad, b.grad) == (1.0, 1.0)


def test_chain_rule_through_a_sum_and_a_product() -> None:
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    ((a + b) * c).backward()
    assert (a.grad, b.grad, c.grad) == (4.0, 4.0, 5.0)


def test_two_products_added() -> None:
    a, b, c, d = Value(2.0), Value(3.0), Value(4.0), Value(5.0)
    f = a * b + c * d
    f.backward()
    assert f.data == 26.0
    assert (a.grad, b.grad, c.grad, d.grad) == (3.0, 2.0, 5.0, 4.0)


def test_value_used_twice_collects_both_gradients() -> None:
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2.0


def test_diamond_collects_both_paths() -> None:
    x = Value(3.0)
    ((x * 2) * (x + 1)).backward()
    assert x.grad == 14.0  # d(2x**2 + 2x)/dx


def test_shared_value_is_complete_before_it_passes_on() -> None:
    x = Value(2.0)
    shared = x * x
    (shared * shared * shared + shared).backward()
    assert x.grad == 6 * 2.0**5 + 2 * 2.0


def test_interior_values_get_gradients_too() -> None:
    x = Value(3.0)
    square = x * x
    (square * 5).backward()
    assert square.grad == 5.0


def test_root_has_gradient_one() -> None:
    root = Value(2.0) * 3
    root.backward()
    root.backward()
    assert root.grad == 1.0


def test_leaf_is_a_root_like_any_other_and_accumulates() -> None:
    leaf = Value(2.0)
    leaf.backward()
    assert leaf.grad == 1.0
    leaf.backward()
    assert leaf.grad == 2.0


def test_leaf_accumulates_on_top_of_what_it_has() -> None:
    x = Value(2.0)
    x.grad = 10.0
    (x * 3).backward()
    assert x.grad == 13.0


def test_second_backward_doubles_a_leaf() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 12.0


def test_second_backward_doubles_a_leaf_of_many_uses_to_the_last_bit() -> None:
    x = Value(1.0)
    y = x * 0.1 + x * 0.1 + x * 0.1
    y.backward()
    once = x.grad
    y.backward()
    assert x.grad == 2 * once


def test_second_backward_resets_interior_gradients() -> None:
    x = Value(3.0)
    square = x * x
    root = square * 5
    root.backward()
    root.backward()
    assert square.grad == 5.0


def test_two_roots_accumulate_in_the_leaves_they_share() -> None:
    x = Value(3.0)
    shared = x * x
    (shared * 2).backward()
    (shared * 10).backward()
    assert x.grad == (2 + 10) * 6.0


def test_two_roots_leave_the_last_one_in_the_interior_values_they_share() -> None:
    x = Value(3.0)
    shared = x * x
    (shared * 2).backward()
    (shared * 10).backward()
    assert shared.grad == 10.0


def test_values_outside_the_graph_are_left_alone() -> None:
    x = Value(3.0)
    y = x * 2
    bystander = y * 7
    bystander.grad = 5.0
    y.backward()
    assert bystander.grad == 5.0


def test_gradient_is_taken_where_the_forward_pass_was() -> None:
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert x.grad == 6.0


def test_leaf_of_ten_thousand_uses() -> None:
    x = Value(2.0)
    total = Value(0.0)
    for _ in range(10_000):
        total = total + x
    total.backward()
    assert x.grad == 10_000.0


def test_topological_order_puts_parents_first_and_the_root_last() -> None:
    a, b = Value(1.0), Value(2.0)
    total = a + b
    root = total * b
    assert topological_order(root) == [a, b, total, root]


def test_topological_order_of_a_leaf_is_the_leaf() -> None:
    leaf = Value(1.0)
    assert topological_order(leaf) == [leaf]


def test_long_chain_runs_both_ways_and_frees_itself_without_the_collector() -> None:
    """A million operations: the slowest test of this file, some seconds."""
    x = Value(1.0)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        y = x
        for _ in range(1_000_000):
            y = y + x
        y.backward()
        assert (y.data, x.grad) == (1_000_001.0, 1_000_001.0)
        assert len(gc.get_objects()) > before + 1_000_000
        del y
        assert len(gc.get_objects()) < before + 100
    finally:
        gc.enable()


def test_graph_is_freed_without_the_collector_after_backward() -> None:
    x = Value(0.5)
    y = (x.tanh() * x.exp() + x**2) / (1 + x.sigmoid())
    y.backward()
    gc.collect()
    gc.disable()
    try:
        del y
        assert gc.collect() == 0
    finally:
        gc.enable()


def cyclic() -> tuple[Value, Value]:
    """A root and a leaf, and between them a cycle that no operation could have made."""
    a = Value(2.0, label="a")
    b = a * 3
    b.label = "b"
    c = b + 1
    c.label = "c"
    b._parents = (a, c)
    return c.exp(), a


def test_cycle_is_refused_and_shown() -> None:
    root, _ = cyclic()
    with pytest.raises(GraphCycleError, match=r"depends on itself: c <- b <- c$"):
        root.backward()


def test_cycle_without_labels_is_shown_by_operations() -> None:
    b = Value(2.0).tanh()
    b._parents = (b,)
    with pytest.raises(GraphCycleError, match=r"tanh <- tanh$"):
        b.backward()


def test_cycle_of_a_nameless_value_is_shown_by_its_repr() -> None:
    leaf = Value(2.0)
    leaf._parents = (leaf,)
    with pytest.raises(GraphCycleError, match=r"Value\(data=2.0, grad=0.0\) <- Value"):
        topological_order(leaf)


def test_refused_cycle_leaves_all_gradients_alone() -> None:
    root, leaf = cyclic()
    root.grad = leaf.grad = 7.0
    with pytest.raises(GraphCycleError):
        root.backward()
    assert (root.grad, leaf.grad) == (7.0, 7.0)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda: Value(0.0).log(), r"^log of Value\(data=0.0, grad=0.0\) gave -inf$"),
        (lambda: Value(-1.0).sqrt(), r"^sqrt of Value\(data=-1.0, .* gave nan$"),
        (lambda: Value(1000.0).exp(), r"^exp of Value\(data=1000.0, .* gave inf$"),
        (lambda: Value(-8.0) ** (1 / 3), r"^\*\*0.333\d* of Value\(data=-8.0, .* gave nan$"),
        (lambda: 1 / Value(0.0), r"^/ of Value\(data=1.0, .*\) and Value\(data=0.0, .* gave inf$"),
        (lambda: Value(1e200) * 1e200, r"^\* of .* and .* gave inf$"),
        (lambda: Value(1e308) + 1e308, r"^\+ of .* and .* gave inf$"),
        (lambda: Value(0.0).sqrt(), r"^sqrt of Value\(data=0.0, .* the local derivative inf$"),
        (lambda: Value(-2.0) ** Value(2.0), r"^\*\* of .* and .* the local derivative nan$"),
    ],
)
def test_anomaly_names_the_operation_and_its_operands(
    operation: Callable[[], Value], message: str
) -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match=message):
        operation()


def test_anomaly_stops_at_the_first_operation_that_made_it() -> None:
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^log of"):
        (Value(0.0).log() * 2).exp()


def test_ordinary_numbers_are_no_anomaly() -> None:
    x = Value(0.5)
    with detect_anomaly():
        (x.log() - x**2).backward()
    assert x.grad == 1 / 0.5 - 2 * 0.5


def test_anomaly_is_not_detected_outside() -> None:
    with detect_anomaly():
        pass
    assert Value(0.0).log().data == -float("inf")


def test_anomaly_is_not_detected_after_an_exception() -> None:
    with pytest.raises(AnomalyError), detect_anomaly():
        Value(0.0).log()
    assert Value(0.0).log().data == -float("inf")


def test_leaving_the_inner_of_two_contexts_keeps_the_outer() -> None:
    with detect_anomaly():
        with detect_anomaly():
            pass
        with pytest.raises(AnomalyError):
            Value(0.0).log()


def test_detection_costs_nothing_when_it_is_off() -> None:
    plain = engine._record
    with detect_anomaly():
        assert engine._record is not plain
    assert engine._record is plain


def overflowing_gradient(x: Value) -> Value:
    """Its data are ordinary numbers; d/dx is 1e400."""
    return (x * 1e200) * 1e200


def test_gradient_overflow_is_an_anomaly_of_the_backward_pass() -> None:
    x = Value(1e-300)
    with detect_anomaly():
        y = overflowing_gradient(x)
        with pytest.raises(AnomalyError, match=r"^\* of .* passed on to .* the gradient inf$"):
            y.backward()


def test_gradient_overflow_is_detected_in_a_graph_built_outside() -> None:
    y = overflowing_gradient(Value(1e-300))
    with detect_anomaly(), pytest.raises(AnomalyError):
        y.backward()


def test_leaves_accumulate_under_detection_too() -> None:
    x = Value(3.0)
    x.grad = 10.0
    with detect_anomaly():
        (x * x).backward()
    assert x.grad == 16.0


def test_gradient_overflow_flows_where_detection_is_off() -> None:
    x = Value(1e-300)
    with detect_anomaly():
        y = overflowing_gradient(x)
    y.backward()
    assert x.grad == float("inf")


@pytest.mark.parametrize("swapped", [False, True])
def test_gradient_overflow_is_blamed_on_the_operation_that_passed_it_on(swapped: bool) -> None:
    x = Value(1e-300)
    harmless, culprit = x + 7.0, overflowing_gradient(x)
    y = culprit + harmless if swapped else harmless + culprit
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^\* of"):
        y.backward()


def test_topological_order_of_a_long_chain_follows_the_chain() -> None:
    value = Value(0.0)
    for _ in range(5000):
        value = -value
    order = topological_order(value)
    assert all(after._parents == (before,) for before, after in pairwise(order))
    assert len(order) == 5001
