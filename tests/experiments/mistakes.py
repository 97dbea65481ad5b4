"""Wrong implementations: right ones with one mistake each, in the ways learners make them.

Plain data, for the tests and for the table in the book. What they are planted in is the package,
with the engine in its plain form. A mistake is a few replacements in those files; ``phrase`` is
what a hint that names this very mistake has in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from micrograd.milestones import load_milestone
from micrograd.workbench import Failure, check_milestone

PACKAGE = Path(__file__).parents[2] / "micrograd"
PLAIN = Path(__file__).with_name("plain_engine.py")
FILES = ("engine", "nn", "training")


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    Attributes:
        title: what was done wrong.
        milestone: the one that teaches it.
        file: where it is made: engine, nn or training.
        phrase: a part of the hint that names it.
        edits: what is replaced by what; each stands in the file exactly once.
        endless: whether it makes something run for ever.
    """

    title: str
    milestone: int
    file: str
    phrase: str
    edits: tuple[tuple[str, str], ...]
    endless: bool = False

    def make(self, folder: Path) -> None:
        """Write the package with this mistake into a folder.

        Raises:
            ValueError: if what is to be replaced does not stand in the file exactly once.
        """
        for name in FILES:
            source = shipped(name)
            for old, new in self.edits if name == self.file else ():
                if source.count(old) != 1:
                    raise ValueError(
                        f"expected {old!r} once in {name}.py, got it {source.count(old)} times"
                    )
                source = source.replace(old, new)
            (folder / f"{name}.py").write_text(source, "utf-8")

    def names(self, failure: Failure) -> bool:
        """Whether the first hint that a failure gives names this very mistake."""
        return self.phrase in failure.hints[0]


def caught(mistake: Mistake) -> Failure | None:
    """What the milestone that teaches a mistake says of it; nothing if it passes."""
    with tempfile.TemporaryDirectory() as folder:
        mistake.make(Path(folder))
        milestone = load_milestone(mistake.milestone)
        limit = 2.0 if mistake.endless else 60.0
        return check_milestone(Path(folder), milestone, limit).failure


def all_caught(mistakes: Iterable[Mistake]) -> Iterator[Failure | None]:
    """:func:`caught` for each of them, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(caught, mistakes)


@cache
def shipped(name: str) -> str:
    return (PLAIN if name == "engine" else PACKAGE / f"{name}.py").read_text("utf-8")


ADD = '_record(self.data + other.data, (self, other), (1.0, 1.0), "+")'
SUBTRACT = "(self, other), (1.0, -1.0)"
MULTIPLY = "(self, other), (other.data, self.data)"
SLOPE_OF_POWER = "slope = n * _power(self.data, n - 1.0) if n else 0.0"
SLOPE_OF_TANH = "return _record(t, (self,), (1.0 - t * t,)"
WRAP = "        other = other if isinstance(other, Value) else Value(other)\n"
WRAP_AND_ADD = f"{WRAP}        return {ADD}"
PASS_ON = """            a.grad += da * grad
            b.grad += db * grad
"""
PASS_ON_ONE = "                parent.grad += derivative * grad\n"
WALK = """            for value in reversed(order):
                value._backward()
        for leaf"""
REFLECTED_MINUS = "return Value(other) - self"
REFLECTED_OVER = "return Value(other) / self"
ORDER = "        order = topological_order(self)\n"
UNVISITED = "                if parent not in order:\n"
STORE = "        self._parents = tuple(_children)\n"
WEIGHTS = "        self.w = [Value(INITIALISERS[init](source, nin, nout)) for _ in range(nin)]\n"
WEIGH = """        total = self.b
        for weight, x_i in zip(self.w, x):
            total = total + weight * x_i
        return ACTIVATIONS[self.activation](total)
"""
CHAIN = """        for layer in rest:
            signal = layer(signal)
        return signal[0] if len(signal) == 1 else signal
"""
WIDTHS = "Layer(self.sz[i], nout, nonlin=i != last, **neuron_options)"
NEURONS = "[Neuron(nin, nonlin, nout=nout, **neuron_options) for _ in range(nout)]"
LAYER_PARAMETERS = "[parameter for neuron in self.neurons for parameter in neuron.parameters()]"
MLP_PARAMETERS = "[parameter for layer in self.layers for parameter in layer.parameters()]"
STEP = "        parameter.data -= rate * parameter.grad\n"
MSE = "return _mean([(p - t) ** 2 for p, t in _pairs(predictions, targets)])"
PHASES = """    optimizer.zero_grad()
    loss.backward()
    if math.isfinite(loss.data):
        optimizer.step()
    return loss.data
"""
ONE_STEP = "                loss = train_step(mlp, inputs, targets, optimizer, loss_fn)"

MISTAKES = [
    # Milestone 1: a value that remembers
    Mistake(
        "The number is not converted to a float", 1, "engine", "stayed an integer",
        (("self.data = data if type(data) is float else _real(data)", "self.data = data"),),
    ),
    Mistake(
        "The gradient starts at 1", 1, "engine", "must start at 0.0",
        (("self.grad = 0.0\n        self.label", "self.grad = 1.0\n        self.label"),),
    ),
    Mistake(
        "The engine imports the networks, which import the engine", 1, "engine",
        "circular import",
        (("import math\n", "import math\n\nfrom micrograd.nn import MLP\n"),),
    ),
    Mistake(
        "A sum forgets its parents", 1, "engine", "does not know its parents",
        (('(self, other), (1.0, 1.0), "+")', '(), (), "+")'),),
    ),
    Mistake(
        "A sum forgets its operation", 1, "engine", "operation was not noted",
        (('(1.0, 1.0), "+")', '(1.0, 1.0), "")'),),
    ),
    Mistake(
        "All values share one default set of parents", 1, "engine", "share one collection",
        (
            ("_children: tuple[Value, ...] = (),", "_children: list[Value] = [],"),
            (STORE, "        self._parents = _children\n"),
            (
                WRAP_AND_ADD,
                f"{WRAP}        result = Value(self.data + other.data, _op='+')\n"
                "        result._parents += [self, other]\n        return result",
            ),
            ("        elif len(_derivatives) != len(self._parents):", "        elif False:"),
        ),
    ),
    Mistake(
        "An operand is reused for the result, and depends on itself", 1, "engine",
        "an operand was changed",
        (
            (
                ADD,
                "self._update(self.data + other.data, (self, other), (1.0, 1.0), '+')",
            ),
            (
                "    def __sub__",
                "    def _update(self, data, parents, derivatives, op):\n"
                "        self.data, self._parents = data, parents\n"
                "        self._derivatives, self._op = derivatives, op\n"
                "        return self\n\n    def __sub__",
            ),
        ),
    ),
    Mistake(
        "Values are compared by their numbers", 1, "engine", "Remove `__eq__`",
        (
            (
                "    def __float__",
                "    def __eq__(self, other):\n        return self.data == other.data\n\n"
                "    def __float__",
            ),
        ),
    ),
    Mistake(
        "An operand is wrapped even if it is a value", 1, "engine", "wrapped a second time",
        ((WRAP_AND_ADD, WRAP_AND_ADD.replace(WRAP, "        other = Value(other)\n")),),
    ),
    Mistake(
        "A value is copied on its way into the sum", 1, "engine", "wrapped a second time",
        ((WRAP_AND_ADD, WRAP_AND_ADD.replace(WRAP, "        other = Value(float(other))\n")),),
    ),
    Mistake(
        "A plain number on the right is not wrapped", 1, "engine", "before it was wrapped",
        ((WRAP_AND_ADD, WRAP_AND_ADD.replace(WRAP, "")),),
    ),
    Mistake(
        "`__radd__` is missing", 1, "engine", "reflected operator is missing",
        (("    __radd__ = __add__\n", ""),),
    ),
    Mistake(
        "`__rmul__` is missing", 1, "engine", "reflected operator is missing",
        (("    __rmul__ = __mul__\n", ""),),
    ),
    Mistake(
        "`__rsub__` is missing", 1, "engine", "reflected operator is missing",
        (("    def __rsub__", "    def _rsub"),),
    ),
    Mistake(
        "`__rsub__` exchanges its operands", 1, "engine", "operands are exchanged",
        ((REFLECTED_MINUS, "return self - Value(other)"),),
    ),
    Mistake(
        "`__rtruediv__` exchanges its operands", 1, "engine", "operands are exchanged",
        ((REFLECTED_OVER, "return self / Value(other)"),),
    ),
    Mistake(
        "`tanh` is built from exponentials", 1, "engine", "overflows",
        (
            (
                "t = math.tanh(self.data)",
                "e = math.exp(2 * self.data)\n        t = (e - 1) / (e + 1)",
            ),
        ),
    ),
    Mistake(
        "A product hands each operand its own number", 1, "engine", "*other* operand",
        ((MULTIPLY, "(self, other), (self.data, other.data)"),),
    ),
    Mistake(
        "A difference hands both operands a 1", 1, "engine", "lost its sign",
        ((SUBTRACT, "(self, other), (1.0, 1.0)"),),
    ),
    Mistake(
        "The divisor's derivative has no minus sign", 1, "engine", "lost its minus sign",
        (("_divide(-quotient, other.data)", "_divide(quotient, other.data)"),),
    ),
    Mistake(
        "The divisor's derivative has no square", 1, "engine", "over the *square*",
        (("_divide(-quotient, other.data)", "-quotient"),),
    ),
    Mistake(
        "The power rule without the exponent as a factor", 1, "engine", "missing as a factor",
        ((SLOPE_OF_POWER, "slope = _power(self.data, n - 1.0)"),),
    ),
    Mistake(
        "The power rule without lowering the exponent", 1, "engine", "not lowered by 1",
        ((SLOPE_OF_POWER, "slope = n * _power(self.data, n)"),),
    ),
    Mistake(
        "The derivative of tanh without the square", 1, "engine", "the square is missing",
        ((SLOPE_OF_TANH, "return _record(t, (self,), (1.0 - t,)"),),
    ),
    Mistake(
        "The derivative of tanh from its input", 1, "engine", "square of the *input*",
        ((SLOPE_OF_TANH, "return _record(t, (self,), (1.0 - self.data**2,)"),),
    ),
    Mistake(
        "A product reads its operands when `backward` is called", 1, "engine",
        "Capture values, not variables",
        (
            (
                "            a, b = self._parents\n            da, db = self._derivatives\n",
                "            a, b = self._parents\n            da, db = self._derivatives\n"
                '            if self._op == "*":\n                da, db = b.data, a.data\n',
            ),
        ),
    ),
    # Milestone 2: the blame flows back
    Mistake(
        "The root's gradient is not set to 1", 2, "engine", "never got its gradient of 1",
        (("        self.grad = 1.0\n", ""),),
    ),
    Mistake(
        "The local derivative is handed on alone", 2, "engine", "that is the chain rule",
        (
            (PASS_ON, PASS_ON.replace(" * grad", "")),
            (PASS_ON_ONE, PASS_ON_ONE.replace(" * grad", "")),
        ),
    ),
    Mistake(
        "The order is walked from the leaves to the root", 2, "engine", "the order is wrong",
        ((WALK, WALK.replace("reversed(order)", "order")),),
    ),
    Mistake(
        "`=` in place of `+=`", 2, "engine", "`+=`, not `=`",
        (
            (PASS_ON, PASS_ON.replace("+=", "=")),
            (PASS_ON_ONE, PASS_ON_ONE.replace("+=", "=")),
        ),
    ),
    Mistake(
        "The set of parents loses the second use of a value", 2, "engine",
        "both operands have a local derivative",
        (
            (
                "            b.grad += db * grad\n",
                "            if b is not a:\n                b.grad += db * grad\n",
            ),
        ),
    ),
    Mistake(
        "The order is that in which the search meets the values", 2, "engine",
        "the order in which the search first meets",
        (
            (
                ORDER,
                "        order, waiting = [], [self]\n"
                "        while waiting:\n"
                "            value = waiting.pop(0)\n"
                "            if value not in order:\n"
                "                order.append(value)\n"
                "                waiting += value._parents\n"
                "        order.reverse()\n",
            ),
        ),
    ),
    Mistake(
        "The search does not note what it has visited", 2, "engine", "visit each once",
        (
            (
                ORDER,
                "        order = []\n\n"
                "        def search(value):\n"
                "            for parent in value._parents:\n"
                "                search(parent)\n"
                "            order.append(value)\n\n"
                "        search(self)\n",
            ),
        ),
    ),
    Mistake(
        "The order is put together in the forward pass", 2, "engine", "visit each once",
        (
            ('"_parents", "_derivatives")', '"_parents", "_derivatives", "_topo")'),
            (STORE, f"{STORE}        self._topo = [self]\n"),
            ("    value._parents = parents\n",
             "    value._parents = parents\n"
             "    value._topo = [v for parent in parents for v in parent._topo] + [value]\n"),
            (ORDER, "        order = self._topo\n"),
        ),
    ),
    Mistake(
        "The search goes into the first parent only", 2, "engine", "stopped after the first parent",
        (
            ("root, iter(root._parents)", "root, iter(root._parents[:1])"),
            ("parent, iter(parent._parents)", "parent, iter(parent._parents[:1])"),
        ),
    ),
    Mistake(
        "`backward` sets the gradients of the leaves to 0", 2, "engine",
        "set the gradients of the leaves to 0",
        (("        for leaf, before in leaves:\n            leaf.grad += before\n", ""),),
    ),
    Mistake(
        "The root's gradient accumulates", 2, "engine", "is 1 at the start of every call",
        (
            ("            value.grad = 0.0\n        self.grad = 1.0\n",
             "            value.grad = 0.0 if value is not self else self.grad\n"
             "        self.grad += 1.0\n"),
        ),
    ),
    Mistake(
        "Values in between keep their gradients from call to call", 2, "engine",
        "Values in between start each call at 0",
        (
            ("            value.grad = 0.0\n        self.grad = 1.0\n",
             "            value.grad = value.grad if value._parents else 0.0\n"
             "        self.grad = 1.0\n"),
        ),
    ),
    Mistake(
        "Every path is walked by itself", 2, "engine", "once for each path",
        (
            (
                ORDER,
                "        def walk(value, share):\n"
                "            value.grad += share\n"
                "            for parent, derivative in zip(value._parents, value._derivatives):\n"
                "                walk(parent, share * derivative)\n\n"
                "        self.grad = 0.0\n"
                "        return walk(self, 1.0)\n" + ORDER,
            ),
        ),
        endless=True,
    ),
    # Milestone 3: neurons, layers, networks
    Mistake(
        "The neuron forgets its bias", 3, "nn", "bias was forgotten",
        (("        total = self.b\n", "        total = Value(0.0)\n"),),
    ),
    Mistake(
        "The neuron ignores its switch", 3, "nn", "activation was applied",
        (('activation if nonlin else "linear"', "activation"),),
    ),
    Mistake(
        "The neuron has no activation", 3, "nn", "tanh was not applied",
        (("return ACTIVATIONS[self.activation](total)", "return total"),),
    ),
    Mistake(
        "The neuron asks its inputs for their data", 3, "nn", "Multiply them as they are",
        ((WEIGH, WEIGH.replace("weight * x_i", "weight * x_i.data")),),
    ),
    Mistake(
        "The bias is added after the activation", 3, "nn", "bias was added after tanh",
        (
            (
                WEIGH,
                WEIGH.replace("total = self.b", "total = Value(0.0)").replace(
                    "(total)", "(total) + self.b"
                ),
            ),
        ),
    ),
    Mistake(
        "The bias is missing from the parameters", 3, "nn",
        "bias is missing from `parameters()`",
        (("return [*self.w, self.b]", "return self.w"),),
    ),
    Mistake(
        "A layer's parameters are a list of lists", 3, "nn", "lists are nested",
        ((LAYER_PARAMETERS, "[neuron.parameters() for neuron in self.neurons]"),),
    ),
    Mistake(
        "A network's parameters are a list of lists", 3, "nn", "lists are nested",
        ((MLP_PARAMETERS, "[layer.parameters() for layer in self.layers]"),),
    ),
    Mistake(
        "A network's parameters are those of its last layer", 3, "nn",
        "not all layers are in it",
        ((MLP_PARAMETERS, "self.layers[-1].parameters()"),),
    ),
    Mistake(
        "Every layer gets the network's number of inputs", 3, "nn", "wrong number of inputs",
        ((WIDTHS, WIDTHS.replace("self.sz[i]", "nin")),),
    ),
    Mistake(
        "`[Neuron(nin)] * nout`", 3, "nn", "stored several times",
        ((NEURONS, "[Neuron(nin, nonlin, nout=nout, **neuron_options)] * nout"),),
    ),
    Mistake(
        "All weights start at 0", 3, "nn", "breaks their symmetry",
        ((WEIGHTS, "        self.w = [Value(0.0) for _ in range(nin)]\n"),),
    ),
    Mistake(
        "Every neuron sets the same seed", 3, "nn", "seed is set anew",
        ((WEIGHTS, "        random.seed(0)\n" + WEIGHTS),),
    ),
    Mistake(
        "The weights start far from 0", 3, "nn", "too far from 0",
        ((WEIGHTS, "        self.w = [Value(random.uniform(-100, 100)) for _ in range(nin)]\n"),),
    ),
    Mistake(
        "The weights are scaled after they were made values", 3, "nn", "has a graph behind it",
        (
            (
                WEIGHTS,
                "        scale = Value(1.0 / math.sqrt(nin))\n"
                "        self.w = [Value(random.uniform(-1, 1)) * scale for _ in range(nin)]\n",
            ),
        ),
    ),
    Mistake(
        "Every layer gets the network's input", 3, "nn", "not the first one",
        ((CHAIN, CHAIN.replace("layer(signal)", "layer(x)")),),
    ),
    Mistake(
        "The network makes its layers in the forward pass", 3, "nn", "draws random numbers",
        (
            (
                "        first, *rest = self.layers\n",
                "        self.layers = [Layer(a, b, b != self.sz[-1])\n"
                "                       for a, b in zip(self.sz, self.sz[1:])]\n"
                "        first, *rest = self.layers\n",
            ),
        ),
    ),
    Mistake(
        "A layer converts its inputs in place", 3, "nn", "changed the list of inputs",
        (
            (
                "        shared = [",
                "        for i, x_i in enumerate(x):\n"
                "            x[i] = x_i if isinstance(x_i, Value) else Value(x_i)\n"
                "        shared = [",
            ),
        ),
    ),
    Mistake(
        "The output layer has the activation", 3, "nn", "applied to the output layer",
        ((WIDTHS, WIDTHS.replace("nonlin=i != last, ", "")),),
    ),
    Mistake(
        "The hidden layers have no activation", 3, "nn", "hidden layers have no activation",
        ((WIDTHS, WIDTHS.replace("i != last", "False")),),
    ),
    Mistake(
        "A list of one is unwrapped between the layers", 3, "nn", "unwrapped in the middle",
        (
            (
                CHAIN,
                CHAIN.replace(
                    "= layer(signal)\n",
                    "= layer(signal)\n"
                    "            signal = signal[0] if len(signal) == 1 else signal\n",
                ).replace("return signal[0] if len(signal) == 1 else signal", "return signal"),
            ),
        ),
    ),
    Mistake(
        "The inputs are made values anew", 3, "nn", "there the graph ends",
        (
            (
                "x_i if isinstance(x_i, Value) else Value(x_i) for x_i in x",
                "Value(float(x_i)) for x_i in x",
            ),
        ),
    ),
    Mistake(
        "`zip` cuts the longer of inputs and weights", 3, "nn", "`zip` stops at the shorter",
        (("    if len(x) != nin:\n", "    if False:\n"),),
    ),
    Mistake(
        "A weight goes into the sum as a plain number", 3, "nn", "used as a plain number",
        ((WEIGH, WEIGH.replace("weight * x_i", "weight.data * x_i")),),
    ),
    # Milestone 4: a network that learns
    Mistake(
        "The loss is the sum of the squares", 4, "training", "this is the sum",
        (("    return total / len(terms)\n", "    return total\n"),),
    ),
    Mistake(
        "The loss is computed from plain numbers", 4, "training", "graph is cut",
        ((MSE, MSE.replace("(p - t)", "Value(p.data - t)")),),
    ),
    Mistake(
        "The errors are not squared", 4, "training", "not squared",
        ((MSE, MSE.replace(" ** 2", "")),),
    ),
    Mistake(
        "Predictions without a target are left out", 4, "training", "`zip` stops at the shorter",
        (("        if len(predictions) != len(targets):\n", "        if False:\n"),),
    ),
    Mistake(
        "The step goes uphill", 4, "training", "step uphill",
        ((STEP, STEP.replace("-=", "+=")),),
    ),
    Mistake(
        "The step makes a new value", 4, "training", "a new value was made",
        ((STEP, "        parameter = Value(parameter.data - rate * parameter.grad)\n"),),
    ),
    Mistake(
        "The step wipes the gradients", 4, "training", "wiped the gradient",
        ((STEP, STEP + "        parameter.grad = 0.0\n"),),
    ),
    Mistake(
        "The step forgets the learning rate", 4, "training", "learning rate was forgotten",
        ((STEP, STEP.replace("rate * ", "")),),
    ),
    Mistake(
        "Zeroing assigns to the loop variable", 4, "nn", "loop variable is only a name",
        (("        parameter.grad = 0.0\n", "        parameter = 0.0\n"),),
    ),
    Mistake(
        "The gradients are never zeroed", 4, "training", "never set to zero",
        ((PHASES, PHASES.replace("    optimizer.zero_grad()\n", "")),),
    ),
    Mistake(
        "The gradients are zeroed after the backward pass", 4, "training",
        "before the backward pass, not after it",
        (
            (
                PHASES,
                PHASES.replace("    optimizer.zero_grad()\n", "").replace(
                    "loss.backward()\n", "loss.backward()\n    optimizer.zero_grad()\n"
                ),
            ),
        ),
    ),
    Mistake(
        "The parameters are updated before the backward pass", 4, "training",
        "updated before the backward pass",
        ((PHASES, "    optimizer.step()\n    optimizer.zero_grad()\n    loss.backward()\n"
                  "    return loss.data\n"),),
    ),
    Mistake(
        "The loss is computed once, before the loop", 4, "training", "the loss is stale",
        (
            (
                "    restore = _snapshot(optimizer, metrics)\n    with",
                "    restore = _snapshot(optimizer, metrics)\n"
                "    inputs, targets = next(batches)\n"
                "    stale = loss_fn([mlp(x) for x in inputs], targets)\n    with",
            ),
            (
                ONE_STEP,
                "                optimizer.zero_grad()\n                stale.backward()\n"
                "                optimizer.step()\n                loss = stale.data",
            ),
        ),
    ),
    Mistake(
        "Only the weights are updated", 4, "training", "only the weight",
        (
            (
                "optimizer = SGD(mlp.parameters(), config.learning_rate)",
                "optimizer = SGD([w for layer in mlp.layers for neuron in layer.neurons\n"
                "                     for w in neuron.w], config.learning_rate)",
            ),
        ),
    ),
    Mistake(
        "The loop has a learning rate of its own", 4, "training", "of the config was not used",
        (("SGD(mlp.parameters(), config.learning_rate)", "SGD(mlp.parameters(), 0.01)"),),
    ),
    Mistake(
        "The loop runs once too often", 4, "training", "one iteration too many",
        (("self.iterations >= config.max_iterations", "self.iterations > config.max_iterations"),),
    ),
    Mistake(
        "The loss is measured after the update", 4, "training", "measured after the update",
        ((PHASES, PHASES.replace(
            "return loss.data", "return loss_fn([model(x) for x in inputs], targets).data")),),
    ),
    Mistake(
        "The losses are kept as values, with their graphs", 4, "training", "record `loss.data`",
        (("        self.losses.append(loss)\n", "        self.losses.append(Value(loss))\n"),
         ("math.isfinite(self.losses[-1])", "math.isfinite(self.losses[-1].data)")),
    ),
    Mistake(
        "The loss threshold is not looked at", 4, "training", "does not stop at the threshold",
        (("        if self.best_loss < config.loss_threshold:\n", "        if False:\n"),),
    ),
    Mistake(
        "Patience is not looked at", 4, "training", "patience is not looked at",
        (("        if config.patience is not None and", "        if False and"),),
    ),
    Mistake(
        "Every iteration uses up patience", 4, "training", "stopped too early",
        (("self.patience_counter = 0 if improved else self.patience_counter + 1",
          "self.patience_counter = self.patience_counter + 1"),),
    ),
]  # fmt: skip
