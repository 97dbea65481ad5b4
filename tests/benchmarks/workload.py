"""One training step on the moons, written for any engine that has a ``Value``.

100 points, a network 2-16-16-1 with relu, full batch, and the hinge loss plus 1e-4 times the sum
of the squared parameters. Nothing here imports an engine: each is handed in, so that two that
share a name can be measured from one text.
"""

import gc
import random
import runpy
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DECAY = 1e-4
RATE = 0.1

clock = time.process_time  # what other processes do meanwhile is not our cost


def moons() -> tuple[list[list[float]], list[float]]:
    """The points and their labels: our data set, loaded without the package around it."""
    names = runpy.run_path(str(ROOT / "micrograd" / "datasets.py"))
    pairs = names["moons"](100, labels=(-1.0, 1.0))
    return [point for point, _ in pairs], [label for _, label in pairs]


def objective(
    scores: list[Any],
    labels: list[float],
    parameters: Iterable[Any],
    relu: Callable[[Any], Any],
) -> Any:
    """The hinge loss and the decay, in operators alone."""
    losses = [relu(1.0 + score * -label) for score, label in zip(scores, labels)]
    return sum(losses) * (1.0 / len(losses)) + sum(p * p for p in parameters) * DECAY


class HandMade:
    """A network 2-16-16-1 without a library: lists of weights, sums of products.

    Args:
        number: makes a parameter or an input of a float; ``float`` itself gives the floor.
        relu: of such a number.
        weigh: the weighted sum of a neuron.
    """

    def __init__(
        self,
        number: Callable[[float], Any],
        relu: Callable[[Any], Any],
        weigh: Callable[[list[Any], list[Any], Any], Any] | None = None,
    ) -> None:
        rng = random.Random(1)
        self.number, self.relu, self.weigh = number, relu, weigh or sum_of_products
        self.layers = [
            [
                ([number(rng.uniform(-1.0, 1.0)) for _ in range(nin)], number(0.0))
                for _ in range(nout)
            ]
            for nin, nout in ((2, 16), (16, 16), (16, 1))
        ]

    def parameters(self) -> list[Any]:
        return [
            parameter
            for layer in self.layers
            for weights, bias in layer
            for parameter in (*weights, bias)
        ]

    def __call__(self, signal: list[Any]) -> Any:
        *hidden, (output,) = self.layers
        for layer in hidden:
            signal = [self.relu(self.weigh(weights, signal, bias)) for weights, bias in layer]
        return self.weigh(output[0], signal, output[1])


def sum_of_products(weights: list[Any], signal: list[Any], bias: Any) -> Any:
    return sum((w * x for w, x in zip(weights, signal)), bias)


class Loop:
    """The usual loop: forward, zero, backward, update; a loss lives until there is the next.

    Args:
        model: called on a list of two numbers; has ``parameters()``.
        number: makes an input of a float.
        relu: of such a number.
        pause: entered for each step.
        drop: whether a step drops its graph at its end, as a function does with its names.
    """

    def __init__(
        self,
        model: Any,
        number: Callable[[float], Any],
        relu: Callable[[Any], Any],
        pause: Callable[[], Any] = nullcontext,
        drop: bool = False,
    ) -> None:
        self.model, self.number, self.relu = model, number, relu
        self.pause, self.drop = pause, drop
        self.points, self.labels = moons()
        self.parameters = model.parameters()
        self.loss: Any = None

    def forward(self) -> Any:
        inputs = [[self.number(x) for x in point] for point in self.points]
        scores = [self.model(x) for x in inputs]
        return objective(scores, self.labels, self.parameters, self.relu)

    def step(self) -> dict[str, float]:
        """Seconds of CPU time of one step, and of the forward pass within it."""
        start = clock()
        with self.pause():
            self.loss = self.forward()
            middle = clock()
            for parameter in self.parameters:
                parameter.grad = 0.0
            self.loss.backward()
            for parameter in self.parameters:
                parameter.data -= RATE * parameter.grad
            if self.drop:
                self.loss = None
        iter(())  # a new container: a collector that is due after the pause comes now
        return {"forward": middle - start, "step": clock() - start}


class OurLoop:
    """The same step through ``train_network``.

    Args:
        micrograd: our package.
    """

    def __init__(self, micrograd: Any) -> None:
        self.micrograd = micrograd
        random.seed(1)
        self.net = micrograd.MLP(2, [16, 16, 1], activation="relu")
        self.data = list(zip(*moons()))
        self.loss: Any = None  # the loop keeps none
        self.made = 0.0

    def hinge_and_decay(self, scores: Any, labels: Any) -> Any:
        hinge = self.micrograd.hinge_loss(scores, labels)
        loss = hinge + DECAY * sum(p * p for p in self.net.parameters())
        self.made = clock()
        return loss

    def step(self) -> dict[str, float]:
        """Seconds of CPU time of one step, and of the forward pass within it."""
        start = clock()
        self.micrograd.train_network(
            self.net,
            self.data,
            loss_fn=self.hinge_and_decay,
            learning_rate=RATE,
            max_iterations=1,
            verbose=False,
        )
        return {"forward": self.made - start, "step": clock() - start}


def chain(value: Callable[[float], Any], count: int) -> Any:
    """``count`` operations in a row, products and sums in turn, with two leaves."""
    w, b = value(0.5), value(1.0)
    y = b
    for _ in range(count // 2):
        y = y * w + b
    return y


def timed_collections() -> tuple[list[float], Callable[[], None]]:
    """A list that grows by the seconds of every run of the cyclic collector, and its end."""
    seconds: list[float] = []
    started = 0.0

    def note(phase: str, info: dict[str, int]) -> None:
        nonlocal started
        if phase == "start":
            started = clock()
        else:
            seconds.append(clock() - started)

    gc.callbacks.append(note)
    return seconds, lambda: gc.callbacks.remove(note)
