"""What the workbench offers beside the first failure: all of them, JSON, a shell, a new start."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from experiments.mistakes import CLOSURES

from micrograd.milestones import load_milestone, load_milestones
from micrograd.workbench import WorkbenchError, check_milestone, main, reset, running

RIGHT = CLOSURES.read_text("utf-8")
WRONG_TANH = ("(1 - t**2)", "(1 - t)")
NO_REPR = ("def __repr__", "def repr")
STUCK = ("        t = math.tanh(self.data)\n", "        while True: pass\n")


def begin_with(folder: Path, *edits: tuple[str, str]) -> Path:
    """A workbench with a right implementation in which some text is replaced."""
    source = RIGHT
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    (folder / "engine.py").write_text(source, "utf-8")
    return folder


def failed(folder: Path, milestone: int = 1, limit: float = 60.0) -> list[str]:
    """The titles of all checks of a milestone that fail."""
    result = check_milestone(folder, load_milestone(milestone), limit, every=True)
    assert result.ran == len(result.milestone.checks)
    return [failure.check.title for failure in result.failures]


# Every check is run.


def test_after_a_check_that_fails_the_others_are_run(tmp_path: Path) -> None:
    assert failed(begin_with(tmp_path, WRONG_TANH, NO_REPR)) == [
        "A value can be read",
        "The derivative of tanh",
        "A later change of the data changes no derivative",
    ]


def test_after_an_example_that_ends_the_process_the_others_are_run(tmp_path: Path) -> None:
    folder = begin_with(tmp_path, STUCK, NO_REPR)
    assert failed(folder, limit=0.5) == [
        "The hyperbolic tangent",
        "It stays bounded, however large the input",
        "A value can be read",
        "The derivative of tanh",
        "A later change of the data changes no derivative",
    ]


def test_a_check_that_lacks_what_another_was_to_make_says_so(tmp_path: Path) -> None:
    folder = begin_with(tmp_path, ("class MLP", "class Network"))
    result = check_milestone(folder, load_milestone(3), every=True)
    came = {failure.came for failure in result.failures[1:]}
    assert any(text.startswith("not run, for want of: ") for text in came)
    assert not any(text.startswith("NameError") for text in came)


def test_the_command_lists_all_that_fail_and_explains_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(begin_with(tmp_path, WRONG_TANH, NO_REPR)), "--all"]) == 1
    said = capsys.readouterr().out
    assert "Milestone 1, A value that remembers: 15 of 18 checks pass\n  failed  A value" in said
    assert "Milestone 2, The blame flows back: 13 of 14 checks pass\n  failed  Every" in said
    assert said.count("Failed: ") == 1
    assert "\nFailed: A value can be read\n" in said


# For a program that grades.


def report(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["check", str(folder), "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_the_report_has_a_line_for_every_check_of_every_milestone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = report(begin_with(tmp_path), capsys)
    assert (code, told["version"], told["passed"]) == (0, 1, True)
    assert [(check["milestone"], check["check"]) for check in told["checks"]] == [
        (milestone.number, check.title)
        for milestone in load_milestones(own=True)[:4]  # there is no tensor.py
        for check in milestone.checks
    ]
    nothing = {"passed": True, "expected": "", "came": "", "where": "", "hint": ""}
    assert all(check.items() >= nothing.items() for check in told["checks"])


def test_the_report_of_a_failure_says_what_a_reader_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edits = WRONG_TANH, ("self.data + right.data", "self.date")
    code, told = report(begin_with(tmp_path, *edits), capsys, "--milestone", "1")
    assert (code, told["passed"]) == (1, False)
    wrong = {check["check"]: check for check in told["checks"] if not check["passed"]}
    tanh = wrong["The derivative of tanh"]
    assert (tanh["expected"], tanh["came"], tanh["where"]) == ("0.42", "0.2384", "")
    assert tanh["hint"].startswith("the result was subtracted from 1")
    summed = wrong["A sum knows its parents"]
    line = RIGHT[: RIGHT.index("self.data + right.data")].count("\n") + 1
    assert summed["where"] == f"{tmp_path / 'engine.py'}:{line}, in __add__"
    [milestone] = told["milestones"]
    assert milestone["passed"] == len(told["checks"]) - len(wrong)


def test_a_report_writes_nothing_into_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(begin_with(tmp_path), capsys, "--milestone", "1")
    assert [path.name for path in tmp_path.iterdir()] == ["engine.py"]


def test_a_folder_without_an_engine_is_no_failed_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path), "--json"]) == 2
    assert capsys.readouterr().out == ""


# A shell on the reader's own files.


def tried(folder: Path, typed: str) -> str:
    line = [sys.executable, "-m", "micrograd.workbench", "try", str(folder)]
    done = subprocess.run(line, input=typed, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout + done.stderr


def test_a_shell_has_run_the_failed_check_on_the_readers_files(tmp_path: Path) -> None:
    folder = begin_with(tmp_path, WRONG_TANH)
    main(["check", str(folder)])
    said = tried(folder, "x.grad > 1, Value.__module__\n")
    assert "The derivative of tanh, on your files." in said
    assert ">>> x.tanh().backward()\n>>> round(x.grad, 4)\n0.2384\n" in said
    assert "(False, 'micrograd.engine')" in said


def test_a_shell_has_what_earlier_checks_made_and_shows_where_it_breaks(tmp_path: Path) -> None:
    folder = begin_with(tmp_path, ("act.tanh()", "act.tan()"))
    assert main(["check", str(folder), "--milestone", "3"]) == 1
    said = tried(folder, "neuron_with([1.0], 0.0, False)([2.0]).data\n")
    assert "has no attribute 'tan'" in said
    assert ">>> 2.0\n" in said


def test_a_shell_opens_also_if_nothing_has_failed(tmp_path: Path) -> None:
    assert "6.0\n" in tried(begin_with(tmp_path), "(Value(2.0) * 3).data\n")


def test_the_shell_takes_more_than_one_line_from_a_check(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = running.interact(begin_with(tmp_path), "a = 2\n1 / 0\n", ["for i in [a]:\n    i + 1\n"])
    assert code == 0
    assert ">>> for i in [a]:\n...     i + 1\n3\n" in capfd.readouterr().out


# A file begun again.


def test_a_file_begun_again_is_kept_beside_the_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin_with(tmp_path)
    for number in (1, 2):
        assert main(["reset", "engine", str(tmp_path)]) == 0
        assert f"yours is now {tmp_path / f'engine.py.old{number}'}" in capsys.readouterr().out
    assert (tmp_path / "engine.py.old1").read_text("utf-8") == RIGHT
    assert "TODO" in (tmp_path / "engine.py").read_text("utf-8")
    with pytest.raises(WorkbenchError, match="expected a file to begin again"):
        reset(tmp_path / "nowhere", "nn")


# A later beginning.


@pytest.mark.parametrize(("begin", "file"), [(3, "nn"), (4, "training")])
def test_one_may_begin_later_with_what_comes_before_done(
    begin: int, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path), "--from", str(begin)]) == 0
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert said.count(": all ") == begin - 1
    assert f"Milestone {begin}, {load_milestone(begin).title}: 0 of" in said
    assert f"is not written yet\n  where     {tmp_path / file}.py:" in said


def test_in_the_middle_of_a_file_the_steps_before_are_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path), "--from", "2"]) == 0
    assert main(["check", str(tmp_path), "--milestone", "2"]) == 1
    assert "Value.backward is not written yet" in capsys.readouterr().out
    text = (tmp_path / "engine.py").read_text("utf-8")
    assert text.count("raise NotImplementedError") == 2  # backward, and the order it goes by
    with pytest.raises(SystemExit, match="2"):
        main(["new", str(tmp_path), "--from", "9"])
    assert "choose from" in capsys.readouterr().err


# The line that went wrong.


def test_the_example_that_went_wrong_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", str(begin_with(tmp_path, WRONG_TANH))])
    shown = "    x = Value(1.0)\n    x.tanh().backward()\n  > round(x.grad, 4)\n"
    assert shown in capsys.readouterr().out
