"""The notice that another distribution of the same import name was installed over this one."""

import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import micrograd
from micrograd._other import check, trouble

PACKAGE = Path(micrograd.__file__).parent
THEIRS = {"__init__.py": "", "engine.py": "class Value:\n    pass\n", "nn.py": "class MLP: pass\n"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder in which this package is installed."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "micrograd", ignore=ignore)
    (tmp_path / "micrograd_book-0.1.0.dist-info").mkdir()
    (tmp_path / "micrograd-notes.txt").touch()
    return tmp_path


def install_the_other(site: Path) -> None:
    (site / "micrograd-0.1.0.dist-info").mkdir()
    for name, text in THEIRS.items():
        (site / "micrograd" / name).write_text(text, "utf-8")


def test_package_alone_has_nothing_to_say(site: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(str(site / "micrograd"))
        check()


def test_the_other_one_installed_over_it_is_an_error(site: Path) -> None:
    install_the_other(site)
    with pytest.raises(ImportError, match=r"got that of the distribution micrograd: pip uninst"):
        check(str(site / "micrograd"))


def test_the_other_one_below_it_is_a_warning(site: Path) -> None:
    (site / "micrograd-0.1.0.dist-info").mkdir()
    with pytest.warns(RuntimeWarning, match=r"installed in the same place.*: pip uninstall"):
        check(str(site / "micrograd"))


@pytest.mark.parametrize("name", THEIRS)
def test_a_file_that_the_other_one_took_along_is_an_error(site: Path, name: str) -> None:
    (site / "micrograd" / name).unlink()
    with pytest.raises(ImportError, match=rf"micrograd-book's {name}, which another package took"):
        check(str(site / "micrograd"))


def test_egg_info_of_the_other_one_is_noticed_too(site: Path) -> None:
    (site / "micrograd-0.1.0.egg-info").mkdir()
    assert "same place" in trouble(str(site / "micrograd"))


def test_a_module_that_is_left_can_say_it(site: Path) -> None:
    install_the_other(site)
    command = [sys.executable, "-S", "-c", "from micrograd._other import check; check()"]
    run = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    assert "ImportError: expected micrograd-book's engine.py" in run.stderr
