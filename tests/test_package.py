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

# From the bottom up: each module may import what stands before it, and nothing else.
ORDER = [
    "_other",
    "_expect",
    "_files",
    "_numbers",
    "walk",
    "engine",
    "functions",
    "nn",
    "losses",
    "schedules",
    "clipping",
    "optim",
    "gradcheck",
    "graphs",
    "summaries",
    "batches",
    "datasets",
    "loop",
    "progress",
    "training",
    "monitor",
    "module_state",
    "checkpoints",
    "models",
    "runs",
    "stability",
    "observing",
    "diagnostics",
    "baselines",
    "debugging",
    "run_record",
    "causes",
    "diagnosis",
    "gpt",
    "drawing",
    "shown",
    "plots",
    "milestones",
    "workbench",
    "__init__",
    "replay",
    "tensors",
    "torch_bridge",
]

# Where the commission has its public names.
PLACES = {
    "engine": "Value",
    "nn": "Module Neuron Layer MLP",
    "losses": "mse_loss hinge_loss binary_cross_entropy cross_entropy",
    "optim": "Optimizer SGD Momentum AdaGrad RMSprop Adam AdamW gradient_descent_step",
    "schedules": "LearningRateScheduler",
    "gradcheck": "gradient_check numerical_gradient",
    "graphs": "visualize_graph validate_graph",
    "training": "train_network TrainingConfig TrainingMetrics SGD mse_loss hinge_loss "
    "binary_cross_entropy cross_entropy gradient_descent_step train_step",
    "stability": "StabilityMonitor RecoveryManager NumericalValidator StabilityLevel "
    "StabilityMetrics Checkpoint clip_gradient_norm clip_gradient_values validate_graph "
    "train_network_with_stability",
    "diagnostics": "analyze_gradients analyze_activations analyze_parameters",
}


@pytest.mark.parametrize("module", PLACES)
def test_public_names_are_where_the_commission_has_them_and_in_the_package(module: str) -> None:
    for name in PLACES[module].split():
        assert getattr(import_module(f"micrograd.{module}"), name) is getattr(micrograd, name)


def test_package_is_one_plain_list_of_imports() -> None:
    docstring, *body = ast.parse(SOURCES["__init__"].read_text(encoding="utf-8")).body
    *imports, names = body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(names, ast.Assign)
    taken: dict[str, str | None] = {}
    for node in imports:
        assert isinstance(node, ast.ImportFrom)
        taken |= {alias.name: node.module for alias in node.names}
    assert sorted(taken) == sorted(micrograd.__all__)
    for name, module in taken.items():
        assert getattr(micrograd, name) is getattr(import_module(str(module)), name)


def test_package_imports_no_plots_before_they_are_called_for() -> None:
    script = "import sys, micrograd; print(*{'matplotlib', 'numpy', 'torch'} & set(sys.modules))"
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert finished.stdout.split() == []


def test_no_file_is_long() -> None:
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert sorted(name for name, length in lengths.items() if length > 350) == []


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'micrograd' has no attribute 'Tensor'"):
        _ = micrograd.Tensor  # type: ignore[attr-defined]


def test_modules_are_attributes_and_listed() -> None:
    assert micrograd.gradcheck is import_module("micrograd.gradcheck")
    assert {"gradcheck", "Value", "__name__"} <= set(dir(micrograd))


def test_all_is_sorted_with_capitals_first_then_classes_then_functions() -> None:
    def place(name: str) -> tuple[bool, bool, str]:
        return not name.isupper(), not name[0].isupper(), name

    assert sorted(micrograd.__all__, key=place) == micrograd.__all__


@pytest.mark.parametrize("module", sorted(set(SOURCES) - {"__init__"}))
def test_module_names_what_it_has(module: str) -> None:
    if module == "torch_bridge":
        pytest.importorskip("torch", reason="PyTorch is not installed")
    loaded = import_module(f"micrograd.{module}")
    assert set(loaded.__all__) <= set(vars(loaded))


def test_package_takes_from_its_modules_only_what_they_name() -> None:
    named = {
        name
        for module in set(SOURCES) - {"__init__", "torch_bridge"}  # which needs PyTorch
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


def test_every_module_has_its_place() -> None:
    assert set(ORDER) == SOURCES.keys()
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("module", ORDER)
def test_imports_point_one_way(module: str) -> None:
    before = ORDER[: ORDER.index(module)]
    assert set(imported(module)) - {module} <= set(before)  # it may be a package of several files


def test_imports_are_found() -> None:
    assert set(imported("monitor")) == {"_expect", "clipping", "training"}


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
