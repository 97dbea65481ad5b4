"""One training step on the moons, and one of a language model, for any engine with a ``Value``.

The moons: 100 points, a network 2-16-16-1 with relu, full batch, and the hinge loss plus 1e-4
times the sum of the squared parameters. The language model: a name of 4 to 10 letters, a GPT with
an embedding of 16, four heads and one layer, and Adam. Nothing here imports an engine: each is
handed in, so that two that share a name can be measured from one text.
"""

import gc
import math
import random
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DECAY = 1e-4
RATE = 0.1

clock = time.process_time  # what other processes do meanwhile is not our cost


def moons() -> tuple[list[list[float]], list[float]]:
    """The points and their labels: the package's data set, made without the package."""
    rng = random.Random(0)
    points, labels = [], []
    for label in (-1.0, 1.0):
        for i in range(50):
            x, y = math.cos(math.pi * i / 49), math.sin(math.pi * i / 49)
            if label > 0.0:
                x, y = 1.0 - x, 0.5 - y
            points.append([x + rng.gauss(0.0, 0.1), y + rng.gauss(0.0, 0.1)])
            labels.append(label)
    return points, labels


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


WIDTH, HEADS = 16, 4
NAMES = ["anna", "james", "olivia", "william", "penelope", "elizabeth", "maximilian"]
LETTERS = "abcdefghijklmnopqrstuvwxyz."
"""The characters; the last one stands where a name begins and ends."""


class GPT:
    """A step of a small GPT in operators alone: forward, backward, Adam by hand.

    Args:
        number: makes a parameter of a float; ``exp``, ``log`` and ``relu`` are its methods.
    """

    def __init__(self, number: Callable[[float], Any]) -> None:
        rng = random.Random(1)

        def matrix(rows: int, columns: int) -> list[list[Any]]:
            return [[number(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.letters, self.places = matrix(len(LETTERS), WIDTH), matrix(12, WIDTH)
        self.query, self.key, self.value, self.mix = (matrix(WIDTH, WIDTH) for _ in range(4))
        self.wide, self.narrow = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)
        self.out = matrix(len(LETTERS), WIDTH)
        self.parameters = [
            weight
            for name, rows in vars(self).items()
            if name != "parameters"
            for row in rows
            for weight in row
        ]
        self.means = [0.0] * len(self.parameters)
        self.squares = [0.0] * len(self.parameters)
        self.done = 0
        self.loss: Any = None

    def logits(self, token: int, place: int, keys: list[Any], values: list[Any]) -> list[Any]:
        """What comes after ``token``, which stands at ``place`` after all those in ``keys``."""
        x = normalised([a + b for a, b in zip(self.letters[token], self.places[place])])
        seen = normalised(x)
        query = times(self.query, seen)
        keys.append(times(self.key, seen))
        values.append(times(self.value, seen))
        found = []
        for start in range(0, WIDTH, WIDTH // HEADS):
            part = slice(start, start + WIDTH // HEADS)
            scores = [dot(query[part], key[part]) / (WIDTH // HEADS) ** 0.5 for key in keys]
            shares = shares_of(scores)
            found += [dot(shares, column) for column in zip(*[value[part] for value in values])]
        x = [a + b for a, b in zip(times(self.mix, found), x)]
        hidden = [z.relu() for z in times(self.wide, normalised(x))]
        return times(self.out, [a + b for a, b in zip(times(self.narrow, hidden), x)])

    def forward(self) -> Any:
        """The mean surprise at the letters of the next name."""
        name = NAMES[self.done % len(NAMES)]
        tokens = [LETTERS.index(letter) for letter in f".{name}."]
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for place, (token, after) in enumerate(pairwise(tokens)):
            shares = shares_of(self.logits(token, place, keys, values))
            losses.append(-shares[after].log())
        return sum(losses) * (1.0 / len(losses))

    def step(self) -> dict[str, float]:
        """Seconds of CPU time of one step, and of the forward pass within it."""
        start = clock()
        loss = self.forward()
        middle = clock()
        loss.backward()
        self.done += 1
        for i, parameter in enumerate(self.parameters):
            mean = self.means[i] = 0.85 * self.means[i] + 0.15 * parameter.grad
            square = self.squares[i] = 0.99 * self.squares[i] + 0.01 * parameter.grad**2
            mean /= 1.0 - 0.85**self.done
            square /= 1.0 - 0.99**self.done
            parameter.data -= 0.01 * mean / (math.sqrt(square) + 1e-8)
            parameter.grad = 0.0
        del loss
        return {"forward": middle - start, "step": clock() - start}


class Names:
    """A step for each of the names: what one step costs depends on the length of its name."""

    def __init__(self, gpt: GPT) -> None:
        self.gpt, self.loss = gpt, None

    def step(self) -> dict[str, float]:
        """Mean seconds of CPU time of a step, and of the forward pass within it."""
        steps = [self.gpt.step() for _ in NAMES]
        return {part: sum(step[part] for step in steps) / len(steps) for part in steps[0]}


def dot(a: Iterable[Any], b: Iterable[Any]) -> Any:
    return sum(x * y for x, y in zip(a, b))


def times(matrix: list[list[Any]], x: list[Any]) -> list[Any]:
    return [dot(row, x) for row in matrix]


def normalised(x: list[Any]) -> list[Any]:
    """Divided by its root mean square."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [z * scale for z in x]


def shares_of(scores: list[Any]) -> list[Any]:
    """Softmax."""
    largest = max(score.data for score in scores)
    powers = [(score - largest).exp() for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


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
