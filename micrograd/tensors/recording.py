"""What every tensor has: its numbers, its gradient, and what it was computed from.

The engine's idea, with arrays in place of numbers. A ``Value`` records its parents and how much it
owes to each of them, a number. For arrays that debt is a function, the *pull*: from the gradient of
the result to the gradient of the parent. The walk back is the engine's own. The chapter "Tensors"
tells the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import compress
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from micrograd import _expect, walk
from micrograd.tensors._arrays import Array, array_of, constant, unbroadcast

if TYPE_CHECKING:
    from micrograd.tensors.tensor import Tensor

__all__ = ["Pull", "Recorded", "checkpoint", "fitting", "no_grad", "record", "tensor"]

Pull = Callable[[Array], Any]

_recording: ContextVar[bool] = ContextVar("recording", default=True)  # of this thread
_checking = False  # whether any thread is within `detect_anomaly`


class Recorded:
    """A tensor without operations: see ``micrograd.tensors.Tensor``."""

    __slots__ = ("_kept", "_op", "_parents", "_pulls", "data", "grad", "label")
    __array_ufunc__ = None  # so that `array * tensor` asks the tensor

    kind: ClassVar[type[Tensor]]  # what operations result in

    data: Array
    grad: Any
    label: str
    _op: str
    _parents: tuple[Tensor, ...]
    _pulls: Sequence[Pull]
    _kept: bool  # whether the gradient is kept once it has been passed on

    def __init__(self, data: Any, *, dtype: Any = None, label: str = "") -> None:
        if isinstance(data, Recorded):
            raise TypeError("expected numbers, got a Tensor: take its .data, or detach() it")
        self.data = array_of(data, dtype)
        self.grad = 0.0
        self.label = label
        self._op = ""
        self._parents = self._pulls = ()
        self._kept = False

    @property
    def parents(self) -> tuple[Tensor, ...]:
        """The tensors this one was computed from, in order; ``x + x`` has ``x`` twice."""
        return self._parents

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        shape: tuple[int, ...] = self.data.shape
        return shape

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.data.size

    @property
    def dtype(self) -> Any:
        """The kind of number, ``float64`` or ``float32``."""
        return self.data.dtype

    def item(self) -> float:
        """The number, if there is just one.

        Raises:
            ValueError: if there are more, or none.
        """
        if self.data.size != 1:
            raise ValueError(f"expected one number, got the shape {self.data.shape}")
        return float(self.data.item())

    __float__ = item

    def detach(self) -> Tensor:
        """The same numbers as a leaf, which knows nothing of how they were computed."""
        return Recorded.kind(self.data, label=self.label)

    def retain_grad(self) -> Self:
        """Keep the gradient of this tensor after it has been passed on; returns the tensor."""
        self._kept = True
        return self

    def backward(self, gradient: Any = None) -> None:
        """Set ``grad`` of every leaf that this tensor depends on.

        Args:
            gradient: where the tensor is not a single number: the weight of each of its numbers,
                of its shape. What is differentiated is their weighted sum.

        Raises:
            ValueError: if there is more than one number, and no gradient of their shape.

        >>> from micrograd.tensors import Tensor
        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> (x * x).backward([1.0, 0.0, 0.0])
        >>> x.grad
        array([2., 0., 0.])
        """
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(
                    f"expected one number to differentiate, got the shape {self.data.shape}: "
                    "reduce it by sum() or mean(), or give a gradient of that shape"
                )
            root: Any = self
        else:
            weights = array_of(gradient, self.data.dtype)
            if weights.shape != self.data.shape:
                raise ValueError(
                    f"expected a gradient of the shape {self.data.shape}, got {weights.shape}"
                )
            root = record(self.data * weights, (self,), (lambda g: g * weights,), "*").sum()
        with np.errstate(all="ignore"):
            walk.backward(root)

    def _backward(self) -> None:
        """Give each parent what its pull makes of the gradient, summed to the parent's shape."""
        parents, pulls, grad = self._parents, self._pulls, self.grad
        if not parents:
            return
        if type(grad) is float:  # of the root
            grad = np.full(self.data.shape, grad, self.data.dtype)
        for parent, pull in zip(parents, pulls):
            gradient = pull(grad)
            data = parent.data
            if gradient.shape != data.shape:
                gradient = unbroadcast(gradient, data.shape)
            if gradient.dtype is not data.dtype:
                gradient = gradient.astype(data.dtype)
            before = parent.grad
            parent.grad = gradient if type(before) is float else before + gradient
        if not self._kept:
            self.grad = 0.0

    def _finite(self, numbers: Any) -> bool:
        return bool(np.isfinite(numbers).all())

    def __len__(self) -> int:
        if not self.data.ndim:
            raise TypeError("expected an axis to count along, got a single number")
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))  # type: ignore[index]

    def __repr__(self) -> str:
        numbers = np.array2string(self.data, separator=", ", prefix="Tensor(")
        kind = "" if self.data.dtype == np.float64 else f", dtype={self.data.dtype}"
        name = f", label={self.label!r}" if self.label else ""
        return f"Tensor({numbers}{kind}{name})"


def record(
    data: Any, parents: Iterable[Any], pulls: Sequence[Pull] | Pull, op: str, label: str = ""
) -> Tensor:
    """The result of an operation: what every operation ends in, one of your own too.

    Args:
        data: the result, an array.
        parents: what it was computed from, in order. What is no tensor among them is a constant,
            and is left out.
        pulls: for each parent a function from the gradient of the result to that of the parent,
            of the parent's shape or of one that was stretched from it. Or one function that
            returns all of them, where they share work.
        op: the operation's name.
        label: a name for the result.

    >>> from micrograd.tensors import Tensor
    >>> def sine(x):
    ...     return record(np.sin(x.data), [x], [lambda g: g * np.cos(x.data)], "sin")
    >>> x = Tensor([0.0, 3.0])
    >>> sine(x).sum().backward()
    >>> x.grad
    array([ 1.       , -0.9899925])
    """
    tensor = _new(Recorded.kind)
    tensor.data = data if type(data) is np.ndarray else np.asarray(data)
    tensor.grad = 0.0
    tensor.label = label
    tensor._op = op
    tensor._kept = False
    if _recording.get():
        parents = tuple(parents)
        if callable(pulls):
            pulls = _shared(pulls, parents)
        for parent in parents:
            if not isinstance(parent, Recorded):
                parents, pulls = _without_constants(parents, pulls)
                break
        tensor._parents, tensor._pulls = parents, pulls
    else:
        tensor._parents = tensor._pulls = ()
    return walk.checked(tensor) if _checking else tensor


def tensor(name: str, given: Any) -> Tensor:
    """``given``, if it is a tensor.

    Raises:
        TypeError: if not.
    """
    if not isinstance(given, Recorded):
        raise TypeError(f"expected {name} to be a Tensor, got {_expect.show(given)}")
    return given  # type: ignore[return-value]


def fitting(operand: Any, beside: Array) -> Any:
    """What stands beside an array in an operation: the data of a tensor, or a constant."""
    return operand.data if isinstance(operand, Recorded) else constant(operand, beside)


_new = object.__new__


def _without_constants(
    parents: tuple[Any, ...], pulls: Sequence[Pull]
) -> tuple[tuple[Tensor, ...], Sequence[Pull]]:
    tensors = [isinstance(parent, Recorded) for parent in parents]
    return tuple(compress(parents, tensors)), tuple(compress(pulls, tensors))


def _shared(pull: Pull, parents: tuple[Any, ...]) -> tuple[Pull, ...]:
    """One pull for each parent, from one for all: the first tensor's calls it for the others."""
    tensors = [i for i, parent in enumerate(parents) if isinstance(parent, Recorded)]
    gradients: list[Any] = []

    def part(i: int) -> Pull:
        def one(gradient: Array) -> Any:
            if i == tensors[0]:
                gradients[:] = pull(gradient)
            found = gradients[i]
            if i == tensors[-1]:
                gradients.clear()
            return found

        return one

    return tuple(map(part, range(len(parents))))


@contextmanager
def no_grad() -> Iterator[None]:
    """Within this context nothing is recorded, and what is computed is a leaf.

    It holds for the thread that entered it.

    >>> from micrograd.tensors import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad():
    ...     y = (x * x).sum()
    >>> y.parents
    ()
    """
    before = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(before)


def checkpoint(function: Callable[..., Tensor], *tensors: Any) -> Tensor:
    """``function(*tensors)``, without keeping what is computed on the way to it.

    On the way back it is computed once more, and then differentiated: memory is had for time
    (Chen et al., 2016). Leaves that the function uses besides, such as the weights of a layer, get
    their gradients as ever.

    Args:
        function: computes a tensor from tensors, the same one at each call.
        tensors: what it is called with.

    Raises:
        TypeError: if the function returns no tensor.
        ValueError: on the way back, if it uses computed tensors that are not its arguments.

    >>> from micrograd.tensors import Tensor
    >>> w, x = Tensor([2.0]), Tensor([3.0])
    >>> checkpoint(lambda x: (w * x).tanh() * x, x).sum().backward()
    >>> bool(w.grad > 0.0), x.grad.shape
    (True, (1,))
    """
    with no_grad():
        result = function(*tensors)
    if not isinstance(result, Recorded):
        raise TypeError(f"expected the function to return a Tensor, got {_expect.show(result)}")

    def pull(gradient: Array) -> tuple[Any, ...]:
        inputs = [x.detach() if isinstance(x, Recorded) else x for x in tensors]
        again = function(*inputs)
        for node in walk.topological_order(again):
            if node._parents and type(node.grad) is not float:
                raise ValueError(
                    f"expected the function of a checkpoint to get computed tensors as arguments, "
                    f"got {node._op!r} of the shape {node.shape} besides"
                )
        again.backward(gradient)
        return tuple(
            np.zeros(x.shape) + x.grad if isinstance(x, Recorded) else None for x in inputs
        )

    # Recorded also where no argument is a tensor: the weights within are reached from here.
    return record(result.data, tensors, pull, "checkpoint")


def _check_records(on: bool) -> None:
    global _checking
    _checking = on


walk.switches.append(_check_records)
