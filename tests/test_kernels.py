"""What a page on arrays prints does not hang on the machine: on its kernels for matrix products.

Each processor has kernels of its own, which add in another order, so the last digits are others.
In 32 bits a long training makes of them other letters, other shares; the book trains in 64.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KERNELS = {  # as for a processor of 2008, and one of 2013
    "Nehalem": {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "X86_V3"},
    "Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
}
NUMPY = ("import numpy", "from numpy", "micrograd.tensors", "micrograd.replay")


@pytest.mark.whole_book
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the kernels named are of x86-64")
@pytest.mark.parametrize("kernels", KERNELS)
def test_pages_on_arrays_print_the_same_with_other_kernels(kernels: str, tmp_path: Path) -> None:
    pages = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("book/**/*.md"))
        if any(name in path.read_text("utf-8") for name in NUMPY)
    ]
    assert "book/arrays/pictures.md" in pages
    if (ROOT / "build" / "doctrees").exists():  # what has been read need not be read again
        shutil.copytree(ROOT / "build" / "doctrees", tmp_path / "trees")
    command = [sys.executable, "-m", "sphinx", "-q", "-c", "conf", "-d", f"{tmp_path}/trees"]
    command += ["-b", "doctest", "-D", "retest=1", "book", f"{tmp_path}/out", *pages]
    environment = {**os.environ, **KERNELS[kernels]}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Failed example" not in run.stdout + run.stderr
