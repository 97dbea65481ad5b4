"""Optimisers: what to do with a gradient once it is known.

Each is one rule, written in plain arithmetic, so that the same lines step numbers and arrays. What
a rule remembers of the steps before is kept by name, and can be saved. The chapters "Gradient
descent" and "Optimisers and schedules" tell the story.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, SupportsFloat, TypedDict, Unpack

from micrograd import _expect
from micrograd.clipping import clip_gradient_norm
from micrograd.nn import zero_gradients
from micrograd.schedules import Schedule, constant

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Momentum",
    "Optimizer",
    "OptimizerOptions",
    "RMSprop",
    "gradient_descent_step",
]


def gradient_descent_step(parameters: Iterable[Any], learning_rate: SupportsFloat) -> None:
    """Move every parameter against its gradient: ``p.data -= learning_rate * p.grad``.

    The gradients are left as they are, for whoever wants to look at them.

    Raises:
        TypeError, ValueError: if ``learning_rate`` is no number, negative or not finite; nothing
            is changed then.
    """
    rate = _expect.finite("the learning rate", learning_rate, 0.0)
    for parameter in _expect.parameters(parameters):
        parameter.data -= rate * parameter.grad


class OptimizerOptions(TypedDict, total=False):
    """The options that every rule has."""

    schedule: Schedule | None
    clip: SupportsFloat | None


class Optimizer(ABC):
    """Holds parameters and steps them by a rule; the rules are its subclasses.

    A rule is a method :meth:`direction` that says where a parameter has to move, and how far at a
    rate of 1. What it has to remember of each parameter has a name in :attr:`keeps`.

    Args:
        parameters: what to train, at least one; any iterable, taken once.
        learning_rate: size of the steps, at least 0 and finite; 0.001 to 0.1 is usual.
        schedule: the factor on the rate at each step, such as ``cosine_decay(1000)``; 1 by default.
        clip: the largest norm of all gradients together that a step goes along as it is, see
            ``clip_gradient_norm``; ``None`` clips nothing.

    Attributes:
        parameters: as given, as a list.
        learning_rate: as given; may be changed between steps.
        schedule, clip: as given.
        clipped: whether the last step had its gradients clipped.
        steps: how many have been taken.
        memory: for each name in ``keeps``, one entry for each parameter, 0 to begin with.

    Raises:
        TypeError, ValueError: for parameters that are none, or a rate outside its range.

    >>> from micrograd import Value
    >>> class Signs(Optimizer):
    ...     def direction(self, i, gradient):
    ...         return 1.0 if gradient > 0.0 else -1.0
    >>> x = Value(3.0)
    >>> optimizer = Signs([x], 0.5)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data
    2.5
    """

    keeps: tuple[str, ...] = ()

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: SupportsFloat = 0.01,
        *,
        schedule: Schedule | None = None,
        clip: SupportsFloat | None = None,
    ) -> None:
        self.parameters = _expect.parameters(parameters)
        if not self.parameters:
            raise ValueError("expected at least one parameter to train, got none")
        self.learning_rate = _expect.finite("the learning rate", learning_rate, 0.0)
        self.schedule = schedule or constant()
        self.clip = None if clip is None else _expect.positive("clip", clip)
        self.clipped = False
        self.steps = 0
        # 0.0 is the zero of every shape: added to an array it gives an array.
        self.memory: dict[str, list[Any]] = {
            name: [0.0] * len(self.parameters) for name in self.keeps
        }

    @property
    def rate(self) -> float:
        """The learning rate of the next step: ``learning_rate`` times the schedule's factor.

        Raises:
            TypeError, ValueError: if it is no number, negative or not finite.
        """
        rate = _expect.number("the learning rate", self.learning_rate) * self.schedule(self.steps)
        return _expect.finite("the learning rate", rate, 0.0)

    @abstractmethod
    def direction(self, i: int, gradient: Any) -> Any:
        """What to take off parameter ``i`` at a rate of 1, from its gradient: of the same shape."""

    def step(self) -> None:
        """Move every parameter once; the gradients are clipped first where they have to be."""
        rate = self.rate
        if self.clip is not None:
            self.clipped = clip_gradient_norm(self.parameters, self.clip) > self.clip
        for i, parameter in enumerate(self.parameters):
            parameter.data -= rate * self.direction(i, parameter.grad)
        self.steps += 1

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        zero_gradients(self.parameters)

    def state(self) -> dict[str, Any]:
        """All that decides about the next steps, but for the parameters: a copy."""
        memory = {name: [_copied(entry) for entry in kept] for name, kept in self.memory.items()}
        return {
            "rule": type(self).__name__,
            "learning_rate": self.learning_rate,
            "steps": self.steps,
            "memory": memory,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave.

        Raises:
            ValueError: if it is the state of another rule, or for other parameters; nothing is
                changed then.
        """
        given = _expect.fields(
            "the optimiser's state", state, rule=str, learning_rate=float, steps=int, memory=dict
        )
        if given["rule"] != type(self).__name__:
            raise ValueError(f"expected the state of {type(self).__name__}, got {given['rule']}")
        memory = _expect.fields("its memory", given["memory"], **dict.fromkeys(self.keeps, list))
        for name, kept in memory.items():
            if len(kept) != len(self.parameters):
                raise ValueError(
                    f"expected {name} of {len(self.parameters)} parameters, got {len(kept)}"
                )
            for i, entry in enumerate(kept):
                if not (isinstance(entry, float) or hasattr(entry, "shape")):
                    raise ValueError(f"expected {name}[{i}] to be a number, got {entry!r}")
        rate = _expect.finite("the learning rate", given["learning_rate"], 0.0)
        steps = _expect.whole("steps", given["steps"], 0)
        self.learning_rate, self.steps = rate, steps
        self.memory = {name: [_copied(entry) for entry in kept] for name, kept in memory.items()}

    def __repr__(self) -> str:
        count = len(self.parameters)
        return f"{type(self).__name__}({count} parameters, learning_rate={self.learning_rate:g})"


def _copied(entry: Any) -> Any:
    return entry if isinstance(entry, float) else entry.copy()


class SGD(Optimizer):
    """Gradient descent: ``p -= rate * g``.

    With batches that are drawn at random it is the *stochastic* one of Robbins and Monro (1951).

    >>> from micrograd import Value
    >>> x = Value(3.0)
    >>> optimizer = SGD([x], learning_rate=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    2.4
    """

    def direction(self, i: int, gradient: Any) -> Any:
        """``g``."""
        return gradient


class Momentum(Optimizer):
    """Gradient descent with a velocity: ``v = momentum * v + g``, ``p -= rate * v``.

    Polyak (1964); with ``nesterov`` the step looks ahead, ``p -= rate * (g + momentum * v)``
    (Sutskever et al., 2013). Both as in PyTorch.

    Args:
        parameters, learning_rate, options: as for every :class:`Optimizer`.
        momentum: how much of the velocity stays from step to step, in [0, 1).
        nesterov: whether to look ahead.
    """

    keeps = ("velocity",)

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: SupportsFloat = 0.01,
        momentum: SupportsFloat = 0.9,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(parameters, learning_rate, **options)
        self.momentum = _expect.finite("momentum", momentum, 0.0, 1.0)
        self.nesterov = nesterov

    def direction(self, i: int, gradient: Any) -> Any:
        """``v``, or where it will be."""
        velocity = self.memory["velocity"][i] = (
            self.momentum * self.memory["velocity"][i] + gradient
        )
        return gradient + self.momentum * velocity if self.nesterov else velocity


class AdaGrad(Optimizer):
    """Steps that shrink where gradients were large: ``s += g**2``, ``p -= rate * g / sqrt(s)``.

    Duchi, Hazan and Singer (2011).

    Args:
        parameters, learning_rate, options: as for every :class:`Optimizer`.
        eps: added to the root, positive, so that nothing is divided by 0.
    """

    keeps = ("squares",)

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: SupportsFloat = 0.01,
        eps: SupportsFloat = 1e-10,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(parameters, learning_rate, **options)
        self.eps = _expect.positive("eps", eps)

    def direction(self, i: int, gradient: Any) -> Any:
        """``g / (sqrt(s) + eps)``."""
        squares = self.memory["squares"][i] = self.memory["squares"][i] + gradient * gradient
        return gradient / (squares**0.5 + self.eps)


class RMSprop(Optimizer):
    """AdaGrad that forgets: ``s = beta s + (1 - beta) g**2``, ``p -= rate * g / sqrt(s)``.

    Tieleman and Hinton (2012), as in PyTorch, which calls ``beta`` alpha.

    Args:
        parameters, learning_rate, options: as for every :class:`Optimizer`.
        beta: how much of the mean of squares stays from step to step, in [0, 1).
        eps: added to the root, positive.
    """

    keeps = ("squares",)

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: SupportsFloat = 0.01,
        beta: SupportsFloat = 0.99,
        eps: SupportsFloat = 1e-8,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(parameters, learning_rate, **options)
        self.beta = _expect.finite("beta", beta, 0.0, 1.0)
        self.eps = _expect.positive("eps", eps)

    def direction(self, i: int, gradient: Any) -> Any:
        """``g / (sqrt(s) + eps)``."""
        squares = self.memory["squares"][i] = (
            self.beta * self.memory["squares"][i] + (1.0 - self.beta) * gradient * gradient
        )
        return gradient / (squares**0.5 + self.eps)


class Adam(Optimizer):
    """Momentum over RMSprop, with both means corrected for their start at 0.

    ``m = beta1 m + (1 - beta1) g`` and ``v = beta2 v + (1 - beta2) g**2`` give at step ``t``
    ``p -= rate * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)``: algorithm 1 of
    Kingma and Ba (2015).

    Args:
        parameters, learning_rate, options: as for every :class:`Optimizer`.
        beta1: how much of the mean of gradients stays from step to step, in [0, 1).
        beta2: the same for the mean of their squares.
        eps: added to the root, positive.

    >>> from micrograd import Value
    >>> x = Value(3.0)
    >>> optimizer = Adam([x], learning_rate=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()  # the first step is as long as the rate, whatever the gradient
    >>> round(x.data, 6)
    2.9
    """

    keeps = ("mean", "squares")

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: SupportsFloat = 0.001,
        beta1: SupportsFloat = 0.9,
        beta2: SupportsFloat = 0.999,
        eps: SupportsFloat = 1e-8,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(parameters, learning_rate, **options)
        self.beta1 = _expect.finite("beta1", beta1, 0.0, 1.0)
        self.beta2 = _expect.finite("beta2", beta2, 0.0, 1.0)
        self.eps = _expect.positive("eps", eps)

    def direction(self, i: int, gradient: Any) -> Any:
        """The corrected ``m`` beside the root of the corrected ``v``."""
        b1, b2, t = self.beta1, self.beta2, self.steps + 1
        m = self.memory["mean"][i] = b1 * self.memory["mean"][i] + (1.0 - b1) * gradient
        v = self.memory["squares"][i] = (
            b2 * self.memory["squares"][i] + (1.0 - b2) * gradient * gradient
        )
        return (m / (1.0 - b1**t)) / ((v / (1.0 - b2**t)) ** 0.5 + self.eps)


class AdamW(Adam):
    """Adam with weight decay beside it: ``p -= rate * decay * p``, whatever the gradient.

    Loshchilov and Hutter (2019).

    Args:
        parameters, learning_rate, options: as for every :class:`Optimizer`.
        beta1, beta2, eps: as for :class:`Adam`.
        decay: the weight decay, at least 0.
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        learning_rate: SupportsFloat = 0.001,
        beta1: SupportsFloat = 0.9,
        beta2: SupportsFloat = 0.999,
        eps: SupportsFloat = 1e-8,
        decay: SupportsFloat = 0.01,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(parameters, learning_rate, beta1, beta2, eps, **options)
        self.decay = _expect.finite("decay", decay, 0.0)

    def direction(self, i: int, gradient: Any) -> Any:
        """Adam's, and a little of the parameter itself."""
        return super().direction(i, gradient) + self.decay * self.parameters[i].data
