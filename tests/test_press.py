"""The press itself: pages come, change and go with their chapters, and it says what it does."""

from __future__ import annotations

import functools
import http.server
import os
import re
import socket
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")

from sphinx.errors import ExtensionError

sys.path.insert(0, str(ROOT / "conf"))
accessibility: Any = import_module("press.accessibility")
HUSH = ("chapter",)  # such a book has no milestones


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"press.{module}", *arguments]
    env = os.environ | {"PYTHONPATH": str(ROOT / "conf")}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of three pages that lists a file and has a figure, with its examples run, built."""
    folder = tmp_path_factory.mktemp("press")
    (folder / "book").mkdir()
    (folder / "book" / "index.md").write_text("# Page\n\n```{plot} line.py\n:alt: A.\n\nA.\n```\n")
    (folder / "book" / "line.py").write_text("import matplotlib.pyplot as p\np.plot([1])\n")
    (folder / "book" / "listing.md").write_text(
        "# Listing\n\n```{literalinclude} code.py\n:caption: Code\n```\n"
    )
    (folder / "book" / "code.py").write_text("first = 1\n")
    (folder / "book" / "gone.md").write_text("# Gone\n\nVanishing words.\n")
    return folder


def build(folder: Path, *options: str) -> str:
    """What is printed when the book is built as ``make book`` builds it."""
    told = ""
    for builder in ("doctest", "html"):
        code, printed = sphinx(builder, folder / "book", folder, *options, hush=HUSH)
        assert code == 0, printed
        told += printed
    return told


def test_a_build_says_what_it_does_a_line_a_phase(folder: Path) -> None:
    assert build(folder, "-D", "progress=1").splitlines() == [
        "Reading pages: 3",
        "Drawing figures: 1",
        "Writing pages: 3",
    ]
    assert build(folder, "-D", "progress=1") == ""


def test_what_a_page_lists_has_changed_and_the_page_changes(folder: Path) -> None:
    (folder / "book" / "code.py").write_text("second = 2\n")
    build(folder)
    assert "second" in (folder / "html" / "listing.html").read_text("utf-8")


def test_a_deleted_chapter_leaves_no_page_and_nothing_to_find(folder: Path) -> None:
    index = folder / "html" / "searchindex.js"
    assert (folder / "html" / "gone.html").exists()
    assert "vanish" in index.read_text("utf-8")
    (folder / "book" / "gone.md").unlink()
    build(folder)
    assert not (folder / "html" / "gone.html").exists()
    assert "vanish" not in index.read_text("utf-8").replace('"vanish":[]', "")  # in no page
    assert '"docnames":["index","listing"]' in index.read_text("utf-8")
    said = (folder / "html" / "_static" / "search-places.js").read_text("utf-8")
    assert "Vanishing" not in said
    assert {page.name for page in (folder / "html").glob("*.html")} == {
        "404.html",
        "genindex.html",
        "index.html",
        "listing.html",
        "search.html",
    }


def test_a_figure_is_drawn_for_another_script_not_for_a_later_one(folder: Path) -> None:
    script = folder / "book" / "line.py"
    shown = folder / "html" / "_images" / "line.svg"
    before = shown.read_text("utf-8")
    (folder / "figures" / "line.svg").write_text("<svg>kept</svg>")
    script.touch()
    build(folder)
    assert shown.read_text("utf-8") == "<svg>kept</svg>"
    script.write_text(f"{script.read_text()}p.plot([2])\n")
    build(folder)
    assert shown.read_text("utf-8") not in ("<svg>kept</svg>", before)


def test_the_figure_of_a_deleted_plot_goes(folder: Path) -> None:
    (folder / "book" / "index.md").write_text("# Page\n")
    build(folder)
    assert not (folder / "figures" / "line.svg").exists()
    assert not (folder / "html" / "_images" / "line.svg").exists()


def test_text_of_another_package_that_is_not_there_any_more_is_told() -> None:
    page = '<body><aside class="sidebar">'
    with pytest.raises(ExtensionError, match=r"what furo writes.*another version of furo"):
        accessibility.mended(page)
    page = '<p class="caption"><div class="highlight"><pre>'
    with pytest.raises(ExtensionError, match="what sphinx writes"):
        accessibility.mended(page)


def test_a_drawing_that_is_marked_otherwise_is_told() -> None:
    stepper: Any = import_module("press.stepper")
    micrograd: Any = import_module("micrograd")
    with pytest.raises(ValueError, match="expected 4 nodes and 3 edges in the drawing, found 0"):
        stepper.mark("<svg></svg>", micrograd.Value(1.0) + 2)


# The commands.


def test_a_busy_port_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        served = run("serving", str(tmp_path), str(port))
    assert served.returncode == 1
    assert served.stderr == (
        f"port {port} is in use by another program: try make serve PORT={port + 1}\n"
    )


def test_serving_what_is_not_built_is_told_in_a_line(tmp_path: Path) -> None:
    served = run("serving", str(tmp_path), "8000")
    assert served.returncode == 1
    assert re.fullmatch(r"expected the book in .*: run make book first\n", served.stderr)


def test_what_is_not_there_is_answered_by_the_page_for_it(tmp_path: Path) -> None:
    serving = import_module("press.serving")
    (tmp_path / "404.html").write_text("<html><head></head><body>Gone astray</body></html>")
    handler = functools.partial(serving.Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(HTTPError, match="404") as told:
            urlopen(f"http://127.0.0.1:{server.server_port}/deep/below/nothing.html")
        server.shutdown()
    assert told.value.read().startswith(b'<html><head><base href="/">')


@pytest.mark.parametrize("milestone", ["99", "two"])
def test_a_milestone_that_is_none_is_told_in_a_line(folder: Path, milestone: str) -> None:
    option = ("-D", f"milestone={milestone}")
    code, printed = sphinx("doctest", folder / "book", folder, *option, hush=HUSH)
    assert code == 1
    assert re.fullmatch(rf"expected MILESTONE to be one of 1, .*, got {milestone}\n", printed)


def test_a_check_that_fails_is_no_error_of_make_and_one_of_the_workbench(tmp_path: Path) -> None:
    workbench = tmp_path / "workbench"
    python = [sys.executable, "-m", "micrograd.workbench"]
    subprocess.run([*python, "new", str(workbench)], check=True, capture_output=True)
    failed = subprocess.run([*python, "check", str(workbench)], check=False, capture_output=True)
    assert failed.returncode == 1
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    options = [f"VENV={tmp_path}", f"BIN={tmp_path / 'bin'}", f"READY={workbench}"]
    for where, expected in ((workbench, 0), (tmp_path / "nothing", 2)):
        command = ["make", "-C", str(ROOT), "check", f"DIR={where}", *options]
        checked = subprocess.run(command, check=False, capture_output=True, text=True)
        assert checked.returncode == expected, checked.stderr
        # `make[1]`, if these tests are run by make themselves
        assert bool(re.search(r"^make(\[\d+\])?: \*\*\*", checked.stderr, re.M)) == bool(expected)
