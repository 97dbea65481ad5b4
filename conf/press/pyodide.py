"""Fetches Pyodide, CPython for the browser, from its npm package: this version, and no other bytes.

``python -m press.pyodide FOLDER`` leaves in the folder the package as it was fetched and the files
of it that a page needs. What is there already is checked again, but not fetched again. With
``--optional`` it is one line, and no failure, if it cannot be had.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

# CPython 3.12. From 3.13 on, examples of the book that recurse deeply break the interpreter down:
# a browser gives a worker half the stack of a page.
VERSION = "0.27.7"
INTEGRITY = (  # as the registry states it: npm view pyodide@VERSION dist.integrity
    "sha512-RUSVJlhQdfWfgO9hVHCiXoG+nVZQRS5D9FzgpLJ/VcgGBLSAKoPL8kTiOikxbHQm1kRISeWUBdulEgO26qpSRA=="
)
PATIENCE = 120  # seconds for npm
FILES = (
    "pyodide.mjs",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


def fetch(folder: Path) -> None:
    """Put the files of Pyodide into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tarball = folder / f"pyodide-{VERSION}.tgz"
    if not tarball.exists():
        pack(folder)
    got = integrity(tarball)
    if got != INTEGRITY:
        tarball.unlink()
        raise SystemExit(
            f"expected pyodide {VERSION} to have the hash\n  {INTEGRITY}\ngot\n  {got}\n"
            f"{tarball} is removed and nothing of it was unpacked. Try again; if it stays "
            f"different, do not use it."
        )
    with tarfile.open(tarball) as package:
        for name in FILES:
            content = package.extractfile(f"package/{name}")
            assert content is not None, name
            with content, (folder / name).open("wb") as file:
                shutil.copyfileobj(content, file)


def pack(folder: Path) -> None:
    """Let npm fetch the package."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            f"expected the command npm, which fetches Pyodide, and found none: install Node.js, or "
            f"put pyodide-{VERSION}.tgz into {folder}"
        )
    print(f"Fetching Pyodide {VERSION}, once", flush=True)
    command = [npm, "pack", f"pyodide@{VERSION}", "--pack-destination", str(folder)]
    command += ["--fetch-retries=0", "--fetch-timeout=20000"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        said = run.stderr.strip() if run.returncode else ""
    except subprocess.TimeoutExpired:
        said = f"nothing within {PATIENCE} seconds"
    if said:
        raise SystemExit(
            f"expected npm to fetch pyodide {VERSION}, got {reason(said)}: is there a network?"
        )


def reason(said: str) -> str:
    """What npm's complaint comes down to: the first line that says more than a code."""
    lines = [re.sub(r"^npm (error|ERR!) ?", "", line) for line in said.splitlines()]
    told = [line for line in lines if line and not re.match(r"(code|errno|syscall) ", line)]
    return (told or [said])[0].rstrip(".:")


def integrity(file: Path) -> str:
    """A file's hash, as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()


def main(folder: Path, optional: bool = False) -> None:
    """Fetch it, or say in a line what the pages will be without it."""
    try:
        fetch(folder)
    except SystemExit as why:
        if not optional:
            raise
        print(f"The examples will not run in the pages: {why}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--optional" in sys.argv[2:])
