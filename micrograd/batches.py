"""The order in which a training sees its data, from one iteration to the next.

The chapter "The training loop" says why there are batches, and "Recovery" why their state is kept.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from micrograd import _expect

__all__ = ["Batches", "RandomModule"]


class Batches(Iterator[tuple[Any, Any]]):
    """Inputs and targets for one iteration after another, for ever, in an order that can be kept.

    Without a batch size, or with one of all data, each iteration gets all of them in the order
    given. Else every pass through the data is shuffled and cut into batches, of which the last
    may be smaller.

    Args:
        data: ``(inputs, target)`` pairs, taken once; or a tuple of two arrays, of which a row each
            is an example, and batches are arrays too.
        batch_size: examples of an iteration, at least 1; all by default.
        seed: of a generator of its own, which orders the passes; by default the ``random``
            module does.

    Attributes:
        data: the pairs, as a list.
        batch_size: examples of an iteration, at most all.
        pass_length: iterations that go through all data once.

    Raises:
        TypeError: for data that are no pairs, or sizes and seeds that are no whole numbers.
        ValueError: for no data, or a batch size below 1.

    >>> batches = Batches(enumerate("abcd"), batch_size=3, seed=1)
    >>> [len(inputs) for inputs, _ in (next(batches), next(batches), next(batches))]
    [3, 1, 3]
    >>> state = batches.state()
    >>> expected = next(batches)
    >>> again = Batches(enumerate("abcd"), batch_size=3, seed=1)
    >>> again.load_state(state)
    >>> next(again) == expected
    True
    """

    def __init__(
        self,
        data: Iterable[Any],
        batch_size: int | None = None,
        seed: int | None = None,
    ) -> None:
        self._arrays = _expect.arrays(data)
        self.data = _expect.examples(data)
        size = None if batch_size is None else _expect.whole("batch_size", batch_size, 1)
        self.batch_size = min(size or len(self.data), len(self.data))
        self.pass_length = math.ceil(len(self.data) / self.batch_size)
        self._seed = None if seed is None else _expect.whole("seed", seed)
        self._random: Any = random if seed is None else random.Random(self._seed)
        self._position = 0  # of the next batch in its pass
        self._began: Any = None  # the state of the generator as that pass began
        self._order: Sequence[int] = range(len(self.data))

    def __next__(self) -> tuple[Any, Any]:
        if self._position == 0:
            self._begin_pass()
        start = self._position * self.batch_size
        places = self._order[start : start + self.batch_size]
        self._position = (self._position + 1) % self.pass_length
        if self._arrays is not None:
            inputs, targets = self._arrays
            whole = self.pass_length == 1
            return (inputs, targets) if whole else (inputs[places], targets[places])
        batch = [self.data[i] for i in places]
        return [x for x, _ in batch], [y for _, y in batch]

    def _begin_pass(self) -> None:
        if self.pass_length > 1:
            self._began = self._random.getstate()
            self._order = self._random.sample(range(len(self.data)), len(self.data))

    def state(self) -> dict[str, Any]:
        """Where it stands, to be written as JSON; of one size, however long it has run.

        The order of a pass is not in it, but what it is made from: the state of the generator as
        the pass began, 625 whole numbers and a rest.
        """
        state = None
        if self.pass_length > 1:
            version, numbers, rest = self._began if self._position else self._random.getstate()
            state = [version, list(numbers), rest]
        return {**self._kind(), "position": self._position, "random": state}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on where ``state`` was taken, with the same data: the same batches, to the bit.

        Without a seed this sets the state of the ``random`` module to what it was as the pass
        began, and orders the pass once more; whoever keeps the module's state as well sets it
        after this.

        Raises:
            TypeError: if ``state`` is no dictionary.
            ValueError: for the state of other batches, or a damaged one; nothing has changed then.
        """
        if not isinstance(state, dict):
            raise TypeError(f"expected a state of batches, got {_expect.show(state)}")
        for name, ours in self._kind().items():
            if state.get(name) != ours:
                raise ValueError(f"expected batches with {name} {ours}, got {state.get(name)}")
        try:
            position = _expect.whole("position", state["position"], 0)
            began = None if self.pass_length == 1 else _random_state(state["random"])
            if position >= self.pass_length:
                raise ValueError(position)
        except (LookupError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(f"expected a state of batches, got a damaged one: {error}") from error
        if began is not None:
            self._random.setstate(began)
        if position:
            self._begin_pass()
        self._position = position

    def _kind(self) -> dict[str, int | None]:
        """What a state and the batches it is loaded into have in common."""
        return {"examples": len(self.data), "batch_size": self.batch_size, "seed": self._seed}

    def __repr__(self) -> str:
        kind = ", ".join(f"{name}={value}" for name, value in self._kind().items())
        return f"Batches({kind})"


class RandomModule:
    """The generator of the ``random`` module, as something whose state can be kept.

    >>> state = RandomModule().state()
    >>> number = random.random()
    >>> RandomModule().load_state(state)
    >>> random.random() == number
    True
    """

    def state(self) -> dict[str, Any]:
        """The generator's state, to be written as JSON."""
        version, numbers, rest = random.getstate()
        return {"version": version, "numbers": list(numbers), "rest": rest}

    def load_state(self, state: dict[str, Any]) -> None:
        """Put the generator into this state.

        Raises:
            ValueError: if it is none; nothing has changed then.
        """
        try:
            loaded = _random_state([state[name] for name in ("version", "numbers", "rest")])
        except (LookupError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(f"expected a random state, got a damaged one: {error}") from error
        random.setstate(loaded)


def _random_state(given: Any) -> tuple[int, tuple[int, ...], float | None]:
    """A state of a generator, out of JSON; refused unless a generator takes it as it stands."""
    version, numbers, rest = given
    state = (version, tuple(numbers), None if rest is None else _expect.finite("the rest", rest))
    trial = random.Random()
    trial.setstate(state)
    if trial.getstate() != state:
        raise ValueError("a state of another kind of generator")
    return state
