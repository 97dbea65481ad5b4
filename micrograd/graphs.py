"""Graphs checked and shown: everything that a value depends on, looked at before it is trusted.

Nothing here changes a graph. The chapter "Graph errors" tells the story.
"""

from __future__ import annotations

import math
import operator
import re
import reprlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from micrograd.engine import Value, topological_order

__all__ = ["GraphProblem", "GraphReport", "validate_graph", "visualize_graph"]

_OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "abs": abs,
    "exp": Value.exp,
    "log": Value.log,
    "sqrt": Value.sqrt,
    "tanh": Value.tanh,
    "sigmoid": Value.sigmoid,
    "relu": Value.relu,
}


@dataclass(frozen=True)
class GraphProblem:
    """One thing that is wrong with a graph.

    Attributes:
        kind: ``cycle``, ``parents`` (not values, or not one derivative for each), ``operation``
            (not what gives this value and these derivatives), ``orphan`` (an operation that has
            lost its parents), ``derivative`` (not finite), ``underflow`` (0, where only rounding
            gives 0) or ``unreached`` (a parameter).
        name: what it is wrong with: a label, an operation, or a parameter's place in the list.
        detail: what was found.
        values: the values concerned: a cycle from start to start, an edge as result and parent.
    """

    kind: str
    name: str
    detail: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class GraphReport:
    """What :func:`validate_graph` found: true if nothing is wrong, and a table when printed.

    Attributes:
        leaves: how many leaves the root depends on.
        operations: how many results of operations.
        problems: what is wrong; iterating over the report gives them.
    """

    leaves: int
    operations: int
    problems: tuple[GraphProblem, ...]

    def __bool__(self) -> bool:
        return not self.problems

    def __iter__(self) -> Iterator[GraphProblem]:
        return iter(self.problems)

    def __str__(self) -> str:
        width = max([5, *(len(problem.name) for problem in self)])
        lines = [f"{self.leaves} leaves, {self.operations} operations"]
        if self:
            return lines[0] + ": nothing is wrong"
        lines.append(f"{'problem':10}  {'value':{width}}  found")
        lines += [f"{p.kind:10}  {p.name:{width}}  {p.detail}" for p in self]
        return "\n".join(lines)


def validate_graph(root: Value, parameters: Sequence[Value] = ()) -> GraphReport:
    """Look through everything that ``root`` depends on for whatever would spoil a gradient.

    Every known operation is done again and compared with what was recorded, so this is to be
    called before the parameters are updated. It changes nothing, and survives any damage.

    Args:
        root: the value that ``backward()`` would be called on.
        parameters: those that ought to get a gradient.

    >>> w, x = Value(0.0, label="w"), Value(2.0, label="x")
    >>> print(validate_graph(w.sqrt() * 3.0, [w, x]))
    2 leaves, 2 operations
    problem     value  found
    derivative  sqrt   d sqrt / d w is inf
    unreached   x      the root does not depend on it
    """
    graph = {root: _links(root)}
    waiting = [root]
    while waiting:
        for parent in _links(waiting.pop()):
            if parent not in graph:
                graph[parent] = _links(parent)
                waiting.append(parent)
    problems = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = tuple(reversed(error.args[1]))
        shown = " <- ".join(map(_name, cycle))
        problems.append(GraphProblem("cycle", _name(cycle[0]), shown, cycle))
    for value in graph:
        problems += _problems_of(value)
    for i, parameter in enumerate(parameters):
        if parameter not in graph:
            name, detail = parameter.label or f"[{i}]", "the root does not depend on it"
            problems.append(GraphProblem("unreached", name, detail, (parameter,)))
    leaves = sum(not parents for parents in graph.values())
    return GraphReport(leaves, len(graph) - leaves, tuple(problems))


def _links(value: Value) -> tuple[Value, ...]:
    """Its parents, as far as they are values."""
    parents = value._parents if isinstance(value._parents, tuple) else ()
    return tuple(parent for parent in parents if isinstance(parent, Value))


def _name(value: Value) -> str:
    return value.label or value._op or repr(value)


def _problems_of(value: Value) -> Iterator[GraphProblem]:
    parents, op = _links(value), value._op
    if parents != value._parents or len(parents) != len(value._derivatives):
        given = reprlib.repr(value._parents)
        detail = f"{len(value._derivatives)} derivatives for the parents {given}"
        yield GraphProblem("parents", _name(value), detail, (value,))
        return
    if op and not parents:
        yield GraphProblem("orphan", _name(value), f"{op} of nothing", (value,))
    for parent, derivative in zip(parents, value._derivatives):
        if not math.isfinite(derivative):
            detail = f"d {_name(value)} / d {_name(parent)} is {derivative}"
            yield GraphProblem("derivative", _name(value), detail, (value, parent))
    numbers = [parent.data for parent in parents]
    if parents:
        detail = _other_than_recorded(value, numbers)
        if detail:
            yield GraphProblem("operation", _name(value), detail, (value,))
    vanishes = op in ("exp", "sigmoid") or (op[:1] in ("*", "/") and numbers and all(numbers))
    if value.data == 0.0 and vanishes and all(map(math.isfinite, numbers)):
        yield GraphProblem("underflow", _name(value), f"{op} of {numbers} gave 0", (value,))


def _other_than_recorded(value: Value, numbers: list[float]) -> str:
    """What its operation really gives, where that is not what ``value`` says."""
    operation, operands = _OPERATIONS.get(value._op), list(map(Value, numbers))
    if not value._op:
        return "parents, but no operation"
    if operation is None and re.fullmatch(r"\*\*-?[\d.e+-]+", value._op):
        operation, operands = operator.pow, [operands[0], float(value._op[2:])]  # type: ignore[list-item]
    if operation is None:
        return ""  # an operation of somebody else's: there is nothing to compare with
    try:
        again = operation(*operands)
    except TypeError:
        return f"{value._op} does not take {len(operands)} parents"
    recorded, real = (value.data, *value._derivatives), (again.data, *again._derivatives)
    if list(map(repr, recorded)) == list(map(repr, real)) or recorded == real:
        return ""
    return f"recorded {recorded[0]:g} {recorded[1:]}, but {value._op} gives {real[0]:g} {real[1:]}"


def visualize_graph(root: Value, max_depth: int = 20, max_lines: int = 200) -> str:
    """The graph behind ``root`` as a tree of text: operation, data and gradient of each value.

    A value that is used more than once is shown in full once, with a number, and referred to by
    that number elsewhere. What is not finite is pointed at.

    Args:
        root: the value whose computation is shown.
        max_depth: operations between the root and the last values shown, at least 0.
        max_lines: most values shown, at least 1.

    Raises:
        GraphCycleError: if there is a cycle.

    >>> a = Value(2.0, label="a")
    >>> loss = (a + 1) * a
    >>> loss.backward()
    >>> print(visualize_graph(loss))
    *  data 6  grad 1
    ├─ +  data 3  grad 2
    │  ├─ a #1  data 2  grad 5
    │  └─ leaf  data 1  grad 2
    └─ a #1, as above
    """
    order = topological_order(root)
    uses = dict.fromkeys(order, 0)
    for value in order:
        for parent in value._parents:
            uses[parent] += 1
    numbers: dict[Value, int] = {}  # of the shared values shown so far
    lines: list[str] = []
    todo = [(root, 0, "", "")]
    while todo and len(lines) < max_lines:
        value, depth, connector, indent = todo.pop()
        name = " ".join(filter(None, (value.label, value._op))) or "leaf"
        if value in numbers:
            lines.append(f"{connector}{name} #{numbers[value]}, as above")
            continue
        cut = depth >= max_depth and value._parents
        if uses[value] > 1 and not cut:
            numbers[value] = len(numbers) + 1
            name += f" #{numbers[value]}"
        finite = math.isfinite(value.data) and math.isfinite(value.grad)
        lines.append(
            f"{connector}{name}  data {value.data:.4g}  grad {value.grad:.4g}"
            f"{'' if finite else '  <- not finite'}{'  ...' if cut else ''}"
        )
        if not cut:
            last = len(value._parents) - 1
            for i in range(last, -1, -1):
                branch, below = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
                todo.append((value._parents[i], depth + 1, indent + branch, indent + below))
    return "\n".join(lines if not todo else [*lines, f"... of {len(order)} values in all"])
