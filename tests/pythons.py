"""Run the package's own tests on every Python from 3.11 on that this machine has.

Each gets a new environment under build/pythons, with the package installed in it as a user would
have it, and the dependency group `unit`. What needs more than that (Sphinx, a browser) skips.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST = (3, 11)

ABOUT = """
import platform, sys
cpython = platform.python_implementation() == "CPython"
name = "" if cpython else platform.python_implementation() + "-"
print(*sys.version_info[:2], name + platform.python_version() + getattr(sys, "abiflags", ""))
"""


def candidates() -> list[Path]:
    """Whatever may be an interpreter: on the path, and in pyenv's folder."""
    names = ["python3", *(f"python3.{minor}" for minor in range(OLDEST[1], 30))]
    found = [shutil.which(name) for name in names]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return [
        Path(getattr(sys, "_base_executable", sys.executable)),
        *(Path(path) for path in found if path),
        *sorted(pyenv.glob("versions/*/bin/python")),
    ]


def interpreters(paths: Iterable[Path]) -> dict[str, Path]:
    """Those that run and are new enough, each version once: `{"3.12.1": path}`, oldest first."""
    found: dict[tuple[int, int, str], Path] = {}
    for path in paths:
        try:  # pyenv's shims, for one, stand on the path for versions that are not chosen
            said = subprocess.run([path, "-c", ABOUT], capture_output=True, text=True, check=True)
            major, minor, name = said.stdout.split()
        except (OSError, ValueError, subprocess.CalledProcessError):
            continue
        if (int(major), int(minor)) >= OLDEST:
            found.setdefault((int(major), int(minor), name), path)
    return {name: found[major, minor, name] for major, minor, name in sorted(found)}


def run(command: list[str | Path]) -> tuple[bool, str]:
    """Whether a command ended well, and everything it said."""
    finished = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return finished.returncode == 0, finished.stdout


def tried(name: str, python: Path, arguments: list[str]) -> tuple[bool, str]:
    """Whether the tests pass on one Python, and what was said."""
    folder = ROOT / "build" / "pythons" / name
    own = folder / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", own, "install", "--quiet"]
    steps: list[list[str | Path]] = [
        [python, "-m", "venv", "--clear", "--without-pip", folder],
        [*pip, ".", "--group", "unit"],
        # Not `python -m pytest`: that would import the package from here.
        [folder / "bin" / "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", "-r", "fE",
         "tests", "--doctest-modules", "--pyargs", "micrograd", *arguments],
    ]  # fmt: skip
    printed = ""
    for step in steps:
        well, printed = run(step)
        if not well:
            return False, printed
    return True, printed


def summary(printed: str) -> str:
    """The line in which pytest counts, or the last of what was said."""
    lines = printed.strip().splitlines() or ["nothing was said"]
    counts = [line for line in lines if re.search(r"\d+ (passed|failed|error)", line)]
    return (counts or lines)[-1].strip("= ")


def claimed() -> list[str]:
    """The versions that the package's metadata says were tested."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return re.findall(r":: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE)


def main(arguments: list[str]) -> int:
    found = interpreters(candidates())
    failed = 0
    for name, python in found.items():
        well, printed = tried(name, python, arguments)
        if not well:
            print(printed)
            failed += 1
        print(f"{name}: {summary(printed)}", flush=True)
    missing = [v for v in claimed() if not any(name.startswith(f"{v}.") for name in found)]
    if missing:
        print(f"pyproject.toml names {', '.join(missing)}, which this machine does not have")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
