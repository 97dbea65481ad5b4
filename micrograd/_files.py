"""Files that are exact and whole: every float to the bit, and the old content or the new one.

Plain JSON, so that anything can read it and nothing runs when it is read. The chapter "Recovery"
tells the story.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import struct
from pathlib import Path
from typing import Any, NoReturn

from micrograd import _expect

__all__ = ["from_bytes", "from_json", "safetensors", "to_bytes", "to_json", "write"]

_NAN = struct.pack(">d", math.nan).hex()


def to_json(content: dict[str, Any], *, lines: bool = True) -> str:
    """``content`` as JSON, a line for each field or all on one.

    JSON has no word for a float that is not finite: it becomes ``{"float": "nan"}``, ``inf`` or
    ``-inf``, and a ``nan`` with other bits ``{"float": "nan:..."}`` with 16 hexadecimal digits.

    >>> to_json({"rate": 0.1, "loss": math.inf}, lines=False)
    '{"rate": 0.1, "loss": {"float": "inf"}}'
    """
    if not lines:
        return _dumps(content)
    fields = (f"{json.dumps(name)}: {_field(item)}" for name, item in content.items())
    return "{\n" + ",\n".join(fields) + "\n}\n"


def from_json(text: str | bytes) -> dict[str, Any]:
    """What :func:`to_json` made the text of.

    Raises:
        ValueError: if it is no JSON object, or has a name twice.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
        content = json.loads(
            text, object_pairs_hook=_decode, parse_constant=_refuse, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("expected JSON, got a nest too deep for it") from None
    except ValueError as error:
        raise ValueError(f"expected JSON: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(f"expected a JSON object, got a {type(content).__name__}")
    return content


def to_bytes(content: dict[str, Any]) -> bytes:
    """``content`` as a file: as JSON; or in the format of safetensors, if there are arrays in it.

    There the arrays stand under the names of the fields that they are in, joined by points, and
    the rest is JSON in the header. It needs the library: the extra ``tensors``.

    >>> to_bytes({"rate": 0.1}).decode().split()
    ['{', '"rate":', '0.1', '}']
    """
    arrays: dict[str, Any] = {}
    text = to_json(_taken_out(content, "", arrays))
    if not arrays:
        return text.encode()
    packed: bytes = safetensors().save(arrays, metadata={_HEADER: text})
    return packed


def from_bytes(packed: bytes) -> dict[str, Any]:
    """What :func:`to_bytes` made the file of.

    Raises:
        ValueError: if it is none of its files.
    """
    if packed.lstrip()[:1] in (b"{", b"") or len(packed) < 9 or packed[8:9] != b"{":
        return from_json(packed)
    library = safetensors()
    try:
        size = int.from_bytes(packed[:8], "little")
        text = json.loads(packed[8 : 8 + size])["__metadata__"][_HEADER]
        arrays = library.load(packed)
    except Exception as error:  # of the library's own kinds
        raise ValueError(f"expected a checkpoint in a file of safetensors: {error}") from None
    content: dict[str, Any] = _put_back(from_json(text), arrays)
    return content


_HEADER = "json"  # the field of the header that holds what is not an array


def safetensors() -> Any:
    """The library, for NumPy's arrays; where it is missing, an error that names the extra."""
    return _expect.installed("safetensors.numpy", "safetensors", "tensors")


def _taken_out(item: Any, name: str, arrays: dict[str, Any]) -> Any:
    """``item`` with the names of arrays in their places; they go to ``arrays``."""
    if hasattr(item, "shape"):
        arrays[name] = item.copy()  # in one piece, as the library wants it
        return {"array": name}
    within = f"{name}." if name else ""
    if isinstance(item, dict):
        return {key: _taken_out(part, f"{within}{key}", arrays) for key, part in item.items()}
    if isinstance(item, (list, tuple)):
        return [_taken_out(part, f"{within}{i}", arrays) for i, part in enumerate(item)]
    return item


def _put_back(item: Any, arrays: dict[str, Any]) -> Any:
    if isinstance(item, dict):
        if item.keys() == {"array"} and item["array"] in arrays:
            return arrays[item["array"]]
        return {key: _put_back(part, arrays) for key, part in item.items()}
    return [_put_back(part, arrays) for part in item] if isinstance(item, list) else item


def write(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file so that at any moment it is the old one or the new one, whole.

    It goes to ``<path>.tmp`` and on to the disk before it takes the file's place.

    Raises:
        OSError: if that fails; the file is as it was then.
    """
    target = Path(path).resolve()
    temporary = target.with_name(target.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):  # elsewhere a folder cannot be opened, nor need it be
        with contextlib.suppress(OSError):  # not every file system can: the file is there anyway
            folder = os.open(target.parent, os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _field(item: Any) -> str:
    """One field as JSON; an object of many entries has a line for each."""
    if isinstance(item, dict) and len(item) > 1 and all(type(x) is float for x in item.values()):
        entries = (f" {json.dumps(name)}: {_dumps(x)}" for name, x in item.items())
        return "{\n" + ",\n".join(entries) + "\n}"
    return _dumps(item)


def _dumps(item: Any) -> str:
    try:
        return json.dumps(item, allow_nan=False)
    except ValueError:  # something in it is not finite
        return json.dumps(_encode(item), allow_nan=False)


def _encode(item: Any) -> Any:
    if isinstance(item, float) and not math.isfinite(item):
        bits = struct.pack(">d", item).hex()
        return {"float": f"nan:{bits}" if math.isnan(item) and bits != _NAN else str(item)}
    if isinstance(item, dict):
        return {name: _encode(part) for name, part in item.items()}
    if isinstance(item, (list, tuple)):
        return [_encode(part) for part in item]
    return item


def _decode(pairs: list[tuple[str, Any]]) -> Any:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name stands twice in one object")
    if content.keys() != {"float"}:
        return content
    text = content["float"]
    if not isinstance(text, str):  # something of that name, such as a parameter
        return content
    if text in ("nan", "inf", "-inf"):
        return float(text)
    if text.startswith("nan:") and len(text) == 20:
        number: float = struct.unpack(">d", bytes.fromhex(text[4:]))[0]
        if math.isnan(number):
            return number
    raise ValueError(f"{text!r} is no float")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
