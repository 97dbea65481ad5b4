"""A language model of scalars: a whole GPT, every number of it a ``Value``.

Letters become numbers, look back at the letters before them, think, and say what comes next: in
small what Radford et al. (2019) did in large. The model on arrays, in ``micrograd.tensors.gpt``,
has the same weights under the same names. The chapter "A GPT of scalars" tells the story.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from micrograd import _expect
from micrograd.engine import Value
from micrograd.functions import softmax
from micrograd.losses import cross_entropy
from micrograd.nn import Module

__all__ = ["GPT", "Block", "Tokenizer", "generate"]

EPSILON = 1e-5  # keeps a norm from dividing by 0
SPREAD = 0.08  # of the weights at the start

Matrix = list[list[Value]]
Cache = list[tuple[list[Any], list[Any]]]  # for each block, the keys and the values until now


class Tokenizer:
    """Characters as whole numbers, and one number more, for where a text begins and ends.

    Args:
        texts: what may be written; its characters, sorted, get the numbers from 0 on.

    Attributes:
        characters: in the order of their numbers.
        boundary: the number of the beginning and of the end, one above those of the characters.

    Raises:
        TypeError: for something else than texts.
        ValueError: if there is no character in them.

    >>> tokenizer = Tokenizer(["anna", "ben"])
    >>> tokenizer.encode("ban"), tokenizer.decode([1, 0, 3])
    ([4, 1, 0, 3, 4], 'ban')
    """

    def __init__(self, texts: Iterable[str]) -> None:
        listed = [texts] if isinstance(texts, str) else _expect.items("the texts", texts)
        for i, text in enumerate(listed):
            if not isinstance(text, str):
                raise TypeError(f"expected text {i} to be a str, got {_expect.show(text)}")
        self.characters = "".join(sorted(set().union(*listed)))
        if not self.characters:
            raise ValueError("expected at least one character in the texts, got none")
        self.boundary = len(self.characters)
        self._numbers = {character: i for i, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return self.boundary + 1

    def encode(self, text: str) -> list[int]:
        """The numbers of a text, between two boundaries.

        Raises:
            ValueError: for an empty text, or a character that is not known.
        """
        if not text:
            raise ValueError("expected a text of at least one character, got ''")
        unknown = sorted(set(text) - self._numbers.keys())
        if unknown:
            raise ValueError(f"expected characters among {self.characters!r}, got {unknown[0]!r}")
        return [self.boundary, *(self._numbers[character] for character in text), self.boundary]

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of some numbers; boundaries have none.

        Raises:
            ValueError: for a number that stands for nothing.
        """
        listed = _expect.items("the tokens", tokens)
        wrong = [token for token in listed if not 0 <= token <= self.boundary]
        if wrong:
            raise ValueError(f"expected tokens from 0 to {self.boundary}, got {wrong[0]}")
        return "".join(self.characters[token] for token in listed if token != self.boundary)


class Block(Module):
    """One layer of a GPT: look back, then think; each is added to what was there.

    Attributes:
        wq, wk, wv, wo: for queries, keys, values and the mixing of the heads,
            ``(width, width)`` each.
        up, down: the two layers of thought, ``(4 * width, width)`` and ``(width, 4 * width)``.
    """

    def __init__(self, width: int, rng: random.Random) -> None:
        self.wq, self.wk, self.wv, self.wo = (_matrix(width, width, rng) for _ in range(4))
        self.up, self.down = _matrix(4 * width, width, rng), _matrix(width, 4 * width, rng)


class GPT(Module):
    """A model of what comes next, made of values.

    Args:
        vocabulary: how many tokens there are.
        context: the longest text that it can look at, at least 1.
        width: numbers for each token.
        heads: how many look back side by side; they divide the width.
        layers: blocks, at least 1.
        rng: where the weights are drawn from.

    Attributes:
        letters: a row for each token, ``(vocabulary, width)``.
        places: a row for each place, ``(context, width)``.
        blocks: the layers, in order.
        head: ``(vocabulary, width)``, from the last layer to the scores.

    Raises:
        TypeError, ValueError: for sizes that are none, or heads that do not divide the width.

    >>> model = GPT(5, 8, width=4, heads=2, rng=random.Random(0))
    >>> len(model.parameters()), len(model([4, 1, 0]))
    (264, 3)
    """

    def __init__(
        self,
        vocabulary: int,
        context: int,
        width: int = 16,
        heads: int = 4,
        layers: int = 1,
        *,
        rng: random.Random | None = None,
    ) -> None:
        self.vocabulary, self.context, self.width, self.heads, count = sizes(
            vocabulary, context, width, heads, layers
        )
        source = random.Random() if rng is None else rng
        self.letters = _matrix(self.vocabulary, self.width, source)
        self.places = _matrix(self.context, self.width, source)
        self.blocks = [Block(self.width, source) for _ in range(count)]
        self.head = _matrix(self.vocabulary, self.width, source)

    def __call__(self, tokens: Sequence[int]) -> list[list[Value]]:
        """The scores of what comes after each of the tokens, a row of them for each place.

        Raises:
            ValueError: for more tokens than the context has places, or one that is none.
        """
        cache = self.new_cache()
        return [self.step(token, cache) for token in tokens]

    def new_cache(self) -> Cache:
        """What :meth:`step` remembers of the tokens before: nothing yet."""
        return [([], []) for _ in self.blocks]

    def step(self, token: int, cache: Cache) -> list[Value]:
        """The scores of what comes after one more token; its keys and values go to the cache."""
        place = len(cache[0][0])
        if place >= self.context:
            raise ValueError(f"expected at most {self.context} tokens, got one more")
        if not 0 <= _expect.whole("a token", token) < self.vocabulary:
            raise ValueError(f"expected a token from 0 to {self.vocabulary - 1}, got {token}")
        x = _norm([a + b for a, b in zip(self.letters[token], self.places[place])])
        for block, (keys, values) in zip(self.blocks, cache):
            found = self._look_back(block, _norm(x), keys, values)
            x = [a + b for a, b in zip(x, found)]
            thought = [z.relu() for z in _times(block.up, _norm(x))]
            x = [a + b for a, b in zip(x, _times(block.down, thought))]
        return _times(self.head, x)

    def _look_back(
        self, block: Block, x: list[Value], keys: list[Any], values: list[Any]
    ) -> list[Value]:
        """Attention: each head takes a mean of the values, weighed by how well the keys answer."""
        query = _times(block.wq, x)
        keys.append(_times(block.wk, x))
        values.append(_times(block.wv, x))
        each = self.width // self.heads
        found: list[Value] = []
        for start in range(0, self.width, each):
            part = slice(start, start + each)
            scores = [_dot(query[part], key[part]) / math.sqrt(each) for key in keys]
            weights = softmax(scores)
            found += [_dot(weights, column) for column in zip(*(value[part] for value in values))]
        return _times(block.wo, found)

    def loss(self, texts: Iterable[Sequence[int]]) -> Value:
        """The mean of ``-log p`` of each token that follows another, over some encoded texts.

        >>> model = GPT(5, 8, width=4, heads=2, rng=random.Random(0))
        >>> abs(model.loss([[4, 1, 0, 4]]).data - math.log(5)) < 0.1
        True
        """
        scores: list[list[Value]] = []
        targets: list[int] = []
        for text in texts:
            pairs = list(pairwise(text))
            scores += self([token for token, _ in pairs])
            targets += [after for _, after in pairs]
        return cross_entropy(scores, targets)

    def __repr__(self) -> str:
        return (
            f"GPT({self.vocabulary}, {self.context}, width={self.width}, heads={self.heads}, "
            f"layers={len(self.blocks)})"
        )


def generate(
    model: Any, tokenizer: Tokenizer, rng: random.Random, temperature: float = 1.0, start: str = ""
) -> str:
    """A text that the model writes, letter after letter, until it ends it or its context is full.

    Args:
        model: a GPT, of values or of tensors.
        tokenizer: the one that it was trained with.
        rng: where chance comes from.
        temperature: above 0. At 1 a letter comes as often as the model believes in it; below that
            the likely ones come more often.
        start: how the text begins.

    Returns:
        The text, with its start.

    Raises:
        ValueError: for a temperature that is not above 0, a character that is not known, or a
            start that is longer than the context.

    >>> tokenizer = Tokenizer(["anna"])
    >>> model = GPT(len(tokenizer), 6, width=4, heads=2, rng=random.Random(0))
    >>> set(generate(model, tokenizer, random.Random(1))) <= {"a", "n"}
    True
    """
    temperature = _expect.positive("temperature", temperature)
    begun = tokenizer.encode(start)[:-1] if start else [tokenizer.boundary]
    if len(begun) > model.context:
        raise ValueError(f"expected at most {model.context - 1} characters to start, got {start!r}")
    cache = model.new_cache()
    scores: Any = [model.step(token, cache) for token in begun][-1]
    written = begun[1:]
    while True:
        numbers = [float(score) / temperature for score in scores]
        largest = max(numbers)
        shares = [math.exp(number - largest) for number in numbers]
        (token,) = rng.choices(range(len(shares)), shares)
        if token == tokenizer.boundary:
            return tokenizer.decode(written)
        written.append(token)
        if len(written) == model.context:
            return tokenizer.decode(written)
        scores = model.step(token, cache)


def sizes(
    vocabulary: int, context: int, width: int, heads: int, layers: int
) -> tuple[int, int, int, int, int]:
    """The sizes of a GPT, if a model can have them.

    >>> sizes(27, 16, 16, 4, 1)
    (27, 16, 16, 4, 1)
    """
    named = zip(
        ("vocabulary", "context", "width", "heads", "layers"),
        (vocabulary, context, width, heads, layers),
    )
    v, c, w, h, n = (_expect.whole(name, size, 1) for name, size in named)
    if w % h:
        raise ValueError(f"expected heads to divide the width, got {h} heads for {w}")
    return v, c, w, h, n


def _matrix(rows: int, columns: int, rng: random.Random) -> Matrix:
    return [[Value(rng.gauss(0.0, SPREAD)) for _ in range(columns)] for _ in range(rows)]


def _dot(a: Iterable[Value], b: Iterable[Value]) -> Value:
    total: Any = sum(x * y for x, y in zip(a, b))
    return total  # type: ignore[no-any-return]


def _times(matrix: Matrix, x: list[Value]) -> list[Value]:
    return [_dot(row, x) for row in matrix]


def _norm(x: list[Value]) -> list[Value]:
    """Divided by its root mean square."""
    scale = (_dot(x, x) / len(x) + EPSILON) ** -0.5
    return [z * scale for z in x]
