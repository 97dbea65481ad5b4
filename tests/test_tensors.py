"""Tensors: their numbers and gradients, what they refuse, and what they let go."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd import SGD, AnomalyError, Value, detect_anomaly, gradient_check
from micrograd.tensors import (
    Tensor,
    TensorValue,
    checkpoint,
    concatenate,
    maximum,
    no_grad,
    record,
    stack,
    unbroadcast,
    where,
)

RNG = np.random.default_rng(0)
A, B = RNG.uniform(0.5, 2.0, (3, 4)), RNG.uniform(0.5, 2.0, (3, 4))
ROW, COLUMN = RNG.uniform(0.5, 2.0, (4,)), RNG.uniform(0.5, 2.0, (3, 1))
WRONG: Any = 1.0  # no axis
DEEP, MATRIX = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(4, 2))

# What is computed, from what: each is held to finite differences.
OPERATIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "+": (lambda a, b: a + b, (A, ROW)),
    "-": (lambda a, b: a - b, (ROW, COLUMN)),
    "*": (lambda a, b: a * b, (A, COLUMN)),
    "/": (lambda a, b: a / b, (COLUMN, A)),
    "**": (lambda a, b: a**b, (A, ROW)),
    "** a number": (lambda a: a**3, (A,)),
    "a number **": (lambda a: 2.0**a, (A,)),
    "a number -": (lambda a: 1.0 - a, (A,)),
    "a number /": (lambda a: 1.0 / a, (A,)),
    "an array -": (lambda a: B - a, (ROW,)),
    "neg": (lambda a: -a, (A,)),
    "+a": (lambda a: +a, (A,)),
    "used twice": (lambda a: a * a + a, (A,)),
    "@": (lambda a, b: a @ b, (A, MATRIX)),
    "@ of a row": (lambda a, b: a @ b, (ROW, MATRIX)),
    "@ of a column": (lambda a, b: a @ b, (A, ROW)),
    "@ of two vectors": (lambda a, b: a @ b, (ROW, ROW[::-1])),
    "@ of batches": (lambda a, b: a @ b, (DEEP, DEEP.swapaxes(1, 2))),
    "@ of a batch and a matrix": (lambda a, b: a @ b, (DEEP, MATRIX)),
    "@ of a matrix and a batch": (lambda a, b: a @ b, (MATRIX, DEEP[:, :2])),
    "@ of a batch and a vector": (lambda a, b: a @ b, (DEEP, ROW)),
    "@ of a vector and a batch": (lambda a, b: a @ b, (ROW[:3], DEEP)),
    "@ of stretched batches": (lambda a, b: a @ b, (DEEP[:, None], DEEP.swapaxes(1, 2)[None])),
    "an array @": (lambda a: A @ a, (MATRIX,)),
    "exp": (lambda a: a.exp(), (A,)),
    "log": (lambda a: a.log(), (A,)),
    "sqrt": (lambda a: a.sqrt(), (A,)),
    "tanh": (lambda a: a.tanh(), (DEEP,)),
    "sigmoid": (lambda a: a.sigmoid(), (DEEP,)),
    "relu": (lambda a: a.relu(), (DEEP,)),
    "gelu": (lambda a: a.gelu(), (DEEP,)),
    "gelu by tanh": (lambda a: a.gelu(approximate="tanh"), (DEEP,)),
    "abs": (lambda a: abs(a) + a.abs(), (DEEP,)),
    "maximum": (lambda a, b: maximum(a, b), (A, ROW)),
    "where": (lambda a, b: where(A > 1.0, a, b), (A, ROW)),
    "sum": (lambda a: a.sum(), (DEEP,)),
    "sum along one": (lambda a: a.sum(axis=1), (DEEP,)),
    "sum along two": (lambda a: a.sum(axis=(0, -1)), (DEEP,)),
    "sum kept": (lambda a: a.sum(axis=(0, 2), keepdims=True), (DEEP,)),
    "mean": (lambda a: a.mean(axis=-1), (DEEP,)),
    "max": (lambda a: a.max(), (DEEP,)),
    "max along one": (lambda a: a.max(axis=1, keepdims=True), (DEEP,)),
    "var": (lambda a: a.var(axis=(0, 1)), (DEEP,)),
    "var corrected": (lambda a: a.var(axis=-1, correction=1, keepdims=True), (DEEP,)),
    "reshape": (lambda a: a.reshape(4, -1), (DEEP,)),
    "transpose": (lambda a: a.transpose(1, 2, 0), (DEEP,)),
    "T": (lambda a: a.T, (A,)),
    "swapaxes": (lambda a: a.swapaxes(-1, 0), (DEEP,)),
    "a number": (lambda a: a[1], (DEEP,)),
    "a slice": (lambda a: a[..., ::2], (DEEP,)),
    "numbers twice": (lambda a: a[[0, 2, 2]], (A,)),
    "pairs": (lambda a: a[[0, 1, 0], [3, 1, 3]], (A,)),
    "a mask": (lambda a: a[A > 1.0], (A,)),
    "a new axis": (lambda a: a[:, None], (A,)),
    "rows": (lambda a: sum(row * row for row in a), (A,)),
    "concatenate": (lambda a, b: concatenate([a, b, A], axis=-1), (A, COLUMN)),
    "stack": (lambda a, b: stack([a, b], axis=1), (A, B)),
    "checkpoint": (lambda a, b: checkpoint(lambda x, y: (x * y).tanh() * x, a, b), (A, ROW)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    operation, arrays = OPERATIONS[name]
    tensors = [Tensor(array) for array in arrays]
    weights = RNG.normal(size=operation(*tensors).shape)
    assert gradient_check(lambda: (operation(*tensors) * weights).sum(), tensors)


@pytest.mark.parametrize("name", OPERATIONS)
def test_float32_stays_float32_forward_and_backward(name: str) -> None:
    operation, arrays = OPERATIONS[name]
    tensors = [Tensor(array, dtype="float32") for array in arrays]
    result = operation(*tensors)
    assert result.dtype == np.float32
    result.sum().backward()
    assert {tensor.grad.dtype for tensor in tensors} == {np.dtype("float32")}


# Numbers and their kinds


def test_what_becomes_an_array_is_copied() -> None:
    rows = np.ones((2, 2))
    tensor = Tensor(rows)
    rows[0, 0] = 5.0
    assert tensor.data[0, 0] == 1.0


@pytest.mark.parametrize(
    "given_", [3, 2.5, [1, 2], np.arange(3), np.float64(2.0), (x for x in range(3)), zip([1], [2])]
)
def test_real_numbers_of_any_kind_are_float64(given_: Any) -> None:
    assert Tensor(given_).dtype == np.float64


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (True, "array of real numbers, got bool True"),
        ([True, False], "array of real numbers"),
        (1j, "array of real numbers, got complex"),
        ("text", "array of real numbers, got str 'text'"),
        ([Decimal(1)], "array of real numbers, got list"),
        ([Value(1.0)], "array of real numbers"),
        (None, "array of real numbers, got NoneType"),
        (Tensor(1.0), "expected numbers, got a Tensor"),
    ],
)
def test_what_is_no_real_number_is_refused(given_: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        Tensor(given_)


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="rows of one length at each depth, got list"):
        Tensor([[1.0], [2.0, 3.0]])


@pytest.mark.parametrize("dtype", ["int64", "float16", "nonsense", bool])
def test_another_dtype_is_refused(dtype: Any) -> None:
    with pytest.raises(TypeError, match="expected the dtype float64 or float32"):
        Tensor([1.0], dtype=dtype)


def test_kind_follows_an_array_of_float32_and_constants_follow_the_tensor() -> None:
    single = Tensor(np.ones(2, np.float32))
    assert single.dtype == np.float32
    assert (single * np.ones(2)).dtype == (2.0 * single).dtype == np.float32
    assert (single * Tensor(np.ones(2))).dtype == np.float64


def test_gradient_is_of_the_kind_of_its_tensor() -> None:
    single, double = Tensor([1.0], dtype="float32"), Tensor([1.0])
    (single * double).sum().backward()
    assert (single.grad.dtype, double.grad.dtype) == (np.float32, np.float64)


def test_text_of_a_tensor_shows_its_numbers() -> None:
    assert repr(Tensor([[1.0, 2.0], [3.0, 4.0]])) == "Tensor([[1., 2.],\n        [3., 4.]])"
    assert repr(Tensor(2.0, dtype="float32", label="w")) == "Tensor(2., dtype=float32, label='w')"


def test_attributes_and_conversions() -> None:
    tensor = Tensor(DEEP, label="x")
    assert (tensor.shape, tensor.ndim, tensor.size, len(tensor)) == ((2, 3, 4), 3, 24, 2)
    assert float(Tensor([[2.5]])) == Tensor(2.5).item() == 2.5
    assert TensorValue is Tensor
    detached = (tensor * 2.0).detach()
    assert detached.parents == ()
    with pytest.raises(ValueError, match=r"one number, got the shape \(2, 3, 4\)"):
        tensor.item()
    with pytest.raises(TypeError, match="an axis to count along"):
        len(Tensor(1.0))


def test_comparisons_give_masks_and_equality_is_identity() -> None:
    x = Tensor([1.0, 2.0, 3.0])
    assert (x < 2.0).tolist() == [True, False, False]
    assert (x <= [2.0, 2.0, 2.0]).tolist() == [True, True, False]
    assert (x > Tensor(2.0)).tolist() == [False, False, True]
    assert (x >= np.array(2.0)).tolist() == [False, True, True]
    assert (x == Tensor([1.0, 2.0, 3.0])) is False
    assert {x: "found"}[x] == "found"


# The walk


@given(st.lists(st.integers(1, 3), max_size=3), st.data())
def test_what_was_stretched_is_summed_back(shape: list[int], data: Any) -> None:
    small = [data.draw(st.sampled_from([1, n])) for n in shape]
    small = small[data.draw(st.integers(0, len(small))) :]
    gradient = np.arange(float(np.prod(shape))).reshape(shape)
    back = unbroadcast(gradient, tuple(small))
    assert back.shape == tuple(small)
    # <stretched x, g> = <x, g summed back>, for every x
    x = RNG.normal(size=small)
    assert np.isclose((np.broadcast_to(x, shape) * gradient).sum(), (x * back).sum())


def test_leaves_accumulate_and_a_second_walk_doubles() -> None:
    x = Tensor(A)
    loss = (x * x).sum()
    loss.backward()
    once = x.grad
    loss.backward()
    assert np.array_equal(x.grad, 2.0 * once)


def test_gradients_of_leaves_are_no_arrays_of_others() -> None:
    x, y = Tensor(A), Tensor(A)
    (x + y).sum().backward()
    x.grad *= 10.0
    assert np.array_equal(y.grad, np.ones_like(A))


def test_interior_gradients_are_let_go_unless_retained() -> None:
    x = Tensor(A)
    passing, kept = x * 2.0, (x * 3.0).retain_grad()
    (passing + kept).sum().backward()
    assert passing.grad == 0.0
    assert np.array_equal(kept.grad, np.ones_like(A))


def test_constants_are_no_parents() -> None:
    x = Tensor(A)
    for result in (x + 1.0, 2.0 * x, x @ MATRIX, A - x, where(A > 0.0, x, 0.0)):
        assert result.parents == (x,)
    assert sum([x], 0) is x


def test_array_on_the_left_asks_the_tensor() -> None:
    assert isinstance(A * Tensor(A), Tensor)
    assert isinstance(np.float64(2.0) * Tensor(A), Tensor)


def test_chain_of_a_hundred_thousand_operations_is_walked() -> None:
    x = total = Tensor(1.0)
    for _ in range(100_000):
        total = total + 1.0
    total.backward()
    assert x.grad == 1.0


def test_backward_of_several_numbers_needs_a_gradient_of_their_shape() -> None:
    x = Tensor(A)
    with pytest.raises(ValueError, match=r"one number to differentiate, got the shape \(3, 4\)"):
        x.backward()
    (x * 3.0).backward(B)
    assert np.allclose(x.grad, 3.0 * B)
    with pytest.raises(ValueError, match=r"a gradient of the shape \(3, 4\), got \(4,\)"):
        (x * 3.0).backward(ROW)


def test_an_operation_of_ones_own_may_give_all_gradients_at_once() -> None:
    x, y = Tensor(A), Tensor(B)
    calls = 0

    def pull(g: Any) -> tuple[Any, ...]:
        nonlocal calls
        calls += 1
        return g * y.data, None, g * x.data

    for _ in range(2):
        record(A * B, [x, 3.0, y], pull, "product").sum().backward()
    assert calls == 2
    assert np.array_equal(x.grad, 2.0 * B)
    assert np.array_equal(y.grad, 2.0 * A)
    assert record(A, [A], [lambda g: g], "copy").parents == ()
    assert record(A, [A], lambda g: (g,), "copy").parents == ()


def test_optimisers_of_numbers_step_tensors() -> None:
    x = Tensor(A)
    optimizer = SGD([x], 0.1)
    (x * x).sum().backward()
    optimizer.step()
    assert np.allclose(x.data, 0.8 * A)


# What can be switched


def test_nothing_is_recorded_under_no_grad_in_this_thread_alone() -> None:
    x = Tensor(A)
    elsewhere: list[Any] = []
    none: tuple[Tensor, ...] = ()
    with no_grad():
        assert (x * 2.0).parents == none
        thread = threading.Thread(target=lambda: elsewhere.append((x * 2.0).parents))
        thread.start()
        thread.join()
        with no_grad():
            pass
        assert (x + x).parents == none
    assert elsewhere == [(x,)]
    assert (x + x).parents == (x, x)


def test_anomalies_are_found_forward_and_backward() -> None:
    with detect_anomaly():
        with pytest.raises(AnomalyError, match=r"log of Tensor\(\[0.\]\) gave \[-inf\]"):
            Tensor([0.0]).log()
        x = Tensor([0.0])
        with pytest.raises(AnomalyError, match=r"sqrt of .* passed on to .* the gradient \[inf\]"):
            x.sqrt().sum().backward()
    assert Tensor([0.0]).log().data == -np.inf


# A checkpoint


def peak(compute: Callable[[], Any]) -> int:
    import tracemalloc

    tracemalloc.start()
    try:
        compute()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def deep(x: Any) -> Any:
    for _ in range(20):
        x = (x * 1.01).tanh()
    return x


def test_checkpoint_gives_the_same_gradients_with_less_memory() -> None:
    def chain(parts: int, around: Callable[..., Any]) -> Any:
        x = start = Tensor(np.linspace(-1.0, 1.0, 10_000))
        for _ in range(parts):
            x = around(deep, x)
        x.sum().backward()
        return start.grad

    plain = chain(5, lambda f, x: f(x))
    assert np.array_equal(chain(5, checkpoint), plain)
    kept = peak(lambda: chain(5, lambda f, x: f(x)))
    assert peak(lambda: chain(5, checkpoint)) < 0.4 * kept


def test_leaves_used_within_a_checkpoint_get_their_gradients() -> None:
    w, x = Tensor(ROW), Tensor(A)
    loss = checkpoint(lambda x: x * w, x).sum() + w.sum()
    loss.backward()
    assert np.allclose(w.grad, A.sum(0) + 1.0)
    w.grad = 0.0
    loss.backward()
    assert np.allclose(w.grad, A.sum(0) + 1.0)


def test_checkpoint_refuses_computed_tensors_from_elsewhere_that_wait_for_a_gradient() -> None:
    x = Tensor(A)
    y = x * 2.0
    (checkpoint(lambda x: x * y, x).sum() + (y * y).sum()).backward()  # none waits here
    assert np.allclose(x.grad, 4.0 * A + 8.0 * A)
    with pytest.raises(ValueError, match=r"computed tensors as arguments, got '\*'"):
        (checkpoint(lambda z: z * y, y).sum() + (y * y).sum()).backward()


def test_checkpoint_wants_a_tensor() -> None:
    with pytest.raises(TypeError, match="return a Tensor, got float"):
        checkpoint(lambda: 1.0)  # type: ignore[arg-type, return-value]


# Shapes that do not fit


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: Tensor(A) + Tensor(A.T), r"in \+, got \(3, 4\) and \(4, 3\)"),
        (lambda: Tensor(A) * [1.0, 2.0], r"in \*, got \(3, 4\) and \(2,\)"),
        (lambda: Tensor(A) ** A.T, r"in \*\*, got"),
        (lambda: Tensor(A) < A.T, r"in <, got"),
        (lambda: Tensor(A) @ Tensor(A), r"rows on the right, got the shapes \(3, 4\) and \(3, 4\)"),
        (lambda: Tensor(DEEP) @ A, r"shapes \(2, 3, 4\) and \(3, 4\)"),
        (lambda: Tensor(A) @ 2.0, r"shapes \(3, 4\) and \(\)"),
        (lambda: ROW @ Tensor(ROW[:2]), r"shapes \(4,\) and \(2,\)"),
        (lambda: maximum(Tensor(A), A.T), r"in maximum, got"),
        (lambda: where(A.T > 0.0, Tensor(A), 0.0), r"in where, got \(4, 3\) and \(3, 4\)"),
        (lambda: Tensor(A).sum(axis=2), r"an axis of the shape \(3, 4\), got 2"),
        (lambda: Tensor(A).mean(axis=(0, -2)), r"each axis once, got \(0, -2\)"),
        (lambda: Tensor(A).reshape(5), r"a shape for 12 numbers, got \(5,\) for \(3, 4\)"),
        (lambda: Tensor(A).transpose(0, 0), r"each axis of \(3, 4\) once, got \(0, 0\)"),
        (lambda: Tensor(A).swapaxes(0, 5), "an axis of the shape"),
        (lambda: concatenate([Tensor(A), Tensor(ROW)]), r"got \(3, 4\) and \(4,\)"),
        (lambda: concatenate([]), "at least one tensor"),
        (lambda: stack([Tensor(A), Tensor(ROW)]), r"of one shape to stack, got \(3, 4\) and"),
        (lambda: stack([]), "got no tensor"),
        (
            lambda: Tensor(A[:0]).max(axis=0),
            r"at least one number to take the max of, got \(0, 4\)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_both_named(compute: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compute()


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: Tensor(A) + "text", "array of real numbers, got str"),
        (lambda: Tensor(A) * [Value(1.0)] * 4, "array of real numbers"),
        (lambda: Tensor(A).sum(axis=WRONG), "axis to be a whole number"),
        (lambda: Tensor(A)[Tensor(1.0)], "use its .data"),
        (lambda: where(A, Tensor(A), 0.0), "a mask of booleans"),
        (lambda: maximum(A, B), "expected a Tensor"),
        (lambda: concatenate(Tensor(A).sum()), "an axis to count along|to be a list"),
    ],
)
def test_things_that_do_not_fit_are_named(compute: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        compute()


def test_an_index_out_of_range_says_so() -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        Tensor(A)[7]


# Edges, as in PyTorch


def test_empty_and_not_finite_numbers_have_pytorchs_answers() -> None:
    assert np.isnan(Tensor(A[:0]).mean().item())
    assert Tensor(A[:0]).sum().item() == 0.0
    assert np.isnan(Tensor([1.0]).var(correction=1).item())
    assert np.isnan(Tensor([1.0, np.nan]).max().item())
    assert np.isnan(maximum(Tensor(np.nan), 1.0).item())
    x = Tensor([np.nan, 0.0, 2.0])
    x.relu().sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 1.0]
    ties = Tensor([2.0, 1.0, 2.0])
    ties.max().backward()
    assert ties.grad.tolist() == [0.5, 0.0, 0.5]
    assert (1.0 / Tensor(0.0)).item() == np.inf


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def test_without_numpy_one_line_names_the_extra() -> None:
    script = "import sys; sys.modules['numpy'] = None; import micrograd.tensors"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert run.stderr.splitlines()[-1] == (
        "ImportError: expected NumPy to be installed: pip install 'micrograd-book[tensors]'"
    )
