"""Pages whose examples need PyTorch: when they are run, what is noted, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")

PAGE = """# Page

```{{bridge}}
```

```{{cell}}
print(1)
---
1
```

```{{cell}} pytorch
with open({trace!r}, "a") as file:
    print(file.write("x"))
---
1
```
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "book").mkdir()
    text = PAGE.format(trace=str(tmp_path / "trace"))
    (tmp_path / "book" / "index.md").write_text(text)
    return tmp_path


def run(book: Path, builder: str, *options: str) -> tuple[int, str]:
    return sphinx(builder, book / "book", book, *options)


def test_what_needs_pytorch_is_run_by_the_bridge_alone(book: Path) -> None:
    code, printed = run(book, "doctest", "-D", "retest=1")
    assert code == 0, printed
    assert not (book / "trace").exists()
    pytest.importorskip("torch", reason="PyTorch is not installed")  # whose version is noted
    code, printed = run(book, "doctest", "-D", "bridge=1")
    assert (code, "The bridge to PyTorch: passed, 1 examples" in printed) == (0, True), printed
    assert (book / "trace").read_text() == "x"


def test_the_day_and_the_versions_are_noted_once_and_shown(book: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    record = book / "book" / "beyond" / "bridge.json"
    run(book, "doctest", "-D", "bridge=1")
    noted = json.loads(record.read_text()) | {"date": "2001-02-03"}
    record.write_text(json.dumps(noted))
    run(book, "doctest", "-D", "bridge=1")
    assert json.loads(record.read_text()) == noted
    _, printed = run(book, "html")
    assert "PyTorch" not in printed
    shown = (book / "html" / "index.html").read_text()
    assert f"on 2001-02-03, with Python {noted['python']}, NumPy {noted['numpy']}" in shown


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("print(file", "print( file", "have changed: run `make bridge`"),
        ("---\n1\n```\n\n```{cell} p", "---\n1\n```\n\nText.\n\n```{cell} p", ""),
        ("```{bridge}\n```", "", "no {bridge} that dates them"),
    ],
)
def test_examples_that_are_not_those_of_the_record_are_refused(
    old: str, new: str, said: str, book: Path
) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    run(book, "doctest", "-D", "bridge=1")
    page = book / "book" / "index.md"
    assert page.read_text().count(old) == 1
    page.write_text(page.read_text().replace(old, new))
    _, printed = run(book, "html")
    assert (said in printed) if said else ("PyTorch" not in printed), printed


def test_an_example_that_fails_is_told_and_nothing_is_noted(book: Path) -> None:
    page = book / "book" / "index.md"
    page.write_text(page.read_text().replace("print(file", "print(-file"))
    code, printed = run(book, "doctest", "-D", "bridge=1")
    assert (code, "Got:\n    -1" in printed) == (1, True), printed
    assert not (book / "book" / "beyond").exists()
