"""The chapters as notebooks: a builder of Sphinx, ``-b notebooks``.

Examples become cells, with the outputs that the book prints. Text, formulas and figures become
Markdown, with the pictures in it. Exercises stay folded, and what is in them is to be read. A cell
that needs PyTorch, that ends in an error or whose comparison has flags says so in its metadata.

A test runs each from top to bottom, and compares what it prints with what the book prints.
"""

from __future__ import annotations

import base64
import doctest
import html
import mimetypes
import posixpath
import re
import shutil
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from markdownify import MarkdownConverter
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.osutil import relative_uri

from press import bridge
from press.blocks import details
from press.cells import RAISES
from press.common import GROUP
from press.live import is_cell, named_files

SUFFIX = ".ipynb"
NEEDED = (
    "The cells of this notebook need the book's package: in its folder, "
    "`pip install '.[drawing,tensors]'`."
)
FLAG = re.compile(r"\s*#\s*doctest:.*$", re.MULTILINE)


class Markdown(MarkdownConverter):  # type: ignore[misc]
    """HTML as Markdown, with pictures in it and formulas as TeX."""

    def convert_math(self, element: Any, text: str, parent_tags: Any) -> str:
        mark = "$$" if element.get("display") == "block" else "$"
        return f"{mark}{element.get('alttext', '')}{mark}"

    def convert_svg(self, element: Any, text: str, parent_tags: Any) -> str:
        return picture(str(element).encode(), "image/svg+xml", "")

    def convert_img(self, element: Any, text: str, parent_tags: Any) -> str:
        file = self.options["images"] / Path(element["src"]).name
        kind = mimetypes.guess_type(file.name)[0] or ""
        return picture(file.read_bytes(), kind, element.get("alt", ""))

    def convert_details(self, element: Any, text: str, parent_tags: Any) -> str:
        return f"\n\n<details>\n\n{text.strip()}\n\n</details>\n\n"

    def convert_summary(self, element: Any, text: str, parent_tags: Any) -> str:
        return f"<summary>{text.strip()}</summary>\n\n"

    def convert_script(self, element: Any, text: str, parent_tags: Any) -> str:
        return ""

    def convert_a(self, element: Any, text: str, parent_tags: Any) -> str:
        if "headerlink" in element.get("class", ()):
            return ""
        page = element.get("href", "").partition("#")[0]
        here = posixpath.dirname(self.options["page"])
        known = posixpath.normpath(posixpath.join(here, page)) in self.options["pages"]
        if not re.match(r"[a-z]+:", page):
            if not known or not page:
                return text  # a page that is no notebook, or this one
            element["href"] = page  # a notebook has no places that the book knows
        return str(super().convert_a(element, text, parent_tags))


def picture(content: bytes, kind: str, alt: str) -> str:
    data = base64.b64encode(content).decode()
    return f'<img alt="{html.escape(alt)}" src="data:{kind};base64,{data}">'


class Notebooks(StandaloneHTMLBuilder):
    """Writes a notebook for each page that has examples."""

    name = "notebooks"
    out_suffix = SUFFIX
    search = False
    copysource = False

    def prepare_writing(self, docnames: Set[str]) -> None:
        super().prepare_writing(docnames)
        self.pages = {
            self.get_target_uri(name)
            for name in self.env.found_docs
            if has_examples(self.env.get_doctree(name))
        }

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return docname + SUFFIX

    def get_relative_uri(self, from_: str, to: str, typ: str | None = None) -> str:
        return relative_uri(self.get_target_uri(from_), self.get_target_uri(to, typ))

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        if self.get_target_uri(docname) not in self.pages:
            return
        self.current_docname = docname
        self.secnumbers = self.env.toc_secnumbers.get(docname, {})
        self.fignumbers = self.env.toc_fignumbers.get(docname, {})
        self.imgpath = relative_uri(self.get_target_uri(docname), self.imagedir)
        cells = list(self.cells_of(doctree))
        cells.insert(1, nbformat.v4.new_markdown_cell(NEEDED))
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {
            "name": "python3", "display_name": "Python 3", "language": "python"
        }  # fmt: skip
        nbformat.validate(notebook)
        file = Path(self.outdir, docname + SUFFIX)
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)

    def cells_of(self, doctree: nodes.document) -> Iterator[Any]:
        """The cells of a page; what lies between two examples is one of text."""
        said: list[str] = []
        for piece in self.pieces(doctree, 1):
            if isinstance(piece, str):
                said.append(piece)
                continue
            if text := "\n\n".join(part for part in said if part):
                yield nbformat.v4.new_markdown_cell(text)
            said = []
            yield from examples(piece)
        if text := "\n\n".join(part for part in said if part):
            yield nbformat.v4.new_markdown_cell(text)

    def pieces(self, node: nodes.Element, depth: int) -> Iterator[str | nodes.Element]:
        """Text as Markdown, and examples, in their order."""
        for child in node.children:
            boxed = isinstance(child, nodes.admonition)
            kept = {"exercise", "checkpoint"} & set(
                getattr(child, "attributes", {}).get("classes", ())
            )
            if isinstance(child, nodes.section):
                yield from self.pieces(child, depth + 1)
            elif isinstance(child, nodes.title):
                level = "#" * (depth - 1) if isinstance(node, nodes.section) else ""
                text = self.markdown(child.children)
                yield f"{level} {text}" if level else f"**{text}**"
            elif is_example(child):
                yield child  # type: ignore[misc]
            elif (boxed and not kept) or (
                isinstance(child, details) and "fold" in child["classes"]
            ):
                if isinstance(child, details):
                    yield f"**{child['summary']}**"
                yield from self.pieces(child, depth)  # type: ignore[arg-type]
            else:
                yield self.markdown([child])

    def markdown(self, parts: Iterable[nodes.Node]) -> str:
        around = nodes.container("", *(part.deepcopy() for part in parts))
        made = self.render_partial(around)["fragment"]
        images = Path(self.outdir, self.imagedir)
        converter = Markdown(
            page=self.get_target_uri(self.current_docname), pages=self.pages,
            images=images, heading_style="ATX", code_language="python", bullets="-",
            escape_misc=False, escape_underscores=True, escape_asterisks=True, wrap=False,
        )  # fmt: skip
        return re.sub(r"\n{3,}", "\n\n", converter.convert(made)).strip()

    def finish(self) -> None:
        """The files that examples read go with them; pictures are in the notebooks."""
        shutil.rmtree(Path(self.outdir, self.imagedir), ignore_errors=True)
        for page in self.env.found_docs:
            for file in named_files(self.env.get_doctree(page)):
                place = Path(self.outdir, file.relative_to(Path(self.srcdir).parent))
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)


def is_example(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and (
        node.get("testnodetype") == "doctest" or is_cell(node)
    )


def to_run(example: nodes.Element) -> bool:
    """Whether it is an example of the page, and not one of a milestone."""
    groups = (example.children[0] if is_cell(example) else example)["groups"]  # type: ignore[index]
    return not str(groups[0]).startswith(GROUP)


def has_examples(doctree: nodes.document) -> bool:
    return any(is_example(node) and to_run(node) for node in doctree.findall(nodes.Element))


def examples(node: nodes.Element) -> Iterator[Any]:
    """The cells of a doctest, one for each output, or of a cell of the book."""
    if is_cell(node):
        code, *printed = node.children
        assert isinstance(code, nodes.literal_block)
        needs = ["needs-pytorch"] if code["groups"] == [bridge.GROUP] else []
        flags = [
            name for name, flag in doctest.OPTIONFLAGS_BY_NAME.items() if code["options"].get(flag)
        ]
        raises = bool(code["options"].get(RAISES))
        want = printed[0].astext() + "\n" if printed else ""
        yield code_cell(code.astext(), want, flags, raises, needs, prompt=False)
        return
    source: list[str] = []
    last = None
    for last in doctest.DocTestParser().get_examples(node.get("test") or node.astext()):
        source.append(FLAG.sub("", last.source).rstrip("\n"))
        if last.want:
            flags = [
                name for name, flag in doctest.OPTIONFLAGS_BY_NAME.items() if last.options.get(flag)
            ]
            want = last.want if last.exc_msg is None else last.exc_msg
            yield code_cell(
                "\n".join(source), want, flags, last.exc_msg is not None, [], prompt=True
            )
            source = []
    if source:
        yield code_cell("\n".join(source), "", [], False, [], prompt=True)


def code_cell(
    source: str, want: str, flags: list[str], raises: bool, tags: list[str], prompt: bool
) -> Any:
    """A cell with what the book prints under it, and how to compare that.

    With ``prompt`` the result of its last line is shown, as a prompt does.
    """
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["tags"] = [*tags, *(["raises-exception"] if raises else [])]
    cell.metadata["book"] = {"want": want, "flags": flags, "prompt": prompt}
    if want:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=want)]
    return cell


def remove_assets(app: Sphinx, error: Exception | None) -> None:
    """What pages need beside them, which the theme expects to the end, and notebooks do not."""
    if app.builder.name == Notebooks.name:
        shutil.rmtree(Path(app.outdir, "_static"), ignore_errors=True)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_builder(Notebooks)
    app.connect("build-finished", remove_assets, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
