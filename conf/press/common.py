"""What several extensions of the press need."""

from __future__ import annotations

import gc

from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.errors import ExtensionError
from sphinx.util.parallel import ParallelTasks, SerialTasks, parallel_available

GROUP = "milestone "  # and a number: the group of a milestone's examples


def replaced(text: str, found: str, better: str, package: str) -> str:
    """Some text with a part of it replaced, which a package put there.

    Raises:
        ExtensionError: if that is not in the text: another version may write something else.
    """
    if found not in text:
        raise ExtensionError(
            f"expected {found} in what {package} writes, to make it {better}: "
            f"is this another version of {package}?"
        )
    return text.replace(found, better)


def tasks_of(app: Sphinx) -> ParallelTasks | SerialTasks:
    """What runs tasks, as many at a time as ``-j`` says."""
    gc.freeze()  # they need not look for garbage among all that Sphinx holds
    several = parallel_available and app.parallel > 1
    return ParallelTasks(app.parallel) if several else SerialTasks()


def is_paper(builder: Builder) -> bool:
    """Whether pages are written for paper, a reading device or a notebook, where nothing moves."""
    return builder.name in ("epub", "singlehtml", "notebooks")


def number(x: float) -> str:
    """A number as the drawings show it."""
    return f"{x:.4g}"


def data_block(kind: str, data: str) -> str:
    """Data for a script, in the page itself: a page opened as a file may not load any."""
    return f'<script type="application/json" class="{kind}">{data}</script>\n' if data else ""
