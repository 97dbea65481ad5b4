"""A whole training run: what it may do, what became of it, and when it ends.

``train_network`` follows the loop of the module ``loop`` until there is a reason to stop. The
chapters "The training loop" and "Monitoring" tell the story.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from typing import Any, overload

from micrograd import _expect
from micrograd.datasets import Batches
from micrograd.loop import Step, Steps, steps, validated
from micrograd.loop import evaluate as evaluate
from micrograd.loop import paused_collector as paused_collector
from micrograd.loop import train_step as train_step
from micrograd.losses import LossFunction
from micrograd.losses import binary_cross_entropy as binary_cross_entropy
from micrograd.losses import cross_entropy as cross_entropy
from micrograd.losses import hinge_loss as hinge_loss
from micrograd.losses import mse_loss as mse_loss
from micrograd.optim import SGD as SGD
from micrograd.optim import Optimizer
from micrograd.optim import gradient_descent_step as gradient_descent_step

__all__ = ["OptimizerChoice", "TrainingConfig", "TrainingMetrics", "follow", "train_network"]

OptimizerChoice = Optimizer | Callable[[list[Any], float], Optimizer] | None


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run may do, and when it should stop.

    A *pass* goes through all data once: it is one iteration, or as many as there are batches.

    Attributes:
        learning_rate: size of the steps, at least 0 and finite.
        max_iterations: most iterations to run, at least 1.
        loss_threshold: stop once the mean loss of a pass is below this.
        patience: stop after this many passes without improvement, at least 1; ``None`` never
            does.
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
        checked: dict[str, Any] = {
            "learning_rate": _expect.finite("the learning rate", self.learning_rate, 0.0),
            "loss_threshold": _expect.number("loss_threshold", self.loss_threshold),
            "min_improvement": _expect.finite("min_improvement", self.min_improvement, 0.0, 1.0),
        }
        if math.isnan(checked["loss_threshold"]):
            raise ValueError("expected loss_threshold to be a number, got nan")
        for name in ("max_iterations", "patience", "batch_size", "report_every"):
            given = getattr(self, name)
            may_be_none = name in ("patience", "batch_size")
            if not (given is None and may_be_none):
                checked[name] = _expect.whole(name, given, 1)
        if self.seed is not None:
            checked["seed"] = _expect.whole("seed", self.seed)
        for name, value in checked.items():
            object.__setattr__(self, name, value)


@dataclass(repr=False)
class TrainingMetrics(Sequence[float]):
    """The story of a training run: a sequence of its losses, one for each iteration.

    Attributes:
        losses: the loss of each iteration, measured before its update.
        best_loss: the lowest mean loss of a pass; infinite before the first.
        patience_counter: passes since the last improvement.
        stopped_because: ``loss_threshold``, ``patience``, ``max_iterations``, ``diverged`` (the
            loss or a gradient was not finite) or ``interrupted`` (Ctrl-C); empty while running.
        pass_length: iterations that go through all data once.
        held_out: the loss on data not trained on, after each pass, if there are such data.
        gradient_norms: the norm of all gradients in each iteration, after clipping.
    """

    losses: list[float] = field(default_factory=list)
    best_loss: float = math.inf
    patience_counter: int = 0
    stopped_because: str = ""
    pass_length: int = 1
    held_out: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)

    @property
    def iterations(self) -> int:
        """How many iterations have run."""
        return len(self.losses)

    def update(self, loss: float, min_improvement: float = 0.0) -> None:
        """Record the loss of one more iteration."""
        self.losses.append(float(loss))
        if self.iterations % self.pass_length:
            return  # the loss of a batch is not yet that of a pass
        mean = pass_mean(self.losses[-self.pass_length :])
        improved = self.best_loss == math.inf or (
            mean < self.best_loss - min_improvement * abs(self.best_loss)
        )
        self.patience_counter = 0 if improved else self.patience_counter + 1
        if math.isfinite(mean):
            self.best_loss = min(self.best_loss, mean)

    def record(self, step: Step, min_improvement: float = 0.0) -> None:
        """Record one more step, with all that was noticed in it."""
        self.update(step.loss, min_improvement)
        self.gradient_norms.append(step.gradient_norm)
        if step.held_out is not None:
            self.held_out.append(step.held_out)

    def should_stop(self, config: TrainingConfig) -> str:
        """Why training should end now, as in ``stopped_because``; empty if it should go on."""
        if not all(map(math.isfinite, (*self.losses[-1:], *self.gradient_norms[-1:]))):
            return "diverged"
        if self.best_loss < config.loss_threshold:
            return "loss_threshold"
        if config.patience is not None and self.patience_counter >= config.patience:
            return "patience"
        if self.iterations >= config.max_iterations:
            return "max_iterations"
        return ""

    def state(self) -> dict[str, Any]:
        """All that has been recorded: a copy, to be written as JSON."""
        return {
            name: list(kept) if isinstance(kept, list) else kept
            for name, kept in vars(self).items()
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave.

        Raises:
            ValueError: if it is no such state; nothing is changed then.
        """
        kinds = {name: type(kept) for name, kept in vars(self).items()}
        given = _expect.fields("the metrics", state, **kinds)
        for name in ("losses", "held_out", "gradient_norms"):
            _expect.floats(name, given[name])
        for name, kept in given.items():
            setattr(self, name, list(kept) if isinstance(kept, list) else kept)

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

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {TrainingMetrics.__str__(self)}>"


def pass_mean(losses: Sequence[float]) -> float:
    """The mean of the losses of one pass; infinite or ``nan`` only if one of them is.

    >>> pass_mean([1.0, 2.0, 6.0])
    3.0
    """
    mean = sum(losses) / len(losses)
    return mean if math.isfinite(mean) else sum(loss / len(losses) for loss in losses)


def follow(
    run: Steps, metrics: TrainingMetrics, config: TrainingConfig, verbose: bool = True
) -> None:
    """Record a run until there is a reason to stop, and end it.

    Args:
        run: the steps of a training.
        metrics: what they are recorded in.
        config: when to stop, and how often to tell of it.
        verbose: print the loss now and then, and why training stopped.
    """
    with closing(run):
        for step in run:
            metrics.record(step, config.min_improvement)
            ended = step.stop not in ("", "interrupted")
            metrics.stopped_because = step.stop if ended else metrics.should_stop(config)
            metrics.stopped_because = metrics.stopped_because or step.stop
            if verbose and step.iteration % config.report_every == 0:
                print(f"Iteration {step.iteration}: Loss = {step.loss:.6f}")
            if metrics.stopped_because:
                break
        else:
            metrics.stopped_because = "interrupted"
    if verbose:
        print(metrics)


def train_network(
    mlp: Any,
    training_data: Iterable[Any],
    config: TrainingConfig | None = None,
    loss_fn: LossFunction = mse_loss,
    verbose: bool = True,
    *,
    optimizer: OptimizerChoice = None,
    held_out: Iterable[Any] | None = None,
    **overrides: Any,
) -> TrainingMetrics:
    """Train a network by gradient descent until one of the reasons to stop applies.

    An iteration is one step on the whole data, or on one batch where a batch size is given.
    Ctrl-C stops after the current step, and a second one within it: the parameters are those of
    a completed step, and what has been recorded is returned.

    Args:
        mlp: the network; its parameters are changed in place.
        training_data: ``(inputs, target)`` pairs.
        config: what to do and when to stop; a :class:`TrainingConfig` by default.
        loss_fn: the loss, from a list of predictions and a list of targets.
        verbose: print the loss now and then, and why training stopped.
        optimizer: an optimiser of the network's parameters, which then decides about the learning
            rate; or what makes one of parameters and a rate, such as the class ``Adam``. Gradient
            descent by default.
        held_out: pairs that are not trained on; their loss is measured after each pass and kept
            in the metrics.
        overrides: fields of the config to replace, such as ``learning_rate=0.1``.

    Returns:
        The losses and why training stopped.

    Raises:
        TypeError: for an override that is no field of the config, or of the wrong type.
        ValueError: for empty data, a value outside its range, or an optimiser of other parameters.

    >>> from micrograd import MLP, noisy_line
    >>> import random
    >>> random.seed(0)
    >>> metrics = train_network(MLP(1, [1]), noisy_line(20), learning_rate=0.1, verbose=False)
    >>> metrics[-1] < 0.01, metrics.stopped_because
    (True, 'patience')
    """
    config = override(config, overrides)
    batches = Batches(training_data, config.batch_size, config.seed)
    run = steps(mlp, batches, optimizer_for(mlp, optimizer, config), loss_fn)
    if held_out is not None:
        run = validated(run, mlp, held_out, loss_fn, every=batches.pass_length)
    metrics = TrainingMetrics(pass_length=batches.pass_length)
    follow(run, metrics, config, verbose)
    return metrics


def optimizer_for(model: Any, given: OptimizerChoice, config: TrainingConfig) -> Optimizer:
    """The optimiser that ``train_network`` was asked for, of this model's parameters."""
    if not callable(getattr(model, "parameters", None)):
        raise TypeError(f"expected a model with parameters(), got {_expect.show(model)}")
    parameters = _expect.parameters(model.parameters())
    if not isinstance(given, Optimizer):
        made = (SGD if given is None else given)(parameters, config.learning_rate)
        if not isinstance(made, Optimizer):
            raise TypeError(f"expected optimizer to make an Optimizer, got {_expect.show(made)}")
        return made
    own = set(map(id, parameters))
    strangers = sum(id(parameter) not in own for parameter in given.parameters)
    if strangers:
        raise ValueError(
            f"expected an optimiser of this model's parameters, got one with {strangers} others"
        )
    return given


def override(config: TrainingConfig | None, overrides: dict[str, Any]) -> TrainingConfig:
    """The configuration, or the one by default, with some of its fields replaced."""
    config = TrainingConfig() if config is None else config
    known = [f.name for f in fields(config)]
    for name in overrides:
        if name not in known:
            raise TypeError(f"expected a field of TrainingConfig ({', '.join(known)}), got {name}")
    return replace(config, **overrides)
