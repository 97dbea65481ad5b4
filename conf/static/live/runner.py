"""Runs the examples of a page and compares what they print with what the page prints.

The worker hands a `Session` one block at a time, with the blocks that stand before it.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import doctest
import gc
import io
import linecache
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NotRequired, TypedDict

PATIENCE = 0.2  # seconds between two messages about an example that is still running
LONGEST = 20_000  # characters of output that are kept
FLAG = re.compile(r"\s*#\s*doctest:.*$", re.MULTILINE)

Post = Callable[[dict[str, Any]], None]


class Block(TypedDict):
    """An example block: as the page prints it, and as the reader left it, if that is different.

    Of a cell ``printed`` is the code and ``want`` all that it prints, compared with ``flags``; one
    of them is RAISES, for a cell that ends in an error and prints the last line of its traceback.
    """

    number: int
    printed: str
    edited: str | None
    want: NotRequired[str | None]
    flags: NotRequired[str]


class Output(io.TextIOBase):
    """A stream that keeps the beginning of what is written, and tells of it now and then."""

    encoding = "utf-8"

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report, self.told = report, time.monotonic()
        self.text, self.cut = "", False

    def write(self, text: str) -> int:
        room = LONGEST - len(self.text)
        self.text += text[:room]
        self.cut = self.cut or len(text) > room
        if not self.cut and time.monotonic() - self.told > PATIENCE:
            self.told = time.monotonic()
            self.report(self.text)
        return len(text)


class Session:
    """What has been run so far. A block that follows it runs at once, any other from the top."""

    def __init__(self, package: str = "micrograd") -> None:
        self.package = package
        self.group: str | None = None
        self.done: list[Block] = []
        self.names: dict[str, Any] = {}

    def run(self, group: str, before: list[Block], block: Block, post: Post) -> None:
        """Run a block after those before it; what is missing of them comes first."""
        if group != self.group or before[: len(self.done)] != self.done:
            self.restart(group)
        for place in range(len(self.done), len(before)):
            post({"kind": "replay", "number": place + 1, "of": len(before)})
            for result in self.results(before[place], lambda _: None, through=True):
                if result["failed"]:
                    post({"kind": "trouble", "error": result["output"].splitlines()[-1]})
        post({"kind": "running"})
        for result in self.results(block, post):
            post({"kind": "result", **result})
        post({"kind": "end", "python": ".".join(map(str, sys.version_info[:2]))})

    def restart(self, group: str) -> None:
        """Begin a page: no names, the package as it was, the interpreter as it was."""
        self.group, self.done = group, []
        self.names = {"__name__": "__main__"}
        for name in [name for name in sys.modules if name.split(".")[0] == self.package]:
            del sys.modules[name]
        sys.setrecursionlimit(1000)
        gc.enable()

    def results(
        self, block: Block, post: Post, *, through: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Run a block, and tell of its examples. An error the page does not print ends it.

        With ``through`` what is as printed goes on: later blocks may not need what failed.
        """
        self.done.append(block)
        filename = f"<example {block['number']} of this page>"
        try:
            examples, lines = examples_of(block)
        except SyntaxError as error:
            error.filename = filename
            printed = "".join(traceback.format_exception_only(error))
            told = {"source": "", "output": printed, "failed": True, "want": None, "same": None}
            yield {**told, "pictures": []}
            return
        mode = "single" if block.get("want") is None else "exec"
        linecache.cache[filename] = len(lines), None, [line + "\n" for line in lines], filename
        for source, lineno, example in examples:
            if example and example.options.get(doctest.SKIP):
                continue

            shown = source if mode == "single" else ""  # a cell is its whole block

            def tell(text: str, source: str = shown) -> None:
                post({"kind": "partial", "source": source, "output": text})

            output = Output(tell)
            pictures: list[str] = []
            raised = self.execute("\n" * lineno + source + "\n", filename, output, mode, pictures)
            if "RAISES" in block.get("flags", "") and isinstance(raised, Exception):
                output.write("".join(traceback.format_exception_only(raised)))
                raised = None
            result = judge(output.text, raised, example)
            want = example and example.want
            yield {"source": shown, "want": want, "pictures": pictures, **result}
            if result["failed"] and not (through and example):
                return

    def execute(
        self, source: str, filename: str, output: Output, mode: str, pictures: list[str]
    ) -> BaseException | None:
        """Run one statement as the prompt would, or a cell, and return what it raised.

        What the prompt would show, or the last line of a cell, is shown as its picture beside.
        """

        def show(value: object) -> None:
            with contextlib.suppress(Exception):
                pictures.extend(svg for svg in [value._repr_svg_()] if svg)  # type: ignore[attr-defined]
            if mode == "single":
                prompt(value)

        prompt, sys.displayhook = sys.displayhook, show
        try:
            tree = ast.parse(source, filename)
            last = tree.body.pop() if mode == "exec" and closing(tree) else None
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                if mode == "single":
                    exec(compile(source, filename, mode, dont_inherit=True), self.names)
                else:
                    exec(compile(tree, filename, mode, dont_inherit=True), self.names)
                if last:
                    code = compile(ast.Interactive([last]), filename, "single", dont_inherit=True)
                    exec(code, self.names)
        except BaseException as error:
            return error
        finally:
            sys.displayhook = prompt
        return None


def closing(tree: ast.Module) -> bool:
    """Whether the last line of a cell is an expression, whose result may be a picture."""
    return bool(tree.body) and isinstance(tree.body[-1], ast.Expr)


Example = tuple[str, int, doctest.Example | None]


def examples_of(block: Block) -> tuple[list[Example], list[str]]:
    """The statements of a block, each with the line above it and what the page prints for it."""
    want = block.get("want")
    if want is not None:
        source = block["printed"] if block["edited"] is None else block["edited"]
        names = ["DONT_ACCEPT_BLANKLINE", *block.get("flags", "").split()]
        flags = doctest.OPTIONFLAGS_BY_NAME
        options = {flags[name]: True for name in names if name in flags}
        whole = doctest.Example(source, want, options=options)
        return [(source, 0, whole if block["edited"] is None else None)], source.splitlines()
    printed = doctest.DocTestParser().get_examples(block["printed"])
    if block["edited"] is None:
        lines = [line[4:] for line in block["printed"].splitlines()]
        return [(bare(example.source), example.lineno, example) for example in printed], lines
    lines = block["edited"].splitlines()
    pieces = list(statements(block["edited"]))
    sources = [source for source, _ in pieces]
    same = difflib.SequenceMatcher(None, sources, [bare(e.source) for e in printed], autojunk=False)
    known = {
        match.a + i: printed[match.b + i]
        for match in same.get_matching_blocks()
        for i in range(match.size)
    }
    return [(*piece, known.get(i)) for i, piece in enumerate(pieces)], lines


def bare(source: str) -> str:
    """An example's code as the page shows it, without the flags for doctest."""
    return FLAG.sub("", source).rstrip("\n")


def statements(code: str) -> Iterator[tuple[str, int]]:
    """The statements of some code, with the number of lines above; a line is not divided."""
    lines = code.splitlines()
    spans: list[list[int]] = []
    for node in ast.parse(code).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        last = node.end_lineno or first
        if spans and first <= spans[-1][1]:
            spans[-1][1] = last
        else:
            spans.append([first, last])
    for first, last in spans:
        yield "\n".join(lines[first - 1 : last]).rstrip(), first - 1


def judge(
    output: str, error: BaseException | None, example: doctest.Example | None
) -> dict[str, Any]:
    """Compare as doctest does; of an error, its last line alone."""
    same, failed = None, error is not None
    if example:
        flags = sum(flag for flag, on in example.options.items() if on)
        check = doctest.OutputChecker().check_output
        if error is None:
            same = example.exc_msg is None and check(example.want, output, flags)
        elif example.exc_msg is not None:
            said = "".join(traceback.format_exception_only(error))
            same = check(example.exc_msg, said[said.find(f"{type(error).__name__}") :], flags)
            same = same or check(example.exc_msg, said, flags)
            failed = False
        else:
            same = False
    if len(output) >= LONGEST:
        output += "\n... the rest of the output is left out\n"
    return {"output": output + trimmed(error), "failed": failed, "same": same}


def trimmed(error: BaseException | None) -> str:
    """A traceback without the frames of this file."""
    if error is None:
        return ""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))
