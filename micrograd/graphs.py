"""Graphs checked and shown: everything that a value depends on, looked at before it is trusted.

Nothing here changes a graph. The chapter "Graph errors" tells the story.
"""

from __future__ import annotations

import inspect
import math
import operator
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from numbers import Real
from typing import Any

from micrograd import _expect
from micrograd.engine import AnomalyError, Value, topological_order

__all__ = ["GraphProblem", "GraphReport", "validate_graph", "visualize_graph"]

MOST_SHOWN = 20  # problems in a printed report


@dataclass(frozen=True)
class GraphProblem:
    """One thing that is wrong with a graph.

    Attributes:
        kind: ``cycle``; ``damaged`` (not even numbers and names); ``parents`` (not values, or not
            one derivative for each); ``operation`` (not what gives this value and these
            derivatives); ``orphan`` (an operation that has lost its parents); ``nonfinite`` (the
            first number that is not finite); ``derivative`` (the first that is not finite);
            ``underflow`` (0, where only rounding gives 0); or ``unreached`` (a parameter).
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
        problems: what is wrong; iterating gives them all, printing the first 20.
    """

    leaves: int
    operations: int
    problems: tuple[GraphProblem, ...]

    def __bool__(self) -> bool:
        return not self.problems

    def __iter__(self) -> Iterator[GraphProblem]:
        return iter(self.problems)

    def __str__(self) -> str:
        lines = [f"{self.leaves} leaves, {self.operations} operations"]
        if self:
            return lines[0] + ": nothing is wrong"
        shown, others = self.problems[:MOST_SHOWN], self.problems[MOST_SHOWN:]
        width = max([5, *(len(problem.name) for problem in shown)])
        lines.append(f"{'problem':10}  {'value':{width}}  found")
        lines += [f"{p.kind:10}  {p.name:{width}}  {p.detail}" for p in shown]
        if others:
            kinds = Counter(problem.kind for problem in others).items()
            counted = ", ".join(f"{count} {kind}" for kind, count in kinds)
            lines += [f"... and {len(others)} more: {counted}"]
        return "\n".join(lines)


def validate_graph(root: Value, parameters: Iterable[Value] = ()) -> GraphReport:
    """Look through everything that ``root`` depends on for whatever would spoil a gradient.

    Every operation of the engine is done again and compared with what was recorded, so this is to
    be called before the parameters are updated; an operation of your own is left alone. Of
    numbers that are not finite only the first are listed, not all that became so by them. It
    changes nothing, and survives any damage.

    Args:
        root: the value that ``backward()`` would be called on.
        parameters: those that ought to get a gradient.

    Raises:
        TypeError: if ``root`` is not a ``Value``, or ``parameters`` not a list of them.

    >>> w, x = Value(0.0, label="w"), Value(2.0, label="x")
    >>> print(validate_graph(w.sqrt() * 3.0, [w, x]))
    2 leaves, 2 operations
    problem     value  found
    derivative  sqrt   the derivative of sqrt(0) by w is inf
    unreached   x      the root does not depend on it
    """
    if not isinstance(root, Value):
        raise TypeError(f"expected root to be a Value, got {_expect.show(root)}")
    refused = hasattr(parameters, "parameters")  # a model, which is told what to pass
    wanted = _expect.parameters(parameters) if refused else _expect.items("parameters", parameters)
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
    problems += [problem for value in graph for problem in _problems_of(value)]
    sound = [value for value in graph if not _damage(value)]
    if not _is_finite(root) or not all(math.isfinite(d) for v in sound for d in v._derivatives):
        problems += [problem for value in sound for problem in _births(value)]
    for i, parameter in enumerate(wanted):
        if parameter not in graph:
            name, lost = _read(parameter, "label", str), "the root does not depend on it"
            problems.append(GraphProblem("unreached", name or f"[{i}]", lost, (parameter,)))
    leaves = sum(not parents for parents in graph.values())
    return GraphReport(leaves, len(graph) - leaves, tuple(problems))


def _read(value: Value, name: str, kind: type = object) -> Any:
    """What it has by that name; ``None`` if that is lost, raises, or is of another kind."""
    try:
        content = getattr(value, name)
    except Exception:
        return None
    return content if isinstance(content, kind) else None


def _links(value: Value) -> tuple[Value, ...]:
    """Its parents, as far as they are values."""
    return tuple(p for p in _read(value, "_parents", tuple) or () if isinstance(p, Value))


def _name(value: Value) -> str:
    name = _read(value, "label", str) or _read(value, "_op", str)
    return name or f"data {_shown(_read(value, 'data'))}"


def _is_finite(value: Value) -> bool:
    """False for ``nan`` and infinities; data that is no number at all is another problem's."""
    data = _read(value, "data", Real)
    return data is None or math.isfinite(data)


def _damage(value: Value) -> str:
    """What about it is no number, no list of numbers or no name."""
    data, op, derivatives = (_read(value, name) for name in ("data", "_op", "_derivatives"))
    if not isinstance(data, Real):
        return f"its data is {_expect.show(data)}, which is no number"
    if not isinstance(op, str):
        return f"its operation is {_expect.show(op)}, which is no name"
    if not isinstance(derivatives, tuple) or not all(isinstance(d, Real) for d in derivatives):
        return f"its local derivatives are {_expect.show(derivatives)}, which are no numbers"
    return ""


def _problems_of(value: Value) -> list[GraphProblem]:
    """What is wrong with one value beside its parents; infinities and ``nan`` left aside."""
    try:
        return [GraphProblem(k, _name(value), detail, (value,)) for k, detail in _faults(value)]
    except Exception as error:  # whatever was done to it, the others are still to be looked at
        detail = f"cannot be looked at: {type(error).__name__}: {error}"
        return [GraphProblem("damaged", "?", detail, (value,))]


def _faults(value: Value) -> Iterator[tuple[str, str]]:
    damage = _damage(value)
    if damage:
        yield "damaged", damage
        return
    parents = _links(value)
    if parents != value._parents:
        yield "parents", f"its parents are {_expect.show(value._parents)}, not values alone"
    elif len(parents) != len(value._derivatives):
        counts = f"{len(value._derivatives)} derivatives for {len(parents)} parents"
        yield "parents", f"{counts}: {_expect.show(parents)}"
    elif value._op and not parents:
        yield "orphan", f"{value._op} of nothing"
    elif parents and not any(map(_damage, parents)):
        detail = _other_than_recorded(value)
        if detail:
            yield "operation", detail
        operands = [parent.data for parent in parents] if value._op[:1] in ("*", "/") else []
        never_zero = value._op in ("exp", "sigmoid", "softplus") or (operands and all(operands))
        if value.data == 0.0 and never_zero and all(map(_is_finite, parents)):
            yield "underflow", f"{_expression(value)} gave 0, by rounding alone"


def _births(value: Value) -> Iterator[GraphProblem]:
    """What is not finite about it, though everything that it was computed from is."""
    parents = _links(value)
    if not all(map(_is_finite, parents)):
        return
    if not _is_finite(value):
        made = f"{_expression(value)} gave" if parents else "its data is"
        yield GraphProblem("nonfinite", _name(value), f"{made} {value.data}", (value,))
        return
    for i, (parent, derivative) in enumerate(zip(parents, value._derivatives)):
        if not math.isfinite(derivative):
            by = _read(parent, "label", str) or f"operand {i + 1}"
            detail = f"the derivative of {_expression(value)} by {by} is {derivative}"
            yield GraphProblem("derivative", _name(value), detail, (value, parent))


def _expression(value: Value) -> str:
    """The operation with the numbers it was done on, such as ``3 * 2`` or ``sqrt(0)``."""
    op, numbers = value._op, [_shown(parent.data) for parent in _links(value)]
    if op in _OPERATIONS and len(numbers) == 2:
        return f"{numbers[0]} {op} {numbers[1]}"
    if op.startswith("**") and len(numbers) == 1:
        return f"{numbers[0]} ** {op[2:]}"
    return f"{op}({', '.join(numbers)})"


def _shown(number: object) -> str:
    return f"{float(number):.6g}" if isinstance(number, Real) else _expect.show(number)


# The operations that Python has a sign for; all others are methods of ``Value`` of their name.
_OPERATIONS: dict[str, Any] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_OPERATIONS |= {"/": operator.truediv, "**": operator.pow, "neg": operator.neg, "abs": abs}


def _operation(op: str) -> Any:
    """What was done, by its name; ``None`` for an operation of someone's own."""
    if op in _OPERATIONS:
        return _OPERATIONS[op]
    if op.startswith("**"):
        above, _, below = op[2:].partition("/")  # a Fraction shows itself so
        try:
            exponent = float(above) / float(below or 1)
        except (ValueError, ZeroDivisionError):
            return None
        return lambda x: x**exponent
    method = None if op.startswith("_") else vars(Value).get(op)
    return method if inspect.isfunction(method) else None


def _other_than_recorded(value: Value) -> str:
    """What its operation really gives, where that is not what ``value`` says."""
    operation, operands = _operation(value._op), [Value(p.data) for p in value._parents]
    if operation is None:  # there is nothing to compare with
        return "" if value._op else "it has parents, but no operation"
    try:
        again = operation(*operands)
    except TypeError:
        return f"{value._op} does not take {len(operands)} parents"
    except AnomalyError as error:  # someone has asked for it; what was recorded may be the same
        finite = math.isfinite(value.data) and all(map(math.isfinite, value._derivatives))
        return str(error) if finite else ""
    options = inspect.isfunction(operation) and len(inspect.signature(operation).parameters)
    if not isinstance(again, Value) or options > len(operands):
        return ""  # it takes more than a graph keeps, such as the slope of a leaky rectifier
    found = []
    if not _same([value.data], [again.data]):
        found.append(f"{_expression(value)} is {again.data:.6g}, but {value.data:.6g} is recorded")
    if not _same(value._derivatives, again._derivatives):
        real, recorded = (", ".join(map(_shown, v._derivatives)) for v in (again, value))
        found.append(f"its derivatives are ({real}), but ({recorded}) are recorded")
    return "; ".join(found)


def _same(old: Sequence[float], new: Sequence[float]) -> bool:
    return len(old) == len(new) and all(a == b or (a != a and b != b) for a, b in zip(old, new))


def visualize_graph(
    root: Value, max_depth: int = 20, max_lines: int = 200, *, plain: bool | None = None
) -> str:
    """The graph behind ``root`` as a tree of text: operation, data and gradient of each value.

    A value that is used more than once is shown in full once, with a number, and referred to by
    that number elsewhere. What is not finite is pointed at.

    Args:
        root: the value whose computation is shown.
        max_depth: operations between the root and the last values shown, at least 0.
        max_lines: most values shown, at least 1.
        plain: whether to draw the branches in ASCII; by default if the output has nothing else.

    Raises:
        GraphCycleError: if there is a cycle.

    >>> a = Value(2.0, label="a")
    >>> loss = (a + 1) * a
    >>> loss.backward()
    >>> print(visualize_graph(loss, plain=False))
    *  data 6  grad 1
    ├─ +  data 3  grad 2
    │  ├─ a #1  data 2  grad 5
    │  └─ leaf  data 1  grad 2
    └─ a #1, as above
    """
    max_depth = _expect.whole("max_depth", max_depth, 0)
    max_lines = _expect.whole("max_lines", max_lines, 1)
    forks = _PLAIN if (_is_plain() if plain is None else plain) else _DRAWN
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
                branch, below = forks[i == last]
                todo.append((value._parents[i], depth + 1, indent + branch, indent + below))
    return "\n".join(lines if not todo else [*lines, f"... of {len(order)} values in all"])


_DRAWN = (("├─ ", "│  "), ("└─ ", "   "))
_PLAIN = (("|- ", "|  "), ("`- ", "   "))


def _is_plain() -> bool:
    """Whether standard output lacks the characters for branches."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return b"?" in "├─│└".encode(encoding, "replace")
