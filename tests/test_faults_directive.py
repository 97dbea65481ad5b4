"""``{faults}``: runs a table of faults while a page is read, and refuses a wrong one."""

import os
import subprocess
import sys
from pathlib import Path

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


def build(folder: Path, builder: str = "dummy") -> tuple[int, str]:
    """Exit code and output of building a book that has no milestones."""
    hush = "suppress_warnings=toc.not_included,chapter"
    return sphinx(builder, folder / "book", folder, "-W", "--keep-going", "-D", hush)


def write_page(folder: Path, table: str, name: str = "index") -> None:
    (folder / "book").mkdir(exist_ok=True)
    (folder / "book" / f"{name}.md").write_text(f"# Page\n\n```{{faults}} {table}\n```\n")


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the build says of a book with one page for each wrong table, and one without any."""
    folder = tmp_path_factory.mktemp("faults")
    write_page(folder, "../none.py")
    for name, (ending, _) in REFUSED.items():
        (folder / f"{name}.py").write_text(TABLE.format(ending=ending))
        write_page(folder, f"../{name}.py", name)
    code, printed = build(folder)
    assert code == 1
    return printed


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_a_fault_that_does_not_end_as_its_row_says(name: str, refusals: str) -> None:
    said = [line for line in refusals.splitlines() if f"{name}.md:3" in line]
    expected = "expected a fault (by hand) to end in ('monitor', 'recovered'), "
    assert any(expected + REFUSED[name][1] in line for line in said), refusals


def test_refuses_a_file_that_is_missing(refusals: str) -> None:
    assert "expected FAULTS in ../none.py, got FileNotFoundError" in refusals


def test_a_page_is_read_again_when_its_faults_change(tmp_path: Path) -> None:
    write_page(tmp_path, "../table.py")
    for table, expected in ((RIGHT, 0), (TABLE.format(ending=REFUSED["lost"][0]), 1)):
        (tmp_path / "table.py").write_text(table)
        code, printed = build(tmp_path)
        assert code == expected, printed


def test_the_faults_of_this_project_are_shown(tmp_path: Path) -> None:
    write_page(tmp_path, os.path.relpath(PROJECT, tmp_path / "book"))
    assert build(tmp_path, "html") == (0, "")
    page = (tmp_path / "html" / "index.html").read_text()
    for words in ("Numerical failures", "Graph failures", "Training failures", "overfitting"):
        assert page.count(f">{words}<") == 1
    assert page.count(">validate_graph: cycle<") == 1


def test_the_faults_of_this_project_need_no_pytest() -> None:
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, str(PROJECT)], cwd=ROOT, check=True)
