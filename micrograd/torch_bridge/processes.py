"""Training a GPT with PyTorch, on one process or on many, with the same losses.

What carries the gradients from process to process is PyTorch's ``DistributedDataParallel``, and
what starts the processes its ``torchrun``. The chapter "Many processes" tells the story.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from micrograd import _expect, datasets
from micrograd.gpt import Tokenizer
from micrograd.progress import Progress
from micrograd.tensors import gpt
from micrograd.torch_bridge.conversion import TorchGPT

__all__ = ["Process", "learn", "train"]

CONTEXT = 12
RATE = 0.003


@dataclass(frozen=True)
class Process:
    """One of several that train together.

    Attributes:
        rank: its number, from 0.
        world: how many there are.
        local: its number on its own machine, which is that of its graphics processor.
    """

    rank: int = 0
    world: int = 1
    local: int = 0

    @classmethod
    def this(cls) -> Process:
        """What ``torchrun`` has put into the environment, or the only process.

        Raises:
            ValueError: for a part of what ``torchrun`` sets, or numbers that do not fit.
        """
        names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
        given = {name: os.environ.get(name, "") for name in names}
        if not any(given.values()):
            return cls()
        for name, text in given.items():
            if not text.isdecimal():
                got = repr(text) if text else "none"
                raise ValueError(
                    f"expected a whole number in {name}, as torchrun sets it, got {got}"
                )
        rank, world, local = map(int, given.values())
        if rank >= world:
            raise ValueError(f"expected a RANK below the WORLD_SIZE of {world}, got {rank}")
        return cls(rank, world, local)

    @property
    def device(self) -> torch.device:
        """Its graphics processor, if there are any, else the processor it runs on."""
        on_gpu = torch.cuda.is_available()
        return torch.device("cuda", self.local) if on_gpu else torch.device("cpu")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Within it the processes can speak to each other; one that is alone need not."""
        if self.world == 1:
            yield
            return
        torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        try:
            yield
            torch.distributed.barrier()  # none leaves while another is still at work
        finally:
            torch.distributed.destroy_process_group()


def learn(
    whole: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: tuple[Any, Any],
    process: Process,
    accumulate: int = 1,
) -> float:
    """One step, for which this process computes its share of a batch; the loss of all of it.

    Args:
        whole: the model, wrapped in ``DistributedDataParallel`` if there are several processes.
        batch: tokens and targets ``(names, length)``, the same on every process.
        process: which of how many this is; its share is every ``world``-th name.
        accumulate: parts that the share is taken in, one after the other.
    """
    tokens, targets = batch
    count = int((targets >= 0).sum())  # letters of the whole batch
    share = np.arange(process.rank, len(tokens), process.world)
    total = torch.zeros((), dtype=torch.float64, device=process.device)
    optimizer.zero_grad()
    for i, part in enumerate(np.array_split(share, accumulate), start=1):
        x, y = (torch.as_tensor(table[part], device=process.device) for table in batch)
        # Only with the last part do the processes exchange their gradients, and take the mean.
        quiet = process.world > 1 and i < accumulate
        with whole.no_sync() if quiet else nullcontext():
            scores = whole(x).flatten(0, 1)
            loss = nn.functional.cross_entropy(scores, y.flatten(), reduction="sum") / count
            (loss * process.world).backward()  # a mean of sums that are as many times too large
        total += loss.detach()
    optimizer.step()
    if process.world > 1:
        torch.distributed.all_reduce(total)
    return float(total)


def train(
    count: int = 50,
    batch: int = 32,
    width: int = 32,
    layers: int = 2,
    accumulate: int = 1,
    checkpoint: str | os.PathLike[str] | None = None,
    seed: int = 0,
) -> list[float]:
    """The losses of a GPT trained on names, of which each process takes its share of a batch.

    The batches are the same whatever the number of processes, and so is the loss, up to rounding.

    Args:
        count: steps in all.
        batch: names of a step, which the processes share out.
        width, layers: the sizes of the model.
        accumulate: parts that a process takes its share in, one after the other.
        checkpoint: a file to go on from if it is there, and to write at the end.
        seed: of the weights at the start, and of the batches.

    Raises:
        ValueError: for numbers that are out of range, fewer names in a batch than parts, a
            checkpoint of another model, or a part of what ``torchrun`` sets.
    """
    count, accumulate = _expect.whole("count", count, 1), _expect.whole("accumulate", accumulate, 1)
    process = Process.this()
    names = datasets.names()
    batch = _expect.whole("batch", batch, process.world * accumulate)
    if batch > len(names):
        raise ValueError(f"expected a batch of at most {len(names)} names, got {batch}")
    tokenizer = Tokenizer(names)
    texts = gpt.padded([tokenizer.encode(name) for name in names], CONTEXT)
    rng = np.random.default_rng(seed)
    start = gpt.GPT(len(tokenizer), CONTEXT, width, layers=layers, rng=rng)
    with process.together():
        model = TorchGPT(start).to(process.device)
        optimizer = torch.optim.AdamW(model.parameters(), RATE)
        losses = _resumed(checkpoint, model, optimizer, process) if checkpoint else []
        several = process.world > 1
        whole = nn.parallel.DistributedDataParallel(model) if several else model
        if len(losses) >= count and process.rank == 0:
            print(f"all {count} steps were done before: {checkpoint}", flush=True)
        progress = Progress(count, "tokens")
        begun = len(losses)
        for step in range(begun, count):
            chosen = np.random.default_rng([seed, step]).choice(len(names), batch, replace=False)
            tokens, targets = (table[chosen] for table in texts)
            losses.append(learn(whole, optimizer, (tokens, targets), process, accumulate))
            if process.rank == 0:
                progress.tell(step + 1, losses[-1], int((targets >= 0).sum()))
        progress.end()
        if checkpoint and process.rank == 0 and len(losses) > begun:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save({**state, "losses": losses}, f"{os.fspath(checkpoint)}.tmp")
            os.replace(f"{os.fspath(checkpoint)}.tmp", checkpoint)
    return losses


def _resumed(
    checkpoint: Any, model: nn.Module, optimizer: torch.optim.Optimizer, process: Process
) -> list[float]:
    """The losses until now, with the model and its optimiser as they were then."""
    if not Path(checkpoint).exists():
        return []
    try:
        kept = torch.load(checkpoint, map_location=process.device, weights_only=True)
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        losses: list[float] = kept["losses"]
    except Exception as error:  # whatever is wrong with the file, in PyTorch's many words
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"{checkpoint}: expected a checkpoint of this model: {why}") from None
    return losses
