"""Two distributions bring a package ``micrograd``; installed together, one spoils the other.

``micrograd`` on PyPI writes ``__init__.py``, ``engine.py`` and ``nn.py`` over those of
``micrograd-book``, or has its own overwritten by them; whichever is removed first takes those files
with it. pip says nothing of it, so the package does, as far as it is still there to do so.
"""

from __future__ import annotations

import os
import warnings

__all__ = ["check", "trouble"]

_SHARED = ("__init__", "engine", "nn")
_MEND = (
    "pip uninstall -y micrograd micrograd-book, then pip install micrograd-book (each in an "
    "environment of its own, if both are wanted)"
)


def trouble(package: str) -> str:
    """What the other distribution has done to the package in a folder; empty if nothing.

    Args:
        package: the folder of the package, beside which pip keeps its notes.
    """
    shared = [f"{name}.py" for name in _SHARED]
    missing = [name for name in shared if not os.path.exists(os.path.join(package, name))]
    if missing:
        return f"expected micrograd-book's {', '.join(missing)}, which another package took along"
    beside = os.listdir(os.path.dirname(package))
    if not any(name.startswith("micrograd-") and name.endswith("-info") for name in beside):
        return ""
    with open(
        os.path.join(package, f"{_SHARED[1]}.py"), encoding="utf-8", errors="replace"
    ) as engine:
        if "from micrograd.walk import" not in engine.read():
            return "expected micrograd-book's engine.py, got that of the distribution micrograd"
    return "the distribution micrograd is installed in the same place, and would take files along"


def check(package: str = os.path.dirname(os.path.abspath(__file__))) -> None:
    """Say so if the other distribution is, or was, in the same place.

    Raises:
        ImportError: if it has taken the place of files of this one.

    Warns:
        RuntimeWarning: if it is there, and this one is still whole.
    """
    found = trouble(package)
    if found.startswith("expected"):
        raise ImportError(f"{found}: {_MEND}")
    if found:
        warnings.warn(f"{found}: {_MEND}", RuntimeWarning, stacklevel=4)
