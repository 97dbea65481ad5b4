"""``{faults}``: runs a table of faults while a page is read, and refuses a wrong one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")

PROJECT = ROOT / "tests" / "experiments" / "faults.py"
TABLE = """
from types import SimpleNamespace

def broken():
    raise ArithmeticError("out of reach")

def run():
    return {ending}

FAULTS = [
    SimpleNamespace(table="numerical", name="a fault", injection="by hand",
                    detector="monitor", outcome="recovered", run=run)
]
"""
RIGHT = TABLE.format(ending="'monitor', 'recovered'")
REFUSED = {
    "lost": ("'monitor', 'lost'", "got ('monitor', 'lost')"),
    "unnoticed": ("'nobody', 'recovered'", "got ('nobody', 'recovered')"),
    "raising": ("broken()", "got ArithmeticError('out of reach')"),
}


def write_page(folder: Path, table: str, name: str = "index") -> None:
    (folder / "book" / f"{name}.md").write_text(f"# Page\n\n```{{faults}} {table}\n```\n")


class Build(NamedTuple):
    code: int
    printed: str
    project: str  # the page with the faults of this project


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Build, Build]:
    """Two builds of a book that has no milestones.

    In the first all is right. Then one table changes, and there is a page for each wrong one, and
    one without any.
    """
    folder = tmp_path_factory.mktemp("faults")
    (folder / "book").mkdir()

    def build() -> Build:
        code, printed = sphinx(
            "html", folder / "book", folder, "-W", "--keep-going", hush=("chapter",)
        )
        return Build(code, printed, (folder / "html" / "project.html").read_text("utf-8"))

    (folder / "table.py").write_text(RIGHT)
    write_page(folder, "../table.py")
    write_page(folder, os.path.relpath(PROJECT, folder / "book"), "project")
    before = build()
    (folder / "table.py").write_text(TABLE.format(ending=REFUSED["lost"][0]))
    write_page(folder, "../none.py", "none")
    for name, (ending, _) in REFUSED.items():
        (folder / f"{name}.py").write_text(TABLE.format(ending=ending))
        write_page(folder, f"../{name}.py", name)
    return before, build()


def refused(build: Build, page: str, got: str) -> bool:
    """Whether a build says of a page what its fault came to."""
    said = [line for line in build.printed.splitlines() if f"{page}.md:3" in line]
    expected = "expected a fault (by hand) to end in ('monitor', 'recovered'), "
    return any(expected + got in line for line in said)


def test_a_right_table_is_shown_without_a_word(builds: tuple[Build, Build]) -> None:
    assert builds[0][:2] == (0, "")


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_a_fault_that_does_not_end_as_its_row_says(
    name: str, builds: tuple[Build, Build]
) -> None:
    assert builds[1].code == 1
    assert refused(builds[1], name, REFUSED[name][1]), builds[1].printed


def test_refuses_a_file_that_is_missing(builds: tuple[Build, Build]) -> None:
    assert "expected FAULTS in ../none.py, got FileNotFoundError" in builds[1].printed


def test_a_page_is_read_again_when_its_faults_change(builds: tuple[Build, Build]) -> None:
    assert refused(builds[1], "index", REFUSED["lost"][1]), builds[1].printed


def test_the_faults_of_this_project_are_shown(builds: tuple[Build, Build]) -> None:
    page = builds[0].project
    for words in ("Numerical failures", "Graph failures", "Training failures", "overfitting"):
        assert page.count(f">{words}<") == 1
    assert page.count(">validate_graph: cycle<") == 1


def test_the_faults_of_this_project_need_no_pytest() -> None:
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, str(PROJECT)], cwd=ROOT, check=True)
