"""The data sets: seeded, plain, and of the geometry they promise."""

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from micrograd import moons, noisy_line, separable, xor
from micrograd.datasets import Example

Maker = Callable[..., list[Example]]
makers = pytest.mark.parametrize("make", [noisy_line, separable, moons])


def test_exclusive_or_is_true_where_the_inputs_differ() -> None:
    assert [(x, y, target) for (x, y), target in xor()] == [
        (0.0, 0.0, 0.0),
        (0.0, 1.0, 1.0),
        (1.0, 0.0, 1.0),
        (1.0, 1.0, 0.0),
    ]


@makers
@pytest.mark.parametrize("n", [2, 3, 50])
def test_data_set_has_as_many_examples_as_asked_for(make: Maker, n: int) -> None:
    assert len(make(n)) == n


@makers
def test_data_set_has_a_hundred_examples_by_default(make: Maker) -> None:
    assert len(make()) == 100


@pytest.mark.parametrize(("make", "width"), [(xor, 2), (noisy_line, 1), (separable, 2), (moons, 2)])
def test_examples_are_lists_of_floats_and_a_float(make: Maker, width: int) -> None:
    for x, target in make():
        assert [type(x_i) for x_i in x] == [float] * width
        assert type(target) is float


@pytest.mark.parametrize("make", [noisy_line, separable])
def test_data_set_of_one_example(make: Maker) -> None:
    assert len(make(1)) == 1


@makers
def test_seed_is_zero_by_default(make: Maker) -> None:
    assert make(20) == make(20, seed=0)


@makers
def test_same_seed_gives_the_same_data(make: Maker) -> None:
    assert make(20, seed=3) == make(20, seed=3)


@makers
def test_other_seed_gives_other_data(make: Maker) -> None:
    assert make(20, seed=3) != make(20, seed=4)


@makers
def test_data_set_leaves_the_random_module_alone(make: Maker) -> None:
    state = random.getstate()
    make(20)
    assert random.getstate() == state


@makers
@pytest.mark.parametrize("n", [0, -1, 2.0, "2", None])
def test_impossible_number_of_points_is_refused(make: Maker, n: Any) -> None:
    with pytest.raises(ValueError, match=f"whole number of at least [12], got {n!r}"):
        make(n)


def test_moons_need_two_points() -> None:
    with pytest.raises(ValueError, match="at least 2, got 1"):
        moons(1)


@pytest.mark.parametrize("make", [noisy_line, moons])
@pytest.mark.parametrize("noise", [-0.1, math.inf, math.nan])
def test_impossible_noise_is_refused(make: Maker, noise: float) -> None:
    with pytest.raises(ValueError, match=f"noise to be .* got {noise}"):
        make(10, noise=noise)


@pytest.mark.parametrize("margin", [-0.1, 1.0, math.nan])
def test_impossible_margin_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match=rf"margin to be in \[0, 1\), got {margin}"):
        separable(10, margin=margin)


def test_line_without_noise_is_a_line() -> None:
    for (x,), y in noisy_line(50, slope=-3.0, intercept=0.5, noise=0.0):
        assert y == -3.0 * x + 0.5


def test_line_is_two_x_plus_one_by_default() -> None:
    assert all(abs(y - (2.0 * x + 1.0)) <= 0.1 for (x,), y in noisy_line())


def test_noise_of_a_line_fills_its_range_and_stays_in_it() -> None:
    errors = [y - (2.0 * x + 1.0) for (x,), y in noisy_line(500, noise=0.5)]
    assert -0.5 <= min(errors) < -0.45
    assert 0.45 < max(errors) <= 0.5


def test_inputs_of_a_line_fill_their_range_and_stay_in_it() -> None:
    xs = [x for (x,), _ in noisy_line(500)]
    assert -2.0 <= min(xs) < -1.9
    assert 1.9 < max(xs) <= 2.0


def test_classes_are_separated_by_the_diagonal() -> None:
    for (x, y), label in separable(200):
        assert label == (1.0 if y > x else 0.0)


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.9])
def test_classes_keep_their_distance_from_the_diagonal(margin: float) -> None:
    distances = [abs(y - x) / math.sqrt(2.0) for (x, y), _ in separable(200, margin=margin)]
    assert margin < min(distances) < margin + 0.1


def test_classes_lie_in_the_square_and_both_occur() -> None:
    data = separable(200)
    assert all(-1.0 <= x_i <= 1.0 for x, _ in data for x_i in x)
    assert 70 < sum(label for _, label in data) < 130


def test_moons_without_noise_are_two_half_circles() -> None:
    for (x, y), label in moons(50, noise=0.0):
        centre = (1.0, 0.5) if label else (0.0, 0.0)
        assert math.dist((x, y), centre) == pytest.approx(1.0)
        assert y <= 0.5 if label else y >= 0.0


def test_moons_are_walked_from_end_to_end() -> None:
    points = [x for x, _ in moons(20, noise=0.0)]
    ends = [points[0], points[9], points[10], points[19]]
    corners = [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]]
    for end, corner in zip(ends, corners, strict=True):
        assert end == pytest.approx(corner, abs=1e-15)


def test_points_of_a_moon_are_equally_far_apart() -> None:
    points = [x for x, label in moons(20, noise=0.0) if label == 0.0]
    gaps = [math.dist(a, b) for a, b in pairwise(points)]
    assert gaps == pytest.approx([2 * math.sin(math.pi / 18)] * 9)


def test_moons_have_some_noise_by_default() -> None:
    assert moons() == moons(noise=0.1)


def test_moons_reach_into_each_other() -> None:
    upper = [x for x, label in moons(50, noise=0.0) if label == 0.0]
    lower = [x for x, label in moons(50, noise=0.0) if label == 1.0]
    assert min(y for _, y in lower) < 0.0 < 0.5 < max(y for _, y in upper)
    assert min(x for x, _ in lower) < max(x for x, _ in upper)


@pytest.mark.parametrize(("n", "sizes"), [(2, (1, 1)), (7, (4, 3)), (10, (5, 5))])
def test_upper_moon_has_the_larger_half(n: int, sizes: tuple[int, int]) -> None:
    labels = [label for _, label in moons(n)]
    assert (labels.count(0.0), labels.count(1.0)) == sizes


def test_noise_of_the_moons_has_its_standard_deviation() -> None:
    pairs = zip(moons(1000, noise=0.25), moons(1000, noise=0.0), strict=True)
    errors = [a - b for (p, _), (q, _) in pairs for a, b in zip(p, q, strict=True)]
    deviation = math.sqrt(sum(e * e for e in errors) / len(errors))
    assert deviation == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("make", [separable, moons])
def test_labels_are_those_given(make: Maker) -> None:
    given = {label for _, label in make(50, labels=(-1.0, 1.0))}
    assert given == {-1.0, 1.0}


def test_labels_change_nothing_else() -> None:
    assert [x for x, _ in moons(labels=(-1.0, 1.0))] == [x for x, _ in moons()]
