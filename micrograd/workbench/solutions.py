"""How this package does what a milestone asks for: its own code, with the helpers it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from micrograd.milestones import load_milestone
from micrograd.workbench.folder import FIRST_OF_ARRAYS, finished

__all__ = ["SOLUTIONS", "show_solution"]

SOLUTIONS = {
    1: {
        "engine": """Value.__init__ Value._parents Value._derivatives Value._prev Value.__repr__
            Value.__add__ Value.__sub__ Value.__mul__ Value.__truediv__ Value.__pow__
            Value.__rmul__ Value.__radd__ Value.__rsub__ Value.__rtruediv__ Value.__neg__
            Value.tanh""",
        "_numbers": "real divide power log",
        "walk": "fold spread",
    },
    2: {"engine": "Value.backward Value._backward", "walk": "backward topological_order"},
    3: {"nn": "Module Neuron Layer MLP"},
    4: {
        "losses": "mse_loss",
        "optim": "gradient_descent_step Optimizer.step SGD",
        "nn": "zero_gradients",
        "loop": "loss_and_gradients steps",
        "training": "TrainingMetrics.update TrainingMetrics.should_stop train_network",
    },
    5: {"tensor": "broadcast_backward TensorValue"},
    6: {"optim": "SGD Adam LearningRateScheduler"},
    7: {"pictures": "ConvolutionalLayer BatchNorm"},
    8: {"attention": "softmax MultiHeadAttention"},
}
"""What a milestone is about: names, by their module. What they call is added.

Up to 4 the modules are the package's; from 5 on they are the templates with their steps done, since
the package has much beside them.
"""


def show_solution(number: int, name: str = "") -> str:
    """The parts of this package that a milestone is about, and the helpers beside them.

    Args:
        number: of the milestone.
        name: of a method, a function or a class, to see that alone.

    Raises:
        ValueError: if there is no such milestone, or no such name in its solution.

    >>> print(show_solution(1, "tanh"))
    # micrograd/engine.py
    <BLANKLINE>
        def tanh(self) -> Value:
            \"\"\"The hyperbolic tangent, in [-1, 1]; ``d tanh(x)/dx = 1 - tanh(x)**2``.\"\"\"
            t = math.tanh(self.data)
            return _record(t, "tanh", self, 1.0 - t * t)
    """
    load_milestone(number)  # says so if there is none
    parts = []
    for module, wanted in SOLUTIONS[number].items():
        source = finished(number, module)
        found = _solution(source, wanted.split())
        if name:
            own = [full for full in _definitions(source) if full.rpartition(".")[0] in found]
            found |= _solution(source, own)
            found = {full: text for full, text in found.items() if name in (full, _last(full))}
        if found:
            home = "micrograd/" if number < FIRST_OF_ARRAYS else ""
            parts += [f"# {home}{module}.py", *found.values()]
    if not parts:
        raise ValueError(f"expected a name from the solution of milestone {number}, got {name}")
    return "\n\n".join(parts)


def _solution(source: str, wanted: list[str]) -> dict[str, str]:
    """The text of what is wanted from a module, and of what that calls there, by its name."""
    defined = _definitions(source)
    for name in wanted:  # which grows meanwhile
        for helper in _called(defined[name]):
            public_class = helper[0] != "_" and type(defined.get(helper, [0])[0]) is ast.ClassDef
            if helper in defined and helper not in wanted and not public_class:
                wanted.append(helper)
    return {name: "\n\n".join(_text(node, source) for node in defined[name]) for name in wanted}


def _definitions(source: str) -> dict[str, list[ast.stmt]]:
    """Every function, class, method and assignment, by its name; a property has several."""
    found: dict[str, list[ast.stmt]] = {}

    def note(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            for name in _names(node):
                found.setdefault(prefix + name, []).append(node)
            if isinstance(node, ast.ClassDef):
                note(node.body, f"{prefix}{node.name}.")

    note(ast.parse(source).body, "")
    return found


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name) | ast.ClassDef(name):
            return [name]
        case ast.Assign(targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(ast.Name(name), _, value) if value:
            return [name]
    return []


def _called(nodes: list[ast.stmt]) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                yield part.id


def _text(node: ast.stmt, source: str) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def _last(name: str) -> str:
    return name.rpartition(".")[2]
