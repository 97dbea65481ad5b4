"""Losses, gradient descent and the training loop.

A loss turns predictions into one number to make smaller; gradient descent moves every
parameter a little against its gradient; the loop repeats the two and watches what happens.
The part "Training" tells the story.
"""

from __future__ import annotations

import gc
import math
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from typing import Any, SupportsFloat, overload

from micrograd.engine import Value
from micrograd.nn import Module, zero_gradients

__all__ = [
    "SGD",
    "TrainingConfig",
    "TrainingMetrics",
    "binary_cross_entropy",
    "cross_entropy",
    "gradient_descent_step",
    "hinge_loss",
    "mse_loss",
    "train_network",
    "train_step",
]

# A network's outputs for some examples, and what they should have been: numbers or values,
# or lists of them, as deep as the network's output is.
Predictions = Any
Targets = Any
LossFunction = Callable[[Predictions, Targets], Value]


def mse_loss(predictions: Predictions, targets: Targets) -> Value:
    """Mean squared error: the mean of ``(prediction - target)**2``.

    Args:
        predictions: a ``Value``, a list of them, or lists of lists.
        targets: numbers or values in the same shape.

    Raises:
        TypeError: if a prediction is not a ``Value``.
        ValueError: if the shapes differ, or there is nothing to compare.

    >>> mse_loss([Value(1.0), Value(5.0)], [2.0, 3.0]).data
    2.5
    """
    return _mean([(p - t) ** 2 for p, t in _pairs(predictions, targets)])


def hinge_loss(scores: Predictions, labels: Targets) -> Value:
    """The mean of ``max(0, 1 - label * score)``: zero once every score is right by a margin.

    Args:
        scores: a ``Value``, a list of them, or lists of lists; their sign is the decision.
        labels: -1 or 1, in the same shape.

    Raises:
        TypeError: if a score is not a ``Value``.
        ValueError: if the shapes differ, there is nothing to compare, or a label is neither.

    >>> hinge_loss([Value(0.5), Value(-3.0)], [1, -1]).data
    0.25
    """
    pairs = list(_pairs(scores, labels))
    for _, label in pairs:
        if float(label) not in (-1.0, 1.0):
            raise ValueError(f"expected the labels of a hinge loss to be -1 or 1, got {label}")
    return _mean([(1.0 - score * label).relu() for score, label in pairs])


def binary_cross_entropy(logits: Predictions, targets: Targets) -> Value:
    """The mean of ``-t log s(z) - (1 - t) log(1 - s(z))``, ``s`` being the sigmoid.

    Computed as ``softplus(z) - t z``, which neither overflows nor takes the log of 0.

    Args:
        logits: a ``Value``, a list of them, or lists of lists: the network's raw outputs.
        targets: probabilities in [0, 1], in the same shape.

    Raises:
        TypeError: if a logit is not a ``Value``.
        ValueError: if the shapes differ or are empty, or a target is not a probability.

    >>> round(binary_cross_entropy([Value(0.0)], [1.0]).data, 4)
    0.6931
    """
    pairs = list(_pairs(logits, targets))
    for _, target in pairs:
        if not 0.0 <= float(target) <= 1.0:
            raise ValueError(f"expected the targets to be in [0, 1], got {target}")
    return _mean([_softplus(logit) - logit * target for logit, target in pairs])


def cross_entropy(logits: Sequence[Sequence[Value]], targets: Sequence[int]) -> Value:
    """The mean of ``-log softmax(row)[target]`` over examples with one of several classes.

    Computed as ``log sum exp(row - max) + max - row[target]``, which does not overflow.

    Args:
        logits: one row of raw outputs for each example, all of the same width.
        targets: the class of each example, from 0 to the width - 1.

    Raises:
        TypeError: if a row is not a list of values.
        ValueError: if lengths or widths differ or are 0, or a target is no class.

    >>> round(cross_entropy([[Value(0.0), Value(0.0)]], [1]).data, 4)
    0.6931
    """
    if not _is_nested(logits) or not _is_nested(targets):
        raise TypeError(
            f"expected lists of rows and of classes, got {_shape(logits)} and {_shape(targets)}"
        )
    if len(logits) != len(targets):
        raise ValueError(f"expected a target for each of {len(logits)} rows, got {len(targets)}")
    terms = []
    for row, target in zip(logits, targets):
        if not _is_nested(row) or not all(isinstance(logit, Value) for logit in row):
            raise TypeError(f"expected each row of logits to be a list of Values, got {row!r}")
        if len(row) != len(logits[0]) or not row:
            raise ValueError(
                f"expected rows of one width, at least 1, got {len(logits[0])} and {len(row)}"
            )
        if target not in range(len(row)):
            raise ValueError(f"expected a class from 0 to {len(row) - 1}, got {target}")
        # Subtracting the largest logit changes nothing but the size of the exponentials.
        largest = max(logit.data for logit in row)
        total = sum(((logit - largest).exp() for logit in row), Value(0.0))
        terms.append(total.log() + largest - row[int(target)])
    return _mean(terms)


def _softplus(z: Value) -> Value:
    """``log(1 + exp(z))``, from whichever side the exponential does not overflow."""
    return z + (1.0 + (-z).exp()).log() if z.data > 0.0 else (1.0 + z.exp()).log()


def _mean(terms: Sequence[Value]) -> Value:
    if not terms:
        raise ValueError("expected at least one prediction to compare, got none")
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total / len(terms)


def _pairs(
    predictions: Predictions, targets: Targets, where: str = ""
) -> Iterator[tuple[Value, SupportsFloat]]:
    """Each prediction with its target, walking two equally shaped nests of lists together."""
    if _is_nested(predictions) and _is_nested(targets):
        if len(predictions) != len(targets):
            raise ValueError(
                f"expected as many targets as predictions{where}, "
                f"got {len(predictions)} predictions and {len(targets)} targets"
            )
        for i, (prediction, target) in enumerate(zip(predictions, targets)):
            yield from _pairs(prediction, target, f"{where or ' at '}[{i}]")
    elif _is_nested(predictions) or _is_nested(targets):
        raise ValueError(
            f"expected predictions and targets of one shape, got {_shape(predictions)} "
            f"and {_shape(targets)}{where}"
        )
    elif not isinstance(predictions, Value):
        raise TypeError(
            f"expected predictions to be Values, got {type(predictions).__name__}{where}: "
            "a plain number has no graph for gradients to flow through"
        )
    else:
        yield predictions, targets


def _is_nested(item: object) -> bool:
    return hasattr(item, "__len__") and not isinstance(item, str)


def _shape(item: Any) -> str:
    return f"a list of {len(item)}" if _is_nested(item) else f"a single {type(item).__name__}"


def gradient_descent_step(parameters: Sequence[Value], learning_rate: float) -> None:
    """Move every parameter against its gradient: ``p.data -= learning_rate * p.grad``.

    The gradients are left as they are, for whoever wants to look at them.

    Raises:
        ValueError: if ``learning_rate`` is negative or not finite; nothing is changed then.
    """
    _expect_learning_rate(learning_rate)
    rate = float(learning_rate)
    for parameter in parameters:
        parameter.data -= rate * parameter.grad


class SGD:
    """Gradient descent with a fixed learning rate, on one list of parameters.

    Args:
        parameters: what to train.
        learning_rate: size of the steps, at least 0 and finite; 0.001 to 0.1 is usual.

    Raises:
        ValueError: if ``learning_rate`` is negative or not finite.

    >>> x = Value(3.0)
    >>> optimizer = SGD([x], learning_rate=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    2.4
    """

    def __init__(self, parameters: Sequence[Value], learning_rate: float = 0.01) -> None:
        _expect_learning_rate(learning_rate)
        self.parameters = list(parameters)
        self.learning_rate = learning_rate

    def step(self) -> None:
        """Update every parameter once."""
        gradient_descent_step(self.parameters, self.learning_rate)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        zero_gradients(self.parameters)


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
def train_step(
    model: Callable[[Any], Any],
    inputs: Sequence[Any],
    targets: Targets,
    optimizer: SGD,
    loss_fn: LossFunction = mse_loss,
) -> float:
    """Forward, loss, zero, backward, update: one step of gradient descent.

    Python's cyclic garbage collector is paused meanwhile: a step allocates many objects and
    leaves no cycles, so there is nothing for it to find.

    Args:
        model: called on each of the inputs.
        inputs: the inputs of some examples.
        targets: their targets.
        optimizer: holds the parameters, and updates them.
        loss_fn: makes one ``Value`` of the list of predictions and the targets.

    Returns:
        The loss before the update. One that is not finite is returned without an update, as
        its gradients could only spoil the parameters.

    Raises:
        TypeError: if ``loss_fn`` does not return a ``Value``.
    """
    predictions = [model(x) for x in inputs]
    loss = loss_fn(predictions, targets)
    if not isinstance(loss, Value):
        raise TypeError(f"expected the loss to be a Value, got {type(loss).__name__}")
    optimizer.zero_grad()
    loss.backward()
    if math.isfinite(loss.data):
        optimizer.step()
    return loss.data


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run may do, and when it should stop.

    Attributes:
        learning_rate: size of the steps, at least 0 and finite.
        max_iterations: most iterations to run, at least 1.
        loss_threshold: stop once the loss is below this.
        patience: stop after this many iterations without improvement, at least 1; ``None``
            never does.
        min_improvement: how much lower than the best loss so far, as a fraction of it, a loss
            must be to count as an improvement; in [0, 1).
        batch_size: examples in an iteration, at least 1; ``None`` takes all of them. Batches
            go through the data in a new random order each time.
        seed: of that order; ``None`` leaves it to the ``random`` module.
        report_every: iterations between two lines of progress, at least 1.

    Raises:
        TypeError, ValueError: for a value outside its range.
    """

    learning_rate: float = 0.01
    max_iterations: int = 1000
    loss_threshold: float = 1e-4
    patience: int | None = 50
    min_improvement: float = 0.0
    batch_size: int | None = None
    seed: int | None = None
    report_every: int = 100

    def __post_init__(self) -> None:
        _expect_learning_rate(self.learning_rate)
        for name in ("max_iterations", "patience", "batch_size", "report_every"):
            count = getattr(self, name)
            if count is None and name in ("patience", "batch_size"):
                continue
            if not isinstance(count, int) or isinstance(count, bool):
                raise TypeError(f"expected {name} to be a whole number, got {count!r}")
            if count < 1:
                raise ValueError(f"expected {name} to be at least 1, got {count}")
        for name in ("loss_threshold", "min_improvement"):
            _expect_number(name, getattr(self, name))
        if math.isnan(self.loss_threshold):
            raise ValueError("expected loss_threshold to be a number, got nan")
        if not 0.0 <= self.min_improvement < 1.0:
            raise ValueError(
                f"expected min_improvement to be in [0, 1), got {self.min_improvement}"
            )


@dataclass
class TrainingMetrics(Sequence[float]):
    """The story of a training run: a sequence of its losses, one for each iteration.

    Attributes:
        losses: the loss of each iteration, measured before its update.
        best_loss: the lowest of them; infinite before the first.
        patience_counter: iterations since the last improvement.
        stopped_because: ``loss_threshold``, ``patience``, ``max_iterations``, ``diverged`` (the
            loss was not finite) or ``interrupted`` (Ctrl-C); empty while running.
    """

    losses: list[float] = field(default_factory=list)
    best_loss: float = math.inf
    patience_counter: int = 0
    stopped_because: str = ""

    @property
    def iterations(self) -> int:
        """How many iterations have run."""
        return len(self.losses)

    def update(self, loss: float, min_improvement: float = 0.0) -> None:
        """Record the loss of one more iteration."""
        self.losses.append(loss)
        improved = self.best_loss == math.inf or (
            loss < self.best_loss - min_improvement * abs(self.best_loss)
        )
        self.patience_counter = 0 if improved else self.patience_counter + 1
        self.best_loss = min(self.best_loss, loss)

    def should_stop(self, config: TrainingConfig) -> str:
        """Why training should end now, as in ``stopped_because``; empty if it should go on."""
        if self.losses and not math.isfinite(self.losses[-1]):
            return "diverged"
        if self.best_loss < config.loss_threshold:
            return "loss_threshold"
        if config.patience is not None and self.patience_counter >= config.patience:
            return "patience"
        if self.iterations >= config.max_iterations:
            return "max_iterations"
        return ""

    def __len__(self) -> int:
        return len(self.losses)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        return self.losses[index]

    def __str__(self) -> str:
        if not self.losses:
            return "no iterations yet"
        return (
            f"{self.iterations} iterations, loss {self[0]:.6g} -> {self[-1]:.6g} "
            f"(best {self.best_loss:.6g}), stopped because: {self.stopped_because or 'it has not'}"
        )


def train_network(
    mlp: Module,
    training_data: Sequence[tuple[Any, Any]],
    config: TrainingConfig | None = None,
    loss_fn: LossFunction = mse_loss,
    verbose: bool = True,
    **overrides: Any,
) -> TrainingMetrics:
    """Train a network by gradient descent until one of the reasons to stop applies.

    An iteration is one step on the whole data, or on one batch where a batch size is given.
    Ctrl-C stops after the current step, and a second one takes that step back: the parameters
    are those of a completed step, and what has been recorded is returned.

    Args:
        mlp: the network; its parameters are changed in place.
        training_data: ``(inputs, target)`` pairs.
        config: what to do and when to stop; a :class:`TrainingConfig` by default.
        loss_fn: the loss, from a list of predictions and a list of targets.
        verbose: print the loss now and then, and why training stopped.
        overrides: fields of the config to replace, such as ``learning_rate=0.1``.

    Returns:
        The losses and why training stopped.

    Raises:
        TypeError: for an override that is no field of the config, or of the wrong type.
        ValueError: for empty data, or a value outside its range.

    >>> from micrograd import MLP, noisy_line
    >>> import random
    >>> random.seed(0)
    >>> metrics = train_network(MLP(1, [1]), noisy_line(20), learning_rate=0.1, verbose=False)
    >>> metrics[-1] < 0.01, metrics.stopped_because
    (True, 'patience')
    """
    config = _override(config or TrainingConfig(), overrides)
    if not training_data:
        raise ValueError("expected at least one training example, got none")
    optimizer = SGD(mlp.parameters(), config.learning_rate)
    batches = _batches(training_data, config)
    metrics = TrainingMetrics()
    restore = _snapshot(optimizer, metrics)
    with _deferred_interrupt() as interrupted:
        try:
            while not metrics.stopped_because:
                restore = _snapshot(optimizer, metrics)
                inputs, targets = next(batches)
                loss = train_step(mlp, inputs, targets, optimizer, loss_fn)  # type: ignore[arg-type]
                metrics.update(loss, config.min_improvement)
                metrics.stopped_because = metrics.should_stop(config) or interrupted()
                if verbose and metrics.iterations % config.report_every == 0:
                    print(f"Iteration {metrics.iterations}: Loss = {loss:.6f}")
        except KeyboardInterrupt:  # a second Ctrl-C: whatever this iteration did is taken back
            restore()
            metrics.stopped_because = "interrupted"
    if verbose:
        print(metrics)
    return metrics


def _snapshot(optimizer: SGD, metrics: TrainingMetrics) -> Callable[[], None]:
    """A function that brings parameters and metrics back to what they are now."""
    data = [parameter.data for parameter in optimizer.parameters]
    done, best_loss, patience_counter = len(metrics), metrics.best_loss, metrics.patience_counter

    def restore() -> None:
        for parameter, number in zip(optimizer.parameters, data):
            parameter.data = number
        del metrics.losses[done:]
        metrics.best_loss, metrics.patience_counter = best_loss, patience_counter

    return restore


def _override(config: TrainingConfig, overrides: dict[str, Any]) -> TrainingConfig:
    known = [f.name for f in fields(config)]
    for name in overrides:
        if name not in known:
            raise TypeError(f"expected a field of TrainingConfig ({', '.join(known)}), got {name}")
    return replace(config, **overrides)


def _batches(
    data: Sequence[tuple[Any, Any]], config: TrainingConfig
) -> Iterator[tuple[list[Any], list[Any]]]:
    """Inputs and targets for one iteration after another, for ever."""
    rng = random if config.seed is None else random.Random(config.seed)
    size = config.batch_size or len(data)
    while True:
        order = list(data) if size >= len(data) else rng.sample(data, len(data))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            yield [x for x, _ in batch], [y for _, y in batch]


@contextmanager
def _deferred_interrupt() -> Iterator[Callable[[], str]]:
    """Note a first Ctrl-C instead of raising it; a second one raises at once.

    Yields a function that says ``"interrupted"`` once there has been one, and else nothing.
    Only the main thread gets Ctrl-C, and a handler other than Python's own is left alone.
    """
    pressed = False

    def note(signum: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield lambda: "interrupted" if pressed else ""
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _expect_learning_rate(learning_rate: float) -> None:
    _expect_number("the learning rate", learning_rate)
    if not 0.0 <= learning_rate < math.inf:
        raise ValueError(
            f"expected the learning rate to be a finite number of at least 0, got {learning_rate}"
        )


def _expect_number(name: str, number: object) -> None:
    if not isinstance(number, Real):
        raise TypeError(f"expected {name} to be a number, got {number!r}")
