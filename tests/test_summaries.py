"""Statistics, and what is suspicious about data."""

import random
from collections.abc import Callable
from math import inf, isnan, nan, sqrt
from typing import Any

import pytest

from micrograd import MLP, Value, moons, mse_loss, xor
from micrograd.summaries import DataReport, Statistics, analyze_data

# Statistics


def test_statistics_are_their_definitions() -> None:
    s = Statistics.of("s", [1.0, 0.0, -4.0, 3.0])
    assert (s.count, s.zeros, s.nonfinite, s.smallest, s.largest) == (4, 1, 0, -4.0, 3.0)
    assert (s.mean, s.norm) == (0.0, sqrt(26.0))
    assert s.spread == pytest.approx(sqrt(26.0 / 4))


def test_statistics_leave_out_what_is_not_finite_and_count_it() -> None:
    s = Statistics.of("s", [nan, 2.0, inf])
    assert (s.count, s.nonfinite, s.mean, s.norm) == (3, 2, 2.0, 2.0)


def test_statistics_of_nothing_finite_are_nan() -> None:
    s = Statistics.of("s", [nan])
    assert isnan(s.mean)
    assert isnan(s.smallest)
    assert s.norm == 0.0


# Data

RNG = random.Random(0)
FLATS = [([RNG.uniform(30, 150), RNG.uniform(0, 80)], RNG.gauss(2.0, 0.5)) for _ in range(40)]
SCALED = [([(a - 90) / 35, (b - 40) / 23], y) for (a, b), y in FLATS]


def warnings(data: Any) -> str:
    return "\n".join(analyze_data(data).warnings)


@pytest.mark.parametrize("data", [xor(), moons(100), SCALED])
def test_sound_data_are_true(data: Any) -> None:
    report = analyze_data(data)
    assert report
    assert report.warnings == ()


def test_columns_are_counted_and_the_best_constant_is_the_variance() -> None:
    report = analyze_data([([1.0, 2.0], 0.0), ([1.5, 0.0], 2.0), ([1.0, 2.0], 0.0)])
    assert [s.name for s in report.inputs + report.targets] == ["input 0", "input 1", "target"]
    assert (report.examples, report.distinct) == (3, 2)
    assert report.baseline == pytest.approx(8 / 9)


def test_the_baseline_is_the_loss_of_a_network_that_knows_only_the_mean() -> None:
    targets = [[1.0, 10.0], [2.0, 0.0], [4.0, -5.0]]
    report = analyze_data([([float(i)], y) for i, y in enumerate(targets)])
    means = [Value(sum(column) / 3) for column in zip(*targets, strict=True)]
    assert report.baseline == pytest.approx(mse_loss([means] * 3, targets).data)
    assert [s.name for s in report.targets] == ["target 0", "target 1"]


def test_rows_that_are_all_one_list_are_told() -> None:
    """The same list appended again and again: every row shows what was written last."""
    text = warnings([([1.0, 1.0], y) for y in (-1.0, 1.0, 1.0, -1.0)])
    assert "input 0 is always 1" in text
    assert "2 examples have the inputs of another one and a different target" in text


def test_unscaled_inputs_are_told() -> None:
    assert warnings(FLATS) == "the inputs reach 150: bring all inputs near 1 (see Standardise)"


def test_inputs_of_very_different_size_are_told() -> None:
    text = warnings([([x, 300.0 * y], t) for (x, y), t in SCALED])
    assert text.startswith("input 1 reaches")
    assert "and input 0 only" in text


def test_inputs_that_are_all_tiny_are_told() -> None:
    assert "the inputs reach 0.0" in warnings([([x / 100, y / 100], t) for (x, y), t in SCALED])


def test_one_label_a_hundred_times_too_large_is_told() -> None:
    data = [*SCALED[:-1], (SCALED[-1][0], SCALED[-1][1] * 100.0)]
    (warning,) = analyze_data(data).warnings
    assert warning.startswith("target: 1 far from all others")


@pytest.mark.parametrize("number", [nan, inf])
def test_numbers_that_are_not_finite_come_first(number: float) -> None:
    report = analyze_data([([number, 500.0], 1.0), *FLATS])
    assert report.warnings[0] == "input 0: 1 are not finite"
    assert not report


def test_targets_that_never_change_are_told() -> None:
    assert warnings([([x], 1.0) for x in (0.1, 0.5, 0.9)]) == "target is always 1"


def test_a_picture_s_empty_corner_is_no_fault() -> None:
    assert analyze_data([([0.0, x], x) for x in (0.1, 0.5, 0.9)])
    assert not analyze_data([([1.0, x], x) for x in (0.1, 0.5, 0.9)])


@pytest.mark.parametrize(
    "take", [list, iter, lambda data: zip(*zip(*data, strict=True), strict=True)]
)
def test_data_are_any_iterable_taken_once(take: Callable[[Any], Any]) -> None:
    assert analyze_data(take(FLATS)) == analyze_data(FLATS)


def test_data_may_be_arrays_and_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    xs, ys = [x for x, _ in FLATS], [y for _, y in FLATS]
    arrays = zip(numpy.array(xs), numpy.array(ys), strict=True)
    assert analyze_data(arrays) == analyze_data(FLATS)
    assert len(analyze_data([(numpy.ones((2, 3)), 1.0)]).inputs) == 6
    assert len(analyze_data([(0.5, 1.0), (0.7, Value(2.0))]).inputs) == 1


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([], ValueError, "at least one training example"),
        ([1.0], TypeError, "example 0 to be a pair"),
        ([("ab", 1.0)], TypeError, "the inputs of example 0 to be a real number"),
        ([([1.0], "b")], TypeError, "the target of example 0 to be a real number"),
        ([([1.0], 1.0), ([1.0, 2.0], 1.0)], ValueError, "got 1 in example 0 and 2 in example 1"),
    ],
)
def test_what_is_no_data_is_refused(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        analyze_data(data)


def test_a_long_report_is_cut() -> None:
    report = analyze_data([([float(i + k) for i in range(64)], k) for k in range(4)])
    lines = str(report).splitlines()
    assert "... and 44 more" in lines
    assert len(lines) < 30


def test_a_prediction_may_be_looked_at_as_data() -> None:
    net = MLP(2, [1])
    assert isinstance(analyze_data([(x, net(x)) for x, _ in xor()]), DataReport)
