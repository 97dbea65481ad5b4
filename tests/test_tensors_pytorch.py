"""Numbers and gradients of tensors are PyTorch's: operation by operation, and in random graphs.

Optional: PyTorch is not a dependency, and where it is not installed these tests are skipped. The
same operations are held to finite differences in ``test_tensors.py``, and to numbers that PyTorch
gave in ``test_tensors_frozen.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from freeze_tensors import FUNCTIONS, NUMBERS, PICTURES, F

from micrograd import tensors as t
from micrograd.tensors import Tensor, concatenate, maximum, stack, where
from micrograd.tensors import functional as f

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

Pair = tuple[Any, Any]  # ours, theirs

EDGES = np.array(
    [
        *(0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-300, 1e300, -1e300, 710.0, -750.0),
        *(np.inf, -np.inf, np.nan),
    ]
)


def both(array: Any) -> Pair:
    return Tensor(array), torch.tensor(array, dtype=torch.float64, requires_grad=True)


def same(ours: Any, theirs: Any, largest: float = 0.0) -> bool:
    """Equal to 1e-12 of the largest number there is, and equally infinite or ``nan``.

    ``1 - tanh(x)**2`` far out is a small difference of large numbers, and so are the gradients
    behind it: beside random graphs the largest number is at least 1.
    """
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs
    if np.shape(ours) != theirs.shape:
        return False
    finite = np.isfinite(theirs)
    scale = np.abs(theirs[finite]).max(initial=largest)
    close: bool = np.allclose(ours, theirs, rtol=1e-12, atol=1e-12 * scale, equal_nan=True)
    return close


def compare(leaves: list[Pair], compute: Callable[..., Any], theirs: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        our, their = compute(*(a for a, _ in leaves)), theirs(*(b for _, b in leaves))
        our.sum().backward()
    assert same(our.data, their)
    their.sum().backward()
    for a, b in leaves:
        assert same(a.grad, b.grad)


UNARY = ["exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs", "__neg__"]


@pytest.mark.parametrize("name", UNARY)
def test_functions_agree_at_the_edges(name: str) -> None:
    call = lambda x: getattr(x, name)()  # noqa: E731
    compare([both(EDGES)], call, call)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_agrees(approximate: str) -> None:
    x = np.linspace(-6.0, 6.0, 101)
    gelu = torch.nn.functional.gelu
    compare([both(x)], lambda t: t.gelu(approximate), lambda t: gelu(t, approximate=approximate))


@pytest.mark.parametrize("name", ["__add__", "__sub__", "__mul__", "__truediv__", "__pow__"])
def test_operators_agree_at_the_edges(name: str) -> None:
    call = lambda a, b: getattr(a, name)(b)  # noqa: E731
    compare([both(EDGES[:, None]), both(EDGES)], call, call)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, 1.5])
def test_powers_with_a_number_agree_at_the_edges(exponent: float) -> None:
    x = EDGES if exponent % 1.0 == 0.0 else EDGES[EDGES > 0.0]
    compare([both(x)], lambda t: t**exponent, lambda t: t**exponent)


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 2), None])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "var"])
def test_reductions_agree(name: str, keep: bool, axis: Any) -> None:
    x = np.round(np.random.default_rng(1).normal(size=(3, 4, 2)), 1)  # so that there are ties
    axes = tuple(range(3)) if axis is None else axis
    options = {"correction": 1} if name == "var" else {}
    compare(
        [both(x)],
        lambda t: getattr(t, name)(axis=axis, keepdims=keep, **options),
        lambda t: getattr(t, "amax" if name == "max" else name)(axes, keepdim=keep),
    )


# Functions of whole arrays


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_arrays_agree(name: str) -> None:
    arrays, ours, theirs = FUNCTIONS[name]
    compare([both(np.ascontiguousarray(array)) for array in arrays], ours, theirs)


def test_running_statistics_agree() -> None:
    means, variances = np.zeros(4), np.ones(4)
    theirs = torch.zeros(4, dtype=torch.float64), torch.ones(4, dtype=torch.float64)
    for _ in range(3):
        f.batch_norm(Tensor(PICTURES), means, variances, training=True, momentum=0.3)
        F.batch_norm(torch.tensor(PICTURES), *theirs, training=True, momentum=0.3)
    assert same(means, theirs[0])
    assert same(variances, theirs[1])


# Layers, with the same weights under the same names

ROWS, SEQUENCES = NUMBERS.normal(size=(3, 6)), NUMBERS.normal(size=(2, 5, 6))
NN = torch.nn
LAYERS: dict[str, tuple[Callable[[], Any], Callable[[], Any], Any]] = {
    "Linear": (lambda: t.Linear(6, 3), lambda: NN.Linear(6, 3), ROWS),
    "Conv2d": (
        lambda: t.Conv2d(4, 3, (2, 3), 2, (1, 0), (1, 2)),
        lambda: NN.Conv2d(4, 3, (2, 3), 2, (1, 0), (1, 2)),
        PICTURES,
    ),
    "BatchNorm1d": (lambda: t.BatchNorm1d(6), lambda: NN.BatchNorm1d(6), ROWS),
    "BatchNorm2d": (lambda: t.BatchNorm2d(4), lambda: NN.BatchNorm2d(4), PICTURES),
    "LayerNorm": (lambda: t.LayerNorm((7, 6)), lambda: NN.LayerNorm((7, 6)), PICTURES),
    "RMSNorm": (lambda: t.RMSNorm(6), lambda: NN.RMSNorm(6), ROWS),
    "Sequential": (
        lambda: t.Sequential(t.MaxPool2d(2), t.Flatten(), t.Linear(36, 3), t.GELU(), t.Sigmoid()),
        lambda: NN.Sequential(
            NN.MaxPool2d(2), NN.Flatten(), NN.Linear(36, 3), NN.GELU(), NN.Sigmoid()
        ),
        PICTURES,
    ),
    "RNNCell": (lambda: t.RNNCell(6, 3), lambda: NN.RNNCell(6, 3), ROWS),
    "LSTMCell": (lambda: t.LSTMCell(6, 3), lambda: NN.LSTMCell(6, 3), ROWS),
    "GRUCell": (lambda: t.GRUCell(6, 3), lambda: NN.GRUCell(6, 3), ROWS),
    "RNN": (
        lambda: t.RNN(6, 3, 2, "relu"),
        lambda: NN.RNN(6, 3, 2, "relu", batch_first=True),
        SEQUENCES,
    ),
    "LSTM": (lambda: t.LSTM(6, 3, 2), lambda: NN.LSTM(6, 3, 2, batch_first=True), SEQUENCES),
    "GRU": (lambda: t.GRU(6, 3, 2), lambda: NN.GRU(6, 3, 2, batch_first=True), SEQUENCES),
    "TransformerBlock": (
        lambda: t.TransformerBlock(6, 2, 8, activation="gelu"),
        lambda: NN.TransformerEncoderLayer(
            6, 2, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        ),
        SEQUENCES,
    ),
}


def first_of(result: Any) -> Any:
    """The outputs, where there is a state too."""
    return result[0] if isinstance(result, tuple) else result


@pytest.mark.parametrize("name", LAYERS)
def test_layers_agree_with_the_same_weights(name: str) -> None:
    make, make_theirs, array = LAYERS[name]
    ours, theirs = make(), make_theirs().double()
    named, their_named = dict(ours.named_parameters()), dict(theirs.named_parameters())
    assert list(named) == list(their_named)
    for parameter, other in zip(named.values(), their_named.values()):
        # away from ones and zeros, which would hide much
        parameter.data = parameter.data + NUMBERS.normal(0.0, 0.1, parameter.shape)
        with torch.no_grad():
            other.copy_(torch.from_numpy(parameter.data))
    x, y = both(array)
    our, their = first_of(ours(x)), first_of(theirs(y))
    assert same(our.data, their)
    (our * our * our).sum().backward()
    (their * their * their).sum().backward()
    assert same(x.grad, y.grad)
    for key, parameter in named.items():
        assert same(parameter.grad, their_named[key].grad), key
    for key, buffer in ours.named_buffers():
        assert same(buffer, dict(theirs.named_buffers())[key]), key
    ours.eval()
    theirs.eval()
    assert same(first_of(ours(x)).data, first_of(theirs(y)))


def test_attention_agrees_with_the_opposite_sense_of_a_mask() -> None:
    ours, theirs = (
        t.MultiHeadAttention(6, 2),
        NN.MultiheadAttention(6, 2, batch_first=True).double(),
    )
    for parameter, other in zip(ours.parameters(), theirs.parameters()):
        with torch.no_grad():
            other.copy_(torch.from_numpy(parameter.data))
    query, other_places = SEQUENCES[:, :3], SEQUENCES + 1.0
    mask = np.tri(3, 5, 1, dtype=bool)
    our = ours(query, other_places, attn_mask=mask)
    their, weights = theirs(
        *(torch.tensor(x) for x in (query, other_places, other_places)),
        attn_mask=torch.tensor(~mask),
        average_attn_weights=False,
    )
    assert same(our.data, their)
    assert same(ours.weights(query, other_places, mask), weights)


@pytest.mark.parametrize("name", LAYERS)
def test_weights_begin_as_pytorchs_do(name: str) -> None:
    make, make_theirs, _ = LAYERS[name]
    ours = [dict(make().named_parameters()) for _ in range(200)]
    theirs = [dict(make_theirs().named_parameters()) for _ in range(200)]
    for key in theirs[0]:
        drawn = np.concatenate([each[key].data.ravel() for each in ours])
        others = torch.cat([each[key].ravel() for each in theirs])
        assert np.isclose(drawn.std(), others.std().item(), rtol=0.1), key
        assert np.isclose(np.abs(drawn).max(), others.abs().max().item(), rtol=0.15), key


# Random graphs


def a_shape(rng: random.Random) -> tuple[int, ...]:
    return tuple(rng.choice((1, 2, 3)) for _ in range(rng.randint(0, 3)))


def stretchable(shape: tuple[int, ...], rng: random.Random) -> tuple[int, ...]:
    """A shape that is stretched to this one, or stretches it."""
    other = [rng.choice((1, n)) if n > 1 else rng.choice((1, 2)) for n in shape]
    return tuple(other[rng.randint(0, len(other)) :])


class Graph:
    """The same random operations on our tensors and on PyTorch's."""

    def __init__(self, seed: int) -> None:
        self.rng, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.leaves: list[Pair] = []
        self.nodes: list[Pair] = [self.leaf(a_shape(self.rng))]
        for _ in range(self.rng.randint(3, 9)):
            self.nodes.append(self.grow(*self.rng.choice(self.nodes)))

    def leaf(self, shape: tuple[int, ...]) -> Pair:
        pair = both(self.numbers.uniform(-2.0, 2.0, shape))
        self.leaves.append(pair)
        return pair

    def beside(self, shape: tuple[int, ...]) -> Pair:
        """An operand that fits: one there is, a new leaf, or a constant."""
        fits = [pair for pair in self.nodes if pair[0].shape == shape]
        choice = self.rng.random()
        if fits and choice < 0.4:
            return self.rng.choice(fits)
        if choice < 0.8:
            return self.leaf(stretchable(shape, self.rng))
        array = self.numbers.uniform(-2.0, 2.0, stretchable(shape, self.rng))
        return array, torch.from_numpy(array)

    def grow(self, a: Any, b: Any) -> Pair:
        rng, shape = self.rng, a.shape
        kind = rng.choice(["unary", "binary", "binary", "reduce", "shape", "matmul", "join"])
        if kind == "binary":
            x, y = self.beside(shape)
            both_ways: list[Callable[[], Pair]] = [
                lambda: (a + x, b + y),
                lambda: (x - a, y - b),
                lambda: (a * x, b * y),
                lambda: (a / (x * x + 1.0), b / (y * y + 1.0)),
                lambda: (maximum(a, x), torch.maximum(b, y)),
                lambda: (where(a > 0.0, a, x), torch.where(b > 0.0, b, y)),
            ]
            return rng.choice(both_ways)()
        if kind == "reduce" and shape:
            axis, keep = rng.randrange(len(shape)), rng.random() < 0.5
            name = rng.choice(["sum", "mean", "max"])
            theirs = getattr(b, "amax" if name == "max" else name)
            return getattr(a, name)(axis=axis, keepdims=keep), theirs(axis, keepdim=keep)
        if kind == "shape" and len(shape) > 1:
            i = rng.randrange(shape[0])
            shapes: list[Callable[[], Pair]] = [
                lambda: (a.reshape(-1), b.reshape(-1)),
                lambda: (a.swapaxes(0, -1), b.swapaxes(0, -1)),
                lambda: (a[i], b[i]),
                lambda: (a[[i, 0, i]], b[[i, 0, i]]),
                lambda: (a[..., ::2], b[..., ::2]),
            ]
            return rng.choice(shapes)()
        if kind == "matmul" and shape:
            x, y = self.leaf((shape[-1], rng.randint(1, 3)))
            return a @ x, b @ y
        if kind == "join" and shape:
            x, y = self.leaf(shape)
            if rng.random() < 0.5:
                return stack([a, x, a], axis=-1), torch.stack([b, y, b], -1)
            return concatenate([a, x], axis=0), torch.cat([b, y], 0)
        name = rng.choice(["tanh", "sigmoid", "relu", "abs", "exp"])
        return (getattr(a.tanh(), name)(), getattr(b.tanh(), name)())


@pytest.mark.parametrize("block", range(30))
def test_a_hundred_random_graphs_agree(block: int) -> None:
    for seed in range(100 * block, 100 * block + 100):
        graph = Graph(seed)
        our, their = graph.nodes[-1]
        assert same(our.data, their), seed
        (our * our).sum().backward()
        (their * their).sum().backward()
        gradients = [b.grad for _, b in graph.leaves if b.grad is not None]
        largest = max(1.0, *(float(gradient.abs().max()) for gradient in gradients))
        for a, b in graph.leaves:
            if b.grad is None:
                assert a.grad == 0.0, seed
            else:
                assert same(a.grad, b.grad, largest), seed
