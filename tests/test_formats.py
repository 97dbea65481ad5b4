"""The book in one file: nothing folded is lost, and what is offered is there."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")

CHAPTER = """# A chapter

:::::{exercise} easy
What is $1 + 1$?

::::{hint}
Count.
::::

::::{solution}
```{doctest}
>>> 1 + 1
2
```
::::
:::::

:::{fold} As it stood
What stays here.
:::

```{network} net
:alt: A small network.
:caption: A small network.
:inputs: 1, 2

net = MLP(2, [1], init="zeros")
```

```{plot} line.py
:alt: A line.

A line.
```

```{valuegraph} b
:alt: A sum.
:caption: A sum.

a = Value(1.0)
b = a + a
```

```{valuegraph} b
:alt: A product.
:caption: A product.

a = Value(1.0)
b = a * a
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with one of everything that the formats treat specially."""
    folder = tmp_path_factory.mktemp("formats") / "book"
    folder.mkdir()
    (folder / "index.md").write_text("# The book\n\n```{toctree}\nchapter\n```\n")
    (folder / "chapter.md").write_text(CHAPTER)
    (folder / "line.py").write_text(
        "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.title('a b')\n"
    )
    return folder


@pytest.fixture(scope="module")
def epub(book: Path) -> Path:
    code, printed = sphinx("epub", book, book.parent)
    assert code == 0, printed
    return book.parent / "epub" / "micrograd-book.epub"


@pytest.fixture(scope="module")
def single(book: Path) -> Path:
    options = ("-D", "html_theme=basic", "-D", "html_css_files=print.css")
    code, printed = sphinx("singlehtml", book, book.parent, *options)
    assert code == 0, printed
    return book.parent / "singlehtml" / "index.html"


def is_moved_to_the_end(page: str) -> bool:
    """Whether hint and solution come after the last figure, with links there and back."""
    links = re.findall(r'href="[^"]*#(unfolded-\d)"', page)
    back = re.findall(r'href="[^"]*#(fold-\d)"', page)
    assert "<details" not in page
    assert all(f'id="{name}"' in page for name in links + back)
    figures, _, end = page.rpartition("</figure>")
    words = re.sub("<[^>]*>", "", end)
    assert "Count." not in figures
    return len(links) == len(back) == 2 and words.index("Count.") < words.index("1 + 1")


def test_an_epub_moves_what_is_folded_to_the_end(epub: Path) -> None:
    page = zipfile.ZipFile(epub).read("chapter.xhtml").decode()
    assert is_moved_to_the_end(page)


def test_the_single_page_moves_what_is_folded_to_the_end(single: Path) -> None:
    assert is_moved_to_the_end(single.read_text("utf-8"))


def test_what_else_is_folded_is_shown_where_it_stands(epub: Path, single: Path) -> None:
    chapter = zipfile.ZipFile(epub).read("chapter.xhtml").decode()
    for page in (chapter, single.read_text("utf-8")):
        assert (
            0 < page.index("As it stood:") < page.index("What stays here.") < page.index("<figure")
        )


def test_a_network_is_drawn_in_every_format(epub: Path, single: Path) -> None:
    chapter = zipfile.ZipFile(epub).read("chapter.xhtml").decode()
    for page in (chapter, single.read_text("utf-8")):
        svg = page[page.index('aria-label="A small network."') :]
        assert svg[: svg.index("</svg>")].count("<circle") == 3


def test_the_single_page_has_contents_that_lead_to_its_parts(single: Path) -> None:
    page = single.read_text("utf-8")
    parts = re.findall(r'<span class="page" data-of="(part-\d+)">', page)
    assert len(parts) == 3  # the chapter, the front page, and what was folded
    for part in parts:
        assert f'href="#{part}"' in page
        assert f'id="{part}"' in page


def test_the_list_of_files_says_where_formulas_and_drawings_are(epub: Path) -> None:
    listed = zipfile.ZipFile(epub).read("content.opf").decode()
    item = re.search(r'<item [^>]*href="chapter.xhtml"[^>]*>', listed)
    assert item is not None
    assert 'properties="mathml svg"' in item[0]


def test_an_epub_has_a_cover(epub: Path) -> None:
    listed = zipfile.ZipFile(epub).read("content.opf").decode()
    assert re.search(r'<item [^>]*href="_static/cover.svg" properties="cover-image"', listed)
    assert "unknown" not in listed


def test_the_pictures_of_an_epub_have_a_ground_of_their_own(epub: Path) -> None:
    book = zipfile.ZipFile(epub)
    pictures = [name for name in book.namelist() if re.fullmatch(r"_images/.*\.svg", name)]
    assert pictures
    for name in pictures:
        assert re.search(r'<svg[^>]*><rect [^>]*fill="#fff"/>', book.read(name).decode()), name


def test_epubcheck_finds_nothing(epub: Path) -> None:
    java, checker = shutil.which("java"), shutil.which("epubcheck")
    if not (java and checker):
        pytest.skip("epubcheck and Java are not installed")
    command = [java, "-jar", checker, str(epub)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "0 fatals / 0 errors / 0 warnings" in run.stdout, run.stderr


def test_what_has_been_built_is_offered_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.md").write_text("# Page\n\n```{downloads}\n```\n")
    page = tmp_path / "html" / "index.html"
    sphinx("html", tmp_path / "book", tmp_path)
    assert "The book is also there as" not in page.read_text("utf-8")
    (tmp_path / "micrograd-book.epub").write_bytes(b"x" * 2_000_000)
    sphinx("html", tmp_path / "book", tmp_path)
    assert 'href="micrograd-book.epub"' in page.read_text("utf-8")
    assert "EPUB, 2.0 MB" in page.read_text("utf-8")
    assert (tmp_path / "html" / "micrograd-book.epub").stat().st_size == 2_000_000
    assert "pdf" not in page.read_text("utf-8")


def printing(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "press.printing", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "conf"), "PATH": path or os.environ["PATH"]}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def test_printing_without_a_browser_says_what_it_looked_for(tmp_path: Path) -> None:
    run = printing("page.html", "book.pdf", path=str(tmp_path))
    assert run.returncode == 1
    assert "expected a browser that prints, one of chromium" in run.stderr


def test_printed_contents_have_the_numbers_of_the_pages(single: Path, tmp_path: Path) -> None:
    if not shutil.which("chromium"):
        pytest.skip("Chromium is not installed")
    from pypdf import PdfReader

    target = tmp_path / "book.pdf"
    run = printing(str(single), str(target))
    assert run.returncode == 0, run.stderr
    pages = [page.extract_text() for page in PdfReader(target).pages]
    contents = next(text for text in pages if "Contents" in text)
    for title in ("A chapter", "Hints and solutions"):
        number = re.search(rf"{title}\s+(\d+)", contents)
        assert number is not None
        assert title in pages[int(number[1]) - 1]
