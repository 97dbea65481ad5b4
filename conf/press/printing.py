"""Print the single page of the book as PDF, with the numbers of its pages in the contents.

Usage: ``python -m press.printing build/single/index.html build/micrograd-book.pdf``; without these
it only says whether there is a browser for it.

The page is printed by Chromium: once to see where each part comes to stand, and once more with
the numbers filled in. What it writes has a hundred thousand small objects, mostly the tags that say
what each piece of text is; packed into streams they take a quarter of the room.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pikepdf

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def print_page(browser: str, page: Path, target: Path) -> None:
    """Let the browser print a page."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu"]
        command += [f"--user-data-dir={profile}", "--no-pdf-header-footer"]
        command += ["--generate-pdf-document-outline", "--virtual-time-budget=60000"]
        command += [f"--print-to-pdf={target}", page.resolve().as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if run.returncode or not target.exists():
        sys.exit(f"expected {browser} to print {page}, got:\n{run.stderr}")


def page_numbers(file: Path) -> dict[str, int]:
    """The page, from 1, that each part begins on."""
    with pikepdf.open(file) as pdf:
        pages: dict[Any, int] = {
            page.objgen: number for number, page in enumerate(pdf.pages, start=1)
        }
        places: Any = pdf.Root.get("/Dests", {})
        return {name.lstrip("/"): pages[place[0].objgen] for name, place in places.items()}


def once(title: str) -> str:
    """A title that the browser wrote twice in a row, as it does with one that it can fold.

    >>> once("XORXOR"), once("XOR"), once("Recovery, RecoveryRecovery, Recovery")
    ('XOR', 'XOR', 'Recovery, Recovery')
    """
    half = len(title) // 2
    return title[:half] if half and title[:half] == title[half:] else title


def mend_bookmarks(items: Any) -> None:
    for item in items:
        item.title = once(item.title)
        mend_bookmarks(item.children)


def pack(file: Path) -> int:
    """Make a PDF smaller, and its bookmarks right; returns how many pages it has."""
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            mend_bookmarks(outline.root)
        pdf.save(object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
        return len(pdf.pages)


def with_numbers(text: str, numbers: dict[str, int]) -> str:
    """The page with the numbers filled in."""
    return re.sub(
        r'(<span class="page" data-of="([^"]+)">)',
        lambda place: f"{place[1]}{numbers.get(place[2], '')}",
        text,
    )


def find_browser() -> str:
    """The command of a browser of this machine."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"expected a browser that prints, one of {', '.join(BROWSERS)}; found none")
    return browser


def main(page: Path, target: Path) -> None:
    browser = find_browser()
    text = page.read_text("utf-8")
    print_page(browser, page, target)
    numbers = page_numbers(target)
    filled = page.with_name("numbered.html")
    for _ in range(3):  # numbers may move what they number, hardly more than once
        before = numbers
        filled.write_text(with_numbers(text, before), "utf-8")
        print_page(browser, filled, target)
        numbers = page_numbers(target)
        if numbers == before:
            break
    pages = pack(target)
    print(f"{target}: {pages} pages, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:])) if sys.argv[1:] else find_browser()
