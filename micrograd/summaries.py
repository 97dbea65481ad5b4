"""Numbers in short: statistics, tables of them, and what a data set looks like.

The first thing to look at when a training goes wrong is the data. The chapter "Debugging guide"
tells the story.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, SupportsFloat

from micrograd import _expect

__all__ = ["DataReport", "Statistics", "analyze_data", "numbers_in", "size_warnings", "table"]

SIZES_APART = 20.0  # times the reach of another input, or of 1: so far apart, inputs need scaling
FAR_OUT = 10.0  # interquartile ranges beyond the quartiles
MOST_COLUMNS = 20  # of inputs, in a printed report


@dataclass(frozen=True)
class Statistics:
    """Some numbers in short.

    Attributes:
        name: what they belong to, such as ``layers.0``.
        count: how many there are.
        mean: of the finite ones, like all that follow.
        spread: their standard deviation.
        norm: the root of the sum of their squares.
        smallest: of them; ``nan`` if there are none.
        largest: of them; ``nan`` if there are none.
        zeros: how many are exactly 0.
        nonfinite: how many are ``nan`` or infinite.
    """

    name: str
    count: int
    mean: float
    spread: float
    norm: float
    smallest: float
    largest: float
    zeros: int
    nonfinite: int

    @classmethod
    def of(cls, name: str, numbers: Iterable[SupportsFloat]) -> Statistics:
        """The statistics of ``numbers``.

        >>> Statistics.of("ab", [3.0, -3.0, math.nan]).norm == math.sqrt(18.0)
        True
        """
        every = [float(number) for number in numbers]
        finite = [number for number in every if math.isfinite(number)]
        count = len(finite) or math.nan  # the mean of nothing is not a number
        mean = sum(finite) / count
        return cls(
            name,
            len(every),
            mean,
            math.hypot(*(number - mean for number in finite)) / math.sqrt(count),
            math.hypot(*finite),
            min(finite, default=math.nan),
            max(finite, default=math.nan),
            finite.count(0.0),
            len(every) - len(finite),
        )

    @property
    def reach(self) -> float:
        """How far from 0 the furthest of them is."""
        return max(abs(self.smallest), abs(self.largest))


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Aligned columns, the first to the left and the others to the right.

    >>> print(table(["", "mean"], [["a", 0.5], ["bc", 10.0]]))
        mean
    a    0.5
    bc    10
    """
    cells = [[c if isinstance(c, str) else f"{c:.4g}" for c in row] for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in cells
    )


@dataclass(frozen=True)
class DataReport:
    """What :func:`analyze_data` found: true if nothing is suspicious, and a table when printed.

    Attributes:
        inputs: the statistics of each input, over all examples.
        targets: of each target.
        examples: how many examples there are.
        distinct: how many different inputs there are among them.
        baseline: the ``mse_loss`` of the best prediction that is the same for all examples, the
            mean of the targets; a network that is not below it has learnt nothing.
        warnings: what is suspicious, the worst first.
    """

    inputs: tuple[Statistics, ...]
    targets: tuple[Statistics, ...]
    examples: int
    distinct: int
    baseline: float
    warnings: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.warnings

    def __str__(self) -> str:
        names = ("mean", "spread", "smallest", "largest", "nonfinite")
        shown = [*self.inputs[:MOST_COLUMNS], *self.targets[:MOST_COLUMNS]]
        left = len(self.inputs) + len(self.targets) - len(shown)
        lines = [table(["", *names], [[s.name, *(getattr(s, n) for n in names)] for s in shown])]
        lines += [f"... and {left} more"] if left else []
        lines.append(f"{self.examples} examples, {self.distinct} different inputs")
        lines.append(f"mean squared error of the best constant: {self.baseline:.4g}")
        return "\n".join([*lines, *(f"* {warning}" for warning in self.warnings)])


def analyze_data(data: Iterable[tuple[Any, Any]]) -> DataReport:
    """What the inputs and targets of some examples look like, and what is suspicious about them.

    Looked for are numbers that are not finite, inputs that never change, inputs much larger or
    smaller than 1 or than each other, targets far from all others, and equal inputs with
    different targets.

    Args:
        data: ``(inputs, target)`` pairs, as a training takes them; each part a number, or a list
            or an array of numbers.

    Raises:
        TypeError: if an example is no pair, or holds something that is no number.
        ValueError: if there are no examples, or they have different sizes.

    >>> rooms_and_area = [([1, 20], 0.4), ([2, 45], 0.8), ([3, 52], 1.1), ([4, 90], 1.9)]
    >>> print(analyze_data(rooms_and_area))
              mean  spread  smallest  largest  nonfinite
    input 0    2.5   1.118         1        4          0
    input 1  51.75   25.08        20       90          0
    target    1.05    0.55       0.4      1.9          0
    4 examples, 4 different inputs
    mean squared error of the best constant: 0.3025
    * input 1 reaches 90 and input 0 only 4: bring all inputs near 1 (see Standardise)
    """
    pairs = _expect.examples(data)
    rows = [numbers_in(f"the inputs of example {i}", x) for i, (x, _) in enumerate(pairs)]
    answers = [numbers_in(f"the target of example {i}", y) for i, (_, y) in enumerate(pairs)]
    columns, aims = _columns("inputs", rows), _columns("targets", answers)
    inputs = [Statistics.of(f"input {i}", column) for i, column in enumerate(columns)]
    names = ["target"] if len(aims) == 1 else [f"target {i}" for i in range(len(aims))]
    targets = [Statistics.of(name, column) for name, column in zip(names, aims)]

    warnings = [f"{s.name}: {s.nonfinite} are not finite" for s in inputs + targets if s.nonfinite]
    if len(rows) > 1:
        warnings += [
            f"{s.name} is always {s.mean:.4g}" for s in _constant(inputs) + _constant(targets)
        ]
    warnings += _apart(inputs)
    for name, column in zip(names, aims):
        warnings += _outliers(name, column)
    known: dict[tuple[float, ...], tuple[float, ...]] = {}
    torn = sum(known.setdefault(tuple(x), tuple(y)) != tuple(y) for x, y in zip(rows, answers))
    if torn:
        warnings.append(f"{torn} examples have the inputs of another one and a different target")
    baseline = sum(s.spread**2 for s in targets) / len(targets)
    return DataReport(
        tuple(inputs), tuple(targets), len(rows), len(known), baseline, tuple(warnings)
    )


def numbers_in(name: str, thing: Any) -> list[float]:
    """The numbers in a number, a nest of lists or an array, or in what holds one as its data.

    >>> numbers_in("x", [1, [2.0, 3]])
    [1.0, 2.0, 3.0]
    """
    if isinstance(thing, (list, tuple)):
        return [number for part in thing for number in numbers_in(name, part)]
    data = thing.data if hasattr(thing, "grad") else thing
    return [_expect.number(name, number) for number in getattr(data, "flat", [data])]


def _columns(name: str, rows: list[list[float]]) -> list[tuple[float, ...]]:
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"expected as many {name} in each example, "
                f"got {len(rows[0])} in example 0 and {len(row)} in example {i}"
            )
    return list(zip(*rows))


def _constant(columns: list[Statistics]) -> list[Statistics]:
    """Those that never change; not those that are always 0 beside others, as in a picture."""
    still = [s for s in columns if s.spread == 0.0]
    return [s for s in still if s.mean or len(still) == len(columns)]


def size_warnings(rows: list[Any]) -> list[str]:
    """Whether some inputs are far from 1 in size, or far from each other; nothing if no numbers.

    >>> size_warnings([[0.5, 300.0], [0.1, 450.0]])
    ['input 1 reaches 450 and input 0 only 0.5: bring all inputs near 1 (see Standardise)']
    """
    try:
        columns = _columns("inputs", [numbers_in("the inputs", row) for row in rows])
    except (TypeError, ValueError):  # words, or sequences of any length
        return []
    return _apart([Statistics.of(f"input {i}", column) for i, column in enumerate(columns)])


def _apart(inputs: list[Statistics]) -> list[str]:
    """Whether the inputs that change are far from 1 in size, or far from each other."""
    moving = sorted((s for s in inputs if s.spread), key=lambda s: s.reach)
    if not moving:
        return []
    low, high = moving[0], moving[-1]
    if high.reach > SIZES_APART * low.reach:
        sizes = f"{high.name} reaches {high.reach:.3g} and {low.name} only {low.reach:.3g}"
    elif not 1.0 / SIZES_APART <= high.reach <= SIZES_APART:
        sizes = f"the inputs reach {high.reach:.3g}"
    else:
        return []
    return [f"{sizes}: bring all inputs near 1 (see Standardise)"]


def _outliers(name: str, numbers: Sequence[float]) -> list[str]:
    finite = sorted(filter(math.isfinite, numbers))
    if len(finite) < 4:
        return []
    low, _, high = quantiles(finite)
    margin = FAR_OUT * (high - low)
    far = [x for x in finite if not low - margin <= x <= high + margin]
    if not far or not margin:
        return []
    worst = max(far, key=lambda x: abs(x - low))
    return [
        f"{name}: {len(far)} far from all others, such as {worst:.4g} (half are between "
        f"{low:.3g} and {high:.3g})"
    ]
