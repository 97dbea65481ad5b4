"""Milestones 5 to 8 in the workbench: templates, solutions, where one may begin, mistakes."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from micrograd.milestones import load_milestone, load_milestones
from micrograd.workbench import WorkbenchError, check_milestone, check_workbench, lay_out, main
from micrograd.workbench.folder import ARRAYS, FIRST_OF_ARRAYS, finished
from micrograd.workbench.steps import solved, template

pytest.importorskip("numpy", reason="NumPy is not installed")

NUMBERS = range(FIRST_OF_ARRAYS, FIRST_OF_ARRAYS + len(ARRAYS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ARRAYS:
        (tmp_path / f"{name}.py").write_text(finished(name), "utf-8")
    return tmp_path


def test_the_finished_files_pass(folder: Path) -> None:
    assert [result.milestone.number for result in check_workbench(folder)] == [*NUMBERS]
    assert [result.failure for result in check_workbench(folder)] == [None] * 4


@pytest.mark.parametrize("begin", NUMBERS)
def test_whoever_begins_later_finds_what_comes_before_finished(begin: int, tmp_path: Path) -> None:
    assert [file.name for file, new in lay_out(tmp_path, begin) if new] == [
        f"{name}.py" for name in ARRAYS
    ]
    for result in check_workbench(tmp_path):
        if result.milestone.number < begin:
            assert result.failure is None
        else:
            assert result.failure is not None
            assert result.failure.came.startswith("NotImplementedError: ")
            assert result.milestone.number == begin


@pytest.mark.parametrize("name", ARRAYS)
def test_a_template_has_the_steps_and_nothing_of_what_they_come_to(
    name: str, tmp_path: Path
) -> None:
    lay_out(tmp_path, FIRST_OF_ARRAYS)
    text = (tmp_path / f"{name}.py").read_text("utf-8")
    done = finished(name)
    assert text.count("raise NotImplementedError(") >= 2
    assert "TODO" not in done
    assert "Fill in" not in done
    assert outline(text) == outline(done)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            written = ast.get_source_segment(text, node) or ""
            steps = [line for line in written.splitlines() if "# TODO " in line]
            numbers = [int(line.split("# TODO ")[1].split(":")[0]) for line in steps]
            assert numbers == [*range(1, len(steps) + 1)]
            if steps:
                *described, last = node.body
                assert isinstance(last, ast.Raise)
                assert len(described) == 1


def outline(text: str) -> list[tuple[str, str]]:
    """The names and the descriptions of what a file defines."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    nodes = [
        node
        for top in ast.parse(text).body
        if isinstance(top, kinds)
        for node in (top, *(inner for inner in top.body if isinstance(inner, kinds)))
    ]
    return [(node.name, ast.get_docstring(node) or "") for node in nodes]


def test_a_step_may_go_on_over_lines() -> None:
    text = "def f():\n    # TODO 1: One\n    #         and more\n    # a remark\n    return 1\n"
    assert solved(text) == "def f():\n    # a remark\n    return 1\n"
    assert template(text) == (
        'def f():\n    # TODO 1: One\n    #         and more\n    raise NotImplementedError("f")\n'
    )


def test_a_milestone_without_its_files_says_what_writes_them(tmp_path: Path) -> None:
    lay_out(tmp_path)
    with pytest.raises(WorkbenchError, match=r"milestone 6 in .* --from 5 .*` writes"):
        list(check_workbench(tmp_path, 6))
    lay_out(tmp_path / "arrays", 5)
    with pytest.raises(WorkbenchError, match=r"milestone 1 in .*; `.* new .*` writes them"):
        list(check_workbench(tmp_path / "arrays", 1))


def test_the_readers_own_stand_in_for_the_package(folder: Path) -> None:
    (folder / "tensor.py").write_text("class Table: pass\n", "utf-8")
    failure = check_milestone(folder, load_milestone(5, own=True)).failure
    assert failure is not None
    assert failure.came.startswith("ImportError: ")  # though the package has a Tensor


@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize(
    ("number", "place", "drawing"),
    [
        (7, r"(>>> seen, unseen = .*\n)", r"\1>>> rng = np.random.default_rng({seed})\n"),
        (8, r"default_rng\(\d\)", "default_rng({seed})"),
    ],
)
def test_right_code_learns_whatever_it_draws(
    number: int, place: str, drawing: str, seed: int, folder: Path
) -> None:
    milestone = load_milestone(number, own=True)
    checks = [
        replace(check, doctest=re.sub(place, drawing.format(seed=seed), check.doctest))
        for check in milestone.checks
    ]
    drawn = replace(milestone, checks=tuple(checks))
    assert drawn != milestone
    assert check_milestone(folder, drawn).failure is None


def test_the_solution_of_a_milestone_is_the_template_with_its_steps_done(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solution", "7", str(folder)]) == 2
    assert main(["check", str(folder), "--milestone", "7"]) == 0
    assert main(["solution", "7", str(folder), "--name", "BatchNorm.eval"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-5:] == [
        "# pictures.py",
        "",
        "    def eval(self) -> None:",
        '        """Go by what is known."""',
        "        self.train(False)",
    ]


def test_checks_of_the_package_are_none_of_the_readers() -> None:
    for milestone in load_milestones():
        own = load_milestone(milestone.number, own=True)
        assert all(not check.needs for check in own.checks)
        assert (own.checks == milestone.checks) == (milestone.number < FIRST_OF_ARRAYS)
