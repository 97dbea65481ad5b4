"""What an argument must be: one way to say what was expected and what came.

A wrong kind of thing is a ``TypeError``, a right kind outside its range a ``ValueError``, and both
say ``expected NAME to be ..., got ...``. What fits comes back as the plain Python object the
package works with: a NumPy integer as ``int``, a generator as the list of what it yields.
"""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Iterable
from importlib import import_module
from numbers import Complex, Number, Real
from typing import Any

from micrograd import _other

__all__ = [
    "arrays",
    "choice",
    "examples",
    "fields",
    "finite",
    "floats",
    "installed",
    "items",
    "number",
    "parameters",
    "positive",
    "show",
    "whole",
]

# Here, as every module of this package comes here and a foreign `__init__.py` would not look.
_other.check()


def show(thing: object) -> str:
    """``thing`` in short, with its type: what an error says that it got."""
    return f"{type(thing).__name__} {reprlib.repr(thing)}"


def whole(name: str, given: Any, least: int | None = None) -> int:
    """``given`` as an ``int``, if it is a whole number of any kind and at least ``least``.

    >>> whole("n", 3, 1)
    3
    """
    try:
        if isinstance(given, bool):
            raise TypeError
        count = operator.index(given)
    except TypeError:
        raise TypeError(f"expected {name} to be a whole number, got {show(given)}") from None
    if least is not None and count < least:
        raise ValueError(f"expected {name} to be at least {least}, got {count}")
    return count


def number(name: str, given: Any) -> float:
    """``given`` as a ``float``, if it is a real number of any kind; it may be ``nan``.

    >>> number("x", 2)
    2.0
    """
    real = isinstance(given, Real) or (  # a Decimal is a number, and no part of the tower
        isinstance(given, Number) and not isinstance(given, Complex)
    )
    if not real:
        raise TypeError(f"expected {name} to be a real number, got {show(given)}")
    try:
        return float(given)
    except (OverflowError, ValueError):  # a whole number of 400 digits; a signalling nan
        raise ValueError(f"expected {name} to be in a float's range, got {show(given)}") from None


def finite(name: str, given: Any, least: float = -math.inf, below: float = math.inf) -> float:
    """``given`` as a ``float``, if it is a finite number, at least ``least`` and under ``below``.

    >>> finite("momentum", 0.9, 0.0, 1.0)
    0.9
    """
    real = number(name, given)
    if not (math.isfinite(real) and least <= real < below):
        bounds = "" if least == -math.inf else f" of at least {least:g}"
        bounds += "" if below == math.inf else f" and below {below:g}"
        raise ValueError(f"expected {name} to be a finite number{bounds}, got {real}")
    return real


def positive(name: str, given: Any) -> float:
    """``given`` as a ``float``, if it is a finite number above 0.

    >>> positive("eps", 1e-5)
    1e-05
    """
    real = number(name, given)
    if not 0.0 < real < math.inf:
        raise ValueError(f"expected {name} to be a positive, finite number, got {real}")
    return real


def choice(name: str, given: Any, known: Iterable[str]) -> str:
    """``given``, if it is one of the ``known`` names.

    >>> choice("activation", "tanh", ["tanh", "relu"])
    'tanh'
    """
    names = list(known)
    if not isinstance(given, str) or given not in names:
        raise ValueError(f"expected {name} to be one of {', '.join(names)}; got {given!r}")
    return given


def items(name: str, given: Any) -> list[Any]:
    """Everything that ``given`` yields, taken once: a list of its own.

    Raises:
        TypeError: for what cannot be iterated over, has no order, or is text.

    >>> items("losses", (x / 2 for x in range(3)))
    [0.0, 0.5, 1.0]
    """
    try:
        if isinstance(given, (str, bytes, dict, set, frozenset)):
            raise TypeError
        iterator = iter(given)
    except TypeError:
        raise TypeError(f"expected {name} to be a list, got {show(given)}") from None
    return list(iterator)


def parameters(given: Any) -> list[Any]:
    """The parameters that ``given`` yields, taken once; each has ``data`` and ``grad``.

    A model is refused by name: what is wanted is what its ``parameters()`` gives.
    """
    if callable(getattr(given, "parameters", None)):
        raise TypeError(
            f"expected a list of parameters, got the {type(given).__name__} itself: "
            "pass its .parameters()"
        )
    nodes = items("the parameters", given)
    for i, node in enumerate(nodes):
        if not (hasattr(node, "data") and hasattr(node, "grad")):
            raise TypeError(f"expected parameter [{i}] to have data and grad, got {show(node)}")
    return nodes


def arrays(given: Any) -> tuple[Any, Any] | None:
    """``given``, if it is inputs and targets as two arrays, an example for each of their rows.

    Raises:
        ValueError: if one of them is longer than the other.
    """
    if not (type(given) is tuple and len(given) == 2 and all(map(_has_rows, given))):
        return None
    inputs, targets = given
    if len(inputs) != len(targets):
        raise ValueError(
            f"expected as many inputs as targets, got {len(inputs)} and {len(targets)}"
        )
    return inputs, targets


def _has_rows(array: Any) -> bool:
    return bool(getattr(array, "shape", ())) and not hasattr(array, "grad")


def examples(given: Any) -> list[tuple[Any, Any]]:
    """The ``(inputs, target)`` pairs that ``given`` yields, taken once; at least one.

    A list, a ``zip``, a generator and an array of pairs will do, and a tuple of two arrays,
    the inputs and the targets.
    """
    pairs = items("the data", zip(*given) if arrays(given) else given)
    if not pairs:
        raise ValueError("expected at least one training example, got none")
    for i, pair in enumerate(pairs):
        try:
            inputs, target = pair
        except (TypeError, ValueError):
            raise TypeError(
                f"expected example {i} to be a pair (inputs, target), got {show(pair)}"
            ) from None
        pairs[i] = (inputs, target)
    return pairs


def fields(name: str, given: Any, **kinds: type) -> dict[str, Any]:
    """``given``, if it is a dictionary of just these fields, each of its kind.

    Raises:
        ValueError: if not; it comes from a file, and the file is wrong.

    >>> fields("the state", {"steps": 3}, steps=int)
    {'steps': 3}
    """
    if not isinstance(given, dict) or given.keys() != kinds.keys():
        found = f"the fields {', '.join(map(str, given))}" if type(given) is dict else show(given)
        raise ValueError(f"expected {name} to have the fields {', '.join(kinds)}; got {found}")
    for field, kind in kinds.items():
        if type(given[field]) is not kind:
            expected = f"expected {name}: {field} to be a {kind.__name__}"
            raise ValueError(f"{expected}, got {show(given[field])}")
    return given


def floats(name: str, given: Any, most: float = math.inf) -> list[float]:
    """``given``, if it is a list of at most so many floats.

    Raises:
        ValueError: if not; like :func:`fields`, this is for what comes from a file.

    >>> floats("losses", [0.5, 0.25])
    [0.5, 0.25]
    """
    if type(given) is not list or any(type(each) is not float for each in given):
        raise ValueError(f"expected {name} to be a list of floats, got {show(given)}")
    if len(given) > most:
        raise ValueError(f"expected {name} to have at most {most:g} entries, got {len(given)}")
    return given


def installed(module: str, package: str, extra: str) -> Any:
    """An optional module, imported now; or an error that names what brings it.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"expected {package} to be installed: pip install 'micrograd-book[{extra}]'"
        ) from error
