"""A training step of a GPT on arrays, beside PyTorch's and beside the same on scalars.

Forward and backward, on one thread. The sizes are (embedding, heads, layers, texts, length).
"""

import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any

from .workload import NAMES, clock

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is loaded

np: Any = import_module("numpy")
Step = Callable[[], Any]

VOCABULARY = 27
SIZES = [(16, 4, 1, 1, 16), (16, 4, 1, 32, 16), (64, 4, 2, 32, 16), (128, 4, 4, 32, 32)]
TEXTS = 32


def pair(size: tuple[int, int, int, int, int], dtype: str = "float32") -> dict[str, Step]:
    """A step of our tensors and one of PyTorch, of the same numbers."""
    width, heads, layers, texts, length = size
    rng = np.random.default_rng(0)
    tokens, targets = rng.integers(0, VOCABULARY, (2, texts, length))
    gpt: Any = import_module("micrograd.tensors.gpt")
    ours = gpt.GPT(VOCABULARY, length, width, heads, layers, dtype=dtype, rng=rng)

    def our_step() -> float:
        ours.zero_grad()
        loss = ours.loss(tokens, targets)
        loss.backward()
        return float(loss)

    ways: dict[str, Step] = {"ours": our_step}
    if find_spec("torch"):
        torch: Any = import_module("torch")
        torch.set_num_threads(1)
        theirs = import_module("micrograd.torch_bridge").TorchGPT(ours)
        x, y = torch.from_numpy(tokens), torch.from_numpy(targets)

        def their_step() -> float:
            theirs.zero_grad()
            scores = theirs(x).view(-1, VOCABULARY)
            loss = torch.nn.functional.cross_entropy(scores, y.view(-1))
            loss.backward()
            return float(loss.item())

        ways["PyTorch"] = their_step
    return ways


def scalars_and_arrays() -> dict[str, tuple[Step, int]]:
    """Steps of one model on values and on tensors, and how many names each is about."""
    import random

    scalar: Any = import_module("micrograd.gpt")
    gpt: Any = import_module("micrograd.tensors.gpt")
    tokenizer = scalar.Tokenizer(NAMES)
    values = scalar.GPT(len(tokenizer), 12, rng=random.Random(0))
    arrays = gpt.from_scalars(values, dtype="float32")
    encoded = [tokenizer.encode(name) for name in NAMES]
    singles = [gpt.padded([text], len(text) - 1) for text in encoded]
    batch = gpt.padded((encoded * TEXTS)[:TEXTS], 12)

    def on_values() -> None:
        values.zero_grad()
        for text in encoded:
            values.loss([text]).backward()

    def one_by_one() -> None:
        arrays.zero_grad()
        for single in singles:
            arrays.loss(*single).backward()

    def together() -> None:
        arrays.zero_grad()
        arrays.loss(*batch).backward()

    return {
        "values": (on_values, len(encoded)),
        "a name at a time": (one_by_one, len(encoded)),
        f"{TEXTS} names at a time": (together, TEXTS),
    }


def take_turns(ways: dict[str, Step], rounds: int, least: float = 0.02) -> dict[str, float]:
    """CPU seconds of a step, medians of rounds in which the ways take turns."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    counts = {}
    for name, step in ways.items():
        step()
        start = clock()
        step()
        counts[name] = max(1, round(least / max(clock() - start, 1e-6)))
    for _ in range(rounds):
        for name, step in ways.items():
            start = clock()
            for _ in range(counts[name]):
                step()
            found[name].append((clock() - start) / counts[name])
    return {name: median(seconds) for name, seconds in found.items()}


def times(rounds: int = 15) -> dict[str, Any]:
    """Seconds of a step for each size, and seconds a name on values and on arrays."""
    models = scalars_and_arrays()
    each = take_turns({name: step for name, (step, _) in models.items()}, max(3, rounds // 3))
    return {
        "sizes": [{"size": size, **take_turns(pair(size), rounds)} for size in SIZES],
        "a name": {name: each[name] / count for name, (_, count) in models.items()},
    }
