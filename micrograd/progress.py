"""How far a training has come, for whoever waits: a line that moves, or a few lines in a file.

On a terminal one line is written over and over. In a file, or in a notebook, there are
five lines and not thousands. The last line says how fast it went.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from micrograd import _expect
from micrograd.loop import Step, Steps

__all__ = ["Progress", "told"]

LINES = 5  # in a file, of a training whose length is known
PAUSE = 0.1  # seconds between two lines on a terminal


class Progress:
    """Tells of the steps of a training while it goes on.

    Args:
        total: how many steps there are to be; ``None`` if that is not known.
        unit: what a step goes through, such as examples or tokens.
        file: where to tell of it; standard output by default.

    Raises:
        TypeError, ValueError: if ``total`` is no whole number, or below 1.

    >>> progress = Progress(20)
    >>> for step in range(1, 21):
    ...     progress.tell(step, loss=1.0 / step)  # doctest: +ELLIPSIS
    step 4 of 20: loss 0.250000
    ...
    step 20 of 20: loss 0.050000
    """

    def __init__(
        self, total: int | None = None, unit: str = "examples", file: TextIO | None = None
    ) -> None:
        self.total = None if total is None else _expect.whole("total", total, 1)
        self.unit = unit
        self._file = file
        self._began = self._written = time.perf_counter()
        self._amount = 0
        self._untold = ""  # the last line, if it has not been written
        self._width = 0  # of what stands on the terminal, in a line that has not ended

    def tell(self, step: int, loss: float, amount: int = 0) -> None:
        """One more step has been completed.

        Args:
            step: its number, from 1.
            loss: its loss.
            amount: how much it went through, in units.
        """
        self._amount += amount
        of = "" if self.total is None else f" of {self.total:,}"
        self._untold = f"step {step:,}{of}: loss {loss:.6f}"
        now = time.perf_counter()
        if self._out.isatty():
            if now - self._written >= PAUSE or not self._width:
                self._write_over()
                self._written = now
        elif self._due(step):
            self._write_line()

    def end(self) -> None:
        """No step comes after the last one: it is told of if it was not, and how fast it went."""
        if self._out.isatty():
            self._write_over()
        if self._untold or self._width:
            self._write_line()
        if self._amount:
            speed = self._amount / (time.perf_counter() - self._began)
            print(f"{speed:,.0f} {self.unit} a second", file=self._out, flush=True)
            self._amount = 0

    @property
    def _out(self) -> TextIO:
        return self._file or sys.stdout

    def _due(self, step: int) -> bool:
        """Whether a file gets a line: five in all, or, of who knows how many, ever fewer."""
        if self.total is None:
            return step & (step - 1) == 0  # 1, 2, 4, 8, ...
        return step % max(1, self.total // LINES) == 0

    def _write_over(self) -> None:
        if self._untold:
            print(f"\r{self._untold:{self._width}}", end="", file=self._out, flush=True)
            self._width, self._untold = len(self._untold), ""

    def _write_line(self) -> None:
        print(self._untold, file=self._out, flush=True)
        self._width, self._untold = 0, ""


def told(
    run: Iterable[Step],
    total: int | None = None,
    *,
    amount: Callable[[Step], int] | None = None,
    unit: str = "examples",
    file: TextIO | None = None,
) -> Steps:
    """The same run, which tells how far it has come, and in the end how fast it went.

    Args:
        run: the steps of a training.
        total: how many there are to be, if that is known; it does not end the run.
        amount: how much a step goes through, in units; by default how many examples it has.
        unit: what is counted.
        file: where to tell of it; standard output by default.

    >>> from itertools import islice
    >>> from micrograd import MLP, SGD, Batches, steps, xor
    >>> net = MLP(2, [1], init="zeros")
    >>> run = steps(net, Batches(xor()), SGD(net.parameters(), 0.1))
    >>> for step in told(islice(run, 4), 4):  # doctest: +ELLIPSIS
    ...     pass
    step 1 of 4: loss 0.500000
    ...
    step 4 of 4: loss 0.286779
    ... examples a second
    """
    progress = Progress(total, unit, file)
    try:
        for step in run:
            progress.tell(step.iteration, step.loss, (amount or _examples)(step))
            yield step
    finally:
        progress.end()


def _examples(step: Any) -> int:
    return len(step.inputs)
