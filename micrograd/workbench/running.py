"""Runs examples on a reader's files in another process, which may come to any end, or to none.

The other side is :mod:`micrograd.workbench.child`. Whatever it does, there is an answer here within
a limited time, and nothing that it started goes on afterwards.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from micrograd.workbench.folder import WorkbenchError

__all__ = ["ENDED", "NO_END", "PATIENCE", "answers", "interact"]

CHILD = str(files("micrograd.workbench") / "child.py")
NO_END = "no end"
ENDED = "the end of the process"
PATIENCE = 6.0
"""How much longer than its time on the processor an example may take by the clock."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""For small arrays more of them only cost time, and room that is limited."""
GRACE = 5.0  # seconds for the other process to start, and to say itself that time is up
GLANCE = 0.2  # seconds between two looks at whether it is still there


def answers(
    folder: Path, sources: list[str], limit: float
) -> Generator[dict[str, str], None, None]:
    """What came of each example, up to the first that the process did not survive (``ended``).

    Args:
        folder: where the reader's files are.
        sources: the examples, in order.
        limit: seconds on the processor that each may take.

    Raises:
        WorkbenchError: if the process cannot be started.
    """
    folder = folder.resolve()
    process = _start(folder)
    lines: Queue[str | None] = Queue()
    reader = Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            request = {"folder": str(folder), "examples": sources, "limit": limit}
            process.stdin.write(json.dumps(request | {"patience": limit * PATIENCE}) + "\n")
            process.stdin.close()
        for _ in sources:
            printed, line = "", _line(process, lines, limit * PATIENCE + GRACE)
            while line is not None and line.startswith('{"printed"'):
                printed += json.loads(line)["printed"]
                line = _line(process, lines, limit * PATIENCE + GRACE)
            if line is None or not line.startswith("{"):
                last_words = [line or "", *_rest(process, lines)]
                said = _ending(process, "".join(last_words), folder)
                yield said | {"printed": printed, "ended": "yes"}
                return
            yield json.loads(line) | {"printed": printed, "ended": ""}
    finally:
        _end(process)
        reader.join(GLANCE)
        if process.stdout and not reader.is_alive():
            process.stdout.close()


def interact(folder: Path, before: str, examples: list[str]) -> int:
    """A Python on the terminal, in which some examples have been run on the reader's files.

    Args:
        folder: where the files are.
        before: what is run first, unseen.
        examples: what is shown as if it had been typed.

    Returns:
        The code with which it ended.
    """
    folder = folder.resolve()
    request = json.dumps({"folder": str(folder), "before": before, "examples": examples})
    heeded = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for what runs in it
    try:
        return subprocess.run([sys.executable, "-P", CHILD, request], cwd=folder).returncode
    finally:
        signal.signal(signal.SIGINT, heeded)


def _start(folder: Path) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            [sys.executable, "-P", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            cwd=folder,
            env={**os.environ, **ONE_THREAD},
            start_new_session=True,  # a group of its own, that can be ended as one
        )
    except OSError as error:
        raise WorkbenchError(f"expected a folder to run your code in, got {error}") from error


def _read(process: subprocess.Popen[str], lines: Queue[str | None]) -> None:
    with suppress(ValueError, OSError):
        for line in process.stdout or ():
            lines.put(line)
    lines.put(None)


def _line(process: subprocess.Popen[str], lines: Queue[str | None], wait: float) -> str | None:
    """The next line that it writes; None if it has ended, or the time is up.

    A process that has ended is noticed also if another one keeps its output open.
    """
    until = time.monotonic() + wait
    while True:
        ended = process.poll() is not None
        try:
            return lines.get(timeout=GLANCE)
        except Empty:
            if ended or time.monotonic() > until:
                return None


def _rest(process: subprocess.Popen[str], lines: Queue[str | None]) -> Iterator[str]:
    """What it wrote before it ended, which need not be an answer."""
    while line := _line(process, lines, GLANCE):
        yield line


def _ending(process: subprocess.Popen[str], last_words: str, folder: Path) -> dict[str, str]:
    """What to say of a process that ended before it answered, or did not end."""
    code = process.poll()
    out_of_time = code is not None and -code == getattr(signal, "SIGXCPU", None)
    # Where it stands is written only when the time is up, and some Pythons crash over that.
    out_of_time = out_of_time or "Timeout" in last_words or "most recent call first" in last_words
    if code is not None and not out_of_time:
        return {"came": f"{ENDED}: {_told(code)}", "where": ""}
    # There, what is not ASCII is written as it would be in a string.
    home = str(folder).encode("ascii", "backslashreplace").decode()
    frames = re.findall(r'File "(.*)", line (\d+) in (\S+)', last_words)
    places = [
        f"{Path(file).name}, line {line}, in {name}"
        for file, line, name in frames
        if str(Path(file).parent) == home
    ]
    return {"came": NO_END, "where": "".join(places[:1])}


def _told(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"


def _end(process: subprocess.Popen[str]) -> None:
    """End the process, and all that it started in its group."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
    process.wait()
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
