"""Has it changed? One answer for all that the press makes: a hash of what it is made from.

:class:`Sources` follows imports through the package and the press, and the names of files that
stand in the code; :func:`fingerprint` hashes contents. A figure is drawn again, the examples of a
page or a mistake are run again, if what they are made from has another fingerprint; and ``make``
starts the press if the book has. Which pages are *read* again Sphinx decides, by the time of the
same files: that is cheap, and nothing is lost by doing it once too often.

``python -m press.changes FILE PATH...`` writes the fingerprint of files and folders into a file,
unless it stands there already: then the file stays as old as it is, which is what make looks at.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from press import PACKAGE, ROOT

FILE_NAME = re.compile(r"[\w.][\w./-]{0,200}\.\w{1,9}")


def fingerprint(files: Iterable[Path], *more: object) -> str:
    """A hash of the names and contents of files, and of how more things are written."""
    digest = hashlib.sha256(repr(more).encode())
    for file in sorted(set(files)):
        content = file.read_bytes() if file.is_file() else b""
        digest.update(f"\n{os.path.relpath(file, ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def files_in(folder: Path) -> Iterator[Path]:
    """All files of a folder, but for what Python keeps there."""
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


class Sources:
    """Packages whose imports are followed, by their names.

    A name that is imported from a package itself belongs to the module that the package has it
    from. A package inside a package brings the data it carries.
    """

    def __init__(self, **homes: Path) -> None:
        self.homes = homes
        self.tables = {home / "__init__.py" for home in homes.values()}  # where names are from
        self.known: dict[Path, set[Path]] = {}  # what each file names, without what that names

    def of(self, *files: Path, code: Iterable[str] = ()) -> set[Path]:
        """Files, and what they or some pieces of code import or read, to the end."""
        found: set[Path] = set()
        todo = {*files, *(file for piece in code for file in self.named(piece, ROOT))}
        while todo:
            file = todo.pop()
            found.add(file)
            if file not in self.known:
                followed = file.suffix == ".py" and file not in self.tables
                text = file.read_text("utf-8") if followed and file.is_file() else ""
                self.known[file] = set(self.named(text, file.parent))
            todo |= self.known[file] - found
        return found

    def named(self, code: str, folder: Path) -> Iterator[Path]:
        """What some code names: modules, and files that are beside it or in this project."""
        try:
            parts = list(ast.walk(ast.parse(code)))
        except SyntaxError:  # which may be what an example shows
            return
        members = {part.value: part.attr for part in parts if isinstance(part, ast.Attribute)}
        beneath = dict(self.carried(parts))
        for part in parts:
            match part:
                case ast.Import(names):
                    for alias in names:
                        yield from self.module(alias.name)
                        if alias.asname:
                            yield from self.member(alias.name, "*")
                case ast.ImportFrom(_, names):
                    for alias in names:
                        yield from self.member(self.absolute(part, folder), alias.name)
                case ast.Name(name):
                    yield from self.member(name, members.get(part, "*"))
                case ast.Constant() if part in beneath:
                    place = beneath[part]
                    yield from [place] if place.is_file() else files_in(place)
                case ast.Constant(str(text)) if text.split(".")[0] in self.homes:
                    yield from self.module(text) if "." in text else self.member(text, "*")
                case ast.Constant(str(text)) if FILE_NAME.fullmatch(text):
                    packaged = folder.rglob(text) if folder in self.homes.values() else ()
                    found = (folder / text, ROOT / text, *packaged)
                    yield from (file for file in found if file.is_file())

    def carried(self, parts: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, Path]]:
        """For each ``files("package") / "name"``, the package's name and the place."""
        for part in parts:
            match part:
                case ast.BinOp(
                    ast.Call(args=[ast.Constant(package) as name]), ast.Div(), ast.Constant(inside)
                ) if package in self.homes:
                    yield name, self.homes[str(package)] / str(inside)

    def absolute(self, part: ast.ImportFrom, folder: Path) -> str:
        """The module that an import is from, dots at its beginning resolved."""
        for name, home in self.homes.items():
            if part.level and folder.is_relative_to(home):
                above = [name, *folder.relative_to(home).parts]
                above = above[: len(above) + 1 - part.level]
                return ".".join([*above, part.module] if part.module else above)
        return part.module or ""

    def member(self, package: str, name: str) -> Iterator[Path]:
        """Where a name of a package is from; ``*``, or the place of the package, is all of it."""
        if package not in self.homes:
            yield from self.module(f"{package}.{name}")
        elif name in ("*", "__file__", "__path__"):
            yield from files_in(self.homes[package])
        else:
            module = self.exports(package).get(name, package)
            found = [*self.module(f"{package}.{name}")] or [*self.module(module)]
            yield from found or [self.homes[package] / "__init__.py"]

    def module(self, name: str) -> Iterator[Path]:
        """The files behind the dotted name of a module, or of something in one."""
        package, *inner = name.split(".")
        place = self.homes.get(package, Path())
        for part in inner if package in self.homes else []:
            place = place / part
            if place.with_suffix(".py").is_file():
                yield place.with_suffix(".py")
                return
            if not (place / "__init__.py").is_file():
                return
            yield place / "__init__.py"
            yield from (file for file in files_in(place) if file.suffix != ".py")

    def exports(self, package: str) -> dict[str, str]:
        """The names that a package takes from its modules, each with its module."""
        home = self.homes[package]
        return {
            alias.asname or alias.name: self.absolute(part, home)
            for part in ast.walk(ast.parse((home / "__init__.py").read_text("utf-8")))
            if isinstance(part, ast.ImportFrom)
            for alias in part.names
        }


SOURCES = Sources(micrograd=PACKAGE, press=ROOT / "conf" / "press")


def note(target: Path, places: Iterable[Path]) -> None:
    """Write the fingerprint of files and folders into a file, unless it stands there."""
    files = [file for place in places for file in (files_in(place) if place.is_dir() else [place])]
    told = fingerprint(files)
    if not target.is_file() or target.read_text("utf-8") != told:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(told, "utf-8")


if __name__ == "__main__":
    note(Path(sys.argv[1]), map(Path, sys.argv[2:]))
