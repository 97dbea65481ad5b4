"""The chapters as notebooks: what becomes a cell and what text, and that each runs as printed."""

from __future__ import annotations

import base64
import doctest
import re
from typing import Any

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")
nbformat = pytest.importorskip("nbformat", reason="the book's tools are not installed")

NOTEBOOKS = ROOT / "build" / "notebooks"
PAGE = """# Page

A **formula** $a_1 b^2$ and [another page](plain.md), and [a page with cells](other.md#there).

$$
c = a + b
$$

```{cell}
x = 1
print(x)
---
1
```

```{doctest}
>>> y = x + 1
>>> y
2
>>> y + 1
3
>>> [y]  # doctest: +ELLIPSIS
[...]
>>> z = 1
```

::::{pitfall} A box
```{cell}
:raises:
1 / 0
---
ZeroDivisionError: division by zero
```
::::

::::{exercise} easy
What is `y`?

:::{solution}
```{cell}
print("not run here")
---
not run here
```
:::
::::
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook of a small page."""
    folder = tmp_path_factory.mktemp("notebooks")
    book = folder / "book"
    book.mkdir()
    (book / "index.md").write_text(PAGE + "\n```{toctree}\nplain\nother\n```\n")
    (book / "plain.md").write_text("# Plain\n\nNothing runs here.\n")
    (book / "other.md").write_text("# Other\n\n(there)=\n## There\n\n```{cell}\n0\n```\n")
    code, printed = sphinx("notebooks", book, folder / "out")
    assert code == 0, printed
    made = sorted(path.name for path in (folder / "out").rglob("*.ipynb"))
    assert made == ["index.ipynb", "other.ipynb"]  # a page without examples is none
    assert not (folder / "out" / "notebooks" / "_static").exists()
    return nbformat.read(folder / "out" / "notebooks" / "index.ipynb", 4)


def text_of(notebook: Any) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_examples_are_cells_with_the_outputs_of_the_book(notebook: Any) -> None:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    told = [(cell.source, "".join(each.text for each in cell.outputs)) for cell in cells]
    assert told == [
        ("x = 1\nprint(x)", "1\n"),
        ("y = x + 1\ny", "2\n"),
        ("y + 1", "3\n"),
        ("[y]", "[...]\n"),
        ("z = 1", ""),
        ("1 / 0", "ZeroDivisionError: division by zero\n"),
    ]
    assert cells[3].metadata["book"]["flags"] == ["ELLIPSIS"]
    assert cells[-1].metadata["tags"] == ["raises-exception"]


def test_text_and_formulas_are_markdown(notebook: Any) -> None:
    text = text_of(notebook)
    assert text.startswith("# Page\n\nA **formula** $a_1 b^2$ and another page, ")
    assert "[a page with cells](other.ipynb)" in text
    assert re.search(r"\$\$\s*c = a \+ b\s*\$\$", text)
    assert "**Pitfall: A box**" in text


def test_an_exercise_stays_folded(notebook: Any) -> None:
    (folded,) = re.findall(r"<details>(.*?)</details>", text_of(notebook), re.DOTALL)
    assert "<summary>Solution</summary>" in folded
    assert 'print("not run here")' in folded


# The book's own, each run from top to bottom.

PAGES = sorted(path.relative_to(NOTEBOOKS).as_posix() for path in NOTEBOOKS.rglob("*.ipynb"))
MISSING = pytest.mark.skip(reason="the notebooks are not written: run make notebooks first")


def printed(cell: Any) -> str:
    """What a cell printed, as the book writes it; a cell of the book shows no result."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "execute_result" and cell.metadata["book"]["prompt"]:
            parts.append(output.data.get("text/plain", "") + "\n")
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}\n")
    return "".join(parts)


@pytest.mark.whole_book
@pytest.mark.parametrize("name", PAGES or [pytest.param("", marks=MISSING)])
@pytest.mark.filterwarnings("default")
def test_a_notebook_prints_what_the_book_prints(name: str) -> None:
    nbclient = pytest.importorskip("nbclient", reason="what runs notebooks is not installed")
    notebook = nbformat.read(NOTEBOOKS / name, 4)
    wanted = [
        cell for cell in notebook.cells if "needs-pytorch" not in cell.metadata.get("tags", ())
    ]
    notebook.cells = wanted
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=resources).execute()
    check = doctest.OutputChecker().check_output
    different = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            book = cell.metadata["book"]
            # A notebook names an error without its module.
            want = re.sub(r"^(?:[a-z_]\w*\.)+(?=[A-Z]\w*: )", "", book["want"], flags=re.M)
            want = re.sub(r"<class '([\w.]+)'>", r"\1", want)  # and a class without `class`
            names = [name for name in ("NORMALIZE_WHITESPACE", *book["flags"]) if name != "RAISES"]
            flags = sum(doctest.OPTIONFLAGS_BY_NAME[name] for name in set(names))
            if not check(want, printed(cell), flags):
                different.append(f"{cell.source}\nprints\n{printed(cell)}\nnot\n{want}")
    assert different == [], "\n\n".join(different)


def test_pictures_are_in_the_notebook() -> None:
    if not PAGES:
        pytest.skip("the notebooks are not written: run make notebooks first")
    text = (NOTEBOOKS / "first-hour" / "slope.ipynb").read_text("utf-8")
    pictures = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", text)
    assert len(pictures) >= 5
    assert all(b"<svg" in base64.b64decode(each) for each in pictures)
    assert not re.search(r"!\[", text)
