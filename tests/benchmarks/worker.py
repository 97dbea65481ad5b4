"""One process with one engine in it: ``python -m benchmarks.worker SUBJECT TASK``.

A subject says which engine, and which loop around it. A task with the name of a time is measured
with pyperf, the task ``facts`` prints as JSON what does not depend on the clock.
"""

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any
from unittest.mock import patch

from . import variants, workload
from .workload import GPT, ROOT, HandMade, Loop, Names, OurLoop, clock

RIVAL = ROOT / "build" / "rival"
SIZES = [1_000, 10_000, 100_000, 1_000_000]


def load(folder: Path) -> Any:
    """The package ``micrograd`` of one folder, and no other."""
    sys.path.insert(0, str(folder))
    import micrograd

    assert Path(micrograd.__file__).parent == folder / "micrograd", micrograd.__file__
    return micrograd


# Subjects


def rival() -> Loop:
    """The published closure engine in the loop its readers write."""
    load(RIVAL)
    import random

    from micrograd.engine import Value
    from micrograd.nn import MLP

    random.seed(1)
    return Loop(MLP(2, [16, 16, 1]), Value, Value.relu)


def ours() -> OurLoop:
    return OurLoop(load(ROOT))


def by_hand(drop: bool = True) -> Loop:
    """Our ``Value`` alone, without a pause; each step is a function that drops its graph."""
    value = load(ROOT).Value
    return Loop(HandMade(value, value.relu), value, value.relu, drop=drop)


class Replayed:
    """A step of a loop by hand, of which forward and backward are the replay of its graph."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.replay = import_module("micrograd.replay").Replay(loop.forward())

    def step(self) -> dict[str, float]:
        """Seconds of CPU time of one step, and of the forward pass within it."""
        start = clock()
        self.replay.forward()
        middle = clock()
        for parameter in self.loop.parameters:
            parameter.grad = 0.0
        self.replay.backward()
        for parameter in self.loop.parameters:
            parameter.data -= workload.RATE * parameter.grad
        return {"forward": middle - start, "step": clock() - start}


def gpt() -> Names:
    """A GPT step in our ``Value`` alone, without a pause."""
    return Names(GPT(load(ROOT).Value))


def gpt_in_four_slots() -> Names:
    """The same in a small engine of the published kind, whose walk is recursive."""
    sys.setrecursionlimit(100_000)
    return Names(GPT(variants.FourSlots))


def floats() -> Loop:
    """The same arithmetic without a graph; there is only a forward pass to measure."""

    def relu(x: float) -> float:
        return x if x > 0.0 else 0.0

    class ForwardOnly(Loop):
        def step(self) -> dict[str, float]:
            start = clock()
            self.forward()
            return {"forward": clock() - start}

    return ForwardOnly(HandMade(float, relu), float, relu)


def rung(value: Any, **pausing: Any) -> Callable[[], Loop]:
    return lambda: Loop(HandMade(value, value.relu), value, value.relu, **pausing)


LADDER: dict[str, Callable[[], Loop]] = {
    "closures, as in the textbook": rung(variants.closure_engine(slots=False, parents=set)),
    "slots": rung(variants.closure_engine(slots=True, parents=set)),
    "a tuple of parents": rung(variants.closure_engine(slots=True, parents=tuple)),
    "recorded numbers, no closures": rung(variants.number_engine()),
    "a search with its own stack": rung(variants.number_engine(stack=True)),
    "collector paused": rung(variants.number_engine(stack=True), pause=variants.pause),
    "graph dropped within the pause": rung(
        variants.number_engine(stack=True), pause=variants.pause, drop=True
    ),
    "nodes made without __init__": rung(
        variants.number_engine(stack=True, bare=True), pause=variants.pause, drop=True
    ),
    "two parents written out": rung(
        variants.number_engine(stack=True, bare=True, pair=True), pause=variants.pause, drop=True
    ),
    "slots for parents, marks in the search": rung(
        variants.slot_engine(), pause=variants.pause, drop=True
    ),
}
"""From the textbook's form to the package's: each rung adds one thing to the one before."""

PAUSED = list(LADDER)[list(LADDER).index("collector paused") :]
"""The rungs that differ too little for processes of their own: they take turns in one."""

SUBJECTS: dict[str, Callable[[], Any]] = {
    "rival": rival,
    "ours": ours,
    "by hand": by_hand,
    "by hand, last loss kept": lambda: by_hand(drop=False),
    "replayed": lambda: Replayed(by_hand()),
    "gpt": gpt,
    "gpt, four slots": gpt_in_four_slots,
    "floats": floats,
    **LADDER,
}


# Parts of the package, exchanged while it runs


def stepping(change: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    step = import_module("micrograd.loop").loss_and_gradients
    return patch.multiple("micrograd.loop", loss_and_gradients=change(step))


def recording(make: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    engine = import_module("micrograd.engine")
    return patch.multiple("micrograd.engine", _record=make(engine))


def ordering(search: Callable[[Any], list[Any]]) -> AbstractContextManager[Any]:
    return patch.multiple("micrograd.walk", _order_of_pairs=search)


def passing_back(walk: Callable[[list[Any]], None]) -> AbstractContextManager[Any]:
    return patch.multiple("micrograd.walk", _walk_pairs=walk)


@contextmanager
def rare_collections() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        with stepping(variants.unpaused):
            yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def fused_sums() -> Iterator[None]:
    """A neuron's weighted sum as one node."""
    nn = import_module("micrograd.nn")
    weigh = variants.weighted_sum(nn.Value)

    def call(self: Any, x: Any) -> Any:
        return nn.ACTIVATIONS[self.activation](weigh(self.w, x, self.b))

    with patch.multiple("micrograd.nn.Neuron", __call__=call):
        yield


KEPT: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "collector not paused": lambda: stepping(variants.unpaused),
    "collector back before the graph is dropped": lambda: stepping(variants.paused_too_briefly),
    "nodes made by __init__": lambda: recording(variants.node_by_init),
    "search: looked up, not marked": lambda: ordering(variants.own_stack),
    "two parents served by the loop": lambda: passing_back(variants.passed_back_from_tuples),
    "0 + x recorded too": lambda: patch.multiple(
        "micrograd.engine.Value", __radd__=variants.sum_begun_with_a_leaf
    ),
    "an empty label in every node": lambda: recording(variants.node_labelled),
    "_backward called, not written out": lambda: passing_back(variants.passed_back_by_call),
}
"""What the package has, taken away."""

LEFT_OUT: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "search: cycles not noticed": lambda: ordering(variants.blind_to_cycles),
    "search: the value in hand on the stack too": lambda: ordering(variants.all_on_the_stack),
    "search: each value met twice": lambda: ordering(variants.seen_twice),
    "search: recursive, cycles not noticed": lambda: ordering(variants.recursive_order),
    "search: Kahn's": lambda: ordering(variants.kahn_order),
    "collector at 100,000 objects, not paused": rare_collections,
    "a weighted sum as one node": fused_sums,
}
"""What the package could have, put in its place."""


def exchanged(rounds: int = 15) -> dict[str, list[float]]:
    """Time of a step with a part exchanged over the time without: quartiles of paired steps."""
    loop = ours()
    sys.setrecursionlimit(20_000)  # the recursive search needs it
    ratios: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, change in {**KEPT, **LEFT_OUT}.items():
            gc.collect()
            as_it_is = loop.step()["step"]
            with change():
                ratios.setdefault(name, []).append(loop.step()["step"] / as_it_is)
    return {name: quantiles(found, n=4) for name, found in ratios.items()}


# Tasks that need no clock


def bytes_a_node(value: type, count: int = 10_000) -> float:
    """Memory of one product in a chain."""
    x, y = value(0.5), value(1.0)
    gc.collect()  # also empties the lists of freed objects that Python keeps for reuse
    tracemalloc.start()
    for _ in range(count):
        y = x * y
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(count):
        y = x * y
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round((after - before) / count, 1)


def peak_bytes(loop: Any) -> int:
    """The most memory that one step has at a time, over what there was before."""
    loop.step()
    gc.collect()
    tracemalloc.start()
    loop.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def left_behind(loop: Any) -> int:
    """Objects of one step that only the cyclic collector can free."""
    loop.step()
    loop.loss = None
    gc.collect()
    gc.disable()
    try:
        loop.step()
        loop.loss = None
        return gc.collect()
    finally:
        gc.enable()


def facts(subject: str) -> dict[str, float]:
    loop = SUBJECTS[subject]()
    from micrograd.engine import Value

    return {
        "bytes a node": bytes_a_node(Value),
        "peak bytes": peak_bytes(loop),
        "left behind": left_behind(loop),
    }


def collector_share(subject: str, steps: int = 5) -> float:
    """How much of the time of a step the collector takes; the median, after a first step."""
    loop = SUBJECTS[subject]()
    collections, stop = workload.timed_collections()
    shares: list[float] = []
    for _ in range(steps + 1):
        before = sum(collections)
        seconds = loop.step()["step"]
        shares.append((sum(collections) - before) / seconds)
    stop()
    return median(shares[1:])


# Tasks of our engine alone


def phases(rounds: int = 9) -> dict[str, dict[str, float]]:
    """Seconds of each part of a step, medians; with the collector on, it is a part too.

    And of the forward pass on bare floats, which is all there is of it.
    """
    loop, bare = by_hand(), floats()
    found: dict[str, list[dict[str, float]]] = {"paused": [], "collecting": [], "floats": []}
    for _ in range(rounds):
        gc.collect()
        with variants.pause():
            found["paused"].append(parts_of_a_step(loop))
        gc.collect()
        found["collecting"].append(parts_of_a_step(loop))
        found["floats"].append(bare.step())
    return {
        way: {name: median(step[name] for step in steps) for name in steps[0]}
        for way, steps in found.items()
    }


def parts_of_a_step(loop: Loop) -> dict[str, float]:
    """Seconds of each part, without those that the collector takes, and those in sum."""
    from micrograd.walk import _order_of_pairs, _walk_pairs

    collections, stop = workload.timed_collections()
    marks: list[tuple[str, float, float]] = []

    def mark(name: str) -> None:
        marks.append((name, clock(), sum(collections)))

    mark("start")
    loss = loop.forward()
    mark("forward: record the graph")
    order = _order_of_pairs(loss)
    mark("order the graph")
    leaves = [value for value in order if value._a is None and value.grad]
    before = [leaf.grad for leaf in leaves]
    for value in order:
        value.grad = 0.0
    mark("set gradients to 0")
    loss.grad = 1.0
    _walk_pairs(order)
    for leaf, grad in zip(leaves, before):
        leaf.grad += grad
    mark("pass gradients back")
    for parameter in loop.parameters:
        parameter.data -= workload.RATE * parameter.grad
        parameter.grad = 0.0
    mark("update the parameters")
    del loss, order, value, leaves
    mark("drop the graph")
    stop()
    parts = {
        name: end - start - (collected - before)
        for (_, start, before), (name, end, collected) in pairwise(marks)
    }
    return {**parts, "collect garbage": sum(collections)}


def paused_rungs(rounds: int = 15) -> dict[str, float]:
    """Seconds of a step on the upper rungs of the ladder, medians; they take turns."""
    loops = {name: LADDER[name]() for name in PAUSED}
    found: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(rounds):
        for name, loop in loops.items():
            gc.collect()
            found[name].append(loop.step()["step"])
            loop.loss = None
    return {name: median(seconds) for name, seconds in found.items()}


def growth(rounds: int = 5) -> dict[str, list[float]]:
    """Seconds a node, forward and backward, of graphs of each size; medians.

    ``together``: as many as make a million nodes, all forward, then all backward, so that each
    size has the same memory to go through. ``alone``: one at a time, again and again, so that a
    small one finds the processor's caches warm. ``collecting``: alone, with the collector on.
    """
    value = load(ROOT).Value

    def seconds_a_node(size: int, count: int) -> float:
        start = clock()
        tops = [workload.chain(value, size) for _ in range(count)]
        for top in tops:
            top.backward()
        del tops, top
        return (clock() - start) / (size * count)

    found: dict[str, list[list[float]]] = {
        way: [[] for _ in SIZES] for way in ("together", "alone", "collecting")
    }
    for _ in range(rounds):
        for place, size in enumerate(SIZES):
            count = SIZES[-1] // size
            gc.collect()
            with variants.pause():
                found["together"][place].append(seconds_a_node(size, count))
                alone = [seconds_a_node(size, 1) for _ in range(min(count, 50))]
                found["alone"][place].append(median(alone))
            gc.collect()
            collecting = [seconds_a_node(size, 1) for _ in range(min(count, 50))]
            found["collecting"][place].append(median(collecting))
    return {way: without_drift(sizes) for way, sizes in found.items()}


def without_drift(sizes: list[list[float]]) -> list[float]:
    """Medians over rounds, of each size, as if all rounds had been equally fast on the whole."""
    speeds = [mean(found) for found in zip(*sizes)]
    usual = median(speeds)
    return [median(t / speed * usual for t, speed in zip(size, speeds)) for size in sizes]


def torch_and_ours(operations: int = 2_000, rounds: int = 15) -> dict[str, float]:
    """Seconds for the same scalar graph in PyTorch, on one thread, and in our engine."""
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    value = load(ROOT).Value

    def scalar(number: float) -> Any:
        return torch.tensor(number, dtype=torch.float64, requires_grad=True)

    found: dict[str, list[float]] = {"torch": [], "ours": []}
    for _ in range(rounds):
        for name, make in (("torch", scalar), ("ours", value)):
            start = clock()
            workload.chain(make, operations).backward()
            found[name].append(clock() - start)
    return {
        **{name: median(seconds) for name, seconds in found.items()},
        "version": torch.__version__,
    }


def tensor_times() -> dict[str, float]:
    """Seconds of a step of tensors, and of the same step by what else is installed."""
    load(ROOT)
    times: dict[str, float] = import_module("benchmarks.tensor_step").times()
    return times


def gpt_times() -> dict[str, Any]:
    """Seconds of a step of a GPT on arrays, beside PyTorch's and beside the same on values."""
    load(ROOT)
    times: dict[str, Any] = import_module("benchmarks.gpt_step").times()
    return times


def replayed_gpt(rounds: int = 15) -> float:
    """How much faster the replay of one name's graph is than recording it in four slots.

    Forward and backward, medians of rounds in which the two take turns.
    """
    replay = import_module("micrograd.replay").Replay(GPT(load(ROOT).Value).forward())
    sys.setrecursionlimit(100_000)
    recorded = GPT(variants.FourSlots)
    found: list[float] = []
    for _ in range(rounds):
        gc.collect()
        start = clock()
        recorded.forward().backward()
        middle = clock()
        for _ in range(10):
            replay.forward()
            replay.backward()
        found.append((middle - start) / ((clock() - middle) / 10))
    return median(found)


def time_with_pyperf(subject: str, task: str) -> None:
    """Three values after a warm-up, in a fresh process that pyperf starts."""
    pyperf: Any = import_module("pyperf")
    program = ("-m", "benchmarks.worker", subject, task)
    runner = pyperf.Runner(processes=1, warmups=1, values=3, loops=1, program_args=program)
    made: list[Any] = []

    def seconds(loops: int) -> float:
        if not made:
            made.append(SUBJECTS[subject]())
        return float(made[0].step()[task])

    runner.bench_time_func(f"{subject}, {task}", seconds)


ALONE: dict[str, Callable[[], Any]] = {
    "phases": phases,
    "growth": growth,
    "paused rungs": paused_rungs,
    "exchanged": exchanged,
    "torch": torch_and_ours,
    "tensors": tensor_times,
    "gpt on arrays": gpt_times,
    "gpt replayed": replayed_gpt,
}
"""Tasks that bring their own subjects."""


def main() -> None:
    subject, task = sys.argv[1:3]
    del sys.argv[1:3]
    if task in ("step", "forward"):
        time_with_pyperf(subject, task)
    elif task == "facts":
        print(json.dumps(facts(subject)))
    elif task == "share":
        print(collector_share(subject))
    elif task in ALONE:
        print(json.dumps(ALONE[task]()))
    else:
        sys.exit(f"expected a task, got {task}")


if __name__ == "__main__":
    main()
