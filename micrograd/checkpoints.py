"""A training at one moment, kept: in memory, in a file, or as a model alone.

A checkpoint holds numbers under the names of the parameters, and the state of whatever else
decides how a run goes on: optimiser, order of the data, monitor, random numbers. The chapter
"Recovery" tells the story.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from micrograd import _expect, _files
from micrograd.module_state import copied, state_of
from micrograd.nn import Module

__all__ = ["Checkpoint", "CheckpointError", "RecoveryManager", "Stateful"]

_FORMAT, _VERSION = "micrograd checkpoint", 2


class CheckpointError(ValueError):
    """A checkpoint that cannot be read, does not fit, or would be lost."""


class Stateful(Protocol):
    """What a checkpoint can keep beside parameters: an optimiser, batches, a monitor, metrics."""

    def state(self) -> dict[str, Any]:
        """Its state, a copy, of what JSON can hold."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from such a state; a ``ValueError`` if it is none, and nothing is changed."""


@dataclass(frozen=True)
class Checkpoint:
    """A training at one moment: parameters by name, and the state of what belongs to them.

    Attributes:
        iteration: completed iterations.
        parameters: the number of each parameter, or its array, by name; ``[0]``, ``[1]`` without
            one.
        gradients: theirs, in the same order.
        parts: the states of what was kept beside them, by name.
        best: the best parameters until then, as a checkpoint of their own.

    >>> from micrograd import MLP
    >>> net = MLP(1, [1], init="zeros")
    >>> checkpoint = Checkpoint.capture(net, iteration=7)
    >>> net.layers[0].neurons[0].b.data = 5.0
    >>> Checkpoint.from_json(checkpoint.to_json()).restore(net)
    >>> net.named_parameters()[-1]
    ('layers.0.neurons.0.b', Value(data=0.0, grad=0.0))
    """

    iteration: int
    parameters: dict[str, Any]
    gradients: tuple[Any, ...]
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    best: Checkpoint | None = None

    @classmethod
    def capture(
        cls,
        model: Module | Iterable[Any],
        iteration: int,
        optimizer: Stateful | None = None,
        metrics: Stateful | None = None,
        *,
        best: Checkpoint | None = None,
        **parts: Stateful,
    ) -> Checkpoint:
        """How things are now; what happens to the arguments later does not change it.

        Args:
            model: a module, or the parameters themselves, which then have no names.
            iteration: completed iterations.
            optimizer: kept as the part ``optimizer``.
            metrics: kept as the part ``metrics``.
            best: the best parameters until now.
            parts: whatever else has a state, by name.
        """
        named = _named(model)
        kept = _given(model, optimizer, metrics, parts)
        return cls(
            _expect.whole("iteration", iteration, 0),
            {name: copied(parameter.data) for name, parameter in named.items()},
            tuple([copied(parameter.grad) for parameter in named.values()]),
            {name: part.state() for name, part in kept.items()},
            best,
        )

    def restore(
        self,
        model: Module | Iterable[Any],
        optimizer: Stateful | None = None,
        metrics: Stateful | None = None,
        **parts: Stateful,
    ) -> None:
        """Make everything as it was.

        Raises:
            CheckpointError: if the parameters are others, or a part was not kept or does not
                fit; nothing has been changed then.
        """
        named = _named(model)
        self._expect_parameters(list(named), isinstance(model, Module))
        self._expect_shapes(named)
        kept = _given(model, optimizer, metrics, parts)
        missing = [name for name in kept if name not in self.parts]
        if missing:
            raise CheckpointError(
                f"expected a checkpoint with {', '.join(missing)}, got one with "
                f"{', '.join(self.parts) or 'parameters only'}"
            )
        before = [(part, part.state()) for part in kept.values()]
        try:
            for name, part in kept.items():
                part.load_state(self.parts[name])
        except (LookupError, TypeError, ValueError) as error:
            for part, state in before:
                part.load_state(state)
            raise CheckpointError(str(error)) from None
        numbers = zip(named.values(), self.parameters.values(), self.gradients)
        for parameter, data, grad in numbers:
            parameter.data, parameter.grad = copied(data), copied(grad)

    def _expect_shapes(self, named: dict[str, Any]) -> None:
        for (name, node), kept in zip(named.items(), self.parameters.values()):
            shape, found = getattr(kept, "shape", ()), getattr(node.data, "shape", ())
            if shape != found:
                raise CheckpointError(
                    f"expected {name} of the shape {shape}, as in the checkpoint, got {found}"
                )

    def _expect_parameters(self, names: list[str], by_name: bool) -> None:
        if len(names) != len(self.parameters) and not by_name:
            raise CheckpointError(
                f"expected {len(self.parameters)} parameters, as in the checkpoint, "
                f"got {len(names)}"
            )
        numbered = "[0]" in self.parameters
        if by_name and not numbered and names != list(self.parameters):
            lacks = [name for name in self.parameters if name not in names]
            more = [name for name in names if name not in self.parameters]
            told = [f"it lacks {_first_of(lacks)}"] if lacks else []
            told += [f"it has {_first_of(more)} besides"] if more else []
            raise CheckpointError(
                "expected the parameters of the checkpoint, got another model: "
                f"{'; '.join(told) or 'it has them in another order'}"
            )
        if by_name and numbered and len(names) != len(self.parameters):
            self._expect_parameters(names, by_name=False)

    def to_json(self) -> str:
        """All of it as JSON, a line for each field, every float exact to the bit.

        Raises:
            TypeError: if there are arrays in it, which :meth:`save` keeps in another way.
        """
        return _files.to_json(self._content())

    def _content(self) -> dict[str, Any]:
        return {"format": _FORMAT, "version": _VERSION, **self._fields()}

    def _fields(self) -> dict[str, Any]:
        best = self.best and self.best._fields()
        return {**vars(self), "gradients": list(self.gradients), "best": best}

    @classmethod
    def from_json(cls, text: str | bytes) -> Checkpoint:
        """The checkpoint that :meth:`to_json` wrote, or that :meth:`save` did.

        Raises:
            CheckpointError: for anything else, saying what was expected where.
        """
        try:
            content = _files.from_bytes(text) if isinstance(text, bytes) else _files.from_json(text)
            _expect_header(content, _FORMAT, _VERSION)
            return cls._of(content, "the checkpoint")
        except ValueError as error:
            raise CheckpointError(str(error)) from None

    @classmethod
    def _of(cls, content: Any, name: str) -> Checkpoint:
        kinds = {"iteration": int, "parameters": dict, "gradients": list, "parts": dict}
        best = content.pop("best", None) if isinstance(content, dict) else None
        _expect.fields(name, content, **kinds)
        numbers = _numbers(f"{name}: parameters", content["parameters"])
        gradients = content["gradients"]
        _expect.floats(f"{name}: gradients", [g for g in gradients if not hasattr(g, "shape")])
        if len(gradients) != len(numbers):
            raise CheckpointError(
                f"expected as many gradients as the {len(numbers)} parameters, got {len(gradients)}"
            )
        parts = content["parts"]
        _expect.fields(f"{name}: parts", parts, **dict.fromkeys(parts, dict))
        iteration = _expect.whole("the checkpoint's iteration", content["iteration"], 0)
        kept = None if best is None else cls._of(best, f"{name}: best")
        if kept is not None:
            kept._expect_parameters(list(numbers), by_name=True)
        return cls(iteration, numbers, tuple(gradients), parts, kept)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, so that at any moment the file is the old or the new one, whole.

        It is JSON; or, where there are arrays, a file of the safetensors library, with the JSON in
        its header, so that PyTorch and others can read the arrays.

        Raises:
            OSError: if that fails; the file is as it was then.
        """
        _files.write(path, _files.to_bytes(self._content()))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Checkpoint:
        """Read it from a file.

        Raises:
            OSError: if there is no such file, or it may not be read.
            CheckpointError: if it is not a whole and valid checkpoint.
        """
        content = Path(path).read_bytes()
        try:
            return cls.from_json(content)
        except CheckpointError as error:
            raise CheckpointError(f"{os.fspath(path)}: {error}") from None


def _first_of(names: list[str]) -> str:
    """The first of the names, and how many there are beside it."""
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _named(model: Any) -> dict[str, Any]:
    """The parameters of a model by name, or by number where they have no name of their own."""
    is_model = callable(getattr(model, "parameters", None))
    nodes = _expect.parameters(model.parameters() if is_model else model)
    pairs = model.named_parameters() if isinstance(model, Module) else []
    names = {id(node): name for name, node in pairs}
    named: dict[str, Any] = {}
    for i, node in enumerate(nodes):
        name = names.get(id(node), f"[{i}]")
        named[name if named.get(name, node) is node else f"[{i}]"] = node
    return named


def _given(
    model: Any, optimizer: Stateful | None, metrics: Stateful | None, parts: dict[str, Stateful]
) -> dict[str, Stateful]:
    named = {**state_of(model), "optimizer": optimizer, "metrics": metrics, **parts}
    return {name: part for name, part in named.items() if part is not None}


def _expect_header(content: dict[str, Any], form: str, version: int) -> None:
    found = content.pop("format", None), content.pop("version", None)
    if found != (form, version) or type(found[1]) is not int:
        raise CheckpointError(f"expected a {form} of version {version}, got {found[0]} {found[1]}")


def _numbers(name: str, given: dict[str, Any]) -> dict[str, Any]:
    numbers = {key: x for key, x in given.items() if not hasattr(x, "shape")}
    _expect.fields(name, numbers, **dict.fromkeys(numbers, float))
    return given


class RecoveryManager:
    """The last few checkpoints of a run, in memory, the oldest of which give way to new ones.

    Args:
        max_checkpoints: how many to keep, at least 1.

    Attributes:
        checkpoints: those kept, by name, oldest first.

    >>> from micrograd import Value
    >>> w, manager = Value(1.0), RecoveryManager()
    >>> manager.create_checkpoint([w], iteration=10)
    'checkpoint_10'
    >>> w.data = float("nan")
    >>> manager.restore_checkpoint([w]), w.data
    (10, 1.0)
    """

    def __init__(self, max_checkpoints: int = 5) -> None:
        self.max_checkpoints = _expect.whole("max_checkpoints", max_checkpoints, 1)
        self.checkpoints: dict[str, Checkpoint] = {}

    def create_checkpoint(
        self,
        parameters: Module | Iterable[Any],
        iteration: int,
        optimizer: Stateful | None = None,
        metrics: Stateful | None = None,
    ) -> str:
        """Keep how things are now; returns the name of the checkpoint."""
        return self.add(Checkpoint.capture(parameters, iteration, optimizer, metrics))

    def add(self, checkpoint: Checkpoint) -> str:
        """Keep a checkpoint, in place of an older one of the same iteration if there is one."""
        name = f"checkpoint_{checkpoint.iteration}"
        self.checkpoints.pop(name, None)
        self.checkpoints[name] = checkpoint
        if len(self.checkpoints) > self.max_checkpoints:
            del self.checkpoints[next(iter(self.checkpoints))]
        return name

    def find(self, checkpoint_id: str | None = None) -> Checkpoint:
        """The checkpoint of that name, by default the newest.

        Raises:
            CheckpointError: if there is none.
        """
        name = checkpoint_id or next(reversed(self.checkpoints), "")
        if name not in self.checkpoints:
            known = ", ".join(self.checkpoints) or "none"
            raise CheckpointError(f"expected one of the checkpoints ({known}), got {name!r}")
        return self.checkpoints[name]

    def restore_checkpoint(
        self,
        parameters: Module | Iterable[Any],
        checkpoint_id: str | None = None,
        optimizer: Stateful | None = None,
        metrics: Stateful | None = None,
    ) -> int:
        """Make everything as it was at a checkpoint; returns its iteration.

        Raises:
            CheckpointError: if there is none, or it does not fit; nothing is changed then.
        """
        checkpoint = self.find(checkpoint_id)
        checkpoint.restore(parameters, optimizer, metrics)
        return checkpoint.iteration
