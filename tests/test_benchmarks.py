"""What `make bench` promises and a clock is not needed for; and that its variants are fair."""

import gc
import math
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest
from benchmarks import __main__ as bench
from benchmarks import tensor_step, variants, worker, workload

import micrograd
from micrograd import Value, engine, topological_order, walk
from micrograd import loop as loop_module
from micrograd.loop import paused_collector

RUNGS = list(worker.LADDER)
SEARCHES: list[Callable[[Any], list[Any]]] = [
    variants.recursive_order,
    variants.own_stack,
    variants.blind_to_cycles,
    variants.all_on_the_stack,
    variants.seen_twice,
]


@pytest.fixture(scope="module")
def loop() -> workload.OurLoop:
    return workload.OurLoop(micrograd)


def by_hand(value: Any = Value) -> workload.Loop:
    return workload.Loop(workload.HandMade(value, value.relu), value, value.relu)


def test_a_product_takes_at_most_144_bytes() -> None:
    assert worker.bytes_a_node(Value, 1000) <= 144


def test_a_moons_step_leaves_nothing_for_the_collector(loop: workload.OurLoop) -> None:
    assert worker.left_behind(loop) == 0


def test_importing_loads_nothing_outside_the_standard_library() -> None:
    assert bench.imported_from_elsewhere() == []


def calls(size: int) -> int:
    """Calls of functions, of Python or C, that a graph of a size takes, forward and backward."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    with paused_collector():  # whose calls (Hypothesis, for one, has it call) are not the graph's
        sys.setprofile(note)
        try:
            workload.chain(Value, size).backward()
        finally:
            sys.setprofile(before)
    return count


def test_cost_is_linear_in_the_size() -> None:
    one, two, four = calls(1000), calls(2000), calls(4000)
    assert four - two == 2 * (two - one)
    assert one < 20 * 1000


def test_the_workload_is_the_standard_one(loop: workload.OurLoop) -> None:
    points, labels = workload.moons()
    assert list(zip(points, labels)) == micrograd.moons(100, labels=(-1.0, 1.0))
    hinge = loop.hinge_and_decay([loop.net(point) for point in points], labels)
    assert 60_000 < len(topological_order(hinge)) < 70_000
    assert abs(len(topological_order(by_hand().forward())) - 65_000) < 5_000


def test_the_loops_compute_the_same_loss() -> None:
    random.seed(1)
    net = micrograd.MLP(2, [16, 16, 1], activation="relu")
    usual = workload.Loop(net, Value, Value.relu)
    loop = workload.OurLoop(micrograd)
    for ours, hand in zip(loop.net.parameters(), by_hand().parameters, strict=True):
        assert ours.data == hand.data
    losses = [usual.forward().data, by_hand().forward().data]
    losses.append(loop.hinge_and_decay([net(x) for x in usual.points], usual.labels).data)
    losses.append(worker.floats().forward())
    assert losses == pytest.approx([losses[0]] * 4, rel=1e-12)


@pytest.mark.parametrize("rung", RUNGS)
def test_every_rung_computes_the_same_gradients(rung: str) -> None:
    value = worker.LADDER[rung]().number
    x, w = value(0.5), value(-2.0)
    y = ((x * w + x).relu() + w * 0.5 + (x * 3.0).relu() * w) * x
    y.backward()
    a, b = Value(0.5), Value(-2.0)
    z = ((a * b + a).relu() + b * 0.5 + (a * 3.0).relu() * b) * a
    z.backward()
    assert (y.data, x.grad, w.grad) == (z.data, a.grad, b.grad)


def test_the_gpts_of_the_two_engines_learn_alike() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    ours, four = workload.GPT(Value), workload.GPT(variants.FourSlots)
    try:
        for _ in range(2):
            assert ours.forward().data == pytest.approx(four.forward().data, rel=1e-12)
            ours.step()
            four.step()
    finally:
        sys.setrecursionlimit(limit)
    pairs = list(zip(ours.parameters, four.parameters, strict=True))
    assert [p.data for p, _ in pairs] == pytest.approx([q.data for _, q in pairs], rel=1e-9)
    assert len(pairs) == 2 * 27 * 16 + 12 * 16 + 4 * 16 * 16 + 2 * 4 * 16 * 16


def test_the_names_have_4_to_10_letters() -> None:
    assert [len(name) for name in workload.NAMES] == list(range(4, 11))


def graph() -> Value:
    rng = random.Random(0)
    values = [Value(rng.random()) for _ in range(5)]
    for _ in range(200):
        values.append(rng.choice(values) * rng.choice(values) + rng.choice(values))
    return values[-1] + values[-2]


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: str(search.__name__))
def test_every_search_gives_the_package_s_order(search: Callable[[Any], list[Any]]) -> None:
    root = graph()
    assert search(root) == topological_order(root)


def test_kahn_s_order_puts_parents_first() -> None:
    root = graph()
    place = {value: i for i, value in enumerate(variants.kahn_order(root))}
    assert set(place) == set(topological_order(root))
    assert all(place[parent] < place[value] for value in place for parent in value._parents)


@pytest.mark.parametrize(
    "search",
    [variants.own_stack, variants.all_on_the_stack, variants.seen_twice, variants.kahn_order],
    ids=lambda search: str(search.__name__),
)
def test_the_searches_that_see_cycles_see_one(search: Callable[[Any], list[Any]]) -> None:
    a = Value(1.0)
    c = (a + a) * a
    a._parents = (c,)
    with pytest.raises(ValueError, match="cycle"):
        search(c)


def test_the_fused_sum_has_the_gradients_of_the_products() -> None:
    def gradients(weigh: Any) -> list[float]:
        net = workload.HandMade(Value, Value.relu, weigh)
        net([Value(0.3), Value(-0.7)]).backward()
        return [parameter.grad for parameter in net.parameters()]

    fused = gradients(variants.weighted_sum(Value))
    assert fused == pytest.approx(gradients(workload.sum_of_products), rel=1e-12)


@pytest.mark.parametrize("name", [*worker.KEPT, *worker.LEFT_OUT])
def test_every_exchange_computes_the_same_and_is_undone(name: str) -> None:
    def trained() -> list[float]:
        net = micrograd.MLP(2, [3, 1], activation="relu", rng=random.Random(0))
        data = [([0.5, -1.0], 1.0), ([2.0, 1.0], -1.0)]
        micrograd.train_network(net, data, max_iterations=2, verbose=False)
        return [parameter.data for parameter in net.parameters()]

    modules = (engine, walk, loop_module, Value, micrograd.Neuron)
    before = [dict(vars(module)) for module in modules], gc.get_threshold()
    with {**worker.KEPT, **worker.LEFT_OUT}[name]():
        exchanged = trained()
    assert exchanged == pytest.approx(trained(), rel=1e-12)
    assert ([dict(vars(module)) for module in modules], gc.get_threshold()) == before


def test_numbers_are_written_with_four_digits() -> None:
    assert bench.rounded({"a": [math.pi, "pi", 3]}) == {"a": [3.142, "pi", 3]}


@pytest.mark.parametrize("name", tensor_step.WAYS)
def test_every_way_to_take_a_step_of_tensors_goes_the_same_way(name: str) -> None:
    needs, make = tensor_step.WAYS[name]
    pytest.importorskip(needs, reason=f"{name} is not installed")
    step, by_hand = make(), tensor_step.by_hand()
    for _ in range(5):
        assert step() == pytest.approx(by_hand(), rel=1e-12)
