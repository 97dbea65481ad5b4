"""The backward pass: accumulation, order, depth, cycles, and the detection of anomalies."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from micrograd import engine, walk
from micrograd.engine import (
    AnomalyError,
    GraphCycleError,
    Value,
    backward,
    detect_anomaly,
    record,
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
        assert len(gc.get_objects()) >= before + 1_000_000
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


# Nodes without derivatives


@pytest.mark.parametrize("count", [1, 2, 3])
def test_operation_that_has_not_said_its_derivatives_stops_the_walk(count: int) -> None:
    leaves = [Value(2.0) for _ in range(count)]
    mystery = Value(1.0, leaves, "mystery")
    assert mystery._derivatives == ()
    message = rf"for each of the {count} parents of mystery, got 0: .* record\(data, parents"
    with pytest.raises(TypeError, match=message):
        (mystery * 3.0).backward()


def test_a_derivative_taken_away_stops_the_walk() -> None:
    product = Value(2.0) * Value(3.0)
    product._derivatives = product._derivatives[:1]
    with pytest.raises(TypeError, match="each of the 2 parents of \\*, got 1"):
        product.backward()


# What leaves had is kept


def raising_in_a_node(leaf: Value) -> Value:
    return Value(1.0, (leaf * 2.0,), "mystery") + leaf


def raising_among_many_parents(leaf: Value) -> Value:
    return record(1.0, [raising_in_a_node(leaf), leaf, leaf], [1.0, 1.0, 1.0], "many")


@pytest.mark.parametrize("had", [7.0, 0.0])
@pytest.mark.parametrize("graph", [raising_in_a_node, raising_among_many_parents])
def test_walk_that_raises_leaves_the_leaves_what_they_had(
    graph: Callable[[Value], Value], had: float
) -> None:
    leaf = Value(3.0)
    leaf.grad = had
    root = graph(leaf)
    with pytest.raises(TypeError):
        root.backward()
    assert leaf.grad == had


def test_anomaly_of_the_walk_leaves_the_leaves_what_they_had() -> None:
    x, other = Value(1e-300), Value(1.0)
    x.grad, other.grad = 7.0, 8.0
    with detect_anomaly(), pytest.raises(AnomalyError):
        (overflowing_gradient(x) + other).backward()
    assert (x.grad, other.grad) == (7.0, 8.0)


def test_interrupted_walk_leaves_the_leaves_what_they_had() -> None:
    class Interrupting(Value):
        def _backward(self) -> None:
            raise KeyboardInterrupt

    x = Value(1.0)
    x.grad = 7.0
    with pytest.raises(KeyboardInterrupt):
        (Interrupting(1.0, (x * 2.0,), "never") + x).backward()
    assert x.grad == 7.0


# The quick walk and the other one are the same


def random_graph(seed: int, wide: bool) -> tuple[Value, list[Value]]:
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-1.0, 1.0)) for _ in range(4)]
    values: list[Value] = [*leaves]
    for _ in range(60):
        a, b, c = rng.choices(values[-12:], k=3)
        values.append(rng.choice([a * b, a + b, a.tanh(), a - 0.5, a * a]))
        if wide and rng.random() < 0.2:
            values.append(record(a.data + b.data + c.data, [a, b, c], [1.0, 1.0, 1.0], "sum"))
    return values[-1] + values[-2], leaves


def in_the_slow_way(root: Value, leaves: list[Value]) -> tuple[list[Value], list[float]]:
    """Without the slots: the graph copied with all its parents in tuples."""
    twins: dict[Value, Any] = {}
    for value in topological_order(root):
        twin = Value(value.data, (), value._op)
        if value.parents:
            twin._a, twin._da = tuple(twins[p] for p in value.parents), value._derivatives
        twins[value] = twin
    backward(twins[root])
    back = {twin: value for value, twin in twins.items()}
    order = [back[twin] for twin in topological_order(twins[root])]
    return order, [twins[leaf].grad if leaf in twins else 0.0 for leaf in leaves]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_quick_walk_gives_the_order_and_the_bits_of_the_general_one(seed: int, wide: bool) -> None:
    root, leaves = random_graph(seed, wide)
    root.backward()
    order, gradients = in_the_slow_way(root, leaves)
    assert topological_order(root) == order
    assert [leaf.grad for leaf in leaves] == gradients


def test_graph_of_pairs_takes_the_quick_walk_and_any_other_does_not() -> None:
    x = Value(2.0)
    assert walk._order_of_pairs(x * x + 1.0)
    assert walk._order_of_pairs(record(1.0, [x, x], [1.0, 1.0], "two"))
    assert not walk._order_of_pairs(record(1.0, [x, x, x], [1.0, 1.0, 1.0], "three") + x)


def test_another_backward_put_in_the_place_of_the_engine_s_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def overwrite(self: Value) -> None:
        for parent, derivative in zip(self._parents, self._derivatives):
            parent.grad = derivative * self.grad

    monkeypatch.setattr(Value, "_backward", overwrite)
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 3.0


def test_search_after_a_search_that_gave_up_is_right() -> None:
    root, leaf = cyclic()
    with pytest.raises(GraphCycleError):
        root.backward()
    (b,) = (p for p in root.parents[0].parents if p.label == "b")
    b._parents = (leaf, Value(3.0))
    root.backward()
    assert leaf.grad == pytest.approx(3.0 * root.data)


def test_long_chain_of_wide_nodes() -> None:
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = record(y.data + 2.0 * x.data, [y, x, x], [1.0, 1.0, 1.0], "wide")
    y.backward()
    assert x.grad == 100_001.0


# Arrays on the same walk


class Array:
    """A NumPy array that is a node: what it owes to each parent is a function."""

    def __init__(self, data: Any, parents: tuple[Array, ...] = (), pulls: Any = ()) -> None:
        self.data = np.asarray(data, dtype=float)
        self.grad: Any = 0.0
        self._parents, self._pulls, self._op = parents, pulls, "array" if parents else ""

    def __add__(self, other: Array) -> Array:
        return Array(self.data + other.data, (self, other), (lambda g: g, lambda g: g))

    def __mul__(self, other: Array) -> Array:
        pulls = (lambda g: g * other.data, lambda g: g * self.data)
        return Array(self.data * other.data, (self, other), pulls)

    def __matmul__(self, other: Array) -> Array:
        pulls = (lambda g: g @ other.data.T, lambda g: self.data.T @ g)
        return Array(self.data @ other.data, (self, other), pulls)

    def tanh(self) -> Array:
        t = np.tanh(self.data)
        return Array(t, (self,), (lambda g: g * (1.0 - t * t),))

    def sum(self) -> Array:
        return Array(self.data.sum(), (self,), (lambda g: np.full(self.data.shape, g),))

    def _backward(self) -> None:
        for parent, pull in zip(self._parents, self._pulls):
            parent.grad = parent.grad + pull(self.grad)

    def _finite(self, grad: Any) -> bool:
        return bool(np.isfinite(grad).all())


def concatenated(arrays: list[Array]) -> Array:
    """An operation of any number of parents."""
    places = [slice(3 * i, 3 * i + 3) for i in range(len(arrays))]
    pulls = [lambda g, place=place: g[:, place] for place in places]
    return Array(np.hstack([a.data for a in arrays]), tuple(arrays), pulls)


def layer(x: Any, w: Any, v: Any) -> Any:
    return concatenated([(x @ w).tanh(), x @ v, x @ w * (x @ v)])


def test_walk_serves_arrays_as_it_serves_numbers() -> None:
    rng = np.random.default_rng(1)
    x, w, v = (rng.normal(size=shape) for shape in ((2, 4), (4, 3), (4, 3)))
    arrays = [Array(a) for a in (x, w, v)]
    out = layer(*arrays)
    total = (out * out).sum()
    backward(total)
    leaves = [[[Value(z) for z in row] for row in a] for a in (x, w, v)]
    products = [
        [[sum(a * b for a, b in zip(row, column)) for column in zip(*m)] for row in leaves[0]]
        for m in leaves[1:]
    ]
    numbers = [
        z
        for first, second in zip(*products)
        for p, q in zip(first, second)
        for z in (p.tanh(), q, p * q)
    ]
    loss = sum(z * z for z in numbers)
    loss.backward()
    assert float(total.data) == pytest.approx(loss.data, rel=1e-13)
    for array, leaf in zip(arrays, leaves):
        expected = [[z.grad for z in row] for row in leaf]
        np.testing.assert_allclose(array.grad, expected, rtol=1e-12)


def test_array_leaves_accumulate_and_interior_arrays_are_reset() -> None:
    a = Array([[1.0, 2.0]])
    b = a * a
    total = (b + b).sum()
    backward(total)
    backward(total)
    np.testing.assert_array_equal(a.grad, [[8.0, 16.0]])
    np.testing.assert_array_equal(b.grad, [[2.0, 2.0]])


def test_arrays_are_ordered_and_their_cycles_shown() -> None:
    a = Array([1.0])
    b = a * a
    c = b + a
    assert topological_order(c) == [a, b, c]
    b._parents = (a, c)
    with pytest.raises(GraphCycleError, match="array <- array <- array"):
        backward(c)


def test_array_gradient_that_is_not_finite_is_an_anomaly() -> None:
    a, huge = Array([1e-300]), Array([1e200])
    total = (a * huge * huge).sum()
    a.grad = np.array([7.0])
    anomaly = pytest.raises(AnomalyError, match=r"array of .* the gradient")
    with detect_anomaly(), np.errstate(over="ignore"), anomaly:
        backward(total)
    np.testing.assert_array_equal(a.grad, [7.0])


# Detection, and who asked for it


def finds_an_anomaly() -> bool:
    x = Value(1e-300)
    y = overflowing_gradient(x)
    found = 0
    try:
        Value(0.0).log()
    except AnomalyError:
        found += 1
    try:
        y.backward()
    except AnomalyError:
        found += 1
    try:
        record(float("inf"), [x], [1.0], "f")
    except AnomalyError:
        found += 1
    assert found in (0, 3)
    return bool(found)


def in_another_thread(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=20)


def test_other_threads_are_left_alone() -> None:
    with detect_anomaly():
        assert finds_an_anomaly()
        assert not in_another_thread(finds_an_anomaly)
    assert not finds_an_anomaly()


def test_threads_that_overlap_each_have_their_own() -> None:
    inside, leave = threading.Barrier(3, timeout=20), threading.Barrier(3, timeout=20)

    def watched(watch: bool) -> list[bool]:
        if not watch:
            inside.wait()
            found = [finds_an_anomaly()]
            leave.wait()
            return [*found, finds_an_anomaly()]
        with detect_anomaly():
            inside.wait()
            found = [finds_an_anomaly()]
            leave.wait()
        return [*found, finds_an_anomaly()]

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(watched, [True, False, True]))
    assert results == [[True, False], [False, False], [True, False]]
    assert engine._record is engine._node


def test_many_threads_in_and_out_of_detection_never_disturb_each_other() -> None:
    def work(number: int) -> bool:
        for _ in range(50):
            if number % 2:
                with detect_anomaly():
                    if not finds_an_anomaly():
                        return False
            if finds_an_anomaly():
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert engine._record is engine._node


def test_contexts_closed_out_of_order_end_with_the_last() -> None:
    a, b = detect_anomaly(), detect_anomaly()
    a.__enter__()
    b.__enter__()
    a.__exit__(None, None, None)
    assert finds_an_anomaly()
    b.__exit__(None, None, None)
    assert not finds_an_anomaly()
    assert engine._record is engine._node


def test_context_closed_by_another_thread_ends() -> None:
    context = detect_anomaly()
    context.__enter__()
    in_another_thread(lambda: context.__exit__(None, None, None))
    assert not finds_an_anomaly()
    with detect_anomaly():
        assert finds_an_anomaly()


def test_asynchronous_tasks_each_have_their_own() -> None:
    async def watched() -> bool:
        with detect_anomaly():
            await asyncio.sleep(0)
            return finds_an_anomaly()

    async def unwatched() -> bool:
        await asyncio.sleep(0)
        return finds_an_anomaly()

    async def both() -> list[bool]:
        return list(await asyncio.gather(watched(), unwatched(), watched()))

    assert asyncio.run(both()) == [True, False, True]
    assert not finds_an_anomaly()


def test_recorded_operation_of_ones_own_is_checked_too() -> None:
    x = Value(1.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"f of .* local derivative nan"):
        record(1.0, [x], [float("nan")], "f")
