"""Batches: what an iteration sees, and that a run goes on where its state was kept."""

import json
import random
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd.batches import Batches

Batch = tuple[list[Any], list[Any]]
DATA = [([float(i)], -i) for i in range(10)]
sizes = st.one_of(st.none(), st.integers(1, 12))
seeds = st.one_of(st.none(), st.integers(0, 5))


def plainly(data: list[Any], batch_size: int | None, seed: int | None) -> Iterator[Batch]:
    """The same written as one thinks of it: what the class must give, bit for bit."""
    rng: Any = random if seed is None else random.Random(seed)
    size = batch_size or len(data)
    while True:
        order = list(data) if size >= len(data) else rng.sample(data, len(data))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            yield [x for x, _ in batch], [y for _, y in batch]


@given(sizes, seeds, st.integers(1, 30))
def test_batches_are_those_of_the_plain_loop(
    size: int | None, seed: int | None, count: int
) -> None:
    random.seed(7)
    expected = list(islice(plainly(DATA, size, seed), count))
    after = random.getstate()
    random.seed(7)
    assert list(islice(Batches(DATA, size, seed), count)) == expected
    assert random.getstate() == after


@given(sizes, seeds, st.integers(0, 30))
def test_a_run_goes_on_where_its_state_was_kept(
    size: int | None, seed: int | None, done: int
) -> None:
    random.seed(7)
    batches = Batches(DATA, size, seed)
    for _ in range(done):
        next(batches)
    text = json.dumps(batches.state())
    expected = list(islice(batches, 25))
    random.seed(8)
    again = Batches(DATA, size, seed)
    next(again)
    again.load_state(json.loads(text))
    assert again.state() == json.loads(text)
    assert list(islice(again, 25)) == expected


def test_the_state_does_not_grow() -> None:
    batches = Batches(DATA, 3, seed=0)
    lengths = set()
    for _ in range(400):
        next(batches)
        lengths.add(len(batches.state()["random"][1]))
    assert lengths == {625}
    assert Batches(DATA * 100, 3, 0).state().keys() == batches.state().keys()


def test_keeping_the_state_changes_nothing() -> None:
    batches, others = Batches(DATA, 3), Batches(DATA, 3)
    random.seed(3)
    expected = list(islice(batches, 9))
    random.seed(3)
    seen = []
    for _ in range(9):
        others.state()
        seen.append(next(others))
    assert seen == expected


def test_numbers_drawn_between_batches_do_not_matter_to_the_current_pass() -> None:
    batches = Batches(DATA, 3)
    next(batches)
    state = batches.state()
    random.random()
    expected = list(islice(batches, 3))
    batches.load_state(state)
    assert list(islice(batches, 3)) == expected


def test_the_whole_data_need_no_random_numbers() -> None:
    state = random.getstate()
    batches = Batches(DATA)
    next(batches)
    assert batches.state()["random"] is None
    batches.load_state(batches.state())
    assert random.getstate() == state


@pytest.mark.parametrize(
    ("size", "expected", "length"), [(None, 10, 1), (10, 10, 1), (99, 10, 1), (4, 4, 3), (1, 1, 10)]
)
def test_size_and_length_of_a_pass(size: int | None, expected: int, length: int) -> None:
    batches = Batches(DATA, size)
    assert (batches.batch_size, batches.pass_length) == (expected, length)
    inputs = chain.from_iterable(x for x, _ in islice(batches, length))
    assert sorted(inputs) == [x for x, _ in DATA]


def test_an_iterator_is_taken_once_and_the_data_stay_as_they_are() -> None:
    batches = Batches(((x, y) for x, y in DATA), 4, seed=0)
    assert list(islice(batches, 9)) == list(islice(Batches(DATA, 4, seed=0), 9))
    assert batches.data == DATA
    assert iter(batches) is batches


def test_inputs_of_many_kinds_come_out_as_they_are() -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    row = np.arange(3.0)
    data = [(row, 1.0), ([1.0, 2.0], "two"), ("text", None), (5, row)]
    inputs, targets = zip(*chain.from_iterable(zip(*b) for b in islice(Batches(data, 3, 1), 2)))
    assert {id(x) for x in inputs} == {id(x) for x, _ in data}
    assert {id(y) for y in targets} == {id(y) for _, y in data}
    arrays = Batches(zip(np.ones((4, 2)), np.zeros(4), strict=True), np.int64(3), np.int32(1))
    assert len(next(arrays)[0]) == 3
    json.dumps(arrays.state())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([],), ValueError, "at least one training example"),
        (([1.0, 2.0],), TypeError, "expected example 0 to be a pair"),
        ((DATA, 0), ValueError, "expected batch_size to be at least 1, got 0"),
        ((DATA, 2.0), TypeError, "expected batch_size to be a whole number, got float 2.0"),
        ((DATA, True), TypeError, "expected batch_size to be a whole number, got bool True"),
        ((DATA, 2, "run"), TypeError, "expected seed to be a whole number, got str 'run'"),
    ],
)
def test_impossible_batches_are_refused(arguments: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Batches(*arguments)


@pytest.mark.parametrize("other", [(DATA[1:], 3, 0), (DATA, 4, 0), (DATA, 3, 1), (DATA, 3)])
def test_the_state_of_other_batches_is_refused(other: Any) -> None:
    state = Batches(DATA, 3, 0).state()
    with pytest.raises(ValueError, match=r"expected batches with (examples|batch_size|seed) "):
        Batches(*other).load_state(state)


GOOD = Batches(DATA, 3, 0).state()
VERSION, NUMBERS, REST = GOOD["random"]


@pytest.mark.parametrize(
    "damage",
    [
        {"position": -1},
        {"position": 4},
        {"position": 1.0},
        {"position": None},
        {"random": None},
        {"random": 5},
        {"random": [VERSION, NUMBERS]},
        {"random": [2, NUMBERS, REST]},
        {"random": [VERSION, NUMBERS[1:], REST]},
        {"random": [VERSION, [*NUMBERS[:-1], 999], REST]},
        {"random": [VERSION, [-1, *NUMBERS[1:]], REST]},
        {"random": [VERSION, [2**32, *NUMBERS[1:]], REST]},
        {"random": [VERSION, [2**99, *NUMBERS[1:]], REST]},
        {"random": [VERSION, ["1", *NUMBERS[1:]], REST]},
        {"random": [VERSION, NUMBERS, "0.5"]},
        {"random": [VERSION, NUMBERS, float("nan")]},
    ],
)
def test_a_damaged_state_is_refused_and_changes_nothing(damage: dict[str, Any]) -> None:
    batches = Batches(DATA, 3, 0)
    next(batches)
    before = batches.state()
    with pytest.raises(ValueError, match="expected a state of batches, got a damaged one"):
        batches.load_state({**GOOD, **damage})
    assert batches.state() == before


@pytest.mark.parametrize("missing", list(GOOD))
def test_an_incomplete_state_is_refused(missing: str) -> None:
    state = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(ValueError, match="expected"):
        Batches(DATA, 3, 0).load_state(state)


def test_a_state_is_a_dictionary() -> None:
    with pytest.raises(TypeError, match="expected a state of batches, got list"):
        Batches(DATA, 3, 0).load_state([GOOD])  # type: ignore[arg-type]


def test_batches_say_what_they_are() -> None:
    assert repr(Batches(DATA, 3, 0)) == "Batches(examples=10, batch_size=3, seed=0)"
