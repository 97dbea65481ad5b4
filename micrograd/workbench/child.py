"""Runs examples on a reader's files, in a process of its own that may come to any end.

:mod:`micrograd.workbench` starts this file as a script. It reads one request from its input,
runs the examples in order, and tells of each what came of it, in lines of JSON. It does not
know the right answers, and imports nothing of the package: here ``micrograd`` is the folder of
the reader.
"""

import ast
import code
import faulthandler
import io
import json
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

try:
    import resource
except ImportError:  # where there is none, time is what the clock says
    resource = None  # type: ignore[assignment]

__all__ = ["Aliases", "Clock", "Facade", "Fresh", "Printed", "interact", "main", "run", "show"]

FILES = {
    "micrograd": ("engine", "nn", "training", "optim"),
    "micrograd.tensors": ("tensor", "pictures", "attention"),
}
"""The files that the names of a package come from, as the examples import them."""
MOST_PRINTED = 2000
MOST_TOLD = 2000  # characters of an answer
MEMORY = 2 << 30  # bytes; more than any check needs, less than makes a machine unusable


class Facade(ModuleType):
    """``micrograd``, or a part of it, as the examples see it: whatever the reader's files define.

    A file is imported when it is asked for, or a name that no file before it has.

    Raises:
        ImportError: for a name that none of the files defines.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if Path(self.__path__[0], f"{name}.py").exists():
            return import_module(f"micrograd.{name}")
        own = FILES[self.__name__]
        there = [file for file in own if Path(self.__path__[0], f"{file}.py").exists()]
        for file in there:
            module = import_module(f"micrograd.{file}")
            if hasattr(module, name):
                return getattr(module, name)
        wanted = ", ".join(there or own)
        raise ImportError(f"expected {wanted} to define {name}, but none of them does")


class Aliases:
    """Finds ``engine`` where ``micrograd.engine`` is, so that both are one module."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Of the names of the reader's files; of no other."""
        own = name in chain(*FILES.values())
        return ModuleSpec(name, self) if own else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module under its full name."""
        module = import_module(f"micrograd.{spec.name}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It has run already; only its own specification is put back."""
        module.__spec__ = getattr(module.__spec__, "loader_state", None) or module.__spec__


class Fresh(SourceFileLoader):
    """Reads a file as it is now: a cache cannot tell two versions saved within a second."""

    def path_stats(self, path: Any) -> Any:
        """There are none, so nothing is taken from a cache, and nothing put there."""
        raise OSError


class Printed(io.TextIOBase):
    """Tells at once what the reader's code prints, as far as anybody would want to read it.

    So that it is known also if the code does not come back.
    """

    def __init__(self, answers: TextIO) -> None:
        self.left, self.answers = MOST_PRINTED, answers

    def write(self, text: str) -> int:
        """Tell the beginning."""
        if told := text[: self.left]:
            self.left -= len(told)
            tell(self.answers, printed=told)
        return len(text)


def show(thing: object) -> str:
    """``repr``, but nothing can look like a number without being one."""
    if thing is None or type(thing) in (bool, int, float, str):
        return repr(thing)
    if type(thing) is tuple:
        return "(" + ", ".join(map(show, thing)) + (",)" if len(thing) == 1 else ")")
    if type(thing) is list:
        return "[" + ", ".join(map(show, thing)) + "]"
    if isinstance(thing, float):
        return float.__repr__(thing)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(thing, (numpy.bool_, numpy.integer)):
        return repr(thing.item())  # what comes of comparing its numbers, and of counting that
    try:
        return f"a {type(thing).__name__}: {thing!r:.200}"
    except BaseException as error:
        return f"a {type(thing).__name__} whose repr raises {type(error).__name__}"


class Clock:
    """Ends the process, with a traceback, if an example takes too long.

    What counts is time on the processor: a machine that is busy is no mistake. Code that waits, for
    a lock or in a sleep, ends after ``patience`` seconds by the clock.
    """

    def __init__(self, limit: float, patience: float, answers: TextIO) -> None:
        self.limit, self.patience, self.answers = limit, patience, answers
        self.process = os.getpid()
        self.counts = resource is not None and hasattr(faulthandler, "register")
        if self.counts:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            faulthandler.register(signal.SIGXCPU, answers, all_threads=False, chain=True)

    def start(self) -> None:
        """An example begins."""
        if self.counts:
            hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
            used = math.ceil(time.process_time() + self.limit)
            with suppress(OSError, ValueError):  # where the system allows less, it is less
                resource.setrlimit(resource.RLIMIT_CPU, (used, hard))
        wait = self.patience if self.counts else self.limit
        faulthandler.dump_traceback_later(wait, exit=True, file=self.answers)

    def stop(self) -> None:
        """It has ended; and with it, a copy of this process that it has made."""
        if os.getpid() != self.process:  # the timer's thread is not in it, and it has no answers
            os._exit(0)
        faulthandler.cancel_dump_traceback_later()


def run(folder: Path, examples: Sequence[str], answers: TextIO, clock: Clock) -> None:
    """Run examples in one namespace, and write to ``answers`` what comes of each.

    Lines with ``printed`` come first, and then one that has ``came``, what was displayed or raised,
    and ``where``, the place in the reader's code if something was raised.
    """
    names: dict[str, Any] = {"__name__": "milestone"}
    came: list[str] = []
    stdout, stderr, displayhook = sys.stdout, sys.stderr, sys.displayhook
    try:
        for example in examples:
            came.clear()
            where = ""
            sys.stdout = sys.stderr = Printed(answers)
            sys.displayhook = lambda thing: None if thing is None else came.append(show(thing))
            clock.start()
            try:
                exec(compile(example, "<milestone>", "single"), names)
            except BaseException as error:
                came[:] = [describe(error)]
                where = place(error, folder)
            finally:
                clock.stop()
            tell(answers, came="\n".join(came)[:MOST_TOLD], where=where)
    finally:
        sys.stdout, sys.stderr, sys.displayhook = stdout, stderr, displayhook


def tell(answers: TextIO, **what: str) -> None:
    """One line of JSON, at once."""
    answers.write(json.dumps(what) + "\n")
    answers.flush()


def describe(error: BaseException) -> str:
    """The kind of an error, and its message."""
    try:
        message = str(error)
    except BaseException:
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def place(error: BaseException, folder: Path) -> str:
    """The last line of the reader's own code that an error came through."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent == folder
    ]
    if not frames:
        return ""
    frame = frames[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}, in {frame.name}: {frame.line}"


def prepare(folder: Path) -> None:
    """Let ``micrograd``, ``engine``, ``tensor`` and so on be those of ``folder``."""
    for name in FILES:
        facade = Facade(name)
        facade.__path__ = [str(folder)]
        sys.modules[name] = facade
    sys.meta_path.insert(0, Aliases())
    sys.path.insert(0, str(folder))
    sys.path_importer_cache[str(folder)] = FileFinder(str(folder), (Fresh, [".py"]))


def interact(folder: Path, before: str, examples: Sequence[str]) -> None:
    """A Python to type into, that has run some examples on the reader's files, the last in sight.

    Args:
        folder: where the files are.
        before: what is to be run first, unseen.
        examples: what is to be run as if it had been typed.
    """
    with suppress(ImportError):
        import readline  # noqa: F401  # which `input` then uses, to edit what is typed
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started this ignores it
    prepare(folder)
    names: dict[str, Any] = {"__name__": "milestone"}
    console = code.InteractiveConsole(names)
    for statement in ast.parse(before).body:  # one by one: what one raises stops no other
        with suppress(Exception):
            exec(compile(ast.Module([statement], []), "<milestone>", "exec"), names)
    for example in examples:
        first, *more = example.splitlines()
        print(">>> " + "\n... ".join([first, *more]))
        console.runsource(example, "<milestone>", "single")
    console.interact("", "")


def main() -> None:
    """Do what the request says, an argument if it is to try something, else the input."""
    if len(sys.argv) > 1:
        request = json.loads(sys.argv.pop())
        interact(Path(request["folder"]), request["before"], request["examples"])
        return
    request = json.loads(sys.stdin.readline())
    if resource is not None:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    folder = Path(request["folder"])
    prepare(folder)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what writes to the output behind Python's back must not answer for it
        if hasattr(os, "register_at_fork"):  # nor must a process that the reader's code makes
            os.register_at_fork(after_in_child=lambda: os.close(answers.fileno()))
        clock = Clock(request["limit"], request["patience"], answers)
        run(folder, request["examples"], answers, clock)


if __name__ == "__main__":
    main()
