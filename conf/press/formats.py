"""The book in one file: EPUB, and the single page that is printed as PDF.

Neither can fold anything away, so hints and solutions move to the end, with links there and back,
and what else is folded (``{fold}``) is shown where it stands;
the single page also gets a title page and contents. ``{downloads}`` offers what has been built. A
page that has been written as a notebook (see ``notebooks``) ends with a link to it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from press.blocks import details
from press.common import replaced

FILES = {
    "micrograd-book.epub": "EPUB",
    "micrograd-book.pdf": "PDF",
    "micrograd-notebooks.zip": "notebooks",
}
NOTEBOOK = """<p class="page-notebook">\
<a href="{file}" download>This page as a notebook</a>, to run and to change.</p>
"""


class BookEpub(Epub3Builder):
    """Sphinx's builder, and what it takes for epubcheck to find nothing."""

    media_types = {**Epub3Builder.media_types, ".woff2": "font/woff2"}

    def build_content(self) -> None:
        """Write the list of files, with what is special about each."""
        for picture in Path(self.outdir, self.imagedir).glob("*.svg"):
            svg = without_reference(picture.read_text("utf-8"))
            picture.write_text(on_paper(svg), "utf-8")
        super().build_content()
        package = Path(self.outdir, "content.opf")
        text, count = re.subn(
            r'(<item id="[^"]+" href="([^"]+\.xhtml)"(?![^>]*properties)[^>]*?) ?/>',
            lambda item: f"{item[1]}{self.properties(item[2])} />",
            package.read_text("utf-8"),
        )
        if count < len(self.env.found_docs):
            raise ExtensionError(
                f"expected the {len(self.env.found_docs)} pages in content.opf, found {count}: "
                f"does this version of sphinx write them in another way?"
            )
        cover = f'href="{self.config.epub_cover[0]}"' if self.config.epub_cover else ""
        if cover:
            text = replaced(text, cover, f'{cover} properties="cover-image"', "sphinx")
        package.write_text(text, "utf-8")

    def properties(self, page: str) -> str:
        text = Path(self.outdir, page).read_text("utf-8")
        found = [name for name, tag in (("mathml", "<math"), ("svg", "<svg")) if tag in text]
        return f' properties="{" ".join(found)}"' if found else ""


def without_reference(svg: str) -> str:
    """A picture that names no file elsewhere, and has no path without points (a blank has none)."""
    svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"<path(?![^>]*\sd=)", '<path d="M 0 0"', svg)


def on_paper(svg: str) -> str:
    """A picture on a white ground: its letters are black, and a page may be, too."""
    return re.sub(
        r"(<svg\b[^>]*>)", r'\1<rect width="100%" height="100%" fill="#fff"/>', svg, count=1
    )


def unfold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Move what is folded to the end."""
    if app.builder.name not in ("epub", "singlehtml"):
        return
    for fold in [each for each in doctree.findall(details) if "fold" in each["classes"]]:
        fold.replace_self([nodes.paragraph("", f"{fold['summary']}:"), *fold.children])
    end = nodes.section("", nodes.title("", "Hints and solutions"), ids=["folded"])
    chapters = {  # nodes are not told which file of the single page they are in
        fold: next(file.findall(nodes.title)).astext()
        for file in doctree.findall(addnodes.start_of_file)
        for fold in file.findall(details)
    }
    chapter = None
    for number, fold in enumerate(list(doctree.findall(details)), start=1):
        here, there = f"fold-{number}", f"unfolded-{number}"
        before = [fold["summary"]]
        if title := box_title(fold):
            before.insert(0, title)
        if chapters.get(fold) != chapter:
            chapter = chapters[fold]
            end += nodes.rubric("", chapter)
        back = nodes.reference("", ". ".join(before), refid=here, internal=True)
        end += nodes.paragraph("", "", back, ids=[there], classes=["unfolded"])
        label = f"{fold['summary']}: at the end"
        forward = nodes.reference("", label, refid=there, internal=True)
        fold.replace_self(nodes.paragraph("", "", forward, ids=[here], classes=["folded"]))
        end += fold.children
    if len(end) > 1:
        (next(doctree.findall(nodes.section)) if app.builder.name == "epub" else doctree).append(
            end
        )
    if app.builder.name == "singlehtml":
        doctree.insert(0, contents(doctree))
        cover = nodes.container("", nodes.paragraph("", app.config.html_title), classes=["cover"])
        cover += nodes.paragraph("", app.config.epub_description)
        cover += nodes.paragraph("", f"Version {app.config.release}", classes=["version"])
        doctree.insert(0, cover)


def box_title(node: nodes.Node) -> str:
    """The title of the exercise or checkpoint that a node is in, and of the check."""
    parts: list[str] = []
    parent: nodes.Element | None = node.parent
    inner = node
    while parent is not None and not isinstance(parent, nodes.admonition):
        inner, parent = parent, parent.parent
    if parent is not None:
        parts.append(parent[0].astext())
        rubrics = [
            child.astext()
            for child in parent.children[: parent.index(inner)]
            if isinstance(child, nodes.rubric)
        ]
        parts += rubrics[-1:]
    return ". ".join(parts)


def contents(doctree: nodes.document) -> nodes.Element:
    """The chapters and their sections; each gets an id of its own, as titles recur."""
    numbers = iter(range(1, 10_000))

    def entries(parent: nodes.Element, depth: int) -> Iterator[nodes.list_item]:
        for section in sections_in(parent):
            name = f"part-{next(numbers)}"
            section["ids"].insert(0, name)
            link = nodes.reference("", section[0].astext(), refid=name, internal=True)
            page = nodes.raw("", f'<span class="page" data-of="{name}"></span>', format="html")
            item = nodes.list_item("", nodes.paragraph("", "", link, page))
            if depth > 1 and (inner := list(entries(section, depth - 1))):
                item += nodes.bullet_list("", *inner)
            yield item

    chapters = [
        item for file in doctree.findall(addnodes.start_of_file) for item in entries(file, depth=2)
    ]
    front, *end = entries(doctree, depth=1)  # the front page, and what has been moved to the end
    title = nodes.paragraph("", "Contents", classes=["contents-title"])
    return nodes.container(
        "", title, nodes.bullet_list("", front, *chapters, *end), classes=["book-contents"]
    )


def sections_in(parent: nodes.Element) -> Iterator[nodes.section]:
    for child in parent.children:
        if isinstance(child, nodes.section):
            yield child


class Downloads(SphinxDirective):
    """The book's other formats, where they have been built."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        if self.env.app.builder.name != "html":
            return []
        links: list[nodes.Node] = []
        for file in built(self.env.app):
            size = f"{FILES[file.name]}, {file.stat().st_size / 1e6:.1f} MB"
            link = nodes.reference("", size, refuri=file.name, internal=True)
            links += [nodes.Text("; " if links else "The book is also there as "), link]
        return [nodes.paragraph("", "", *links, nodes.Text("."))] if links else []


def built(app: Sphinx) -> list[Path]:
    """The formats that stand beside the pages."""
    folder = Path(app.outdir).parent
    return [folder / name for name in FILES if (folder / name).exists()]


def copy_downloads(app: Sphinx, error: Exception | None) -> None:
    if app.builder.name == "html" and not error:
        for file in built(app):
            shutil.copy2(file, app.outdir)
        for page in app.env.found_docs:
            if (notebook := notebook_of(app, page)).exists():
                shutil.copy2(notebook, Path(app.outdir, page).with_suffix(notebook.suffix))


def notebook_of(app: Sphinx, page: str) -> Path:
    """Where a page is as a notebook, if it has been written."""
    return Path(app.outdir).parent / "notebooks" / f"{page}.ipynb"


def offer_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if app.builder.name == "html" and doctree is not None and notebook_of(app, page).exists():
        context["body"] += NOTEBOOK.format(file=notebook_of(app, page).name)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_builder(BookEpub, override=True)
    app.add_directive("downloads", Downloads)
    app.connect("doctree-resolved", unfold, priority=900)
    app.connect("html-page-context", offer_notebook)
    app.connect("build-finished", copy_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
