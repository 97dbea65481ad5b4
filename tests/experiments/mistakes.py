"""Wrong implementations: right ones with one mistake each, in the ways learners make them.

Plain data, for the tests and for the table in the book. A mistake is a few replacements in one file
of the package; or, where the package does the matter in another way than a learner would, in the
engine of closures that is one of the tests' implementations. ``phrase`` is what a hint that names
this very mistake has in it.
"""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from runpy import run_path

from micrograd.milestones import load_milestone
from micrograd.workbench import Failure, check_milestone
from micrograd.workbench.folder import ARRAYS, FIRST_OF_ARRAYS
from micrograd.workbench.steps import solved

PACKAGE = Path(__file__).parents[2] / "micrograd"
CLOSURES = Path(__file__).parents[1] / "implementations" / "closures.py"
TEMPLATES = PACKAGE / "workbench" / "templates"
ON_ARRAYS = Path(__file__).with_name("mistakes_arrays.py")
FILES = ("engine", "nn", "training")
"""What a reader writes, and the package has too."""


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    Attributes:
        title: what was done wrong.
        milestone: the one that teaches it.
        file: where it is made: a module of the package, ``closures``, or a file on arrays.
        phrase: a part of the hint that names it; empty if the first says only what is certain.
        edits: what is replaced by what; each stands in the file exactly once.
        endless: whether it makes something run for ever.
    """

    title: str
    milestone: int
    file: str
    phrase: str
    edits: tuple[tuple[str, str], ...]
    endless: bool = False

    def sources(self) -> dict[str, Path]:
        """What it is made in: where each file of a reader's folder comes from."""
        if self.milestone >= FIRST_OF_ARRAYS:
            return {name: TEMPLATES / f"{name}.txt" for name in ARRAYS}
        return {"engine": CLOSURES} if self.file == "closures" else shipped()

    def make(self, folder: Path) -> None:
        """Write an implementation with this mistake into a folder.

        Raises:
            ValueError: if what is to be replaced does not stand in the file exactly once.
        """
        for name, path in self.sources().items():
            source = path.read_text("utf-8")
            source = solved(source) if path.suffix == ".txt" else source
            for old, new in self.edits if path.stem == self.file else ():
                if source.count(old) != 1:
                    raise ValueError(
                        f"expected {old!r} once in {path.name}, got it {source.count(old)} times"
                    )
                source = source.replace(old, new)
            (folder / f"{name}.py").write_text(source, "utf-8")

    def names(self, failure: Failure) -> bool:
        """Whether the first hint that a failure gives names this very mistake."""
        return bool(self.phrase) and self.phrase in failure.hints[0]


def caught(mistake: Mistake) -> Failure | None:
    """What the milestone that teaches a mistake says of it; nothing if it passes."""
    with tempfile.TemporaryDirectory() as folder:
        mistake.make(Path(folder))
        milestone = load_milestone(mistake.milestone, own=True)
        limit = 2.0 if mistake.endless else 60.0
        return check_milestone(Path(folder), milestone, limit).failure


def all_caught(mistakes: Iterable[Mistake]) -> Iterator[Failure | None]:
    """:func:`caught` for each of them, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(caught, mistakes)


@cache
def shipped() -> dict[str, Path]:
    """The package's own engine, nn and training, and the modules that they import, to the end."""
    found = {"__init__": PACKAGE / "__init__.py"}  # never run, but missed by what looks for it
    todo = list(FILES)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = PACKAGE / f"{name}.py"
            todo += imported(found[name])
    return found


def imported(file: Path) -> Iterator[str]:
    """The modules of the package that one of them imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "micrograd":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("micrograd."):
            yield (node.module or "").split(".")[1]


ADD = '_record(self.data + other.data, "+", self, 1.0, other, 1.0)'
SUBTRACT = '"-", self, 1.0, other, -1.0'
MULTIPLY = '"*", self, other.data, other, self.data'
OVER_SQUARE = "divide(-quotient, other.data)"
SLOPE_OF_POWER = "slope = n * power(self.data, n - 1.0) if n else 0.0"
SLOPE_OF_TANH = '_record(t, "tanh", self, 1.0 - t * t)'
WRAP = "        other = other if isinstance(other, Value) else _constant(other)\n"
WRAP_AND_ADD = f"{WRAP}        return {ADD}"
REFLECTED_MINUS = "return _constant(other) - self"
REFLECTED_OVER = "return _constant(other) / self"
WALK = "    pairs = _order_of_pairs(root)\n"

# Of the engine of closures.
MADE = "        self._prev = set(_children)\n"
SUM = 'out = Value(self.data + right.data, {self, right}, "add")'
PASS_ON_SUM = "            self.grad += out.grad\n            right.grad += out.grad\n"
PASS_ON_PRODUCT = "            self.grad += b * out.grad\n            right.grad += a * out.grad\n"
PASS_ON_POWER = "self.grad += slope * out.grad"
PASS_ON_TANH = "self.grad += (1 - t**2) * out.grad"
RESET = """            if value._prev:
                value.grad = 0.0
        self.grad = 1.0
"""
TOPO = """        topo: list[Value] = []
        self._build_topo(set(), topo)
"""
SEARCH = """        if self not in visited:
            visited.add(self)
            for parent in self._prev:
                parent._build_topo(visited, topo)
            topo.append(self)
"""
NEURON_PARAMETERS = "return [*self.w, self.b]"
LAYER_PARAMETERS = "sum((neuron.parameters() for neuron in self.neurons), [])"
MLP_PARAMETERS = "sum((layer.parameters() for layer in self.layers), [])"
ITERATION = """    while not metrics.should_stop(config):
        predictions = [mlp(x)[0] for x, _ in training_data]
        loss = loss_fn(predictions, [y for _, y in training_data])
"""
ORDERED = (
    (MADE, f"{MADE}        self._parents = tuple(_children)\n"),
    (SUM, SUM.replace("{self, right}", "(self, right)")),
    (
        'self.data * right.data, {self, right}, "mul"',
        'self.data * right.data, (self, right), "mul"',
    ),
)
"""Parents in the order of their operands: what a search meets first is not left to chance."""

# Of the package's networks and training.
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
STEP = "        parameter.data -= rate * parameter.grad\n"
MSE = "return _mean([(p - t) ** 2 for p, t in _pairs(predictions, targets)])"
PHASES = """    optimizer.zero_grad()
    loss.backward()
    return float(loss.data)
"""
UPDATE = """            if moves:
                optimizer.step()
            norm"""

MISTAKES = [
    # Milestone 1: a value that remembers
    Mistake(
        "The number is not converted to a float", 1, "engine", "stayed an integer",
        (("self.data = data if type(data) is float else real(data)", "self.data = data"),),
    ),
    Mistake(
        "The gradient starts at 1", 1, "engine", "must start at 0.0",
        (("self.grad = 0.0\n        self._op = _op", "self.grad = 1.0\n        self._op = _op"),),
    ),
    Mistake(
        "The engine imports the networks, which import the engine", 1, "engine",
        "circular import",
        (("import math\n", "import math\n\nfrom micrograd.nn import MLP\n"),),
    ),
    Mistake(
        "A sum forgets its parents", 1, "engine", "does not know its parents",
        ((ADD, '_record(self.data + other.data, "+")'),),
    ),
    Mistake(
        "A sum forgets its operation", 1, "engine", "operation was not noted",
        ((ADD, ADD.replace('"+"', '""')),),
    ),
    Mistake(
        "All values share one default set of parents", 1, "closures", "share one collection",
        (
            ("_children: Any = (),", "_children: Any = set(),"),
            (MADE, "        self._prev = _children\n"),
            (SUM, "out = Value(self.data + right.data, _op='add')\n"
                  "        out._prev |= {self, right}"),
        ),
    ),
    Mistake(
        "An operand is reused for the result, and depends on itself", 1, "closures",
        "an operand was changed",
        (
            (SUM, "self.data, self._op = self.data + right.data, 'add'\n"
                  "        self._prev, out = {self, right}, self"),
        ),
    ),
    Mistake(
        "Values are compared by their numbers", 1, "engine", "Remove `__eq__`",
        (
            (
                "    def __repr__",
                "    def __eq__(self, other):\n        return self.data == other.data\n\n"
                "    def __repr__",
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
        (("    def __radd__", "    def _radd"),),
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
        ((REFLECTED_MINUS, "return self - other"),),
    ),
    Mistake(
        "`__rtruediv__` exchanges its operands", 1, "engine", "operands are exchanged",
        ((REFLECTED_OVER, "return self / other"),),
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
        ((MULTIPLY, '"*", self, self.data, other, other.data'),),
    ),
    Mistake(
        "A difference hands both operands a 1", 1, "engine", "lost its sign",
        ((SUBTRACT, SUBTRACT.replace("-1.0", "1.0")),),
    ),
    Mistake(
        "The divisor's derivative has no minus sign", 1, "engine", "lost its minus sign",
        ((OVER_SQUARE, OVER_SQUARE.replace("-", "")),),
    ),
    Mistake(
        "The divisor's derivative has no square", 1, "engine", "over the *square*",
        ((OVER_SQUARE, "-quotient"),),
    ),
    Mistake(
        "The power rule without the exponent as a factor", 1, "engine", "missing as a factor",
        ((SLOPE_OF_POWER, "slope = power(self.data, n - 1.0)"),),
    ),
    Mistake(
        "The power rule without lowering the exponent", 1, "engine", "not lowered by 1",
        ((SLOPE_OF_POWER, "slope = n * power(self.data, n)"),),
    ),
    Mistake(
        "The derivative of tanh without the square", 1, "engine", "and not its *square*",
        ((SLOPE_OF_TANH, SLOPE_OF_TANH.replace("t * t", "t")),),
    ),
    Mistake(
        "The derivative of tanh from its input", 1, "engine", "square of the *input*",
        ((SLOPE_OF_TANH, SLOPE_OF_TANH.replace("t * t", "self.data**2")),),
    ),
    Mistake(
        "A product reads its operands when `backward` is called", 1, "closures",
        "read when `backward` was called",
        (
            (
                PASS_ON_PRODUCT,
                PASS_ON_PRODUCT.replace("= b", "= right.data").replace("= a", "= self.data"),
            ),
        ),
    ),
    # Milestone 2: the blame flows back
    Mistake(
        "The root's gradient is not set to 1", 2, "closures", "never set to 1",
        ((RESET, RESET.replace("        self.grad = 1.0\n", "")),),
    ),
    Mistake(
        "The local derivative is handed on alone", 2, "closures", "that is the chain rule",
        (
            (PASS_ON_SUM, PASS_ON_SUM.replace("out.grad", "1.0")),
            (PASS_ON_PRODUCT, PASS_ON_PRODUCT.replace(" * out.grad", "")),
            (PASS_ON_POWER, PASS_ON_POWER.replace(" * out.grad", "")),
            (PASS_ON_TANH, PASS_ON_TANH.replace(" * out.grad", "")),
        ),
    ),
    Mistake(
        "The order is walked from the leaves to the root", 2, "closures", "the order is wrong",
        (("for value in reversed(topo)", "for value in topo"),),
    ),
    Mistake(
        "`=` in place of `+=`", 2, "closures", "`+=`, not `=`",
        (
            (PASS_ON_SUM, PASS_ON_SUM.replace("+=", "=")),
            (PASS_ON_PRODUCT, PASS_ON_PRODUCT.replace("+=", "=")),
            (PASS_ON_POWER, PASS_ON_POWER.replace("+=", "=")),
            (PASS_ON_TANH, PASS_ON_TANH.replace("+=", "=")),
        ),
    ),
    Mistake(
        "The set of parents loses the second use of a value", 2, "closures",
        "both operands have a local derivative",
        (
            (
                "right.grad += a * out.grad",
                "right.grad += a * out.grad if right is not self else 0.0",
            ),
        ),
    ),
    Mistake(
        "The order is that in which the search meets the values", 2, "closures",
        "the order in which the search first meets",
        (
            *ORDERED,
            (
                TOPO,
                "        topo, waiting = [], [self]\n"
                "        while waiting:\n"
                "            value = waiting.pop(0)\n"
                "            if value not in topo:\n"
                "                topo.append(value)\n"
                "                waiting += value._parents\n"
                "        topo.reverse()\n",
            ),
        ),
    ),
    Mistake(
        "The search does not note what it has visited", 2, "closures", "visit each once",
        (
            *ORDERED,
            (
                SEARCH,
                "        for parent in self._parents:\n"
                "            parent._build_topo(visited, topo)\n"
                "        topo.append(self)\n",
            ),
        ),
    ),
    Mistake(
        "The order is put together in the forward pass", 2, "closures", "visit each once",
        (
            (
                MADE,
                f"{MADE}        self._topo = [v for parent in _children for v in parent._topo]\n"
                "        self._topo.append(self)\n",
            ),
            *ORDERED[1:],
            (TOPO, "        topo = self._topo\n"),
        ),
    ),
    Mistake(
        "The search goes into the first parent only", 2, "closures",
        "stopped after the first parent",
        (
            *ORDERED,
            (SEARCH, SEARCH.replace("self._prev", "self._parents[:1]")),
        ),
    ),
    Mistake(
        "`backward` sets the gradients of the leaves to 0", 2, "closures",
        "set the gradients of the leaves to 0",
        ((RESET, RESET.replace("if value._prev:", "if True:")),),
    ),
    Mistake(
        "The root's gradient accumulates", 2, "closures", "is 1 at the start of every call",
        (
            (
                RESET,
                "            if value._prev and value is not self:\n"
                "                value.grad = 0.0\n"
                "        self.grad += 1.0\n",
            ),
        ),
    ),
    Mistake(
        "Values in between keep their gradients from call to call", 2, "closures",
        "Values in between start each call at 0",
        ((RESET, RESET.replace("if value._prev:", "if value is self:")),),
    ),
    Mistake(
        "Every path is walked by itself", 2, "walk", "once for each path",
        (
            (
                WALK,
                "    def follow(node: Any, share: float) -> None:\n"
                "        node.grad += share\n"
                "        for parent, derivative in zip(node._parents, node._derivatives):\n"
                "            follow(parent, share * derivative)\n\n"
                "    root.grad = 0.0\n"
                "    return follow(root, 1.0)\n" + WALK,
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
        "The bias is missing from the parameters", 3, "closures",
        "bias is missing from `parameters()`",
        ((NEURON_PARAMETERS, "return self.w"),),
    ),
    Mistake(
        "A layer's parameters are a list of lists", 3, "closures", "lists are nested",
        ((LAYER_PARAMETERS, "[neuron.parameters() for neuron in self.neurons]"),),
    ),
    Mistake(
        "A network's parameters are a list of lists", 3, "closures", "lists are nested",
        ((MLP_PARAMETERS, "[layer.parameters() for layer in self.layers]"),),
    ),
    Mistake(
        "A network's parameters are those of its last layer", 3, "closures",
        "not all layers are in it",
        ((MLP_PARAMETERS, "self.layers[-1].parameters()"),),
    ),
    Mistake(
        "Every layer gets the network's number of inputs", 3, "nn", "wrong number of inputs",
        ((WIDTHS, WIDTHS.replace("self.sz[i]", "nin")),),
    ),
    Mistake(
        "`[Neuron(nin)] * nout`", 3, "closures", "stored several times",
        (("[Neuron(nin, nonlin) for _ in range(nout)]", "[Neuron(nin, nonlin)] * nout"),),
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
        "The weights start far from 0", 3, "nn", "none is far from 0",
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
        "The loss is the sum of the squares", 4, "losses", "this is the sum",
        (("    return total / len(terms)\n", "    return total\n"),),
    ),
    Mistake(
        "The loss is computed from plain numbers", 4, "losses", "graph is cut",
        ((MSE, MSE.replace("(p - t)", "Value(p.data - t)")),),
    ),
    Mistake(
        "The errors are not squared", 4, "losses", "not squared",
        ((MSE, MSE.replace(" ** 2", "")),),
    ),
    Mistake(
        "Predictions without a target are left out", 4, "losses", "`zip` stops at the shorter",
        (("        if len(predictions) != len(targets):\n", "        if False:\n"),),
    ),
    Mistake(
        "The step goes uphill", 4, "optim", "step uphill",
        ((STEP, STEP.replace("-=", "+=")),),
    ),
    Mistake(
        "The step makes a new value", 4, "optim", "a new value was made",
        ((STEP, "        parameter = type(parameter)(parameter.data - rate * parameter.grad)\n"),),
    ),
    Mistake(
        "The step wipes the gradients", 4, "optim", "wiped the gradient",
        ((STEP, STEP + "        parameter.grad = 0.0\n"),),
    ),
    Mistake(
        "The step forgets the learning rate", 4, "optim", "learning rate was forgotten",
        ((STEP, STEP.replace("rate * ", "")),),
    ),
    Mistake(
        "Zeroing assigns to the loop variable", 4, "nn", "loop variable is only a name",
        (("        parameter.grad = 0.0\n", "        parameter = 0.0\n"),),
    ),
    Mistake(
        "The gradients are never zeroed", 4, "loop", "never set to zero",
        ((PHASES, PHASES.replace("    optimizer.zero_grad()\n", "")),),
    ),
    Mistake(
        "The gradients are zeroed after the backward pass", 4, "loop",
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
        "The parameters are updated before the backward pass", 4, "loop",
        "updated before the backward pass",
        (
            (PHASES, f"    optimizer.step()\n{PHASES}"),
            (UPDATE, UPDATE.replace("optimizer.step()", "pass")),
        ),
    ),
    Mistake(
        "The loss is computed once, before the loop", 4, "closures", "the loss is stale",
        (
            (
                ITERATION,
                "    predictions = [mlp(x)[0] for x, _ in training_data]\n"
                "    loss = loss_fn(predictions, [y for _, y in training_data])\n"
                "    while not metrics.should_stop(config):\n",
            ),
        ),
    ),
    Mistake(
        "Only the weights are updated", 4, "training", "only the weight",
        (
            (
                "_expect.parameters(model.parameters())",
                "[w for layer in model.layers for neuron in layer.neurons for w in neuron.w]",
            ),
        ),
    ),
    Mistake(
        "The loop has a learning rate of its own", 4, "training", "of the config was not used",
        (("(parameters, config.learning_rate)", "(parameters, 0.01)"),),
    ),
    Mistake(
        "The loop runs once too often", 4, "training", "one iteration too many",
        (("self.iterations >= config.max_iterations", "self.iterations > config.max_iterations"),),
    ),
    Mistake(
        "The loss is measured after the update", 4, "loop", "measured after the update",
        (
            (
                UPDATE,
                UPDATE.replace(
                    "            norm",
                    "            loss = evaluate(model, zip(*batch), loss_fn)\n            norm",
                ),
            ),
        ),
    ),
    Mistake(
        "The losses are kept as values, with their graphs", 4, "closures", "record `loss.data`",
        (("self.losses.append(loss.data)", "self.losses.append(loss)"),),
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

MISTAKES += [
    Mistake(title, milestone, file, phrase, ((old, new),))
    for title, milestone, file, phrase, old, new in run_path(f"{ON_ARRAYS}")["ROWS"]
]
