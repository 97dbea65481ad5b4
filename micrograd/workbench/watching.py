"""Doing something again whenever a file has been saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from micrograd.workbench.folder import WorkbenchError

__all__ = ["watch"]


def watch(folder: Path, act: Callable[[], object], pause: float = 0.3) -> None:
    """Call ``act`` now and whenever a Python file in ``folder`` has been saved, until Ctrl-C.

    Editors remove a file for a moment, or put a link to nowhere beside it: what cannot be looked at
    is not there, and what ``act`` finds missing it says.
    """
    try:
        while True:
            seen = list(_stamps(folder))
            try:
                act()
            except WorkbenchError as error:
                print(error)
            print("\nWaiting for a file to be saved. Ctrl-C ends it.\n", flush=True)
            while list(_stamps(folder)) == seen:
                time.sleep(pause)
    except KeyboardInterrupt:
        print()


def _stamps(folder: Path) -> Iterator[tuple[str, int]]:
    for file in sorted(folder.glob("[!.]*.py")):
        with suppress(OSError):
            yield file.name, file.stat().st_mtime_ns
