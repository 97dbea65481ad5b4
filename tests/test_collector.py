"""The pause of the cyclic garbage collector: as long as a step, and never longer."""

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from micrograd import SGD, Value, train_step
from micrograd import loop as loop_module
from micrograd.loop import paused_collector


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    assert gc.isenabled()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background
    yield  # may have been started with Ctrl-C ignored
    signal.signal(signal.SIGINT, before)
    gc.enable()


def step(model: Callable[[Any], Value]) -> float:
    return train_step(model, [1.0], [2.0], SGD([Value(3.0)]))


def test_ctrl_c_in_a_step_brings_the_collector_back() -> None:
    def model(x: Any) -> Value:
        assert not gc.isenabled()
        signal.raise_signal(signal.SIGINT)
        return Value(x)

    with pytest.raises(KeyboardInterrupt):
        step(model)
    assert gc.isenabled()


@pytest.mark.parametrize("on", [True, False])
def test_ctrl_c_while_the_pause_begins_leaves_the_collector_as_it_was(on: bool) -> None:
    code = paused_collector.__wrapped__.__code__  # type: ignore[attr-defined]
    tried = 0
    while interrupted_at_line(tried, code, on):
        assert gc.isenabled() is on, f"after {tried} lines"
        tried += 1
    assert tried == 4  # isenabled, try, disable, yield


def interrupted_at_line(number: int, code: object, on: bool) -> bool:
    """Enter a pause, and be interrupted before a line of it; False if it has no such line."""
    seen = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal seen
        if frame.f_code is not code:
            return None
        if event == "line":
            seen += 1
            if seen == number + 1:
                raise KeyboardInterrupt
        return trace

    (gc.enable if on else gc.disable)()
    before = sys.gettrace()
    try:
        sys.settrace(trace)
        with paused_collector():
            sys.settrace(before)
        return False
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)


def test_graph_is_gone_when_the_collector_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    alive = []

    class WatchedCollector:
        isenabled = staticmethod(gc.isenabled)
        disable = staticmethod(gc.disable)

        @staticmethod
        def enable() -> None:
            alive.append(sum(issubclass(type(item), Value) for item in gc.get_objects()))
            gc.enable()

    p = Value(3.0)
    optimizer = SGD([p])
    gc.collect()  # what other tests left in cycles
    before = sum(issubclass(type(item), Value) for item in gc.get_objects())
    monkeypatch.setattr(loop_module, "gc", WatchedCollector)
    train_step(lambda x: p * x + x, [1.0, 2.0], [2.0, 3.0], optimizer)
    assert len(alive) == 1
    assert alive[0] <= before


def test_pause_within_a_pause_ends_with_the_outer_one() -> None:
    with paused_collector():
        step(Value)
        assert not gc.isenabled()
    assert gc.isenabled()


def test_steps_of_two_threads_at_a_time_leave_the_collector_on() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def model(x: Any) -> Value:
        inside.set()
        assert go_on.wait(10)
        return Value(x)

    other = threading.Thread(target=step, args=[model])
    other.start()
    assert inside.wait(10)
    with paused_collector():  # begins and ends while the other thread's step runs
        pass
    go_on.set()
    other.join()
    assert gc.isenabled()
