"""Recurrent networks: a state that is carried from one place of a sequence to the next.

Three cells, and for each a network that runs one over whole sequences, the batch first. Names,
shapes, the order of the gates and first weights are PyTorch's. The chapter "Sequences" tells the
story.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from micrograd import _expect
from micrograd.tensors import functional
from micrograd.tensors.layers import Chance, TensorModule, as_tensor, uniform
from micrograd.tensors.shaping import stack
from micrograd.tensors.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

State = tuple[Tensor, ...]


def _tanh_step(fresh: Tensor, old: Tensor, state: State) -> State:
    """``h' = tanh(W x + b + U h + c)`` (Elman, 1990)."""
    return ((fresh + old).tanh(),)


def _relu_step(fresh: Tensor, old: Tensor, state: State) -> State:
    return ((fresh + old).relu(),)


def _lstm_step(fresh: Tensor, old: Tensor, state: State) -> State:
    """What to let in, what to keep, what to offer, what to show.

    ``c' = f c + i g`` and ``h' = o tanh(c')``, with the gates i, f, o from a sigmoid and g from a
    tanh (Hochreiter and Schmidhuber, 1997; the forget gate f is of Gers et al., 2000).
    """
    i, f, g, o = _parts(fresh + old, 4)
    cell = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


def _gru_step(fresh: Tensor, old: Tensor, state: State) -> State:
    """``h' = (1 - z) n + z h``, with ``n = tanh(W x + r (U h))`` (Cho et al., 2014)."""
    (r, z, n), (old_r, old_z, old_n) = _parts(fresh, 3), _parts(old, 3)
    reset, update = (r + old_r).sigmoid(), (z + old_z).sigmoid()
    offered = (n + reset * old_n).tanh()
    return ((1.0 - update) * offered + update * state[0],)


def _parts(gates: Tensor, count: int) -> list[Tensor]:
    width = gates.shape[-1] // count
    return [gates[..., i * width : (i + 1) * width] for i in range(count)]


_STEPS: dict[str, tuple[Any, int, int]] = {  # what a step does, its gates, the parts of its state
    "tanh": (_tanh_step, 1, 1),
    "relu": (_relu_step, 1, 1),
    "lstm": (_lstm_step, 4, 2),
    "gru": (_gru_step, 3, 1),
}


class _Recurrent(TensorModule):
    """What cells and networks share: weights for inputs and for states, layer by layer."""

    kind: str
    suffixes: tuple[str, ...]

    def _grow(self, input_size: int, hidden_size: int, bias: bool, dtype: Any, rng: Chance) -> None:
        width = _expect.whole("input_size", input_size, 1)
        self.hidden_size = hidden = _expect.whole("hidden_size", hidden_size, 1)
        self._step, gates, self._states = _STEPS[self.kind]
        for suffix in self.suffixes:
            for name, shape in (
                ("weight_ih", (gates * hidden, width)),
                ("weight_hh", (gates * hidden, hidden)),
                *((("bias_ih", (gates * hidden,)), ("bias_hh", (gates * hidden,))) if bias else ()),
            ):
                setattr(self, name + suffix, uniform(rng, hidden, shape, dtype))
            width = hidden
        self.input_size = input_size

    def _linear(self, x: Any, which: str, suffix: str) -> Tensor:
        weight = getattr(self, f"weight_{which}{suffix}")
        return functional.linear(x, weight, getattr(self, f"bias_{which}{suffix}", None))

    def _start(self, state: Any, shape: tuple[int, ...]) -> list[Tensor]:
        """The parts of a state, zeros where none is given."""
        weight: Tensor = getattr(self, f"weight_ih{self.suffixes[0]}")
        if state is None:
            return [Tensor(np.zeros(shape), dtype=weight.dtype) for _ in range(self._states)]
        parts = list(state) if self._states > 1 else [state]
        found = [as_tensor(part, weight) for part in parts]
        if len(found) != self._states or any(part.shape != shape for part in found):
            shapes = ", ".join(str(part.shape) for part in found)
            raise ValueError(f"expected {self._states} states of the shape {shape}, got {shapes}")
        return found

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size})"


class RNNCell(_Recurrent):
    """One step: from an input ``(batch, input_size)`` and a state to the next state.

    Args:
        input_size, hidden_size: the widths, at least 1.
        bias: whether there are biases.
        nonlinearity: ``"tanh"`` or ``"relu"``.

    Attributes:
        weight_ih, weight_hh: ``(hidden_size, input_size)`` and ``(hidden_size, hidden_size)``.
        bias_ih, bias_hh: ``(hidden_size,)``.

    >>> RNNCell(3, 5)([[1.0, 2.0, 3.0]]).shape
    (1, 5)
    """

    kind = "tanh"
    suffixes = ("",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        self.kind = _expect.choice("nonlinearity", nonlinearity, ("tanh", "relu"))
        self._grow(input_size, hidden_size, bias, dtype, rng)

    def __call__(self, x: Any, state: Any = None) -> Any:
        """The next state; without one it begins at zeros."""
        fresh = self._linear(x, "ih", "")
        parts = self._start(state, (*fresh.shape[:-1], self.hidden_size))
        after: State = self._step(fresh, self._linear(parts[0], "hh", ""), tuple(parts))
        return after[0] if len(after) == 1 else after


class LSTMCell(RNNCell):
    """One step of a long short-term memory; its state is a pair ``(h, c)``.

    Attributes:
        weight_ih, weight_hh, bias_ih, bias_hh: four times ``hidden_size`` rows, for the gates
            i, f, g, o.

    >>> h, c = LSTMCell(3, 5)([[1.0, 2.0, 3.0]])
    >>> h.shape, c.shape
    ((1, 5), (1, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        self.kind = self.gates
        self._grow(input_size, hidden_size, bias, dtype, rng)

    gates: ClassVar[str] = "lstm"


class GRUCell(LSTMCell):
    """One step of a gated recurrent unit.

    Attributes:
        weight_ih, weight_hh, bias_ih, bias_hh: three times ``hidden_size`` rows, for r, z and n.

    >>> GRUCell(3, 5)([[1.0, 2.0, 3.0]]).shape
    (1, 5)
    """

    gates = "gru"


class RNN(_Recurrent):
    """Cells over whole sequences, ``(batch, length, input_size)``; several layers on each other.

    Args:
        input_size, hidden_size: the widths, at least 1.
        num_layers: how many cells lie on each other, at least 1.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        bias: whether there are biases.
        dropout: in training, on what one layer hands to the next.

    Attributes:
        weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0: those of the first layer; then ``_l1``.

    >>> outputs, last = RNN(3, 5)(np.zeros((2, 7, 3)))
    >>> outputs.shape, last.shape
    ((2, 7, 5), (1, 2, 5))
    """

    kind = "tanh"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        dropout: float = 0.0,
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        self.kind = _expect.choice("nonlinearity", nonlinearity, ("tanh", "relu"))
        self._grow_layers(input_size, hidden_size, num_layers, bias, dropout, dtype, rng)

    def _grow_layers(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        dropout: float,
        dtype: Any,
        rng: Chance,
    ) -> None:
        layers = _expect.whole("num_layers", num_layers, 1)
        self.suffixes = tuple(f"_l{i}" for i in range(layers))
        self.dropout = _expect.finite("dropout", dropout, 0.0, 1.0)
        self.rng = rng
        self._grow(input_size, hidden_size, bias, dtype, rng)

    def __call__(self, x: Any, state: Any = None) -> Any:
        """All outputs of the last layer, and the state after the last place.

        Args:
            x: ``(batch, length, input_size)``, at least one place long.
            state: ``(num_layers, batch, hidden_size)``, a pair of them for an LSTM; by default
                zeros.

        Returns:
            ``(batch, length, hidden_size)``, and a state of the shape above.
        """
        below = as_tensor(x, getattr(self, f"weight_ih{self.suffixes[0]}"))
        if below.ndim != 3 or not below.shape[1]:
            raise ValueError(
                f"expected sequences (batch, length, {self.input_size}), got {below.shape}"
            )
        layers, batch = len(self.suffixes), below.shape[0]
        start = self._start(state, (layers, batch, self.hidden_size))
        last: list[State] = []
        for i, suffix in enumerate(self.suffixes):
            if i and self.dropout:
                below = functional.dropout(below, self.dropout, self.training, self.rng)
            fresh = self._linear(below, "ih", suffix)  # for all places at once
            now: State = tuple(part[i] for part in start)
            outputs = []
            for t in range(below.shape[1]):
                now = self._step(fresh[:, t], self._linear(now[0], "hh", suffix), now)
                outputs.append(now[0])
            below = stack(outputs, axis=1)
            last.append(now)
        states = tuple(stack(parts) for parts in zip(*last))
        return below, states[0] if len(states) == 1 else states


class LSTM(RNN):
    """Long short-term memories over whole sequences; the state is a pair ``(h, c)``.

    >>> outputs, (h, c) = LSTM(3, 5, num_layers=2)(np.zeros((2, 7, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((2, 7, 5), (2, 2, 5), (2, 2, 5))
    """

    gates: ClassVar[str] = "lstm"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        dropout: float = 0.0,
        *,
        dtype: Any = None,
        rng: Chance = None,
    ) -> None:
        self.kind = self.gates
        self._grow_layers(input_size, hidden_size, num_layers, bias, dropout, dtype, rng)


class GRU(LSTM):
    """Gated recurrent units over whole sequences.

    >>> outputs, last = GRU(3, 5)(np.zeros((2, 7, 3)))
    >>> outputs.shape, last.shape
    ((2, 7, 5), (1, 2, 5))
    """

    gates = "gru"
