"""Small data sets to learn from, and what is done to data before a network sees them.

A data set is a list of ``(inputs, target)`` pairs, as ``train_network`` takes them. Some are
generated, seeded and in pure Python; two ship with the package, with their sources in
``micrograd/data/README.md``. The chapters under "Worked examples" learn every one of them.
"""

from __future__ import annotations

import math
import random
import reprlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from micrograd import _expect
from micrograd.batches import Batches

__all__ = [
    "Batches",
    "Example",
    "Standardise",
    "digits",
    "moons",
    "names",
    "noisy_line",
    "separable",
    "split",
    "xor",
]

Example = tuple[list[float], float]
"""The inputs of one example, and its target."""


def xor() -> list[Example]:
    """The exclusive or: four points that no straight line separates.

    >>> xor()
    [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
    """
    return [([float(a), float(b)], float(a != b)) for a in (0, 1) for b in (0, 1)]


def noisy_line(
    n: int = 100,
    *,
    slope: float = 2.0,
    intercept: float = 1.0,
    noise: float = 0.1,
    seed: int = 0,
) -> list[Example]:
    """Points ``([x], slope * x + intercept + e)`` with ``x`` uniform on [-2, 2].

    Args:
        n: number of points, at least 1.
        slope: of the line.
        intercept: of the line.
        noise: ``e`` is uniform on [-noise, noise]; at least 0.
        seed: of the random numbers.

    >>> len(noisy_line(10))
    10
    """
    n, noise = _expect.whole("n", n, 1), _expect.finite("noise", noise, 0.0)
    rng = _generator(seed)
    points = []
    for _ in range(n):
        x = rng.uniform(-2.0, 2.0)
        points.append(([x], slope * x + intercept + rng.uniform(-noise, noise)))
    return points


def separable(
    n: int = 100,
    *,
    margin: float = 0.1,
    labels: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
) -> list[Example]:
    """Two classes in the square [-1, 1] x [-1, 1], below and above the line ``y = x``.

    Args:
        n: number of points, at least 1.
        margin: no point is nearer to the line than this; in [0, 1).
        labels: the targets below and above the line.
        seed: of the random numbers.

    >>> all((y > x) == (label == 1.0) for (x, y), label in separable())
    True
    """
    n, margin = _expect.whole("n", n, 1), _expect.finite("margin", margin, 0.0, 1.0)
    below, above = _two("labels", labels)
    rng = _generator(seed)
    points: list[Example] = []
    while len(points) < n:
        x, y = rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)
        if abs(y - x) / math.sqrt(2.0) > margin:
            points.append(([x, y], above if y > x else below))
    return points


def moons(
    n: int = 100,
    *,
    noise: float = 0.1,
    labels: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
) -> list[Example]:
    """Two interleaving half circles of radius 1, with Gaussian noise on both coordinates.

    The upper one is centred on (0, 0), the lower one on (1, 0.5). The upper moon comes first,
    all of it, then the lower one: the last points, as in ``moons()[80:]``, are of one class.
    Use :func:`split` to set some of both apart.

    Args:
        n: number of points, at least 2; the upper moon has half of them, rounded up.
        noise: standard deviation of the noise, at least 0.
        labels: the targets of the upper and of the lower moon.
        seed: of the random numbers.

    >>> [label for _, label in moons(4, labels=(-1.0, 1.0))]
    [-1.0, -1.0, 1.0, 1.0]
    """
    n, noise = _expect.whole("n", n, 2), _expect.finite("noise", noise, 0.0)
    rng = _generator(seed)
    points = []
    for moon, label in enumerate(_two("labels", labels)):
        count = n // 2 if moon else n - n // 2
        for i in range(count):
            angle = math.pi * i / max(count - 1, 1)
            x, y = math.cos(angle), math.sin(angle)
            if moon:
                x, y = 1.0 - x, 0.5 - y
            points.append(([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)], label))
    return points


def digits() -> list[tuple[list[float], int]]:
    """Handwriting: 1,797 images of digits, each 64 numbers and the digit that was meant.

    An image has 8 rows of 8, row by row from the top left; a number is a whole one from 0.0
    (paper) to 16.0 (ink). The target is an ``int`` from 0 to 9, and each has 174 to 183 images.
    Thirteen people wrote them; who wrote which is not recorded, so that after :func:`split` a
    network is tested on the same hands that it has learnt from.

    E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, test part, UCI
    Machine Learning Repository, 1998; CC BY 4.0.

    >>> image, digit = digits()[0]
    >>> digit
    0
    >>> for i in range(0, 64, 8):
    ...     print("".join("_.:-=+*#@"[int(ink) // 2] for ink in image[i : i + 8]))
    __:*=___
    __*#+#:_
    _.#._+=_
    _:*__==_
    _:=__==_
    _:+__*-_
    _.#:+*__
    __-*+___
    """
    return [  # the numbers are written to base 17
        ([float(int(ink, 17)) for ink in line[1:]], int(line[0]))
        for line in _shipped("digits.txt.gz")
    ]


def names() -> list[str]:
    """5,163 first names, of 2 to 11 lower-case letters ``a`` to ``z``, sorted, each once.

    Those of the men and women counted most often in the United States in 1990; Census Bureau,
    public domain.

    >>> names()[:5]
    ['aaron', 'abbey', 'abbie', 'abby', 'abdul']
    """
    return _shipped("names.txt")


def split(data: Iterable[Any], *fractions: float, seed: int = 0) -> tuple[list[Any], ...]:
    """``data`` shuffled and cut in two parts or more, to train on some and judge by the others.

    Args:
        data: anything, taken once: ``(inputs, target)`` pairs, names, rows of an array.
        fractions: of each part but the last, which gets what is left; above 0, together below 1.
            Without any, 0.8.
        seed: of the shuffling, which leaves the ``random`` module alone.

    Returns:
        One list more than there are fractions, none of them empty; together they hold all of
        ``data`` once.

    Raises:
        ValueError: for fractions outside their range, or too few data for a part.

    >>> train, test = split(moons(), 0.8)
    >>> len(train), len(test)
    (80, 20)
    >>> train, validation, test = split(range(10), 0.6, 0.2, seed=1)
    >>> train, validation, test
    ([6, 8, 9, 7, 5, 3], [0, 4], [1, 2])
    """
    fractions = tuple(_expect.positive("a fraction", part) for part in fractions) or (0.8,)
    if math.fsum(fractions) >= 1.0:
        raise ValueError(
            "expected fractions for all parts but the last, together below 1, "
            f"got {' + '.join(map(str, fractions))}"
        )
    order = _expect.items("the data", data)
    _generator(seed).shuffle(order)
    cuts = [round(math.fsum(fractions[:i]) * len(order)) for i in range(len(fractions) + 1)]
    parts = tuple(order[a:b] for a, b in zip(cuts, [*cuts[1:], len(order)]))
    if not all(parts):
        sizes = ", ".join(str(len(part)) for part in parts)
        raise ValueError(f"expected data enough for every part, got {len(order)}: parts of {sizes}")
    return parts


@dataclass(frozen=True, repr=False)
class Standardise:
    """Inputs brought to one scale: each less its mean, divided by its spread.

    What is measured on the training data is used for all that follow, so that nothing of the
    other parts is known in training.

    Attributes:
        mean: of each input.
        spread: of each input, its standard deviation ``sqrt(mean((x - mean)**2))``, above 0. An
            input that never changes has the spread 1, so that it becomes 0 and nothing divides
            by 0.

    >>> train, test = [([1.0, 5.0], 0.0), ([3.0, 5.0], 1.0)], [([4.0, 5.0], 1.0)]
    >>> scale = Standardise.fit(train)
    >>> scale
    Standardise(mean=[2.0, 5.0], spread=[1.0, 1.0])
    >>> scale.apply(test)
    [([2.0, 0.0], 1.0)]
    """

    mean: Sequence[float]
    spread: Sequence[float]

    def __post_init__(self) -> None:
        mean = [_expect.finite("a mean", m) for m in _expect.items("mean", self.mean)]
        spread = [_expect.positive("a spread", s) for s in _expect.items("spread", self.spread)]
        if len(mean) != len(spread):
            raise ValueError(
                f"expected a mean and a spread for each input, got {len(mean)} and {len(spread)}"
            )
        object.__setattr__(self, "mean", tuple(mean))
        object.__setattr__(self, "spread", tuple(spread))

    @classmethod
    def fit(cls, data: Iterable[tuple[Any, Any]]) -> Standardise:
        """Measured on ``data``: ``(inputs, target)`` pairs with finite inputs, equally many."""
        rows = [
            _row(f"the inputs of example {i}", x, _expect.finite)
            for i, (x, _) in enumerate(_expect.examples(data))
        ]
        for i, row in enumerate(rows):
            if len(row) != len(rows[0]):
                raise ValueError(
                    f"expected example {i} to have {len(rows[0])} inputs, as the first has, "
                    f"got {len(row)}"
                )
        measured = [_mean_and_spread(column) for column in zip(*rows)]
        return cls(tuple(m for m, _ in measured), tuple(s for _, s in measured))

    def __call__(self, x: Iterable[float]) -> list[float]:
        """The inputs ``x`` of one example, standardised."""
        return [(x_i - m) / s for x_i, m, s in self._beside(x)]

    def inverse(self, z: Iterable[float]) -> list[float]:
        """The inputs that were standardised to ``z``."""
        return [z_i * s + m for z_i, m, s in self._beside(z)]

    def apply(self, data: Iterable[tuple[Any, Any]]) -> list[tuple[list[float], Any]]:
        """All of ``data`` with standardised inputs, the targets as they are."""
        return [(self(x), target) for x, target in _expect.examples(data)]

    def _beside(self, x: Iterable[float]) -> Iterator[tuple[float, float, float]]:
        row = _row("the inputs", x)
        if len(row) != len(self.mean):
            raise ValueError(f"expected {len(self.mean)} inputs, got {len(row)}")
        return zip(row, self.mean, self.spread)

    def __repr__(self) -> str:
        mean, spread = reprlib.repr(list(self.mean)), reprlib.repr(list(self.spread))
        return f"Standardise(mean={mean}, spread={spread})"


def _generator(seed: Any) -> random.Random:
    return random.Random(_expect.whole("seed", seed))


def _two(name: str, given: Any) -> list[Any]:
    pair = _expect.items(name, given)
    if len(pair) != 2:
        raise ValueError(f"expected {name} to be two, got {_expect.show(given)}")
    return pair


def _row(
    name: str, given: Any, expected: Callable[[str, Any], float] = _expect.number
) -> list[float]:
    return [expected(name, x) for x in _expect.items(name, given)]


def _mean_and_spread(column: tuple[float, ...]) -> tuple[float, float]:
    if min(column) == max(column):
        return column[0], 1.0
    mean = math.fsum(column) / len(column)
    # hypot is the root of the sum of squares, and squares nothing that would overflow.
    return mean, math.hypot(*(x - mean for x in column)) / math.sqrt(len(column)) or 1.0


def _shipped(file: str) -> list[str]:
    """The lines of a file of the package."""
    import gzip  # both take longer to import than all the rest of the package
    from importlib.resources import files

    content = (files("micrograd") / "data" / file).read_bytes()
    if file.endswith(".gz"):
        content = gzip.decompress(content)
    return content.decode("ascii").split()
