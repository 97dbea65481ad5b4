"""The book's own rules: what the build refuses, and that the chapters keep to them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BOOK, ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")


GRAPH = """```{{valuegraph}} a
{options}

a = Value(1.0)
```"""

FAULTS = {
    "a fence with an example": ("```pycon\n>>> 1\n1\n```", 3, "an example that is not run"),
    "an example in the text": (">>> 1\n1", 3, "an example that is not run"),
    "an example in reStructuredText": (
        "```{eval-rst}\n>>> 1\n1\n```",
        None,
        "an example that is not run",
    ),
    "Python that is not run": ("```python\nx = 1\n```", 3, "a listing of Python"),
    "a graph without a caption": (GRAPH.format(options=":alt: One."), 3, "without a caption"),
    "a graph without alternative text": (
        GRAPH.format(options=":caption: One."),
        3,
        "without alternative text",
    ),
    "an image without alternative text": (
        "![](picture.svg)",
        None,
        "without alternative text",
    ),
    "a listing of nothing": (
        "```{literalinclude} code.py\n:pyobject: Nothing\n```",
        3,
        "Object named 'Nothing' not found",
    ),
    "a formula that is none": ("$\\frac{1$", 3, "cannot render the formula"),
    "a network of nothing": ("```{network} b\n:alt: x\n:caption: x\n\na = 1\n```", 3, "KeyError"),
    "a network without alternative text": (
        "```{network} net\n:caption: One.\n\nnet = MLP(2, [1])\n```",
        3,
        "without alternative text",
    ),
    "a fold of nothing": (":::{fold} Words\n:::", 3, "Content block expected"),
    "a graph of nothing": ("```{valuegraph} b\n:alt: x\n:caption: x\n\na = 1\n```", 3, "KeyError"),
    "a plot without a script": ("```{plot} none.py\n:alt: x\n\nCaption.\n```", 3, "no script"),
    "a figure that raises": (
        "```{plot} broken.py\n:alt: None.\n\nNone.\n```",
        3,
        "ZeroDivisionError",
    ),
    "an exercise of no level": (":::{exercise} hard\nDo.\n:::", 3, "expected an exercise"),
    "a milestone in the wrong place": ("```{milestone} 1\n```", 3, "belongs to"),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the build says of a book with one page for each fault, and the pages it made."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "book").mkdir()
    (folder / "book" / "picture.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "book" / "code.py").write_text("x = 1\n")
    (folder / "book" / "broken.py").write_text("1 / 0")
    (folder / "book" / "index.md").write_text("# Page\n")
    for fault, (text, _, _) in FAULTS.items():
        (folder / "book" / f"{fault}.md").write_text(f"# Page\n\n{text}\n")
    options = ("-D", "moved.old/page=index", "-D", "suppress_warnings=toc.not_included")
    code, printed = sphinx("html", folder / "book", folder, "-W", "--keep-going", *options)
    assert code == 1
    return printed, folder / "html"


@pytest.mark.parametrize("fault", FAULTS)
def test_the_build_refuses(fault: str, faulty: tuple[str, Path]) -> None:
    _, line, complaint = FAULTS[fault]
    said = [row for row in faulty[0].splitlines() if f"{fault}.md:{line or ''}" in row]
    assert any(complaint in row for row in said), faulty[0]


def test_the_build_refuses_a_page_that_moved_to_nowhere(faulty: tuple[str, Path]) -> None:
    assert "expected foundations/why-gradients to be gone and" in faulty[0]
    assert "expected old/page to be gone and" not in faulty[0]


def test_a_page_that_moved_leads_to_where_it_is(faulty: tuple[str, Path]) -> None:
    assert '<a href="../index.html">' in (faulty[1] / "old" / "page.html").read_text("utf-8")
    assert not (faulty[1] / "foundations").exists()


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str, int]]:
    """Three runs of the examples of a right page and a wrong one, the last with `retest`.

    Of each run its exit code, what it printed, and how often the right page has been run by then.
    """
    folder = tmp_path_factory.mktemp("examples")
    trace = folder / "trace"
    (folder / "book").mkdir()
    (folder / "book" / "index.md").write_text(
        "# Page\n\n```{doctest}\n"
        f">>> with open({str(trace)!r}, 'a') as file: _ = file.write('x')\n```\n"
    )
    (folder / "book" / "wrong.md").write_text(
        "# Page\n\n:::{pitfall} One\n\n```{doctest}\n>>> 1\n1\n>>> 1 + 1\n3\n```\n:::\n"
    )
    runs = []
    for options in (), (), ("-D", "retest=1"):
        code, printed = sphinx("doctest", folder / "book", folder, *options)
        runs.append((code, printed, len(trace.read_text())))
    return runs


def test_a_failing_example_names_chapter_and_line(examples: list[tuple[int, str, int]]) -> None:
    code, printed, _ = examples[0]
    assert code == 1
    assert 'File "wrong.md", line 8,' in printed


def test_a_page_that_passed_is_not_run_again_unless_asked(
    examples: list[tuple[int, str, int]],
) -> None:
    assert [runs for _, _, runs in examples] == [1, 1, 2]


def test_a_page_that_failed_is_run_again(examples: list[tuple[int, str, int]]) -> None:
    assert ['File "wrong.md", line 8,' in printed for _, printed, _ in examples] == [True] * 3
    assert [code for code, _, _ in examples] == [1, 1, 1]


def test_every_line_of_the_engine_stands_in_a_chapter() -> None:
    from sphinx.config import Config
    from sphinx.directives.code import LiteralIncludeReader

    engine = ROOT / "micrograd" / "engine.py"
    listed: set[int] = set()
    for chapter in chapters():
        for listing in re.findall(
            r"\{literalinclude\} /../micrograd/engine.py\n(.*?)```", chapter.read_text(), re.DOTALL
        ):
            options = dict(re.findall(r"^:([a-z-]+): *\"?(.*?)\"?$", listing, re.MULTILINE))
            reader = LiteralIncludeReader(
                str(engine), options | {"lineno-match": None, "dedent": None}, Config()
            )
            _, count = reader.read()
            listed.update(range(reader.lineno_start, reader.lineno_start + count))
    lines = engine.read_text().splitlines()
    missing = [
        f"{i}: {line}" for i, line in enumerate(lines, 1) if line.strip() and i not in listed
    ]
    assert missing == []


def chapters() -> list[Path]:
    return sorted(
        file
        for file in BOOK.rglob("*.md")
        if file.parent not in (BOOK, BOOK / "reference") and file.name != "mistakes.md"  # a table
    )


SHAPED = [  # the first hour has a shape of its own, and a page for teachers sets no exercises
    file
    for file in chapters()
    if file.parent.name != "first-hour" and file.name != "for-teachers.md"
]


@pytest.mark.parametrize("chapter", SHAPED, ids=lambda file: file.stem)
def test_a_chapter_has_its_shape(chapter: Path) -> None:
    text = chapter.read_text()
    exercises = text.count("{exercise}")
    assert 3 <= exercises <= 6
    assert text.count("{solution}") == exercises <= text.count("{hint}")
    assert re.search(r"^After this chapter you can", text, re.MULTILINE)
    assert re.search(r"^## Summary", text, re.MULTILINE)


def test_every_work_in_the_bibliography_is_cited() -> None:
    works = re.findall(r"^\((\w+)\)=", (BOOK / "reference" / "bibliography.md").read_text(), re.M)
    text = "".join(chapter.read_text() for chapter in chapters())
    assert [work for work in works if f"(#{work})" not in text] == []


def test_every_figure_script_is_shown() -> None:
    text = "".join(page.read_text() for page in BOOK.rglob("*.md"))
    scripts = [
        script for script in BOOK.rglob("figures/*.py") if f"figures/{script.name}" not in text
    ]
    assert scripts == []


def test_the_readme_trains_what_it_says() -> None:
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True
    )
    assert run.stdout.endswith("60 of 60 points on the right side\n")
