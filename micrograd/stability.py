"""A training that looks after itself: guarded against trouble, and saved.

Both are iterators over the loop. The guard's answer to trouble is one rule: *keep the best
parameters seen; when something breaks, go back to them and on with smaller steps.* The chapter
"Recovery" tells the story.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from micrograd import _expect
from micrograd._numbers import entries, numbers_within
from micrograd.batches import Batches
from micrograd.checkpoints import Checkpoint
from micrograd.checkpoints import CheckpointError as CheckpointError
from micrograd.checkpoints import RecoveryManager as RecoveryManager
from micrograd.clipping import clip_gradient_norm as clip_gradient_norm
from micrograd.clipping import clip_gradient_values as clip_gradient_values
from micrograd.clipping import gradient_size
from micrograd.engine import AnomalyError, detect_anomaly
from micrograd.graphs import GraphProblem as GraphProblem
from micrograd.graphs import GraphReport as GraphReport
from micrograd.graphs import validate_graph as validate_graph
from micrograd.loop import Step, Steps, paused_collector, predictions, steps, validated
from micrograd.losses import LossFunction, mse_loss
from micrograd.module_state import state_of
from micrograd.monitor import NumericalValidator as NumericalValidator
from micrograd.monitor import StabilityEvent, event
from micrograd.monitor import StabilityLevel as StabilityLevel
from micrograd.monitor import StabilityMonitor as StabilityMonitor
from micrograd.optim import Optimizer
from micrograd.runs import Recovery, RunFile
from micrograd.training import (
    OptimizerChoice,
    TrainingConfig,
    TrainingMetrics,
    follow,
    optimizer_for,
    override,
)

__all__ = ["StabilityMetrics", "guarded", "saved", "train_network_with_stability"]


def guarded(
    run: Iterable[Step],
    model: Callable[[Any], Any],
    optimizer: Optimizer,
    monitor: StabilityMonitor,
    loss_fn: LossFunction = mse_loss,
    *,
    max_recoveries: int = 10,
    completed: int = 0,
    recovered: int = 0,
    best: Checkpoint | None = None,
) -> Steps:
    """The same run, which goes back to its best parameters when something breaks.

    Then it halves the learning rate and goes on. As long as nothing breaks, not a bit differs
    from ``run``. The step after which it has recovered too often is marked as the last.

    Args:
        run: the steps of a training.
        model: the one that is trained.
        optimizer: what trains it.
        monitor: what notices trouble; its validator's ``inf_threshold`` bounds the parameters.
        loss_fn: the loss, to find the operation that a failed step went wrong in.
        max_recoveries: how often to recover before giving up, at least 0.
        completed: how many steps were taken before these, where a run is taken up again.
        recovered: how often it had recovered by then.
        best: the best parameters until then.

    >>> import random
    >>> from micrograd import MLP, SGD, noisy_line
    >>> net = MLP(1, [1], rng=random.Random(0))
    >>> optimizer, batches = SGD(net.parameters(), 5.0), Batches(noisy_line(20))
    >>> for step in guarded(steps(net, batches, optimizer), net, optimizer, StabilityMonitor()):
    ...     if step.recovery:
    ...         print(step.recovery)
    ...     if step.loss < 0.01:
    ...         break
    iteration 6: back to the parameters after iteration 0, learning rate 2.5
    iteration 12: back to the parameters after iteration 0, learning rate 1.25
    iteration 18: back to the parameters after iteration 0, learning rate 0.625
    """
    limit = monitor.validator.inf_threshold
    parameters = optimizer.parameters
    inner = state_of(model)
    before = Checkpoint.capture(parameters, completed, optimizer, **inner)
    best = best or before
    for step in run:
        _, median = gradient_size(g for p in parameters for g in entries(p.grad))
        step.events = monitor.assess(step.loss, step.gradient_norm, median, step.iteration)
        _, reason, _ = monitor.should_intervene()
        spoilt = [x for p in parameters for x in entries(p.data) if not abs(x) <= limit]
        if spoilt:
            kind = "divergence" if math.isfinite(spoilt[0]) else "nan"
            step.events.append(
                event(kind, step.iteration, {"parameter": spoilt[0], "limit": limit})
            )
            reason = reason or kind
        elif monitor.improved:
            best = before
        if step.events and step.events[-1].kind == "nan":
            step.events[-1] = replace(step.events[-1], origin=_origin(step, model, loss_fn))
        if reason:
            rate = float(optimizer.learning_rate)
            best.restore(parameters, optimizer, **inner)
            optimizer.learning_rate = rate
            if recovered >= max_recoveries:
                step.stop = "unrecoverable"
            else:
                optimizer.learning_rate = rate / 2.0
                recovered += 1
                monitor.reset()
                step.recovery = Recovery(step.iteration, reason, best.iteration, rate / 2.0)
        step.best = best
        yield step
        before = Checkpoint.capture(parameters, step.iteration, optimizer, **inner)


def _origin(step: Step, model: Callable[[Any], Any], loss_fn: LossFunction) -> str:
    """The operation that a failed step went wrong in, found by doing it again."""
    try:
        with detect_anomaly(), paused_collector():
            loss_fn(predictions(model, step.inputs), step.targets).backward()
    except AnomalyError as error:
        return str(error)
    return ""


def saved(run: Iterable[Step], file: RunFile, every: int = 10) -> Steps:
    """The same run, written to a file now and then, and whenever it ends.

    An exception out of the loss or the model leaves the file as it was at the last save.

    Args:
        run: the steps of a training.
        file: where it is kept.
        every: steps between two saves, at least 1.

    Raises:
        CheckpointError: if the file holds another run.
        OSError: if it cannot be written.
    """
    every = _expect.whole("every", every, 1)
    unsaved: list[Step] = []
    best = file.best

    def save() -> None:
        file.save(unsaved, best)
        unsaved.clear()

    if not file.resumed:
        save()
    try:
        for step in run:
            unsaved.append(step)
            best = step.best
            yield step
            if step.iteration % every == 0:
                save()
    except GeneratorExit:  # whoever watched has seen enough
        save()
        raise
    save()


@dataclass(repr=False)
class StabilityMetrics(TrainingMetrics):
    """The whole story of a guarded run: the losses, and what else happened.

    ``stopped_because`` may also be ``unrecoverable``: there was trouble once more than it was
    allowed to recover from; the last event says what. It is never ``diverged``.

    Attributes:
        events: what the monitor noticed.
        recoveries: each return to older parameters.
        clipped: iterations whose gradients were clipped.
        learning_rate: the one it ended with.
    """

    events: list[StabilityEvent] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    clipped: int = 0
    learning_rate: float = 0.0

    def record(self, step: Step, min_improvement: float = 0.0) -> None:
        """Record one more step, with all that happened in it."""
        super().record(step, min_improvement)
        self.events += step.events
        self.clipped += step.clipped
        if step.recovery:
            self.recoveries.append(step.recovery)
            self.learning_rate = step.recovery.learning_rate
            self.patience_counter = 0

    def state(self) -> dict[str, Any]:
        """All that has been recorded: a copy, to be written as JSON."""
        events = [event.as_dict() for event in self.events]
        recoveries = [vars(recovery).copy() for recovery in self.recoveries]
        return {**super().state(), "events": events, "recoveries": recoveries}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave."""
        kinds = {name: type(kept) for name, kept in vars(self).items()}
        _expect.fields("the metrics", state, **kinds)
        events = list(map(StabilityEvent.from_dict, state["events"]))
        recoveries = list(map(Recovery.from_dict, state["recoveries"]))
        super().load_state({**state, "events": events, "recoveries": recoveries})

    def should_stop(self, config: TrainingConfig) -> str:
        """Why training should end now; a loss that is not finite is no reason by itself."""
        reason = super().should_stop(config)
        if reason == "diverged":
            return "max_iterations" if self.iterations >= config.max_iterations else ""
        return reason

    def __str__(self) -> str:
        story: list[StabilityEvent | Recovery] = [*self.events, *self.recoveries]
        story.sort(key=lambda chapter: chapter.iteration)  # stable: an event before its recovery
        return "\n".join([super().__str__(), *map(str, story)])


def train_network_with_stability(
    mlp: Any,
    training_data: Iterable[Any],
    config: TrainingConfig | None = None,
    loss_fn: LossFunction = mse_loss,
    verbose: bool = True,
    *,
    optimizer: OptimizerChoice = None,
    held_out: Iterable[Any] | None = None,
    checkpoint_file: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
    resume: bool = False,
    overwrite: bool = False,
    max_recoveries: int = 10,
    gradient_clip: float | None = None,
    validator: NumericalValidator | None = None,
    **overrides: Any,
) -> StabilityMetrics:
    """Train as ``train_network`` does, bit for bit, until something goes wrong; then recover.

    To recover is to go back to the best parameters seen, halve the learning rate, and go on.
    The parameters are finite whenever this returns. When it could not recover any more
    (``stopped_because`` is ``unrecoverable``), they are the best ones.

    Args:
        mlp: the network; its parameters are changed in place.
        training_data: ``(inputs, target)`` pairs.
        config: what to do and when to stop; a ``TrainingConfig`` by default.
        loss_fn: the loss, from a list of predictions and a list of targets.
        verbose: print the loss now and then, what went wrong, and why training stopped.
        optimizer, held_out: as for ``train_network``.
        checkpoint_file: where to keep the run: from the start, now and then, at the end.
        checkpoint_every: iterations between two saves, at least 1.
        resume: go on from the file if there is one. The run ends with the bits of one that was
            never interrupted, where all its random numbers come from the ``random`` module; its
            learning rate is the file's.
        overwrite: begin anew where there is a file; without either such a file is refused.
        max_recoveries: how often to recover before giving up, at least 0.
        gradient_clip: largest norm of the gradients, see ``clip_gradient_norm``; ``None``
            leaves that to the optimiser.
        validator: thresholds other than the usual ones; ``inf_threshold`` bounds the parameters.
        overrides: fields of the config to replace, such as ``learning_rate=0.1``.

    Returns:
        The losses and all that happened.

    Raises:
        TypeError, ValueError: as ``train_network`` does, and for data or parameters that are
            not finite to begin with.
        CheckpointError: if the file to resume from is not valid, or belongs to another network,
            optimiser or order of data; or if there is a file that was to be neither resumed nor
            overwritten. Nothing is changed then.
        OSError: if a checkpoint cannot be written.

    >>> from micrograd import MLP, noisy_line
    >>> import random
    >>> random.seed(0)
    >>> metrics = train_network_with_stability(
    ...     MLP(1, [1]), noisy_line(20), learning_rate=5.0, verbose=False)
    >>> [recovery.reason for recovery in metrics.recoveries], metrics.learning_rate
    (['explosion', 'explosion', 'divergence'], 0.625)
    >>> metrics.best_loss < 0.01
    True
    """
    config = override(config, overrides)
    max_recoveries = _expect.whole("max_recoveries", max_recoveries, 0)
    checkpoint_every = _expect.whole("checkpoint_every", checkpoint_every, 1)
    if checkpoint_file is None and (resume or overwrite):
        raise ValueError("expected a checkpoint_file to resume from or to overwrite, got none")
    if resume and overwrite:
        raise ValueError("expected to resume the checkpoint_file or to overwrite it, got both")
    batches = Batches(training_data, config.batch_size, config.seed)
    _expect_finite(batches.data)
    optimizer = optimizer_for(mlp, optimizer, config)
    if gradient_clip is not None:
        optimizer.clip = _expect.positive("gradient_clip", gradient_clip)
    validator = NumericalValidator() if validator is None else validator
    for i, parameter in enumerate(optimizer.parameters):
        for number in entries(parameter.data):
            usable, _, problem = validator.validate_scalar(number, f"parameter [{i}]")
            if not usable:
                raise ValueError(f"expected healthy parameters to start from, got {problem}")
    monitor = StabilityMonitor(pass_length=batches.pass_length, validator=validator)
    metrics = StabilityMetrics(pass_length=batches.pass_length)
    file, past = None, []
    if checkpoint_file is not None:
        parts: dict[str, Any] = {"optimizer": optimizer, "batches": batches, "monitor": monitor}
        file = RunFile(checkpoint_file, mlp, overwrite=overwrite, **parts)
        past = file.resume() if resume else []
    for step in past:
        metrics.record(step, config.min_improvement)
    metrics.learning_rate = optimizer.learning_rate
    gave_up = bool(past) and past[-1].stop == "unrecoverable"
    beyond_help = gave_up and len(metrics.recoveries) >= max_recoveries
    metrics.stopped_because = "unrecoverable" if beyond_help else metrics.should_stop(config)
    if not metrics.stopped_because:
        run = guarded(
            steps(mlp, batches, optimizer, loss_fn, completed=len(past)),
            mlp, optimizer, monitor, loss_fn, max_recoveries=max_recoveries,
            completed=len(past), recovered=len(metrics.recoveries),
            best=None if file is None else file.best,
        )  # fmt: skip
        if held_out is not None:
            run = validated(run, mlp, held_out, loss_fn, every=batches.pass_length)
        if file is not None:
            run = saved(run, file, checkpoint_every)
        follow(run, metrics, config, verbose)
    return metrics


def _expect_finite(data: list[tuple[Any, Any]]) -> None:
    for i, example in enumerate(data):
        for number in numbers_within(example):
            if not math.isfinite(number):
                raise ValueError(f"expected finite data, got {number} in example {i}: {example}")
