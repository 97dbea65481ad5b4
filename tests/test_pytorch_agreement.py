"""Values and gradients behave as in PyTorch float64 at every edge.

Optional: PyTorch is not a dependency, and where it is not installed these tests are skipped.
The same edges are checked without it, against closed forms, in ``test_engine.py``.
"""

import itertools
import math

import pytest

from micrograd.engine import Value
from micrograd.functions import maximum, softmax

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

EDGES = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e-300, 1e300, -1e300),
    *(710.0, -750.0, 1000.0, math.inf, -math.inf, math.nan),
]
UNARY = ["exp", "log", "sqrt", "tanh", "sigmoid", "relu", "__abs__", "__neg__", "__pos__"]
FUNCTIONAL = {  # where PyTorch has a function: ours, theirs
    "softplus": (Value.softplus, "softplus", {"threshold": 700.0}),  # beyond it theirs is x
    "leaky_relu": (Value.leaky_relu, "leaky_relu", {}),
    "gelu": (Value.gelu, "gelu", {}),
}
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


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", FUNCTIONAL)
def test_activations_agree_at_the_edges(name: str, x: float) -> None:
    ours, function, options = FUNCTIONAL[name]
    theirs = getattr(torch.nn.functional, function)
    our, their = Value(x), torch.tensor(x, dtype=torch.float64, requires_grad=True)
    our_result, their_result = ours(our), theirs(their, **options)
    our_result.backward()
    their_result.backward()
    assert same(our_result.data, their_result.item()), (our_result.data, their_result.item())
    assert same(our.grad, their.grad.item()), (our.grad, their.grad.item())


@pytest.mark.parametrize(("a", "b"), list(itertools.product(EDGES, EDGES)))
def test_maximum_agrees_at_the_edges(a: float, b: float) -> None:
    x, y = Value(a), Value(b)
    u, v = (torch.tensor(z, dtype=torch.float64, requires_grad=True) for z in (a, b))
    maximum(x, y).backward()
    larger = torch.maximum(u, v)
    larger.backward()
    assert same(maximum(x, y).data, larger.item())
    assert (same(x.grad, u.grad.item()), same(y.grad, v.grad.item())) == (True, True)


@pytest.mark.parametrize("logits", [*itertools.combinations(EDGES, 3)])
def test_softmax_agrees_at_the_edges(logits: tuple[float, ...]) -> None:
    theirs = torch.softmax(torch.tensor(logits, dtype=torch.float64), 0)
    for share, their in zip(softmax(logits), theirs.tolist(), strict=True):
        assert same(share.data, their), (share.data, their)
