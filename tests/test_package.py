"""The package as a whole: its public names, its imports, and the marker of its types."""

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import micrograd

PACKAGE = Path(micrograd.__file__).parent
SOURCES = {path.stem: path for path in PACKAGE.glob("*.py")} | {
    path.parent.name: path for path in PACKAGE.glob("*/__init__.py")
}

# What each module may import of the package, from the bottom up; `None` is all before it.
MAY_IMPORT: dict[str, set[str] | None] = {
    "_expect": set(),
    "engine": set(),
    "nn": {"engine"},
    "batches": {"_expect"},
    "datasets": {"_expect", "batches"},
    "training": {"engine", "nn"},
    "gradcheck": {"_expect", "engine"},
    "graphs": {"_expect", "engine"},
    "summaries": {"_expect"},
    "stability": None,
    "observing": {"_expect", "summaries"},
    "diagnostics": None,
    "debugging": None,
    "diagnosis": {"_expect"},
    "plots": None,
    "drawing": {"_expect", "engine", "nn", "observing"},
    "milestones": set(),
    "workbench": {"milestones"},
    "__init__": None,
}


def test_type_checkers_see_the_same_names() -> None:
    text = SOURCES["__init__"].read_text(encoding="utf-8")
    block = next(node for node in ast.parse(text).body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert sorted(seen) == sorted(micrograd.__all__)
    for name, module in seen.items():
        assert getattr(micrograd, name) is getattr(import_module(str(module)), name)


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'micrograd' has no attribute 'Tensor'"):
        _ = micrograd.Tensor  # type: ignore[attr-defined]


def test_modules_are_attributes_and_listed() -> None:
    assert micrograd.gradcheck is import_module("micrograd.gradcheck")
    assert {"gradcheck", "Value", "__name__"} <= set(dir(micrograd))


def test_a_module_is_imported_when_a_name_of_it_is_asked_for() -> None:
    script = """
import sys
def loaded(): return sorted(name for name in sys.modules if name.startswith("micrograd."))
import micrograd
print(*loaded())
micrograd.Value
print(*loaded())
"""
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert finished.stdout.splitlines() == ["", "micrograd.engine"]


def test_all_is_sorted_with_capitals_first_then_classes_then_functions() -> None:
    def place(name: str) -> tuple[bool, bool, str]:
        return not name.isupper(), not name[0].isupper(), name

    assert sorted(micrograd.__all__, key=place) == micrograd.__all__


@pytest.mark.parametrize("module", sorted(set(SOURCES) - {"__init__"}))
def test_module_names_what_it_has(module: str) -> None:
    loaded = import_module(f"micrograd.{module}")
    assert set(loaded.__all__) <= set(vars(loaded))


def test_package_takes_from_its_modules_only_what_they_name() -> None:
    named = {
        name
        for module in set(SOURCES) - {"__init__"}
        for name in import_module(f"micrograd.{module}").__all__
    }
    assert set(micrograd.__all__) <= named


@pytest.mark.parametrize("name", micrograd.__all__)
def test_public_name_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(micrograd, name))


def test_package_imports_nothing_outside_the_standard_library() -> None:
    # Without site-packages, so that nothing can be found by accident or be there already.
    script = f"""
import sys
sys.path.insert(0, {str(PACKAGE.parent)!r})
from micrograd import *
names = {{name.partition(".")[0] for name in sys.modules}}
print(*sorted(names - set(sys.stdlib_module_names) - {{"__main__"}}))
"""
    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )
    assert finished.stdout.split() == ["micrograd"]


def imported(module: str) -> Iterator[str]:
    """The modules of the package that ``module`` imports anywhere in its text."""
    for node in ast.walk(ast.parse(SOURCES[module].read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module}"]
            if names == ["micrograd"]:
                names = [f"micrograd.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            assert not name.startswith("."), f"{module} has a relative import"
            package, _, rest = name.partition(".")
            if name == "micrograd" and isinstance(node, ast.ImportFrom):
                taken = {alias.name for alias in node.names}
                yield from taken & SOURCES.keys() or {"__init__"}
            elif package == "micrograd":
                yield rest.partition(".")[0] or "__init__"


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_imports_point_one_way(module: str) -> None:
    order = list(MAY_IMPORT)
    before = set(order[: order.index(module)])
    allowed = MAY_IMPORT[module]
    others = set(imported(module)) - {module}  # a package may import its own files
    assert others <= (before if allowed is None else allowed)


def test_imports_are_found() -> None:
    assert set(imported("training")) == {"engine", "nn"}


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
