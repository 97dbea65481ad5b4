"""Small data sets to learn from: seeded, pure Python, plain lists.

Each is a list of ``(inputs, target)`` pairs, as ``train_network`` takes them. The chapters
under "Worked examples" learn every one of them.
"""

from __future__ import annotations

import math
import random

__all__ = ["Example", "moons", "noisy_line", "separable", "xor"]

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
    _expect_points(n, 1, noise)
    rng = random.Random(seed)
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
    _expect_points(n, 1, 0.0)
    if not 0.0 <= margin < 1.0:
        raise ValueError(f"expected margin to be in [0, 1), got {margin}")
    rng = random.Random(seed)
    points: list[Example] = []
    while len(points) < n:
        x, y = rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)
        if abs(y - x) / math.sqrt(2.0) > margin:
            points.append(([x, y], labels[y > x]))
    return points


def moons(
    n: int = 100,
    *,
    noise: float = 0.1,
    labels: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
) -> list[Example]:
    """Two interleaving half circles of radius 1, with Gaussian noise on both coordinates.

    The upper one is centred on (0, 0), the lower one on (1, 0.5).

    Args:
        n: number of points, at least 2; the upper moon has half of them, rounded up.
        noise: standard deviation of the noise, at least 0.
        labels: the targets of the upper and of the lower moon.
        seed: of the random numbers.

    >>> [label for _, label in moons(4, labels=(-1.0, 1.0))]
    [-1.0, -1.0, 1.0, 1.0]
    """
    _expect_points(n, 2, noise)
    rng = random.Random(seed)
    points = []
    for moon, count in enumerate((n - n // 2, n // 2)):
        for i in range(count):
            angle = math.pi * i / max(count - 1, 1)
            x, y = math.cos(angle), math.sin(angle)
            if moon:
                x, y = 1.0 - x, 0.5 - y
            points.append(([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)], labels[moon]))
    return points


def _expect_points(n: int, least: int, noise: float) -> None:
    if not isinstance(n, int) or n < least:
        raise ValueError(f"expected n to be a whole number of at least {least}, got {n!r}")
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"expected noise to be a finite number of at least 0, got {noise}")
