"""Has it changed? What things are made from: all that they import and read, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "conf"))
changes: Any = import_module("press.changes")

TOY = {
    "toy/__init__.py": "from toy.engine import Value\nfrom .nets import Net\nfrom . import extra\n",
    "toy/engine.py": "class Value: ...\n",
    "toy/nets.py": "from toy.engine import Value\nclass Net: ...\n",
    "toy/extra.py": "from . import nets\n",
    "toy/sets.py": "DATA = files(__package__) / 'data' / 'digits.csv'\n",
    "toy/names.py": "text = files('toy') / 'data' / name\n",
    "toy/data/digits.csv": "1\n",
    "toy/inner/__init__.py": "from ..engine import Value\n",
    "toy/inner/child.py": "from . import Value\n",
    "toy/inner/hint.txt": "Look again.\n",
    "book/results.json": "{}",
    "book/plot.py": "",
}


@pytest.fixture
def toy(tmp_path: Path) -> Any:
    """A package with a package inside, and a book beside it."""
    for name, text in TOY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return changes.Sources(toy=tmp_path / "toy")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("import math", ""),
        ("from toy import Value", "engine.py"),
        ("from toy import Net", "nets.py engine.py"),
        ("from toy import extra", "extra.py nets.py engine.py"),
        ("from toy.nets import Net", "nets.py engine.py"),
        ("import toy.nets", "nets.py engine.py"),
        ("import toy.nets\ntoy.nets.Net", "nets.py engine.py"),
        ("import toy\ntoy.Value", "engine.py"),
        ("import toy\ntoy.__all__", "__init__.py"),
        ("def f():\n    from toy import Value", "engine.py"),
        ("from toy import sets", "sets.py data/digits.csv"),
        ("from toy import names", "names.py data/digits.csv"),
        (
            "from toy.inner import child",
            "inner/__init__.py inner/child.py inner/hint.txt engine.py",
        ),
        ("import_module('toy.nets')", "nets.py engine.py"),
        ("Path(__file__).with_name('results.json')", "../book/results.json"),
        ("def (", ""),
    ],
)
def test_code_is_made_from_what_it_imports_and_reads(
    toy: Any, tmp_path: Path, code: str, wanted: str
) -> None:
    script = tmp_path / "book" / "plot.py"
    script.write_text(code)
    found = toy.of(script) - {script}
    assert found == {(tmp_path / "toy" / name).resolve() for name in wanted.split()}


@pytest.mark.parametrize(
    "code", ["import toy\nf(toy)", "import toy\ntoy.__file__", "import toy as t"]
)
def test_a_package_that_is_used_as_a_whole_is_needed_as_a_whole(toy: Any, code: str) -> None:
    assert {file.name for file in toy.of(code=[code])} == {
        Path(name).name for name in TOY if name.startswith("toy")
    }


FIGURES = {file: file.read_text("utf-8") for file in ROOT.glob("book/**/figures/*.py")}


def test_a_typo_in_a_hint_redraws_none_of_the_figures_that_train_networks() -> None:
    hints = set((ROOT / "micrograd" / "milestones").glob("*.txt"))
    training = [file for file, code in FIGURES.items() if re.search("import .*(MLP|moons)", code)]
    assert hints
    assert training
    for figure in training:
        assert not changes.SOURCES.of(figure) & hints, figure


def test_a_figure_is_made_from_the_numbers_it_shows() -> None:
    shown = {
        file: file.parent / name
        for file, code in FIGURES.items()
        for name in re.findall(r'with_name\("(.*?)"\)', code)
    }
    assert shown
    for figure, results in shown.items():
        assert results in changes.SOURCES.of(figure)


def test_a_fingerprint_tells_contents_names_and_places_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("x")
    other.write_text("x")
    known = [
        changes.fingerprint([one]),
        changes.fingerprint([other]),
        changes.fingerprint([one, other]),
        changes.fingerprint([one], "more"),
    ]
    os.utime(one, (0, 0))
    assert changes.fingerprint([one]) == known[0]
    assert changes.fingerprint([other, one]) == known[2]
    one.write_text("y")
    known.append(changes.fingerprint([one]))
    one.unlink()
    known.append(changes.fingerprint([one]))
    assert len(set(known)) == len(known)


def test_make_is_told_of_what_is_new_gone_or_another_and_of_nothing_else(tmp_path: Path) -> None:
    told, page = tmp_path / "build" / "told", tmp_path / "book" / "part" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Page\n")

    def time() -> int:
        command = [sys.executable, "-m", "press.changes", str(told), str(tmp_path / "book")]
        env = os.environ | {"PYTHONPATH": str(ROOT / "conf")}
        subprocess.run(command, check=True, env=env)
        now = told.stat().st_mtime_ns
        os.utime(told, ns=(0, 0))
        return now

    assert time() > 0
    assert time() == 0
    (page.parent / "__pycache__").mkdir()
    (page.parent / "__pycache__" / "page.cpython-311.pyc").write_bytes(b"")
    os.utime(page, (1, 1))
    assert time() == 0
    page.write_text("# Other\n")
    assert time() > 0
    page.rename(page.with_name("moved.md"))
    assert time() > 0
    page.with_name("moved.md").unlink()
    assert time() > 0
