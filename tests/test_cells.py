"""``{cell}``: code without prompts is run among the doctests, and what it prints is compared."""

from __future__ import annotations

import html
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")

sys.path[:0] = [str(ROOT / "conf" / "static" / "live"), str(ROOT / "conf")]
runner: Any = import_module("runner")
del sys.path[0]  # where the reader's browser finds it

RIGHT = """# Page

```{cell}
import micrograd

total = 1
for i in range(2):
    print(total + i)
---
1
2
```

```{doctest}
>>> total
1
```

```{cell}
:raises:

def fail():
    return total / 0

print("first")
fail()
---
first
ZeroDivisionError: division by zero
```

:::{pitfall} Quiet
```{cell} milestone 1
import doctest


def shown():
    '''
    >>> 1 + 1
    2
    '''


doctest.run_docstring_examples(shown, {})
total = 2
```
:::

```{cell}
:options: +ELLIPSIS
print([total] * 100, "---")
---
[1, 1, ...] ---
```

```{cell}
print("a\\n\\n>>> b")
---
a

>>> b
```
"""

WRONG = {  # what is in the cell, from line 4 on; the line that is named; what is said
    "another output": ("x = 1\nprint(x)\n---\n2", 4, ["Expected:\n    2\nGot:\n    1"]),
    "an output too many": ("x = 1\nprint(x)", 4, ["Expected nothing\nGot:\n    1"]),
    "an output that does not come": ("x = 1\n---\n1", 4, ["Expected:\n    1\nGot nothing"]),
    "a blank too many": ("print(1)\n---\n1 ", 4, []),
    "an error": ("x = 1\n\n1 / 0\n---\n1", 6, ["ZeroDivisionError", "    1 / 0\n"]),
    "no error": (":raises:\nx = 1\n---\nValueError: x", 5, ["Got nothing"]),
    "another error": (":raises:\n1 / 0\n---\nValueError: x", 5, ["Got:\n    ZeroDivisionError"]),
    "a slip": ("x = 1\nx = = 2", 5, ["SyntaxError"]),
}
REFUSED = {
    "no code": (":raises:\n---\n1", "expected code in a cell"),
    "nothing below the line": ("x = 1\n---\n", "below a line ---, got nothing"),
    "an error of no kind": (":raises:\nx = 1", "below a line ---, got nothing"),
    "a flag of nothing": (":options: +NOTHING\nx = 1", "got +NOTHING"),
}


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cells")
    (folder / "book").mkdir()
    (folder / "book" / "index.md").write_text(RIGHT)
    return folder


class Run(NamedTuple):
    printed: str
    passed: dict[str, Any]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What running a book says that has a right page, and one for each cell that is not."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "book").mkdir()
    (folder / "book" / "index.md").write_text(RIGHT)
    for name, (text, *_) in {**WRONG, **REFUSED}.items():
        (folder / "book" / f"{name}.md").write_text(f"# Page\n\n```{{cell}}\n{text}\n```\n")
    code, printed = sphinx("doctest", folder / "book", folder)
    assert code == 1
    return Run(printed, json.loads((folder / "doctest" / "passed.json").read_text()))


def test_cells_and_doctests_share_names_and_count_in_their_groups(said: Run) -> None:
    assert 'File "index.md"' not in said.printed
    counts = said.passed["index"]["counts"]
    assert counts["default tries"] == 5
    assert counts["milestone 1 tries"] == 1


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_cell_fails_and_says_where(name: str, said: Run) -> None:
    _, line, words = WRONG[name]
    (report,) = [part for part in said.printed.split("*" * 70) if f'File "{name}.md"' in part]
    assert f'File "{name}.md", line {line}' in report
    for word in words:
        assert word in report


@pytest.mark.parametrize("name", REFUSED)
def test_a_cell_that_cannot_be_is_refused(name: str, said: Run) -> None:
    (line,) = [line for line in said.printed.splitlines() if f"{name}.md:3" in line]
    words = REFUSED[name][1]
    assert words in line or words in said.printed.partition(line)[2][:200]


def test_a_page_shows_the_code_and_beneath_it_the_output(right: Path) -> None:
    code, printed = sphinx("html", right / "book", right, hush=("toc", "chapter"))
    assert (code, printed) == (0, "")
    page = (right / "html" / "index.html").read_text("utf-8")
    _, *cells = page.split('<div class="cell docutils container">')
    kinds = [re.findall(r'<div class="([a-z-]+)[^"]* notranslate"', cell) for cell in cells]
    assert [cell[:2] for cell in kinds if "printed" in cell] == [
        ["highlight-python", "printed"]
    ] * 4
    assert kinds[2] == ["highlight-python"]
    assert not any("\n---" in re.sub("<[^>]*>", "", cell) for cell in cells)


# Where the book is live.


def test_a_live_page_has_all_that_runs_a_cell(right: Path) -> None:
    pyodide: Any = import_module("press.pyodide")
    for name in pyodide.FILES:
        (right / name).write_text("")
    options = ("-D", f"live={right}", "-E")
    code, printed = sphinx("html", right / "book", right, *options, hush=("toc", "chapter"))
    assert (code, printed) == (0, "")
    page = (right / "html" / "index.html").read_text("utf-8")
    told = [html.unescape(one) for one in re.findall(r'<div class="runnable" ([^>]*)>', page)]
    assert [re.sub(r'data-group="[^"]*" ?', "", one).strip() for one in told] == [
        'data-want="1\n2\n"',
        "",
        'data-want="first\nZeroDivisionError: division by zero\n" data-flags="RAISES"',
        'data-want=""',
        'data-want="[1, 1, ...] ---\n" data-flags="ELLIPSIS"',
        'data-want="a\n\n>>> b\n"',
    ]


def run(**block: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    whole = {"number": 1, "edited": None, "want": "", "flags": ""} | block
    runner.Session("no package").run("default", [], whole, told.append)
    return [message for message in told if message["kind"] == "result"]


@pytest.mark.parametrize(
    ("code", "want", "same"),
    [
        ("x = 1\nx\nprint(x)", "1\n", True),  # a bare x prints nothing
        ("x = 1\nprint(x)", "2\n", False),
        ("x = 1", "", True),
        ("print([1] * 9)", "[1, 1, ...]\n", True),
        ("print('a\\n\\nb')", "a\n\nb\n", True),
    ],
)
def test_a_live_cell_is_one_piece_and_compared_as_the_build_does(
    code: str, want: str, same: bool
) -> None:
    (result,) = run(printed=code, want=want, flags="ELLIPSIS")
    assert result["same"] is same
    assert not result["failed"]
    assert result["source"] == ""


def test_a_live_cell_that_is_to_raise_prints_how_it_ends() -> None:
    want = "first\nZeroDivisionError: division by zero\n"
    (result,) = run(printed="print('first')\n1 / 0", want=want, flags="RAISES")
    assert (result["same"], result["failed"], result["output"]) == (True, False, want)
    (result,) = run(printed="1 / 0", want="1\n")
    assert result["failed"]
    assert "line 1" in result["output"]


def test_an_edited_cell_is_run_and_compared_with_nothing() -> None:
    (result,) = run(printed="print(1)", want="1\n", edited="y = 2\nprint(y)")
    assert (result["output"], result["same"]) == ("2\n", None)
