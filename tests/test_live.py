"""Examples that run on the page: what is fetched, what runs them, and what a reader sees of it."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sys.path[:0] = [str(ROOT / "conf"), str(ROOT / "conf" / "static" / "live")]
live: Any = import_module("press.live")
pyodide: Any = import_module("press.pyodide")
runner: Any = import_module("runner")
del sys.path[1]  # where the reader's browser finds it

FETCHED = ROOT / "build" / "pyodide"
SITE = ROOT / "build" / "html"
NOT_LIVE = pytest.mark.skip(reason="the book does not run its examples: run make live first")


# What is fetched.


@pytest.fixture
def tarball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the right shape in the folder to fetch into, and no npm."""
    file = tmp_path / f"pyodide-{pyodide.VERSION}.tgz"
    with tarfile.open(file, "w:gz") as package:
        for name in (*pyodide.FILES, "console.html"):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(name)
            package.addfile(member, io.BytesIO(name.encode()))
    monkeypatch.setattr(shutil, "which", lambda command: None)
    return file


def test_the_needed_files_are_unpacked(tarball: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha512(tarball.read_bytes()).digest()
    monkeypatch.setattr(pyodide, "INTEGRITY", f"sha512-{b64encode(digest).decode()}")
    pyodide.fetch(tarball.parent)
    assert {file.name for file in tarball.parent.iterdir()} == {tarball.name, *pyodide.FILES}
    assert (tarball.parent / "pyodide.mjs").read_text() == "pyodide.mjs"


def test_other_bytes_are_refused(tarball: Path) -> None:
    got = pyodide.integrity(tarball)
    with pytest.raises(SystemExit) as refusal:
        pyodide.fetch(tarball.parent)
    assert pyodide.INTEGRITY in str(refusal.value)
    assert got in str(refusal.value)
    assert list(tarball.parent.iterdir()) == []


def test_a_missing_npm_is_told(tarball: Path) -> None:
    tarball.unlink()
    with pytest.raises(SystemExit, match=r"expected the command npm.*and found none"):
        pyodide.fetch(tarball.parent)


def test_the_first_make_live_has_the_pages_run_what_it_fetches(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("book", "conf", "micrograd", "tests"):
        (tmp_path / name).mkdir()
    run = subprocess.run(
        ["make", "-n", "live"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    fetches = [line for line in run.stdout.splitlines() if "press.pyodide" in line]
    assert fetches[-1].endswith("press.pyodide build/pyodide")


def test_a_book_without_it_is_built_all_the_same(
    tarball: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tarball.unlink()
    pyodide.main(tarball.parent, optional=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("The examples will not run in the pages: expected the command npm, ")
    with pytest.raises(SystemExit):
        pyodide.main(tarball.parent)


def test_a_failing_npm_is_told(tarball: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tarball.with_name("npm")
    npm.write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda command: str(npm))
    tarball.unlink()
    message = r"expected npm to fetch pyodide .*, got no network: is there a network\?"
    with pytest.raises(SystemExit, match=message):
        pyodide.fetch(tarball.parent)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("npm error code ENOTFOUND\nnpm error request failed\n", "request failed"),
        ("npm ERR! code E404\nnpm ERR! 404 Not Found.\n", "404 Not Found"),
        ("npm error code EIO", "npm error code EIO"),
    ],
)
def test_of_what_npm_says_one_line_is_told(said: str, reason: str) -> None:
    assert pyodide.reason(said) == reason


def test_an_npm_that_does_not_end_is_given_up(
    tarball: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tarball.with_name("npm")
    npm.write_text("#!/bin/sh\nexec sleep 60\n")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda command: str(npm))
    monkeypatch.setattr(pyodide, "PATIENCE", 0.1)
    tarball.unlink()
    with pytest.raises(SystemExit, match=r"got nothing within 0.1 seconds: is there a network"):
        pyodide.fetch(tarball.parent)


# What runs them.


def block(printed: str, edited: str | None = None, number: int = 1) -> dict[str, Any]:
    return {"number": number, "printed": printed, "edited": edited}


@pytest.fixture
def session() -> Any:
    return runner.Session("no package")


@pytest.fixture
def told(session: Any) -> Callable[..., list[dict[str, Any]]]:
    """What the session tells of a block, and of those before it."""

    def run(this: dict[str, Any], *before: dict[str, Any], group: str = "") -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = []
        session.run(group, list(before), this, said.append)
        return said

    return run


def results(said: list[dict[str, Any]]) -> list[tuple[str, bool | None]]:
    return [(told["output"], told["same"]) for told in said if told["kind"] == "result"]


Told = Callable[..., list[dict[str, Any]]]


def test_what_is_as_printed_is_the_same(told: Told) -> None:
    said = told(block(">>> x = 2\n>>> x + 1\n3\n>>> print('a\\n\\nb')\na\n<BLANKLINE>\nb\n"))
    assert results(said) == [("", True), ("3\n", True), ("a\n\nb\n", True)]
    assert said[-1]["kind"] == "end"


@pytest.mark.parametrize(
    "example",
    [">>> 1\n2\n", ">>> 1\n", ">>> x = 1\n1\n", ">>> 1 / 0\n1\n"],
    ids=["another", "more", "less", "an error"],
)
def test_a_difference_is_told(told: Told, example: str) -> None:
    assert [same for _, same in results(told(block(example)))] == [False]


def test_a_printed_error_is_compared_by_its_last_line(told: Told) -> None:
    raised = (
        ">>> 1 / 0\nTraceback (most recent call last):\n    ...\nZeroDivisionError: {}\n>>> 5\n5\n"
    )
    right = results(told(block(raised.format("division by zero"))))
    wrong = results(told(block(raised.format("something"))))
    assert [same for _, same in right] == [True, True]
    assert [same for _, same in wrong] == [False, True]


def test_flags_of_an_example_hold(told: Told) -> None:
    said = told(block(">>> list(range(99))  # doctest: +ELLIPSIS\n[0, ..., 98]\n"))
    assert [same for _, same in results(said)] == [True]
    assert "doctest" not in said[1]["source"]


def test_a_traceback_begins_in_the_example(told: Told) -> None:
    said = told(block("", "def f():\n    return 1 / 0\n\nf()\nf()", number=7))
    (_, _), (output, _) = results(said)  # and nothing after the error
    assert output.splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "<example 7 of this page>", line 4, in <module>',
        "    f()",
    ]
    assert "line 2, in f\n    return 1 / 0\n" in output
    assert "runner.py" not in output


def test_a_syntax_error_names_its_line(told: Told) -> None:
    ((output, _),) = results(told(block(">>> 1\n1\n", "1\nx = = 2")))
    assert '"<example 1 of this page>", line 2\n' in output
    assert output.endswith("SyntaxError: invalid syntax\n")


def test_of_changed_code_the_unchanged_statements_are_compared(told: Told) -> None:
    printed = ">>> x = 2\n>>> x * x\n4\n>>> x\n2\n"
    assert results(told(block(printed, "x = 3\n\n# the square\nx * x\ny = 1; y\nx"))) == [
        ("", None),
        ("9\n", False),
        ("1\n", None),
        ("3\n", False),
    ]


def test_a_decorated_function_is_one_statement() -> None:
    code = "@f\n@g\ndef h():\n    return 1\na = 1; b = 2\nif a:\n    b\nelse:\n    a"
    assert list(runner.statements(code)) == [
        ("@f\n@g\ndef h():\n    return 1", 0),
        ("a = 1; b = 2", 4),
        ("if a:\n    b\nelse:\n    a", 5),
    ]


def test_what_stands_before_runs_once(told: Told, session: Any) -> None:
    first, second = block(">>> seen = []\n"), block(">>> seen.append(1)\n", number=2)
    third = block(">>> seen\n[1]\n", number=3)
    replays = [[told_["kind"] for told_ in told(third, first, second)].count("replay")]
    replays.append(
        [told_["kind"] for told_ in told(block("", number=4), first, second, third)].count("replay")
    )
    assert replays == [2, 0]
    assert results(told(third, first, second)) == [("[1]\n", True)]  # from the top, not 1 twice


def test_a_change_before_is_run(told: Told) -> None:
    printed = ">>> x = 2\n"
    assert results(told(block(">>> x\n2\n", number=2), block(printed))) == [("2\n", True)]
    changed = block(printed, "x = 3")
    assert results(told(block(">>> x\n2\n", number=2), changed)) == [("3\n", False)]


def test_what_asks_its_stream_for_an_encoding_gets_one(told: Told) -> None:
    said = told(block(">>> import sys\n>>> sys.stdout.encoding\n'utf-8'\n"))
    assert [same for _, same in results(said)] == [True, True]


def test_groups_share_no_names(told: Told) -> None:
    told(block(">>> x = 2\n"))
    ((output, same),) = results(told(block(">>> x\n2\n"), group="milestone 1"))
    assert output.endswith("NameError: name 'x' is not defined\n")
    assert not same


def test_trouble_before_is_told_and_passed_by(told: Told) -> None:
    said = told(block(">>> x\n1\n", number=2), block(">>> 1 / 0\n>>> x = 1\n"))
    assert {"kind": "trouble", "error": "ZeroDivisionError: division by zero"} in said
    assert results(said) == [("1\n", True)]


def test_the_package_is_as_it_was_at_every_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wave", raising=False)  # stands for the package
    session = runner.Session("wave")
    session.run("", [], block(">>> import wave\n>>> wave.open = None\n"), lambda _: None)
    assert sys.modules["wave"].open is None
    session.restart("")
    assert "wave" not in sys.modules


def test_long_output_is_cut_and_told_before_the_end(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 0.0)
    said = told(block("", f"for i in range({runner.LONGEST}): print(i)"))
    assert said[2]["kind"] == "partial"
    assert said[2]["output"].startswith("0\n")
    ((output, _),) = results(said)
    assert len(output) < runner.LONGEST + 100
    assert output.endswith("... the rest of the output is left out\n")


# What the pages hold.

PAGE = """# Page

```{doctest}
>>> from micrograd import Value
>>> x = Value(3.0)
```

```{doctest}
>>> x * x
Value(data=9.0, grad=0.0)
```

```{doctest}
>>> import random
>>> random.random() < 0
True
```

```{doctest}
>>> list(range(30))  # doctest: +ELLIPSIS
[0, ..., 29]
```

```{doctest}
>>> import hypothesis
```

```{doctest}
>>> len(open("book/index.md").read()) > 0
True
```

## The end

Here it ends.
"""


def test_what_a_browser_lacks_is_found() -> None:
    lacks = live.Lacks().of
    assert lacks(["import math", "import mine, micrograd", "="]) == set()
    assert lacks(["from subprocess import run", "import pytest"]) == {"pytest", "subprocess"}


def test_what_needs_such_an_example_lacks_the_same() -> None:
    lacks = live.Lacks().of
    lacks(["from hypothesis import given as law"])
    assert lacks(["@law()\ndef check(x): ...", "y = 1"]) == {"hypothesis"}
    assert lacks(["check()"]) == {"hypothesis"}
    assert lacks(["y"]) == set()


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A book of two pages, with examples that run and without; Pyodide is empty files."""
    folder = tmp_path_factory.mktemp("live")
    empty = folder / "pyodide"
    for made in (folder / "book", empty):
        made.mkdir()
    (folder / "book" / "index.md").write_text(PAGE)
    (folder / "book" / "plain.md").write_text("# Plain\n\nNothing runs here.\n")
    for name in pyodide.FILES:
        (empty / name).touch()
    built = {}
    for name, option in ("off", ""), ("live", str(empty)):
        code, printed = sphinx("html", folder / "book", folder / name, "-D", f"live={option}")
        assert code == 0, printed
        built[name] = folder / name / "html"
    return built


def test_only_a_live_page_with_examples_has_the_script(sites: dict[str, Path]) -> None:
    has = {
        (name, page): "live/load.js" in (site / f"{page}.html").read_text()
        for name, site in sites.items()
        for page in ("index", "plain")
    }
    assert [place for place, script in has.items() if script] == [("live", "index")]
    assert "runnable" not in (sites["off"] / "index.html").read_text()


def test_the_package_and_what_examples_name_go_with_the_site(sites: dict[str, Path]) -> None:
    with zipfile.ZipFile(sites["live"] / "_static" / "live" / "micrograd.zip") as package:
        names = set(package.namelist())
        assert package.read("micrograd/engine.py") == (ROOT / "micrograd/engine.py").read_bytes()
    assert {"micrograd/milestones/milestone1.txt", "book/index.md"} <= names
    assert not (sites["off"] / "_static" / "live" / "micrograd.zip").exists()


def test_a_page_says_what_an_example_is(sites: dict[str, Path]) -> None:
    text = (sites["live"] / "index.html").read_text()
    assert text.count('class="runnable"') == 6
    assert text.count('data-lacks="hypothesis"') == text.count("data-lacks") == 1
    assert "# doctest: +ELLIPSIS" in re.findall(r'data-test="(.*?)"', text, re.DOTALL)[0]


def test_a_folder_without_pyodide_is_refused(sites: dict[str, Path], tmp_path: Path) -> None:
    book = sites["off"].parents[1] / "book"
    code, printed = sphinx("html", book, tmp_path, "-D", f"live={tmp_path}")
    assert code == 2
    assert "expected Pyodide in the folder" in printed


# What a reader sees.


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a site while it is served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def address(sites: dict[str, Path]) -> Iterator[str]:
    """The live book of two pages, served, with Pyodide."""
    if any(not (FETCHED / name).exists() for name in pyodide.FILES):
        pytest.skip("Pyodide is not here: run make live first")
    site = sites["live"]
    for name in pyodide.FILES:
        shutil.copy(FETCHED / name, site / "_static" / "live" / "pyodide")
    with served(site) as place:
        yield place


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """All that the page has asked for."""
    return []


@pytest.fixture(scope="module")
def opened(chromium: Any, address: str, asked: list[str]) -> Iterator[Page]:
    """The page, opened once: loading Python takes longest."""
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    context.set_default_timeout(90_000)
    context.on("request", lambda request: asked.append(request.url))
    page: Page = context.new_page()
    page.goto(f"{address}index.html", wait_until="networkidle")
    yield page
    context.close()


class Example:
    """An example on the page, counted from 1."""

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        self.place: Locator = page.locator(".runnable").nth(number - 1)
        self.output = self.place.locator(".runnable-output")
        self.field = self.place.locator("textarea")

    def press(self, name: str, key: str = "Enter") -> None:
        """A button, by the keyboard."""
        self.place.get_by_role("button", name=re.compile(f"^{name} example")).press(key)

    def ended(self) -> str:
        """What the page says once the example has run."""
        self.page.wait_for_function("() => !document.querySelector('.is-running')")
        return self.place.get_by_role("status").inner_text()


@pytest.fixture
def example(opened: Page) -> Iterator[Callable[[int], Example]]:
    yield lambda number: Example(opened, number)
    resets = opened.get_by_role("button", name=re.compile("^Reset"))
    while resets.count():
        resets.first.press("Enter")


Examples = Callable[[int], Example]


def test_nothing_is_loaded_before_the_first_click(opened: Page, asked: list[str]) -> None:
    assert opened.get_by_role("button", name=re.compile("^(Run|Edit) example")).count() == 10
    assert [
        url
        for url in asked
        if "/live/" in url and not url.split("?")[0].endswith(("load.js", "live.mjs", "editor.mjs"))
    ] == []


def test_an_example_runs_after_those_before_it(
    example: Examples, asked: list[str], address: str
) -> None:
    square = example(2)
    square.press("Run")
    assert square.ended() == "As printed, in Python 3.12."
    assert square.output.inner_text().split("\n") == [">>> x * x", "Value(data=9.0, grad=0.0)"]
    assert {url for url in asked if not url.startswith(address)} == set()


def test_flags_and_files_are_known(example: Examples) -> None:
    for number in 4, 6:
        example(number).press("Run")
        assert example(number).ended() == "As printed, in Python 3.12."


def test_a_difference_is_marked_in_words(example: Examples) -> None:
    example(3).press("Run")
    assert example(3).ended().startswith("1 output of 2 not as printed. In a browser ")
    lines = [line for line in example(3).output.inner_text().splitlines() if line]
    assert lines == [
        ">>> random.random() < 0",
        "False",
        "This differs from the page, which prints:",
        "True",
    ]


def test_an_example_is_changed_by_the_keyboard_alone(example: Examples, opened: Page) -> None:
    first, second = example(1), example(2)
    first.press("Edit")
    assert first.field.input_value() == "from micrograd import Value\nx = Value(3.0)"
    opened.keyboard.press("ControlOrMeta+End")
    opened.keyboard.type("\nfor i in range(2):\nx = x + i")
    assert first.field.input_value().endswith("range(2):\n    x = x + i")
    opened.keyboard.press("Control+Enter")
    assert first.ended() == "It ran and printed nothing."
    second.press("Run")
    assert second.ended().startswith("1 output of 1 not as printed.")
    assert "Value(data=16.0, grad=0.0)" in second.output.inner_text()
    first.field.press("Escape")
    assert opened.evaluate("document.activeElement.textContent") == "Run"
    first.press("Reset")
    assert first.field.count() == 0
    assert opened.evaluate("document.activeElement.textContent") == "Edit"
    second.press("Run")
    assert second.ended() == "As printed, in Python 3.12."


def test_an_error_shows_its_traceback(example: Examples) -> None:
    second = example(2)
    second.press("Edit")
    second.field.fill("x.backward()\nx + 'one'")
    second.field.press("Control+Enter")
    assert second.ended() == "It ended with an error."
    shown = second.output.inner_text()
    assert '<example 2 of this page>", line 2, in <module>' in shown
    assert "micrograd/engine.py" in shown
    assert "TypeError: " in shown
    assert "runner.py" not in shown


def test_an_endless_example_is_stopped(example: Examples) -> None:
    second = example(2)
    second.press("Edit")
    second.field.fill("print('on and on')\nwhile True: pass")
    second.field.press("Control+Enter")
    second.output.get_by_text("on and on", exact=True).wait_for()
    second.press("Stop")
    assert second.ended() == "Stopped."
    example(4).press("Run")  # without what was stopped
    assert example(4).ended() == "As printed, in Python 3.12."


def test_what_cannot_run_says_why(opened: Page) -> None:
    place = opened.locator(".runnable").nth(4)
    assert place.get_by_role("button", name=re.compile("example")).count() == 0
    assert "Runs only outside a browser: it needs hypothesis." in place.inner_text()


def test_a_page_says_what_of_it_runs_elsewhere_and_runs_the_rest_at_once(
    example: Examples, opened: Page
) -> None:
    bar = opened.locator(".runnable-all")
    assert "1 of 6 examples runs only outside a browser, with hypothesis." in bar.inner_text()
    bar.get_by_role("button", name="Run all examples").press("Enter")
    bar.get_by_text("4 of 5 as printed.").wait_for()
    assert example(6).ended() == "As printed, in Python 3.12."


def test_what_follows_a_change_is_marked_until_it_runs(example: Examples, opened: Page) -> None:
    first, second = example(1), example(2)
    second.press("Run")
    second.ended()
    first.press("Edit")
    first.field.fill("from micrograd import Value\nx = Value(4.0)")
    stale = opened.locator(".runnable.is-stale")
    assert stale.count() == 5 - 1
    assert second.ended().startswith("An example before this one has been changed")
    first.field.press("Control+Enter")
    first.ended()
    second.press("Run")
    assert second.ended().startswith("1 output of 1 not as printed.")
    assert stale.count() == 5 - 2
    first.press("Reset")
    assert second.ended().startswith("An example before this one has been changed")
    second.press("Run")
    assert second.ended() == "As printed, in Python 3.12."
    assert stale.count() == 0


def test_changes_are_kept_as_long_as_the_example_is_the_same(opened: Page, address: str) -> None:
    page = opened.context.new_page()
    page.goto(f"{address}index.html", wait_until="networkidle")
    changed = Example(page, 1)
    changed.press("Edit")
    changed.field.fill("kept = 1")
    page.reload(wait_until="networkidle")
    again = Example(page, 1)
    assert again.field.input_value() == "kept = 1"
    assert "Your change from before" in again.place.inner_text()
    name = page.evaluate("Object.keys(localStorage).find((key) => key.startsWith('example 1 '))")
    page.evaluate(
        "([key]) => localStorage.setItem(key, JSON.stringify({of: 'old', text: 'x'}))", [name]
    )
    page.reload(wait_until="networkidle")
    assert again.field.count() == 0
    again.press("Edit")
    again.field.fill("kept = 2")
    again.press("Reset")
    page.reload(wait_until="networkidle")
    assert again.field.count() == 0
    page.close()


def test_the_editor_has_colours_and_the_text_lies_on_them(example: Examples, opened: Page) -> None:
    first = example(1)
    first.press("Edit")
    text = 'def f(x):  # a comment\n    return "a#b", 1.5, None'
    first.field.fill(text)
    kinds = first.place.locator(".runnable-field pre span").evaluate_all(
        "(spans) => spans.map((span) => [span.className, span.textContent])"
    )
    assert kinds == [
        ["k", "def"],
        ["c1", "# a comment"],
        ["k", "return"],
        ["s2", '"a#b"'],
        ["mi", "1.5"],
        ["kc", "None"],
    ]
    assert first.place.locator(".runnable-field pre").inner_text().rstrip() == text
    sizes = """(field) => [field, field.previousElementSibling].map((element) => {
        const style = getComputedStyle(element);
        return ["fontFamily", "fontSize", "lineHeight", "paddingLeft"].map((name) => style[name]);
    })"""
    front, behind = first.field.evaluate(sizes)
    assert front == behind


def test_what_has_a_picture_shows_it(example: Examples) -> None:
    first = example(1)
    first.press("Edit")
    first.field.fill(
        "from micrograd import MLP, draw_losses\nMLP(2, [3, 1])\ndraw_losses([2.0, 1.0])"
    )
    first.field.press("Control+Enter")
    assert first.ended() == "It ran."
    pictures = first.output.locator("svg")
    assert pictures.count() == 2
    assert pictures.first.locator("circle").count() == 6
    assert pictures.last.locator("polyline").count() == 1


def test_a_link_into_a_page_lands_where_it_points(opened: Page, address: str) -> None:
    page = opened.context.new_page()
    page.goto(f"{address}plain.html")
    page.set_viewport_size({"width": 390, "height": 300})
    page.goto(f"{address}index.html#the-end", wait_until="networkidle")
    box = page.locator("#the-end").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 300
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(example: Examples, opened: Page, scheme: Any) -> None:
    base = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed")
    opened.emulate_media(color_scheme=scheme)
    example(3).press("Run")
    example(3).ended()
    example(2).press("Edit")
    example(2).field.fill("1 / 0  # " + "long " * 40)
    example(2).field.press("Control+Enter")
    example(2).ended()
    opened.evaluate(base.AXE_SCRIPT)
    report = opened.evaluate("axe.run({include: [['.runnable']]})")  # test_browser judges the rest
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in report["violations"]] == []
    assert opened.evaluate("document.documentElement.scrollWidth") == 390


def test_a_file_without_a_server_has_no_dead_buttons(chromium: Any, sites: dict[str, Path]) -> None:
    context = chromium.new_context()
    page: Page = context.new_page()
    page.goto((sites["live"] / "index.html").as_uri())
    assert page.get_by_role("button", name=re.compile("example")).count() == 0
    context.close()


# The whole book.


@pytest.fixture(scope="module")
def playing(chromium: Any, book_address: str) -> Iterator[Page]:
    """The front page with its playground, whose engine has been loaded."""
    if not (SITE / "_static" / "live" / "micrograd.zip").exists():
        pytest.skip("the book does not run its examples: run make live first")
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(90_000)
    page: Page = context.new_page()
    page.goto(f"{book_address}index.html#playground?seed=3", wait_until="networkidle")
    yield page
    context.close()


def steps_shown(page: Page) -> int:
    text = page.locator("#playground .controls-position").inner_text()
    found = re.search(r"step (\d+)", text)
    assert found, text
    return int(found[1])


def wait_for_text(page: Page, part: str, words: str) -> None:
    """Until a part of the playground has some words in it."""
    page.wait_for_function(
        "([part, words]) => document.querySelector(`#playground ${part}`).textContent"
        ".includes(words)",
        arg=[part, words],
    )


CODE, POSITION = ".playground-code pre", ".controls-position"
POINTS = ":is(circle, rect):not(.kept):not(.neuron)"
WATCH = """() => {
    window.longest = 0;
    let last = performance.now();
    const look = () => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last);
        last = now;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def test_the_playground_trains_and_the_page_stays_awake(playing: Page) -> None:
    playground = playing.locator("#playground")
    wait_for_text(playing, CODE, "seed=3")
    playing.evaluate(WATCH)
    playground.get_by_role("button", name="Play").click()
    wait_for_text(playing, POSITION, "step 1")
    began, before = time.perf_counter(), steps_shown(playing)
    playing.wait_for_timeout(4000)
    speed = (steps_shown(playing) - before) / (time.perf_counter() - began)
    playground.get_by_role("button", name="Pause").click()
    longest = playing.evaluate("window.longest")
    print(f"the playground: {speed:.0f} steps a second; the page waits at most {longest:.0f} ms")
    assert speed > 0.0  # and how fast is a matter of the machine
    assert longest < 1000.0
    playing.wait_for_timeout(500)
    stopped = steps_shown(playing)
    playground.get_by_role("button", name="Step").click()
    wait_for_text(playing, POSITION, f"step {stopped + 1}:")


def test_the_playground_takes_points_of_ones_own(playing: Page) -> None:
    playground = playing.locator("#playground")
    playground.get_by_label("Data").select_option("line")
    wait_for_text(playing, CODE, "separable")
    points = playground.locator("svg").nth(1).locator(POINTS)
    before = points.count()
    playground.locator("svg").nth(1).click(position={"x": 120, "y": 100})
    wait_for_text(playing, CODE, "data = [([")
    assert points.count() == before + 1
    assert "data=own" in playing.url
    code = playground.locator(CODE).text_content() or ""
    exec(compile(code, "<the code that is shown>", "exec"), {})  # it runs


LIVE_PAGES = sorted(
    page.relative_to(SITE).as_posix()
    for page in SITE.rglob("*.html")
    if not {"_static", "_modules"} & set(page.parts) and "live/load.js" in page.read_text("utf-8")
)
FAR = 2.2  # in a browser objects are about half as large, and the last digits of tanh others


@pytest.fixture(scope="module")
def book_address() -> Iterator[str]:
    with served(SITE) as place:
        yield place


RUN_ALL = """async () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    const said = [];
    for (const place of document.querySelectorAll(".runnable")) {
        const run = [...place.querySelectorAll("button")].find((b) => b.textContent === "Run");
        if (!run) continue;
        run.click();
        while (document.querySelector(".is-running")) await new Promise((go) => setTimeout(go, 5));
        const [status, output] = ["[role=status]", ".runnable-output"].map(
            (part) => place.querySelector(part).innerText,
        );
        said.push([status, output]);
    }
    return said;
}"""


@pytest.mark.whole_book
@pytest.mark.parametrize("name", LIVE_PAGES or [pytest.param("", marks=NOT_LIVE)])
def test_every_example_of_a_page_prints_in_a_browser_what_the_page_prints(
    chromium: Any, book_address: str, name: str
) -> None:
    page: Page = chromium.new_page()
    page.goto(book_address + name)
    page.wait_for_selector(".runnable-bar", state="attached")
    able = page.locator(".runnable:not([data-lacks])").count()  # on some pages of arrays, none
    said = page.evaluate(RUN_ALL)
    page.close()
    assert len(said) == able
    as_printed = ("As printed", "It ran and printed nothing")
    others = [
        f"example {number}: {status}\n{output}"
        for number, (status, output) in enumerate(said, start=1)
        if not status.startswith(as_printed) and not alike(output)
    ]
    assert not others, "\n".join(others)


def alike(shown: str) -> bool:
    """Whether an output that differs from the page differs in its numbers alone, and not much."""
    pieces = shown.split("This differs from the page, which prints:")
    if len(pieces) != 2:
        return False
    number = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
    texts = [number.sub("#", re.sub(r"\s+", " ", piece)).strip() for piece in pieces]
    found = [list(map(float, number.findall(piece))) for piece in pieces]
    return texts[0] == texts[1] and all(
        a == b or (a * b > 0.0 and max(a / b, b / a) < FAR) for a, b in zip(*found)
    )


def test_what_is_alike_has_the_same_words_and_nearly_the_same_numbers() -> None:
    between = "\nThis differs from the page, which prints:\n"
    assert alike(f"off by 6e-08 at most{between}off by 4e-08 at most")
    assert not alike(f"off by 6e-08 at most{between}off by 4e-07 at most")
    assert not alike(f"off by 6e-08 at most{between}off by 6e-08 at least")
    assert not alike(f"1.0{between}-1.0")
    assert not alike("off by 6e-08 at most")
