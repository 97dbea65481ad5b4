"""Values and gradients behave as in PyTorch float64 at every edge.

Optional: PyTorch is not a dependency, and where it is not installed these tests are skipped.
The same edges are checked without it, against closed forms, in ``test_engine.py``.
"""

import itertools
import math

import pytest

from micrograd import Value

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

EDGES = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e-300, 1e300, -1e300),
    *(710.0, -750.0, 1000.0, math.inf, -math.inf, math.nan),
]
UNARY = ["exp", "log", "sqrt", "tanh", "sigmoid", "relu", "__abs__", "__neg__"]
BINARY = ["__add__", "__sub__", "__mul__", "__truediv__", "__pow__"]


def same(ours: float, theirs: float) -> bool:
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return ours == theirs or math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-305)


def compare(operation: str, numbers: tuple[float, ...], *constants: float) -> None:
    ours = [Value(x) for x in numbers]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]
    our_result = getattr(ours[0], operation)(*ours[1:], *constants)
    their_result = getattr(theirs[0], operation)(*theirs[1:], *constants)
    our_result.backward()
    their_result.backward()
    assert same(our_result.data, their_result.item()), (our_result.data, their_result.item())
    for our, their in zip(ours, theirs, strict=True):
        assert same(our.grad, their.grad.item()), (our.grad, their.grad.item())


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("operation", UNARY)
def test_unary_operations_agree_at_the_edges(operation: str, x: float) -> None:
    compare(operation, (x,))


@pytest.mark.parametrize("operation", BINARY)
@pytest.mark.parametrize(("a", "b"), list(itertools.product(EDGES, EDGES)))
def test_binary_operations_agree_at_the_edges(operation: str, a: float, b: float) -> None:
    compare(operation, (a, b))


@pytest.mark.parametrize("exponent", EDGES)
@pytest.mark.parametrize("x", EDGES)
def test_powers_with_a_number_as_exponent_agree_at_the_edges(x: float, exponent: float) -> None:
    if abs(exponent) == 0.5 and str(x) in ("-0.0", "-inf"):
        pytest.skip("here PyTorch takes a square root, and differs from its own tensor power")
    compare("__pow__", (x,), exponent)
