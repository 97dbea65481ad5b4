"""One training step of a small network of tensors, beside the same step by other means.

A network 2-16-16-1 with relu on 100 moons, full batch: the hinge loss plus 1e-4 times the sum of
the squared parameters, and plain descent. All begin at the same weights; each runs on one thread.
"""

import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from statistics import median
from typing import Any

from .workload import DECAY, RATE, clock, moons

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is loaded

np: Any = import_module("numpy")
Step = Callable[[], float]

SIZES = (2, 16, 16, 1)


def data() -> tuple[Any, Any]:
    points, labels = moons()
    return np.array(points), np.array(labels)[:, None]


def weights() -> list[Any]:
    """For each layer its matrix (out, in) and its shifts."""
    rng = np.random.default_rng(0)
    shapes = [shape for n, m in pairwise(SIZES) for shape in ((m, n), (m,))]
    return [rng.uniform(-0.7, 0.7, shape) for shape in shapes]


def by_hand() -> Step:
    """In NumPy, with the derivatives worked out on paper."""
    (x, y), ws = data(), weights()

    def step() -> float:
        w1, b1, w2, b2, w3, b3 = ws
        first = np.maximum(x @ w1.T + b1, 0.0)
        second = np.maximum(first @ w2.T + b2, 0.0)
        margins = 1.0 - y * (second @ w3.T + b3)
        loss = np.maximum(margins, 0.0).mean() + DECAY * sum((w * w).sum() for w in ws)
        g3 = (margins > 0.0) * y * (-1.0 / len(y))
        g2 = g3 @ w3 * (second > 0.0)
        g1 = g2 @ w2 * (first > 0.0)
        gradients = g1.T @ x, g1.sum(0), g2.T @ first, g2.sum(0), g3.T @ second, g3.sum(0)
        for w, gradient in zip(ws, gradients):
            w -= RATE * (gradient + 2.0 * DECAY * w)
        return float(loss)

    return step


def ours() -> Step:
    """With the package's layers, its loss and its optimiser."""
    t: Any = import_module("micrograd.tensors")
    hinge_loss = import_module("micrograd.tensors.functional").hinge_loss
    x, y = data()
    model = t.Sequential(t.Linear(2, 16), t.ReLU(), t.Linear(16, 16), t.ReLU(), t.Linear(16, 1))
    parameters = model.parameters()
    for parameter, start in zip(parameters, weights(), strict=True):
        parameter.data = start
    optimizer = import_module("micrograd").SGD(parameters, RATE)

    def step() -> float:
        loss = hinge_loss(model(x), y) + DECAY * sum((p * p).sum() for p in parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def pytorch() -> Step:
    """With PyTorch's layers and its optimiser, each operation run as it comes."""
    torch: Any = import_module("torch")
    torch.set_num_threads(1)
    n, (x, y) = torch.nn, map(torch.from_numpy, data())
    model = n.Sequential(n.Linear(2, 16), n.ReLU(), n.Linear(16, 16), n.ReLU(), n.Linear(16, 1))
    model.double()
    parameters = list(model.parameters())
    for parameter, start in zip(parameters, weights(), strict=True):
        parameter.data = torch.from_numpy(start)
    optimizer = torch.optim.SGD(parameters, RATE)

    def step() -> float:
        decay = DECAY * sum((p * p).sum() for p in parameters)
        loss = torch.relu(1.0 - y * model(x)).mean() + decay
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def hips_autograd() -> Step:
    """With HIPS autograd, which differentiates a function written in its NumPy."""
    numpy: Any = import_module("autograd.numpy")
    differentiated = import_module("autograd").value_and_grad
    (x, y), ws = data(), weights()

    def objective(ws: list[Any]) -> Any:
        w1, b1, w2, b2, w3, b3 = ws
        first = numpy.maximum(numpy.dot(x, w1.T) + b1, 0.0)
        second = numpy.maximum(numpy.dot(first, w2.T) + b2, 0.0)
        margins = 1.0 - y * (numpy.dot(second, w3.T) + b3)
        decay = DECAY * sum(numpy.sum(w * w) for w in ws)
        return numpy.mean(numpy.maximum(margins, 0.0)) + decay

    both = differentiated(objective)

    def step() -> float:
        loss, gradients = both(ws)
        for w, gradient in zip(ws, gradients):
            w -= RATE * gradient
        return float(loss)

    return step


WAYS: dict[str, tuple[str, Callable[[], Step]]] = {
    "by hand": ("numpy", by_hand),
    "ours": ("numpy", ours),
    "PyTorch": ("torch", pytorch),
    "HIPS autograd": ("autograd", hips_autograd),
}
"""What each needs, and what makes its step."""


def installed() -> dict[str, Step]:
    """The steps of what there is."""
    return {name: make() for name, (needs, make) in WAYS.items() if find_spec(needs)}


def times(rounds: int = 15, steps: int = 100) -> dict[str, float]:
    """CPU seconds of a step, the median of rounds in which the ways take turns."""
    ways = installed()
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, step in ways.items():
            start = clock()
            for _ in range(steps):
                step()
            found[name].append((clock() - start) / steps)
    return {name: median(seconds) for name, seconds in found.items()}
