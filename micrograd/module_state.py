"""What belongs to a model beside its parameters: running means, and the chance in its layers.

A model of numbers has neither; the chapter "Pictures" says what they are for.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from micrograd import _expect
from micrograd.nn import Module

__all__ = ["ModuleState", "copied", "state_of"]


def copied(data: Any) -> Any:
    """A number as a float, an array as an array of its own."""
    return data.copy() if getattr(data, "shape", ()) or hasattr(data, "flags") else float(data)


class ModuleState:
    """The buffers of a model and the states of its random generators, as something to be kept.

    Args:
        module: the model. Its generators are what its parts have as ``rng``, of NumPy.

    >>> from micrograd import MLP
    >>> bool(ModuleState(MLP(2, [1])))
    False
    """

    def __init__(self, module: Module) -> None:
        self._buffers = dict(module.named_buffers())
        found: list[Any] = [getattr(part, "rng", None) for part in module.modules()]
        self._generators = [rng for rng in found if hasattr(rng, "bit_generator")]

    def __bool__(self) -> bool:
        return bool(self._buffers or self._generators)

    def state(self) -> dict[str, Any]:
        """How they are now: a copy."""
        return {
            "buffers": {name: copied(buffer) for name, buffer in self._buffers.items()},
            "generators": [deepcopy(rng.bit_generator.state) for rng in self._generators],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Put them into this state.

        Raises:
            ValueError: if it is that of another model; nothing is changed then.
        """
        given = _expect.fields("the module's state", state, buffers=dict, generators=list)
        buffers, generators = given["buffers"], given["generators"]
        if list(buffers) != list(self._buffers) or len(generators) != len(self._generators):
            raise ValueError(
                f"expected the buffers {', '.join(self._buffers) or 'of none'} and "
                f"{len(self._generators)} generators, got {', '.join(buffers) or 'none'} and "
                f"{len(generators)}"
            )
        for name, buffer in self._buffers.items():
            if buffer.shape != getattr(buffers[name], "shape", None):
                found = getattr(buffers[name], "shape", None)
                raise ValueError(f"expected {name} of the shape {buffer.shape}, got {found}")
        before = [rng.bit_generator.state for rng in self._generators]
        try:
            for rng, kept in zip(self._generators, generators):
                rng.bit_generator.state = kept
        except (LookupError, TypeError, ValueError) as error:
            for rng, kept in zip(self._generators, before):
                rng.bit_generator.state = kept
            raise ValueError(f"expected the state of a generator: {error}") from None
        for name, buffer in self._buffers.items():
            buffer[...] = buffers[name]


def state_of(model: Any) -> dict[str, Any]:
    """``{"module": ModuleState(model)}`` if a model has such a state, to be kept by that name.

    >>> from micrograd import MLP
    >>> state_of(MLP(2, [1]))
    {}
    """
    state = ModuleState(model) if isinstance(model, Module) else None
    return {"module": state} if state else {}
