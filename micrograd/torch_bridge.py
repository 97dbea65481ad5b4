"""The same networks in PyTorch: weights there and back, proof of the same numbers, many processes.

The only file that needs PyTorch: ``pip install 'micrograd-book[torch]'``. Training is left to it:

    python -m micrograd.torch_bridge train --steps 50
    torchrun --nproc-per-node=2 -m micrograd.torch_bridge train --steps 50

The second line trains on the same batches, on two processes; ``--nnodes`` is for more machines.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from micrograd import _expect, datasets
from micrograd import tensors as t
from micrograd.gpt import Tokenizer
from micrograd.nn import MLP, Module
from micrograd.tensors import gpt

torch: Any = _expect.installed("torch", "PyTorch", "torch")
nn: Any = torch.nn

__all__ = ["SameNumbers", "TorchGPT", "from_torch", "main", "same_numbers", "to_torch", "train"]


class TorchGPT(nn.Module):  # type: ignore[misc]
    """The GPT of tensors as a module of PyTorch: its sizes, numbers and names of parameters."""

    def __init__(self, model: gpt.GPT) -> None:
        super().__init__()
        self.context, self.heads = model.context, model.heads
        self.letters = _parameter(model.letters)
        self.places = _parameter(model.places)
        self.blocks = nn.ModuleList()
        for block in model.blocks:
            there = nn.Module()
            for name, table in block.named_parameters():
                setattr(there, name, _parameter(table))
            self.blocks.append(there)
        self.head = _parameter(model.head)

    def forward(self, tokens: Any) -> Any:
        """Whole numbers ``(batch, length)`` to scores ``(batch, length, vocabulary)``."""
        f = nn.functional
        batch, length = tokens.shape
        x = _norm(self.letters[tokens] + self.places[:length])
        for block in self.blocks:
            seen = _norm(x)
            q, k, v = (
                f.linear(seen, w).view(batch, length, self.heads, -1).transpose(1, 2)
                for w in (block.wq, block.wk, block.wv)
            )
            found = f.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + f.linear(found.transpose(1, 2).reshape(x.shape), block.wo)
            x = x + f.linear(torch.relu(f.linear(_norm(x), block.up)), block.down)
        return f.linear(x, self.head)


def _parameter(table: Any) -> Any:
    return nn.Parameter(torch.tensor(table.data))


def _norm(x: Any) -> Any:
    return nn.functional.rms_norm(x, (x.shape[-1],), eps=1e-5)


# Ours, PyTorch's, and what a module of ours is made with. The first that fits counts.
_KINDS: list[tuple[type, Any, Callable[[Any], tuple[tuple[Any, ...], dict[str, Any]]]]] = [
    (t.Linear, nn.Linear, lambda m: (m.weight.shape[::-1], {"bias": m.bias is not None})),
    (
        t.Conv2d,
        nn.Conv2d,
        lambda m: (
            (m.weight.shape[1], m.weight.shape[0], m.weight.shape[2:]),
            {
                **{name: getattr(m, name) for name in ("stride", "padding", "dilation")},
                "bias": m.bias is not None,
            },
        ),
    ),
    (t.MaxPool2d, nn.MaxPool2d, lambda m: ((m.kernel_size, m.stride, m.padding), {})),
    (t.AvgPool2d, nn.AvgPool2d, lambda m: ((m.kernel_size, m.stride, m.padding), {})),
    (t.BatchNorm2d, nn.BatchNorm2d, lambda m: ((len(m.running_mean), m.eps, m.momentum), {})),
    (t.BatchNorm1d, nn.BatchNorm1d, lambda m: ((len(m.running_mean), m.eps, m.momentum), {})),
    (t.LayerNorm, nn.LayerNorm, lambda m: ((m.normalized_shape, m.eps), {})),
    (t.RMSNorm, nn.RMSNorm, lambda m: ((m.normalized_shape, m.eps), {})),
    (t.Embedding, nn.Embedding, lambda m: (m.weight.shape, {})),
    (t.Dropout, nn.Dropout, lambda m: ((m.p,), {})),
    (t.Flatten, nn.Flatten, lambda m: ((), {})),
    (t.Tanh, nn.Tanh, lambda m: ((), {})),
    (t.Sigmoid, nn.Sigmoid, lambda m: ((), {})),
    (t.GELU, nn.GELU, lambda m: ((m.approximate,), {})),
    (t.ReLU, nn.ReLU, lambda m: ((), {})),
]


def to_torch(model: Any) -> Any:
    """The module of PyTorch with the same numbers, buffers and names.

    Args:
        model: an ``MLP``, a ``Sequential`` and what is in it, or a GPT.

    Raises:
        TypeError: for a module that has no counterpart there; nothing is made then.

    >>> net = t.Sequential(t.Linear(2, 3), t.Tanh())
    >>> print(to_torch(net)[0])
    Linear(in_features=2, out_features=3, bias=True)
    """
    if isinstance(model, gpt.GPT):
        return TorchGPT(model)
    ours: Any = t.from_mlp(model) if isinstance(model, MLP) else model
    there = _like(ours)
    state = {
        name: torch.tensor(table.data if hasattr(table, "grad") else table)
        for name, table in [*ours.named_parameters(), *ours.named_buffers()]
    }
    if ours.named_parameters():
        there = there.to(state[ours.named_parameters()[0][0]].dtype)
    there.load_state_dict(state)
    return there.train(ours.training)


def _like(ours: Any) -> Any:
    if isinstance(ours, t.Sequential):
        return nn.Sequential(*map(_like, ours))
    for kind, theirs, made_with in _KINDS:
        if type(ours) is kind:
            arguments, options = made_with(ours)
            return theirs(*arguments, **options)
    raise TypeError(f"expected a module with a counterpart in PyTorch, got {_expect.show(ours)}")


def from_torch(module: Any, like: Any) -> Any:
    """Give ``like``, a model of ours, the numbers of a module of PyTorch; returns it.

    Raises:
        ValueError: if names or shapes differ, naming the first that does; nothing is changed then.

    >>> net = from_torch(torch.nn.Linear(2, 3), t.Linear(2, 3, dtype="float32"))
    >>> net.weight.shape
    (3, 2)
    """
    if not isinstance(like, Module):
        raise TypeError(f"expected a model of ours to fill, got {_expect.show(like)}")
    given = {name: table.detach().cpu().numpy() for name, table in module.state_dict().items()}
    wanted: dict[str, Any] = dict([*like.named_parameters(), *like.named_buffers()])
    missing, more = sorted(wanted.keys() - given.keys()), sorted(given.keys() - wanted.keys())
    if missing or more:
        what = f"it lacks {missing[0]}" if missing else f"it has {more[0]} besides"
        raise ValueError(f"expected a module with the parameters of {like!r}: {what}")
    for name, table in wanted.items():
        shape = getattr(table, "shape", ())
        if shape != given[name].shape:
            raise ValueError(f"expected {name} of the shape {shape}, got {given[name].shape}")
    for name, table in wanted.items():
        if hasattr(table, "grad"):
            table.data = given[name].astype(table.dtype)
        else:
            table[...] = given[name]
    return like


@dataclass(frozen=True)
class SameNumbers:
    """What :func:`same_numbers` found: true if all agree, printed a table.

    Attributes:
        compared: for each thing its name, and how far the two are apart, beside the largest number.
    """

    compared: list[tuple[str, float]]
    tolerance: float

    def __bool__(self) -> bool:
        return all(apart <= self.tolerance for _, apart in self.compared)

    def __str__(self) -> str:
        wrong = [name for name, apart in self.compared if not apart <= self.tolerance]
        lines = [f"{n:30}  {apart:.1e}{'  DIFFERS' * (n in wrong)}" for n, apart in self.compared]
        return "\n".join([*lines, f"first to differ: {wrong[0]}" if wrong else "all numbers agree"])


def same_numbers(
    model: Any, batch: Any, module: Any = None, tolerance: float = 1e-12
) -> SameNumbers:
    """Whether a model and its counterpart give the same answers, layer by layer, and gradients.

    Args:
        model: one of ours, in float64 if it is to agree to 1e-12.
        batch: inputs for it, an array.
        module: of PyTorch; by default what :func:`to_torch` makes of the model.
        tolerance: the largest difference that passes, beside the largest number.

    >>> bool(same_numbers(t.Sequential(t.Linear(2, 3), t.Tanh()), np.ones((4, 2))))
    True
    """
    ours: Any = t.from_mlp(model) if isinstance(model, MLP) else model
    theirs = to_torch(ours) if module is None else module
    x, y = batch, torch.as_tensor(np.asarray(batch))
    compared = []
    parts = list(zip(ours, theirs)) if isinstance(ours, t.Sequential) else [(ours, theirs)]
    for i, (layer, other) in enumerate(parts):
        x, y = layer(x), other(y)
        compared.append((f"{i}: {type(layer).__name__}", _apart(x.data, y)))
    (x * x).sum().backward()
    (y * y).sum().backward()
    there = dict(theirs.named_parameters())
    # Beside the largest of all: behind a normalisation a bias has the gradient 0, but for rounding.
    largest = max((float(p.grad.abs().max()) for p in there.values()), default=0.0)
    for name, parameter in ours.named_parameters():
        apart = _apart(parameter.grad, there[name].grad, largest)
        compared.append((f"gradient of {name}", apart))
    return SameNumbers(compared, tolerance)


def _apart(ours: Any, theirs: Any, largest: float = 1e-300) -> float:
    other = theirs.detach().cpu().numpy()
    if np.shape(ours) != other.shape:
        return float("inf")
    largest = float(np.abs(other).max(initial=largest))
    return float(np.abs(ours - other).max(initial=0.0)) / largest


# Many processes


def train(
    count: int = 50,
    batch: int = 32,
    width: int = 32,
    layers: int = 2,
    accumulate: int = 1,
    checkpoint: str | None = None,
    seed: int = 0,
) -> list[float]:
    """The losses of a GPT trained on names, of which each process takes its share of a batch.

    The batches are the same whatever the number of processes, and so is the loss, up to rounding.

    Args:
        count: steps in all.
        batch: names of a step, which the processes share out.
        accumulate: parts that a process takes its share in, one after the other.
        checkpoint: a file to go on from if it is there, and to write at the end.

    Raises:
        ValueError: for fewer names in a batch than parts, or half of what ``torchrun`` sets.
    """
    ranks = {name: os.environ.get(name) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    if any(ranks.values()) and not all(ranks.values()):
        lacking = next(name for name, value in ranks.items() if not value)
        raise ValueError(f"expected {lacking} beside the others in the environment, got none")
    rank, world = int(ranks["RANK"] or 0), int(ranks["WORLD_SIZE"] or 1)
    if world * accumulate > batch:
        least = world * accumulate
        raise ValueError(f"expected a batch of at least {least} names, a part each, got {batch}")
    on_gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(ranks["LOCAL_RANK"] or 0)) if on_gpu else torch.device("cpu")
    distributed = world > 1
    if distributed:
        torch.distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        names = datasets.names()
        tokenizer = Tokenizer(names)
        tokens, targets = gpt.padded([tokenizer.encode(name) for name in names], 12)
        start = gpt.GPT(len(tokenizer), 12, width, layers=layers, rng=np.random.default_rng(seed))
        model = TorchGPT(start).to(device)
        optimizer = torch.optim.AdamW(model.parameters(), 0.003)
        done, losses = 0, []
        if checkpoint and Path(checkpoint).exists():
            kept = torch.load(checkpoint, map_location=device, weights_only=True)
            model.load_state_dict(kept["model"])
            optimizer.load_state_dict(kept["optimizer"])
            done, losses = kept["steps"], kept["losses"]
        whole = nn.parallel.DistributedDataParallel(model) if distributed else model
        began, seen = time.perf_counter(), 0
        for step in range(done, count):
            chosen = np.random.default_rng([seed, step]).choice(len(names), batch, replace=False)
            there = int((targets[chosen] >= 0).sum())
            seen += there
            total = torch.zeros((), dtype=torch.float64, device=device)
            optimizer.zero_grad()
            for part in np.array_split(chosen[rank::world], accumulate):
                x, y = (torch.as_tensor(a[part], device=device) for a in (tokens, targets))
                flat = whole(x).view(-1, len(tokenizer))
                loss = nn.functional.cross_entropy(flat, y.view(-1), reduction="sum") / there
                (loss * world).backward()  # the processes' gradients are averaged
                total += loss.detach()
            optimizer.step()
            if distributed:
                torch.distributed.all_reduce(total)
            losses.append(float(total))
            if rank == 0:
                _tell(step, count, losses[-1], seen / (time.perf_counter() - began))
        if checkpoint and rank == 0:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save({**state, "steps": count, "losses": losses}, f"{checkpoint}.tmp")
            os.replace(f"{checkpoint}.tmp", checkpoint)
        if distributed:
            torch.distributed.barrier()  # none leaves while another is still at work
        return losses
    finally:
        if distributed:
            torch.distributed.destroy_process_group()


def _tell(step: int, count: int, loss: float, speed: float) -> None:
    """A line that moves on a terminal, lines now and then in a file, and a last one."""
    last = step + 1 == count
    line = f"step {step + 1} of {count}: loss {loss:.6f}"
    if sys.stdout.isatty():
        print(f"\r{line:40}", end="\n" if last else "", flush=True)
    elif last or (step + 1) % 10 == 0:
        print(line, flush=True)
    if last:
        print(f"{speed:,.0f} tokens a second", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m micrograd.torch_bridge train``: see ``--help``."""
    parser = argparse.ArgumentParser(prog="python -m micrograd.torch_bridge")
    parser.add_argument("command", choices=["train"])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch", type=int, default=32, help="names of a step, of all processes")
    parser.add_argument("--accumulate", type=int, default=1, help="parts of a process's share")
    parser.add_argument("--checkpoint", help="a file to go on from, and to write")
    given = parser.parse_args(arguments)
    try:
        options = {"accumulate": given.accumulate, "checkpoint": given.checkpoint}
        train(given.steps, given.batch, **options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
