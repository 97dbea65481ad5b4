"""The data sets: seeded, plain, and of the geometry they promise; and what is done to them."""

import json
import math
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd
from micrograd import moons, noisy_line, separable, xor
from micrograd.datasets import Example, Standardise, digits, names, split

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
@pytest.mark.parametrize("n", [0, -1])
def test_too_few_points_are_refused(make: Maker, n: int) -> None:
    with pytest.raises(ValueError, match=f"expected n to be at least [12], got {n}"):
        make(n)


@makers
@pytest.mark.parametrize("name", ["n", "seed"])
@pytest.mark.parametrize("given", [2.0, "2", None, True])
def test_what_counts_is_a_whole_number(make: Maker, name: str, given: Any) -> None:
    with pytest.raises(TypeError, match=f"expected {name} to be a whole number, got"):
        make(**{name: given})


@makers
def test_numpy_integers_are_whole_numbers(make: Maker) -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    assert make(np.int64(7), seed=np.uint8(3)) == make(7, seed=3)


@pytest.mark.parametrize("make", [separable, moons])
@pytest.mark.parametrize("labels", [(), (1.0,), (0.0, 1.0, 2.0)])
def test_two_classes_have_two_labels(make: Maker, labels: Any) -> None:
    with pytest.raises(ValueError, match="expected labels to be two, got"):
        make(labels=labels)


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
    with pytest.raises(ValueError, match=f"margin to be .* below 1, got {margin}"):
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


# The sets that ship.


def test_digits_are_those_of_the_source() -> None:
    data = digits()
    assert Counter(digit for _, digit in data) == dict(
        enumerate([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    )
    assert sum(sum(image) for image, _ in data) == 561718
    assert data[0][0][:8] == [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]


def test_digits_are_rows_of_floats_and_a_class() -> None:
    data = digits()
    assert {(len(image), type(digit)) for image, digit in data} == {(64, int)}
    assert {type(ink) for image, _ in data for ink in image} == {float}
    assert {ink for image, _ in data for ink in image} == set(range(17))


def test_a_caller_may_change_the_data_it_got() -> None:
    digits()[0][0][0] = 99.0
    names().clear()
    assert digits()[0][0][0] == 0.0
    assert names()


def test_names_are_sorted_once_each_and_of_plain_letters() -> None:
    given = names()
    assert given == sorted(set(given))
    assert set("".join(given)) == set("abcdefghijklmnopqrstuvwxyz")
    assert (len(given), min(map(len, given)), max(map(len, given))) == (5163, 2, 11)
    assert {"emma", "james", "mary", "olivia"} <= set(given)


@pytest.mark.parametrize("file", ["digits.txt.gz", "names.txt"])
def test_every_file_says_where_it_is_from(file: str) -> None:
    data = Path(micrograd.__file__).parent / "data"
    assert (data / file).stat().st_size < 80_000
    text = (data / "README.md").read_text(encoding="utf-8")
    section = text.partition(f"## `{file}`")[2].partition("\n## ")[0]
    for word in ("**What it is.**", "source", "**Licence.**", "**What was changed.**"):
        assert word in section or word.title() in section


# Setting some apart.


@given(st.integers(2, 300), st.integers(0, 5), st.floats(0.01, 0.99))
def test_the_parts_hold_all_data_once(n: int, seed: int, fraction: float) -> None:
    size = round(n * fraction)
    if 0 < size < n:
        first, rest = split(range(n), fraction, seed=seed)
        assert sorted(first + rest) == list(range(n))
        assert len(first) == size
    else:
        with pytest.raises(ValueError, match="expected data enough for every part"):
            split(range(n), fraction, seed=seed)


def test_there_is_one_part_more_than_fractions() -> None:
    assert [len(part) for part in split(range(10), 0.6, 0.2)] == [6, 2, 2]
    assert [len(part) for part in split(range(10), 0.1, 0.2, 0.3)] == [1, 2, 3, 4]


def test_a_fifth_is_set_apart_unless_said_otherwise() -> None:
    assert [len(part) for part in split(moons())] == [80, 20]


def test_parts_of_data_sorted_by_class_have_both_classes() -> None:
    assert {label for _, label in moons()[80:]} == {1.0}
    assert {label for _, label in split(moons())[1]} == {0.0, 1.0}


def test_splitting_is_seeded_and_leaves_the_random_module_alone() -> None:
    state = random.getstate()
    assert split(range(50)) == split(range(50), 0.8, seed=0) != split(range(50), seed=1)
    assert random.getstate() == state


def test_splitting_leaves_its_data_alone() -> None:
    data = list(range(9))
    split(data)
    assert data == list(range(9))


def test_whatever_can_be_iterated_over_is_split() -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    expected = split(list(zip("abcde", range(5), strict=True)))
    assert split(zip("abcde", range(5), strict=True)) == expected
    train, test = split(np.arange(10.0).reshape(5, 2))
    assert sorted(row[0] for row in train + test) == [0.0, 2.0, 4.0, 6.0, 8.0]


@pytest.mark.parametrize("fractions", [(1.0,), (0.8, 0.2), (0.5, 0.4, 0.3), (0.7, 0.2, 0.1), (80,)])
def test_fractions_of_all_parts_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="for all parts but the last, together below 1, got"):
        split(range(100), *fractions)


@pytest.mark.parametrize("fraction", [0.0, -0.5, math.nan, math.inf])
def test_an_impossible_fraction_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match=f"a fraction to be a positive.* got {fraction}"):
        split(range(100), fraction)


def test_what_is_no_data_cannot_be_split() -> None:
    with pytest.raises(TypeError, match="expected a fraction to be a real number, got str"):
        split(range(9), "0.8")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected the data to be a list, got int 5"):
        split(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected seed to be a whole number, got float"):
        split(range(9), seed=0.5)  # type: ignore[arg-type]


# One scale.

numbers = st.floats(-1e6, 1e6)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=1)
)


def pairs(rows: list[list[float]]) -> list[tuple[list[float], float]]:
    return [(row, 0.0) for row in rows]


@given(tables)
def test_standardised_data_have_mean_0_and_spread_1(rows: list[list[float]]) -> None:
    scale = Standardise.fit(pairs(rows))
    for before, after in zip(zip(*rows), zip(*(x for x, _ in scale.apply(pairs(rows))))):
        if max(before) == min(before):
            assert set(after) == {0.0}
        elif max(before) - min(before) > 1e-6 * max(map(abs, before)):
            assert math.fsum(after) / len(after) == pytest.approx(0.0, abs=1e-8)
            spread = math.sqrt(math.fsum(z * z for z in after) / len(after))
            assert spread == pytest.approx(1.0, rel=1e-6)


@given(tables)
def test_standardising_can_be_undone(rows: list[list[float]]) -> None:
    scale = Standardise.fit(pairs(rows))
    for row in rows:
        assert scale.inverse(scale(row)) == pytest.approx(row, rel=1e-9, abs=1e-9)


def test_mean_and_spread_are_those_of_numpy() -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    data = digits()
    scale = Standardise.fit(data)
    images = np.array([image for image, _ in data])
    assert scale.mean == pytest.approx(images.mean(axis=0), rel=1e-12)
    spread = images.std(axis=0)
    assert scale.spread == pytest.approx(np.where(spread == 0.0, 1.0, spread), rel=1e-12)


@pytest.mark.parametrize("x", [0.1, 3.3, -7e-300, 1e308])
@pytest.mark.parametrize("n", [1, 3, 49])
def test_an_input_that_never_changes_becomes_0(x: float, n: int) -> None:
    scale = Standardise.fit([([x], 0.0)] * n)
    assert (scale.mean, scale.spread, scale([x])) == ((x,), (1.0,), [0.0])


def test_spread_of_large_and_of_tiny_numbers() -> None:
    assert Standardise.fit([([1e200], 0), ([-1e200], 0)]).spread == pytest.approx((1e200,))
    assert Standardise.fit([([0.0], 0)] * 9 + [([5e-324], 0)]).spread[0] > 0.0


def test_only_inputs_are_standardised_and_only_by_what_was_measured() -> None:
    scale = Standardise.fit([([0.0], "a"), ([2.0], "b")])
    assert scale.apply([([5.0], "c")]) == [([4.0], "c")]


def test_a_standard_can_be_kept_and_made_again() -> None:
    scale = Standardise.fit(moons())
    again = Standardise(*json.loads(json.dumps([scale.mean, scale.spread])))
    assert again == scale
    assert hash(again) == hash(scale)


def test_a_standard_of_many_inputs_is_printed_in_short() -> None:
    assert repr(Standardise([1, 2], [3, 4])) == "Standardise(mean=[1.0, 2.0], spread=[3.0, 4.0])"
    assert len(repr(Standardise.fit(digits()))) < 250


def test_generators_zips_and_arrays_are_standardised() -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    inputs, targets = [[1.0, 5.0], [3.0, 9.0]], [0.0, 1.0]
    expected = Standardise.fit(list(zip(inputs, targets, strict=True)))
    assert Standardise.fit(zip(inputs, targets, strict=True)) == expected
    assert Standardise.fit(zip(np.array(inputs), np.array(targets), strict=True)) == expected
    z = expected(x for x in np.array(inputs[0]))
    assert z == [-1.0, -1.0]
    assert [type(z_i) for z_i in z] == [float, float]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([], ValueError, "at least one training example"),
        ([([1.0], 0.0), ([1.0, 2.0], 0.0)], ValueError, "expected example 1 to have 1 inputs"),
        ([[1.0, 2.0]], TypeError, "the inputs of example 0 to be a list, got float 1.0"),
        ([([1.0], 0.0), (["2"], 0.0)], TypeError, "the inputs of example 1 to be a real number"),
        ([([math.nan], 0.0)], ValueError, "the inputs of example 0 to be a finite number, got nan"),
    ],
)
def test_data_that_have_no_scale_are_refused(data: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Standardise.fit(data)


def test_inputs_of_another_width_are_refused() -> None:
    scale = Standardise.fit(moons())
    for use in (scale, scale.inverse):
        with pytest.raises(ValueError, match="expected 2 inputs, got 3"):
            use([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("mean", "spread", "error"),
    [([1.0], [1.0, 2.0], ValueError), ([1.0], [0.0], ValueError), ([math.inf], [1.0], ValueError),
     (1.0, 1.0, TypeError)],
)  # fmt: skip
def test_impossible_standards_are_refused(mean: Any, spread: Any, error: type) -> None:
    with pytest.raises(error, match="expected"):
        Standardise(mean, spread)
