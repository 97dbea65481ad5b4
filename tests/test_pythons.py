"""Which Pythons ``make test-pythons`` finds, and what it says of them."""

import sys
from pathlib import Path

import pytest
from conftest import ROOT
from pythons import OLDEST, claimed, interpreters, summary, tried


def fake(folder: Path, name: str, says: str) -> Path:
    """An interpreter that says of itself what it is told to say."""
    script = folder / name
    script.write_text(f"#!/bin/sh\n{says}\n")
    script.chmod(0o755)
    return script


def test_the_running_python_is_found() -> None:
    (name,) = interpreters([Path(sys.executable)])
    assert name.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")


def test_what_does_not_run_or_is_too_old_is_left_out(tmp_path: Path) -> None:
    paths = [
        fake(tmp_path, "old", "echo 3 10 3.10.9"),
        fake(tmp_path, "two", "echo 2 7 2.7.18"),
        fake(tmp_path, "shim", "echo 'not chosen' >&2; exit 127"),
        fake(tmp_path, "garbled", "echo hello"),
        tmp_path / "missing",
    ]
    assert interpreters(paths) == {}


def test_each_version_is_taken_once_and_the_oldest_first(tmp_path: Path) -> None:
    later, free = fake(tmp_path, "a", "echo 3 13 3.13.0"), fake(tmp_path, "b", "echo 3 13 3.13.0t")
    first, again = fake(tmp_path, "c", "echo 3 12 3.12.1"), fake(tmp_path, "d", "echo 3 12 3.12.1")
    expected = {"3.12.1": first, "3.13.0": later, "3.13.0t": free}
    assert list(interpreters([later, free, first, again]).items()) == list(expected.items())


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("....\n=== 12 passed, 3 skipped in 0.5s ===\n", "12 passed, 3 skipped in 0.5s"),
        ("F\nFAILED tests/a.py\n1 failed, 2 passed in 1s\n", "1 failed, 2 passed in 1s"),
        ("ERROR: no such package\n", "ERROR: no such package"),
        ("", "nothing was said"),
    ],
)
def test_a_run_is_told_in_one_line(printed: str, expected: str) -> None:
    assert summary(printed) == expected


def test_a_python_without_its_modules_is_told(tmp_path: Path) -> None:
    name = f"no-such-{tmp_path.name}"
    broken = fake(tmp_path, "python", "echo 'No module named venv'; exit 1")
    assert tried(name, broken, []) == (False, "No module named venv\n")
    assert not (ROOT / "build" / "pythons" / name).exists()


def test_the_metadata_name_versions_from_the_oldest_on_without_a_gap() -> None:
    minors = [int(version.partition(".")[2]) for version in claimed()]
    assert minors == list(range(OLDEST[1], OLDEST[1] + len(minors)))
