"""The training loop, written once: an iterator of completed steps.

``steps`` takes step after step, and whoever asks for the next one decides whether there is one.
What watches a training, saves it or gets it out of trouble is an iterator over that iterator; see
``stability``. The chapter "The training loop" tells the story.
"""

from __future__ import annotations

import gc
import math
import random
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from micrograd import _expect
from micrograd.clipping import all_finite, gradient_norm
from micrograd.datasets import Batches
from micrograd.losses import LossFunction, Targets, mse_loss
from micrograd.optim import Optimizer
from micrograd.walk import is_node

__all__ = [
    "Step",
    "Steps",
    "evaluate",
    "loss_and_gradients",
    "paused_collector",
    "predictions",
    "steps",
    "takes_batches",
    "train_step",
    "validated",
]


@contextmanager
def paused_collector() -> Iterator[None]:
    """Within this context the cyclic garbage collector rests; after it, it is as it was.

    As a decorator it rests until the function has dropped what it made: a collector that is
    back while a large graph is alive walks through the whole of it.
    """
    enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if enabled:
            gc.enable()


@paused_collector()
def loss_and_gradients(
    model: Callable[[Any], Any],
    inputs: Iterable[Any],
    targets: Targets,
    optimizer: Optimizer,
    loss_fn: LossFunction = mse_loss,
) -> float:
    """Forward, loss, zero, backward: all of a step but the update. Returns the loss.

    Python's cyclic garbage collector is paused meanwhile: a step allocates many objects and
    leaves no cycles, so there is nothing for it to find.

    Raises:
        TypeError: if ``loss_fn`` does not return a ``Value``.
    """
    loss: Any = loss_fn(predictions(model, inputs), targets)
    if not is_node(loss):
        raise TypeError(f"expected the loss to be a Value, got {type(loss).__name__}")
    optimizer.zero_grad()
    loss.backward()
    return float(loss.data)


def predictions(model: Callable[[Any], Any], inputs: Any) -> Any:
    """What a model says of some examples: a list, or an array's worth if it takes batches.

    >>> predictions(lambda x: x + 1, [1, 2])
    [2, 3]
    """
    return model(inputs) if takes_batches(model) else [model(x) for x in inputs]


def takes_batches(model: Any) -> bool:
    """Whether a model is called with the inputs of many examples at once, as one of tensors is."""
    return bool(getattr(model, "takes_batches", False))


def train_step(
    model: Callable[[Any], Any],
    inputs: Iterable[Any],
    targets: Targets,
    optimizer: Optimizer,
    loss_fn: LossFunction = mse_loss,
) -> float:
    """Forward, loss, zero, backward, update: one step of gradient descent.

    Args:
        model: called on each of the inputs, or on all of them if it takes batches.
        inputs: the inputs of some examples.
        targets: their targets.
        optimizer: holds the parameters, and updates them.
        loss_fn: makes one ``Value`` of the list of predictions and the targets.

    Returns:
        The loss before the update. Where the loss or a gradient is not finite there is no update,
        as it could only spoil the parameters.

    Raises:
        TypeError: if ``loss_fn`` does not return a ``Value``.
    """
    loss = loss_and_gradients(model, inputs, targets, optimizer, loss_fn)
    if math.isfinite(loss) and all_finite(p.grad for p in optimizer.parameters):
        optimizer.step()
    return loss


@paused_collector()
def evaluate(
    model: Callable[[Any], Any],
    data: Iterable[Any],
    loss_fn: LossFunction = mse_loss,
) -> float:
    """The loss of a model on some ``(inputs, target)`` pairs, without a step.

    A model of tensors is put out of training for it, and back.

    >>> from micrograd import Value, xor
    >>> evaluate(lambda x: Value(0.5), xor())
    0.25
    """
    columns = _expect.arrays(data) or tuple(map(list, zip(*_expect.examples(data))))
    with _in_use(model):
        return float(loss_fn(predictions(model, columns[0]), columns[1]))


@contextmanager
def _in_use(model: Any) -> Iterator[None]:
    """Within this context a model of tensors is not in training: nothing is dropped by chance."""
    switched = [m for m in model.modules() if m.training] if takes_batches(model) else []
    for module in switched:
        module.training = False
    try:
        yield
    finally:
        for module in switched:
            module.training = True


@dataclass
class Step:
    """One completed step of a training, as it goes by.

    Attributes:
        iteration: its number, counted from 1.
        loss: before its update, on its examples.
        gradient_norm: the norm of all gradients, after clipping.
        clipped: whether they were clipped.
        inputs: of its examples.
        targets: of its examples.
        stop: why it is to be the last: ``interrupted``, or what an iterator over the loop says;
            empty if it need not be.
        held_out: the loss on data that are not trained on, if it was measured after this step.
        events: what a monitor noticed in it.
        recovery: the return to older parameters that it ended with, if there was one.
        best: the parameters that a guard would return to.
    """

    iteration: int
    loss: float
    gradient_norm: float = 0.0
    clipped: bool = False
    inputs: Sequence[Any] = ()
    targets: Any = ()
    stop: str = ""
    held_out: float | None = None
    events: list[Any] = field(default_factory=list)
    recovery: Any = None
    best: Any = None


Steps = Generator[Step, None, None]
"""A training as it goes on; to close it is to end it."""


def steps(
    model: Callable[[Any], Any],
    batches: Iterable[tuple[Sequence[Any], Targets]],
    optimizer: Optimizer,
    loss_fn: LossFunction = mse_loss,
    *,
    completed: int = 0,
) -> Steps:
    """Step after step of gradient descent, for as long as there are batches and one asks.

    Ctrl-C ends the iteration after the current step. Pressed a second time, it ends it within
    the step: parameters, random numbers and batches are as they were before it then. A third
    time, it is Python's own. It is so until the run ends: where you break off a run that has a
    name of its own, close it, as ``contextlib.closing`` does.

    Args:
        model: called on each of a batch's inputs.
        batches: the inputs and targets of one step after another, such as ``Batches``.
        optimizer: holds the parameters, and updates them.
        loss_fn: the loss, from a list of predictions and a batch's targets.
        completed: how many steps were taken before these, as when a run is taken up again.

    >>> from micrograd import MLP, SGD, noisy_line
    >>> net = MLP(1, [1], init="zeros")
    >>> for step in steps(net, Batches(noisy_line()), SGD(net.parameters(), 0.1)):
    ...     if step.loss < 0.01:
    ...         break
    >>> step.iteration
    12
    """
    source, iteration = iter(batches), completed
    with _deferred_interrupt() as keys:
        while not keys.presses:
            before = random.getstate(), batches.state() if isinstance(batches, Batches) else {}
            try:
                keys.may_raise = True
                batch = next(source, None)
                if batch is None:
                    return
                loss = loss_and_gradients(model, *batch, optimizer, loss_fn)
                keys.may_raise = False
            except KeyboardInterrupt:  # the second press
                if isinstance(batches, Batches):
                    batches.load_state(before[1])
                random.setstate(before[0])  # last, as batches draw from it too
                return
            finally:
                keys.may_raise = False
            iteration += 1
            moves = math.isfinite(loss) and all_finite(p.grad for p in optimizer.parameters)
            if moves:
                optimizer.step()
            norm = gradient_norm(optimizer.parameters)
            stop = "interrupted" if keys.presses else ""
            yield Step(iteration, loss, norm, moves and optimizer.clipped, *batch, stop)


class _Keys:
    """How often Ctrl-C has been pressed, and what to do about it."""

    def __init__(self) -> None:
        self.presses = 0
        self.may_raise = False

    def note(self, signum: int, frame: Any) -> None:
        """A first press is only noted; a second one raises where it may, and a third anywhere."""
        self.presses += 1
        if self.presses > 2 or (self.presses == 2 and self.may_raise):
            raise KeyboardInterrupt


@contextmanager
def _deferred_interrupt() -> Iterator[_Keys]:
    """Count the presses of Ctrl-C instead of raising them.

    Only the main thread gets Ctrl-C, and a handler other than Python's own is left alone.
    """
    keys = _Keys()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, keys.note)
    try:
        yield keys
    finally:
        if ours and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.default_int_handler)


def validated(
    run: Iterable[Step],
    model: Callable[[Any], Any],
    data: Iterable[Any],
    loss_fn: LossFunction = mse_loss,
    every: int = 1,
) -> Steps:
    """The same run; every so many steps it also measures the loss on data not trained on.

    Args:
        run: the steps of a training.
        model: the one that is trained.
        data: ``(inputs, target)`` pairs that are no part of the training.
        loss_fn: the loss, from a list of predictions and a list of targets.
        every: steps between two measurements, at least 1.
    """
    kept, every = _expect.arrays(data) or _expect.examples(data), _expect.whole("every", every, 1)
    for step in run:
        if step.iteration % every == 0:
            step.held_out = evaluate(model, kept, loss_fn)
        yield step
