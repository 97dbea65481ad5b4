"""Optimisers: what to do with a gradient once it is known.

Each is one rule, written in plain arithmetic, so that the same lines step numbers and arrays. What
a rule remembers of the steps before is kept by name, and can be saved. The chapters "Gradient
descent" and "Optimisers and schedules" tell the story.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from copy import copy
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
    """``p.data -= learning_rate * p.grad`` for every parameter; its gradient stays as it is.

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
    rate of 1. What it has to remember of each parameter has a name in ``keeps``. Every rule
    takes the arguments below; what is its own stands after the learning rate.

    Args:
        parameters: what to train, at least one; any iterable, taken once.
        learning_rate: size of the steps, at least 0 and finite. What is right depends on the loss.
        schedule: the factor on the rate at each step, such as ``cosine_decay(1000)``; 1 by default.
        clip: the largest norm of all gradients together that a step goes along as it is, see
            ``clip_gradient_norm``; ``None`` clips nothing.

    Attributes:
        parameters, learning_rate, schedule, clip: as given; all but the first may be changed.
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
        self.schedule = constant() if schedule is None else schedule
        self.clip = None if clip is None else _expect.positive("clip", clip)
        self.clipped = False
        self.steps = 0
        # 0.0 is the zero of every shape: added to an array it gives an array.
        self.memory = {name: [0.0] * len(self.parameters) for name in self.keeps}

    @property
    def rate(self) -> float:
        """What the next step goes by, ``learning_rate`` times the schedule's factor."""
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
        """All that decides about the next steps, but for parameters and options: a copy."""
        rate = _expect.number("the learning rate", self.learning_rate)
        memory = {name: list(map(copy, kept)) for name, kept in self.memory.items()}
        rule = type(self).__name__
        return {"rule": rule, "learning_rate": rate, "steps": self.steps, "memory": memory}

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
        count = len(self.parameters)
        for name, kept in memory.items():
            if len(kept) != count:
                raise ValueError(f"expected {name} of {count} parameters, got {len(kept)}")
            for i, (entry, parameter) in enumerate(zip(kept, self.parameters)):
                shape = getattr(entry, "shape", None)  # 0.0 is the zero of every shape
                if not isinstance(entry, float) and shape != getattr(parameter.data, "shape", ()):
                    fit = f"expected {name}[{i}] to fit its parameter"
                    raise ValueError(f"{fit}, got {_expect.show(entry)}")
        rate = _expect.finite("the learning rate", given["learning_rate"], 0.0)
        steps = _expect.whole("steps", given["steps"], 0)
        self.learning_rate, self.steps = rate, steps
        self.memory = {name: list(map(copy, kept)) for name, kept in memory.items()}

    def __repr__(self) -> str:
        count = len(self.parameters)
        return f"{type(self).__name__}({count} parameters, learning_rate={self.learning_rate:g})"


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
        v = self.memory["velocity"]
        v[i] = self.momentum * v[i] + gradient
        return gradient + self.momentum * v[i] if self.nesterov else v[i]


class AdaGrad(Optimizer):
    """Steps that shrink where gradients were large: ``s += g**2``, ``p -= rate * g / sqrt(s)``.

    Duchi, Hazan and Singer (2011).

    Args:
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
        s = self.memory["squares"]
        s[i] = s[i] + gradient * gradient
        return gradient / (s[i] ** 0.5 + self.eps)


class RMSprop(Optimizer):
    """AdaGrad that forgets: ``s = beta s + (1 - beta) g**2``, ``p -= rate * g / sqrt(s)``.

    Tieleman and Hinton (2012), as in PyTorch, which calls ``beta`` alpha.

    Args:
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
        s = self.memory["squares"]
        s[i] = self.beta * s[i] + (1.0 - self.beta) * gradient * gradient
        return gradient / (s[i] ** 0.5 + self.eps)


class Adam(Optimizer):
    """Momentum over RMSprop, with both means corrected for their start at 0.

    ``m = beta1 m + (1 - beta1) g`` and ``v = beta2 v + (1 - beta2) g**2`` give at step ``t``
    ``p -= rate * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)``: algorithm 1 of
    Kingma and Ba (2015).

    Args:
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
        m, v, t = self.memory["mean"], self.memory["squares"], self.steps + 1
        m[i] = self.beta1 * m[i] + (1.0 - self.beta1) * gradient
        v[i] = self.beta2 * v[i] + (1.0 - self.beta2) * gradient * gradient
        mean, square = m[i] / (1.0 - self.beta1**t), v[i] / (1.0 - self.beta2**t)
        return mean / (square**0.5 + self.eps)


class AdamW(Adam):
    """Adam with weight decay beside it: ``p -= rate * decay * p``, whatever the gradient.

    Loshchilov and Hutter (2019).

    Args:
        decay: the weight decay, at least 0; the others are those of :class:`Adam`.
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
