"""What is told of a training while it goes on: little in a file, one line on a terminal."""

from __future__ import annotations

import io
import re
from itertools import islice

import pytest

from micrograd import MLP, SGD, Batches, noisy_line, steps, told
from micrograd.loop import Steps
from micrograd.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(count: int) -> Steps:
    net = MLP(1, [1], init="zeros")
    batches = Batches(noisy_line(), 10, seed=0)
    yield from islice(steps(net, batches, SGD(net.parameters(), 0.1)), count)


def test_a_file_gets_a_few_lines_however_long_the_run() -> None:
    file = io.StringIO()
    passed = [step.iteration for step in told(run(1000), 1000, file=file)]
    assert passed == list(range(1, 1001))
    *lines, last = file.getvalue().splitlines()
    numbers = [int(line.split()[1].replace(",", "")) for line in lines]
    assert numbers == [200, 400, 600, 800, 1000]
    assert re.fullmatch(r"[\d,]+ examples a second", last)


def test_without_a_length_the_lines_become_rarer_and_the_last_step_is_told() -> None:
    file = io.StringIO()
    list(told(run(11), file=file))
    lines = [line.split(":")[0] for line in file.getvalue().splitlines()[:-1]]
    assert lines == ["step 1", "step 2", "step 4", "step 8", "step 11"]


def test_a_terminal_has_one_line_that_ends_with_the_last_step() -> None:
    terminal = Terminal()
    list(told(run(300), 300, file=terminal))
    moving, speed, rest = terminal.getvalue().split("\n")
    assert moving.split("\r")[-1].startswith("step 300 of 300: loss ")
    assert speed.endswith(" examples a second")
    assert rest == ""


def test_nothing_is_left_of_a_longer_line_below_a_shorter_one() -> None:
    terminal = Terminal()
    progress = Progress(file=terminal)
    progress.tell(1, 12345.0)
    progress.tell(2, 1.0)
    progress.end()
    first, second = terminal.getvalue().split("\r")[1:]
    assert len(second.rstrip("\n")) == len(first)


def test_a_run_that_is_broken_off_says_where() -> None:
    file = io.StringIO()
    run_told = told(run(100), 100, file=file)
    for step in run_told:
        if step.iteration == 7:
            break
    run_told.close()
    assert file.getvalue().startswith("step 7 of 100: loss ")


def test_what_a_step_goes_through_is_counted_in_ones_own_units() -> None:
    file, counted = io.StringIO(), []

    def letters(step: object) -> int:
        counted.append(step)
        return 12

    list(told(run(3), 3, amount=letters, unit="tokens", file=file))
    assert len(counted) == 3
    assert file.getvalue().endswith(" tokens a second\n")


def test_no_step_is_nothing_to_tell() -> None:
    file = io.StringIO()
    assert list(told(iter(()), 3, file=file)) == []
    assert file.getvalue() == ""


@pytest.mark.parametrize("total", [0, -1, 2.5, "ten"])
def test_a_length_is_a_whole_number_from_one(total: object) -> None:
    with pytest.raises((TypeError, ValueError), match="expected total"):
        Progress(total)  # type: ignore[arg-type]
