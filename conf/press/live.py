"""Examples that run on the page, if ``live`` names a folder with Pyodide (see ``pyodide``).

Every doctest block and every cell is marked for static/live/live.mjs, which gives it its buttons.
Pyodide and the package go beside that script; a page asks for them when an example is first run. A
page without examples, and every page of a book that is not live, stays as it is.

A block that imports what a browser cannot have says so and gets no buttons: a module from outside
the standard library (``import numpy``), or one that needs processes, threads or sockets. So does a
block that uses what such an example defined. A file of the book that an example names
(``"book/engine/figures/times.json"``) travels with the package.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import html
import re
import shutil
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from press import PACKAGE, ROOT
from press.changes import files_in
from press.doctesting import pieces
from press.pyodide import FILES

SCRIPT = "live/load.js"
BUILDERS = ("html", "dirhtml")
NOT_IN_A_BROWSER = {"concurrent", "multiprocessing", "socket", "subprocess", "threading", "torch"}


class live_block(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """Around a doctest block: its group, its text where that is shown otherwise, what it lacks."""


def visit_live_block(self: Any, node: live_block) -> None:
    kinds = ("group", "test", "lacks", "want", "flags")
    data = {f"data-{kind}": node[kind] for kind in kinds if node.get(kind) is not None}
    written = " ".join(f'{name}="{html.escape(text)}"' for name, text in data.items())
    self.body.append(f'<div class="runnable" {written}>\n')


def depart_live_block(self: Any, node: live_block) -> None:
    self.body.append("</div>\n")


def mark(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a live block around every doctest block and every cell."""
    if is_live(app):
        lacks: defaultdict[str, Lacks] = defaultdict(Lacks)
        for shown in blocks(doctree):
            block, *printed = shown.children if is_cell(shown) else [shown]
            assert isinstance(block, nodes.literal_block)
            group = block["groups"][0]
            lacking = ", ".join(sorted(lacks[group].of(pieces(block))))
            around = live_block("", group=group, test=block.get("test"), lacks=lacking or None)
            if is_cell(shown):
                around["want"] = f"{printed[0].astext()}\n" if printed else ""
                named = doctest.OPTIONFLAGS_BY_NAME.items()
                flags = [name for name, flag in named if block["options"].get(flag)]
                around["flags"] = " ".join(flags) or None
            shown.replace_self(around)
            around += shown


def blocks(doctree: nodes.document) -> list[nodes.Element]:
    """The doctests and cells of a page, in their order."""
    elements = doctree.findall(nodes.Element)
    return [each for each in elements if each.get("testnodetype") == "doctest" or is_cell(each)]


def is_cell(block: nodes.Element) -> bool:
    return "cell" in block.get("classes", ())


def syntax(pieces: Iterable[str]) -> Iterator[list[ast.AST]]:
    """What each piece of some code is made of."""
    for piece in pieces:
        with contextlib.suppress(SyntaxError):  # which may be what the example shows
            yield list(ast.walk(ast.parse(piece)))


class Lacks:
    """The modules that examples need and a browser does not have, block after block."""

    def __init__(self) -> None:
        self.names: dict[str, set[str]] = {}  # what names need that such examples defined

    def of(self, pieces: Iterable[str]) -> set[str]:
        needed = set()
        for parts in syntax(pieces):
            lacks = {module for part in parts for module in lacking(part)}
            for part in parts:
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                    lacks |= self.names.get(part.id, set())
            for name in (name for part in parts for name in bound(part)):
                self.names[name] = lacks
            needed |= lacks
        return needed


def lacking(part: ast.AST) -> Iterator[str]:
    names = [alias.name for alias in part.names] if isinstance(part, ast.Import) else []
    if isinstance(part, ast.ImportFrom) and part.module:
        names = [part.module, *(f"{part.module}.{alias.name}" for alias in part.names)]
    if any(re.match(r"micrograd\.(tensors|replay)\b", name) for name in names):
        yield "numpy"  # which these import
    if any(re.match(r"micrograd\.torch_bridge\b", name) for name in names):
        yield "torch"
    for name in dict.fromkeys(name.split(".")[0] for name in names):
        outside = name not in sys.stdlib_module_names and name != "micrograd"
        if name in NOT_IN_A_BROWSER or (outside and find_spec(name)):
            yield name


def bound(part: ast.AST) -> Iterator[str]:
    """The names that a part of an example gives a value."""
    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
        yield part.id
    elif isinstance(part, ast.FunctionDef | ast.ClassDef):
        yield part.name
    elif isinstance(part, ast.alias):
        yield part.asname or part.name.split(".")[0]


def named_files(doctree: nodes.document) -> Iterator[Path]:
    """The files of the book that a page's examples name."""
    for block in doctree.findall(nodes.literal_block):
        for part in chain.from_iterable(syntax(pieces(block)) if "testnodetype" in block else ()):
            if isinstance(part, ast.Constant) and str(part.value).startswith("book/"):
                file = ROOT / str(part.value)
                if file.is_file():
                    yield file


def add_script(
    app: Sphinx,
    pagename: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if is_live(app) and doctree is not None and next(doctree.findall(live_block), None):
        app.add_js_file(SCRIPT, loading_method="defer")


def is_live(app: Sphinx) -> bool:
    return bool(app.config.live) and app.builder.name in BUILDERS


def check_folder(app: Sphinx) -> None:
    missing = [name for name in FILES if is_live(app) and not Path(app.config.live, name).exists()]
    if missing:
        raise ConfigError(
            f"expected Pyodide in the folder live={app.config.live}, found no {', '.join(missing)}:"
            f" `make live` puts it there"
        )


def add_files(app: Sphinx, exception: Exception | None) -> None:
    """Put Pyodide and the package beside the script."""
    if exception is None and is_live(app):
        beside = Path(app.outdir, "_static", SCRIPT).parent
        (beside / "pyodide").mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(Path(app.config.live, name), beside / "pyodide" / name)
        named = {
            file for page in app.env.found_docs for file in named_files(app.env.get_doctree(page))
        }
        with zipfile.ZipFile(beside / "micrograd.zip", "w", zipfile.ZIP_DEFLATED) as package:
            for file in (*sorted(files_in(PACKAGE)), *sorted(named)):
                package.write(file, file.relative_to(ROOT))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("live", "", "html", types=(str,))
    app.add_node(live_block, html=(visit_live_block, depart_live_block))
    app.connect("builder-inited", check_folder)
    app.connect("doctree-resolved", mark)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
