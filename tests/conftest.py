"""What tests share: random numbers that are the same in every run, a browser, and Sphinx."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("suite")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file together if they share what the file makes once.

    A book that Sphinx builds, or a hundred trainings, would else be made by every process that
    gets one of the tests. All other tests go wherever there is time. (The marks of pytest-xdist
    that are meant for this do nothing under this version of pytest.)
    """
    from xdist.scheduler import LoadScopeScheduling

    @cache
    def shares(file: str) -> bool:
        path = config.rootpath / file
        return path.is_file() and 'scope="module"' in path.read_text("utf-8")

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if shares(file) else nodeid

    return Together(config, log)


@pytest.fixture(autouse=True)
def seeded() -> None:
    random.seed(0)


def sphinx(
    builder: str, source: Path, out: Path, *options: str, hush: tuple[str, ...] = ()
) -> tuple[int, str]:
    """Exit code and everything printed by one run of Sphinx on a small book.

    ``hush`` are kinds of warnings that such a book gives rise to by what it does not have.
    """
    command = [sys.executable, "-m", "sphinx", "-q", "-b", builder, "-c", str(ROOT / "conf")]
    silent = ",".join(("toc.not_included", "moved", *hush))
    command += ["-d", str(out / "doctrees"), "-D", f"suppress_warnings={silent}", *options]
    run = subprocess.run(
        [*command, str(source), str(out / builder)], capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout + run.stderr


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser of this machine."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed")
    arguments = ["--no-sandbox", "--disable-gpu"]
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
