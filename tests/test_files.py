"""JSON that is exact to the bit, and files that are the old or the new one, whole."""

import json
import os
import struct
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from little_nets import bits

from micrograd import _files

any_float = st.integers(0, 2**64 - 1).map(lambda n: struct.unpack(">d", n.to_bytes(8, "big"))[0])
content = st.recursive(
    st.none() | st.booleans() | st.integers() | any_float | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def refuse(name: str) -> None:
    pytest.fail(f"{name} is not JSON")


# Exactness


@given(st.lists(any_float, max_size=9), st.booleans())
def test_every_float_comes_back_bit_for_bit(numbers: list[float], lines: bool) -> None:
    again = _files.from_json(_files.to_json({"numbers": numbers}, lines=lines))
    assert bits(again["numbers"]) == bits(numbers)


@given(st.dictionaries(st.text(max_size=5), content, max_size=4), st.booleans())
def test_whatever_json_can_hold_comes_back(given_: dict[str, Any], lines: bool) -> None:
    text = _files.to_json(given_, lines=lines)
    json.loads(text, parse_constant=refuse)
    assert _files.to_json(_files.from_json(text), lines=lines) == text


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (nan, '{"float": "nan"}'),
        (inf, '{"float": "inf"}'),
        (-inf, '{"float": "-inf"}'),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1.0, "1.0"),
    ],
)
def test_numbers_are_legible(number: float, shown: str) -> None:
    assert _files.to_json({"x": number}, lines=False) == f'{{"x": {shown}}}'


def test_a_field_is_a_line_and_of_many_numbers_each_is() -> None:
    text = _files.to_json({"iteration": 3, "parameters": {"w": 0.5, "b": nan}})
    assert text.splitlines() == [
        "{", '"iteration": 3,', '"parameters": {', ' "w": 0.5,', ' "b": {"float": "nan"}', "}", "}",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0.5, nan, -inf])
def test_something_that_is_called_float_is_not_taken_for_one(number: float) -> None:
    again = _files.from_json(_files.to_json({"parameters": {"float": number}}))
    assert bits([again["parameters"]["float"]]) == bits([number])


# Reading


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected JSON"),
        (b"\xff", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        ("1" * 5000, "expected JSON"),
        ("[]", "expected a JSON object, got a list"),
        ('"x"', "expected a JSON object, got a str"),
        ('{"x": NaN}', "NaN is no JSON"),
        ('{"x": Infinity}', "Infinity is no JSON"),
        ('{"x": 1e999}', "1e999 is no JSON"),
        ('{"x": 1, "x": 1}', "a name stands twice"),
        ('{"x": {"float": "0.5"}}', "'0.5' is no float"),
        ('{"x": {"float": "nan:7ff0000000000000"}}', "is no float"),
        ('{"x": {"float": "nan:zzzzzzzzzzzzzzzz"}}', "expected JSON"),
        ('{"x": {"float": "nan:00"}}', "is no float"),
    ],
)
def test_what_is_no_such_json_is_refused(text: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _files.from_json(text)


def test_what_json_has_no_word_for_is_not_written() -> None:
    with pytest.raises(TypeError):
        _files.to_json({"x": {1, 2}})


# Writing


def test_file_has_the_text_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    _files.write(tmp_path / "x.json", "ß\n")
    assert (tmp_path / "x.json").read_bytes() == "ß\n".encode()
    assert os.listdir(tmp_path) == ["x.json"]


@pytest.mark.parametrize("crash", ["fsync", "replace"])
def test_failure_while_writing_leaves_the_old_file_whole(
    crash: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    _files.write(path, "old")

    def fail(*arguments: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, crash, fail)
    with pytest.raises(OSError, match="the disk is full"):
        _files.write(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.json"]


def test_failure_to_open_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    _files.write(path, "old")
    (tmp_path / "x.json.tmp").mkdir()
    with pytest.raises(OSError):  # noqa: PT011
        _files.write(path, "new")
    assert path.read_text() == "old"


def test_what_a_killed_writer_left_behind_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.json.tmp").write_text('{"format": "microgr')
    _files.write(tmp_path / "x.json", "new")
    assert os.listdir(tmp_path) == ["x.json"]


def test_file_and_folder_reach_the_disk_before_and_after_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, really_replace = [], os.replace

    def record(source: Any, target: Any) -> None:
        steps.append("replace")
        really_replace(source, target)

    monkeypatch.setattr(os, "fsync", lambda descriptor: steps.append("fsync"))
    monkeypatch.setattr(os, "replace", record)
    _files.write(tmp_path / "x.json", "new")
    assert steps == ["fsync", "replace", "fsync"]


def test_folder_that_cannot_be_synchronised_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Network file systems answer EINVAL; the file is there by then.
    really, calls = os.fsync, []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError("invalid argument")
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    _files.write(tmp_path / "x.json", "new")
    assert (len(calls), (tmp_path / "x.json").read_text()) == (2, "new")


def test_where_folders_cannot_be_opened_the_file_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    _files.write(tmp_path / "x.json", "new")
    assert (tmp_path / "x.json").read_text() == "new"


def test_file_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    _files.write(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"
