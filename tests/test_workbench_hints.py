"""What a failure is told first: what is certain of it, and of an error no talk of numbers.

These mistakes are not in the collection that the hints are written for.
"""

import re
from pathlib import Path

import pytest
from experiments.mistakes import CLOSURES

from micrograd.milestones import load_milestone, load_milestones
from micrograd.workbench import Failure, check_milestone
from micrograd.workbench.hints import matches

RIGHT = CLOSURES.read_text("utf-8")
SUM = '        out = Value(self.data + right.data, {self, right}, "add")\n'
TANH = "        t = math.tanh(self.data)\n"
NEURON = "        return act.tanh() if self.nonlin else act\n"


def failure_of(folder: Path, *edits: tuple[str, str], milestone: int = 1) -> Failure:
    """What comes of a right implementation with some text replaced."""
    source = RIGHT
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / "engine.py").write_text(source, "utf-8")
    failure = check_milestone(folder, load_milestone(milestone), 60.0).failure
    assert failure is not None
    return failure


def line_of(text: str) -> int:
    """The line of the right implementation on which some text begins."""
    return RIGHT[: RIGHT.index(text)].count("\n") + 1


# An error is explained as such, with the reader's own line.

ERRORS = {
    "NameError": ("righ.data", "a name is used that means nothing here: name 'righ'"),
    "AttributeError": ("self.date", "asked for an attribute that it does not have"),
    "IndexError": ("[][0]", "a list was asked for an element that it does not have"),
    "KeyError": ("{}['x']", "a dictionary was asked for a key that it does not have: 'x'"),
    "ZeroDivisionError": ("1 / 0", "a plain number was divided by zero"),
    "NoneType": ("None + 1", "A function that does not come to a `return` gives None"),
    "TypeError": ("len(1)", "an operation got something of the wrong type"),
    "called": ("1.0()", "something is called that is no function"),
    "arguments": ("math.tanh(1, 2)", "an operation got something of the wrong type"),
    "self missing": ("(lambda: 1)(self)", "Does the method have `self` for its first?"),
    "too few": ("(lambda a: 1)()", "a call gives too few arguments"),
    "keyword": ("(lambda: 1)(b=2)", "an argument is called by a name that the function does not"),
    "UnboundLocalError": ("out", "a variable is read before this function has given it a value"),
    "EOFError": ("float(input())", "your code waits for input"),
    "BdbQuit": ("breakpoint()", "your code stops for the debugger"),
    "SystemExit": ("exit()", "take out `exit()`"),
    "ValueError": ("float('x')", "your code raised an error of the kind ValueError: could not"),
    "ModuleNotFoundError": ("__import__('nowhere')", "an import failed: No module named 'nowhere'"),
    "AssertionError": ("[x for x in [1] if exec('assert 0')]", "an `assert` of yours"),
    "MemoryError": ("'x' * 10**14", "wanted more memory than there is"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_is_explained_before_any_number(kind: str, tmp_path: Path) -> None:
    wrong, told = ERRORS[kind]
    failure = failure_of(tmp_path, (SUM, SUM.replace("self.data + right.data", wrong)))
    assert told in failure.hints[0]
    place = re.search(r" It (?:is|was met) in engine.py:(\d+)\.$", failure.hints[0])
    assert place is not None
    if kind != "BdbQuit":  # where the debugger stops is a matter of Python's version
        assert int(place[1]) == line_of(SUM)


@pytest.mark.parametrize(
    "milestone", load_milestones(own=True), ids=lambda m: f"milestone {m.number}"
)
def test_no_hint_of_a_check_claims_every_error_of_a_kind(milestone: object) -> None:
    """A bare `TypeError` says nothing of what the mistake is; its message may."""
    conditions = [
        condition
        for check in load_milestone(milestone.number).checks  # type: ignore[attr-defined]
        for hint in check.hints
        for condition in hint.when
    ]
    bare = {condition for condition in conditions if re.fullmatch(r"[A-Z]\w*Error", condition)}
    # What these say of the reader's code holds for every such error in their checks.
    assert bare <= {"OverflowError", "RecursionError", "ValueError"}


def test_a_method_without_a_return_is_named_as_such(tmp_path: Path) -> None:
    for number, edit in (
        (1, (SUM, SUM + "        return\n")),
        (1, (TANH, TANH + "        return\n")),
        (3, (NEURON, "")),
    ):
        failure = failure_of(tmp_path, edit, milestone=number)
        assert "gives None" in failure.hints[0]


def test_a_file_that_python_cannot_read(tmp_path: Path) -> None:
    for code, told in (("x = = 1", "invalid syntax"), ("  x = 1\n y = 2", "indent")):
        (tmp_path / "engine.py").write_text(code, "utf-8")
        failure = check_milestone(tmp_path, load_milestone(1), 60.0).failure
        assert failure is not None
        assert failure.hints[0].startswith("Python could not read your file: ")
        assert told in failure.hints[0]
        assert "(engine.py, line " in failure.hints[0]


def test_an_empty_engine_is_no_circular_import(tmp_path: Path) -> None:
    (tmp_path / "engine.py").touch()
    failure = check_milestone(tmp_path, load_milestone(1), 60.0).failure
    assert failure is not None
    assert failure.hints[0].startswith("none of your files defines the name that is asked for")


def test_a_file_named_like_a_module_of_pythons_own_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("dice = 6\n", "utf-8")
    failure = failure_of(tmp_path, ("import random\n", "import random  # mine\n"), milestone=3)
    assert failure.came.startswith("AttributeError: module 'random'")
    assert failure.hints[0].startswith("your file random.py stands in the way of Python's own")


def test_an_end_of_the_process_is_no_number(tmp_path: Path) -> None:
    failure = failure_of(tmp_path, (TANH, "        import os\n        os._exit(0)\n"))
    assert failure.hints[0].startswith("your code ended the whole process in the middle")
    crash = "        import os, signal\n        os.kill(os.getpid(), signal.SIGSEGV)\n"
    failure = failure_of(tmp_path, (TANH, crash))
    assert failure.came == "the end of the process: signal SIGSEGV"
    assert failure.hints[0].startswith("the process was ended from outside Python")


# Several mistakes with one answer: the hint names all, or what is certain.

WALK = """        topo: list[Value] = []
        self._build_topo(set(), topo)
        for value in topo:
            if value._prev:
                value.grad = 0.0
        self.grad = 1.0
        for value in reversed(topo):
            value._backward()
"""
ONE_STEP = "        self.grad = 1.0\n        self._backward()\n"
COMPOSED = "        return self + (-other)\n"
DIFFERENCE = """        right = other if isinstance(other, Value) else Value(other)
        out = Value(self.data - right.data, {self, right}, "sub")

        def backward():
            self.grad += out.grad
            right.grad -= out.grad

        out._backward = backward
        return out
"""
CHILDREN = ONE_STEP + "        for child in self._prev:\n            child.backward()\n"


def test_one_step_back_through_a_composed_difference_is_no_wrong_sign(tmp_path: Path) -> None:
    failure = failure_of(tmp_path, (WALK, ONE_STEP))
    assert (failure.check.title, failure.came) == ("The derivatives of a difference", "(1.0, 0.0)")
    assert "more than one operation" in failure.hints[0]
    failure = failure_of(tmp_path, (WALK, ONE_STEP), (COMPOSED, DIFFERENCE))
    assert (failure.check.title, failure.came) == ("The derivatives of a quotient", "(0.25, 0.0)")
    assert "more than one operation" in failure.hints[0]


def test_backward_of_the_operands_is_not_the_derivative_of_a_sum_alone(tmp_path: Path) -> None:
    for milestone in (1, 2):
        failure = failure_of(tmp_path, (WALK, CHILDREN), milestone=milestone)
        assert failure.came == "(1.0, 1.0)"
        assert "`backward` was called on the operands too" in failure.hints[0]
        assert "derivatives of a sum" in failure.hints[0]


def test_a_walk_of_one_step_is_named_beside_a_wrong_order(tmp_path: Path) -> None:
    failure = failure_of(tmp_path, (WALK, ONE_STEP), milestone=2)
    assert failure.came == "0.0"
    assert "`backward` ends after one operation" in failure.hints[0]


def test_a_tanh_that_leaves_nothing_is_named_beside_the_square_of_its_input(
    tmp_path: Path,
) -> None:
    edit = ("self.grad += (1 - t**2) * out.grad", "pass")
    failure = failure_of(tmp_path, edit)
    assert (failure.check.title, failure.came) == ("The derivative of tanh", "0.0")
    assert "left nothing behind" in failure.hints[0]


def test_parents_kept_as_numbers_are_named_beside_a_second_wrap(tmp_path: Path) -> None:
    numbers = "self._prev = {getattr(child, 'data', child) for child in _children}"
    failure = failure_of(tmp_path, ("self._prev = set(_children)", numbers))
    assert failure.came == "(2, False, False)"
    assert "or their numbers were stored" in failure.hints[0]


def test_a_search_that_remembers_is_named_beside_leaves_set_to_zero(tmp_path: Path) -> None:
    search = "self._build_topo(set(), topo)"
    edits = (
        (search, search.replace("set()", "MET")),
        ("class Neuron:", "MET = set()\nclass Neuron:"),
    )
    failure = failure_of(tmp_path, *edits, milestone=2)
    assert failure.came == "(7.0, 2.0)"
    assert "or did nothing" in failure.hints[0]


def test_a_return_inside_the_loop_is_named_beside_nested_lists(tmp_path: Path) -> None:
    flat = (
        "        return sum((neuron.parameters() for neuron in self.neurons), [])  # noqa: RUF017\n"
    )
    early = "        for neuron in self.neurons:\n            return neuron.parameters()\n"
    failure = failure_of(tmp_path, (flat, early), milestone=3)
    assert failure.came == "3"
    assert "a `return` inside the loop" in failure.hints[0]


def test_a_power_is_checked_before_what_may_be_made_of_it() -> None:
    titles = [check.title for check in load_milestone(1).checks]
    power, quotient = "The derivative of a power", "The derivatives of a quotient"
    assert titles.index(power) < titles.index(quotient)


def test_a_condition_may_leave_something_open() -> None:
    assert matches("TypeError: unhashable type: 'Value'", "TypeError *unhashable*")
    assert matches("[0.0, 0.0]", "[0.0, 0.0]")
    assert not matches("TypeError: no hash", "TypeError *unhashable*")
    assert not matches("ValueError: a TypeError", "TypeError *")


def test_a_neuron_without_tanh_is_caught_whatever_it_drew(tmp_path: Path) -> None:
    for weight in ("0.1", "-0.4", "random.uniform(-1, 1)"):
        edits = (NEURON, "        return act\n"), ("random.uniform(-1, 1)", weight)
        failure = failure_of(tmp_path, *edits, milestone=3)
        assert failure.check.title == "Plain numbers go in as well"


# What is right in another way passes, and what only the tried numbers agree with does not.

PARAMETERS = "        return [*self.w, self.b]\n"
OTHERWISE = {
    "parameters that yields": (PARAMETERS, "        yield from self.w\n        yield self.b\n", 3),
    "parents in a tuple": ("self._prev = set(_children)", "self._prev = tuple(_children)", 1),
    "an operation in capitals": ("self._op = _op", "self._op = _op.title()", 1),
    "numbers of NumPy": (
        "self.data = float(data)",
        "import numpy\n        self.data = numpy.float64(data)",
        3,
    ),
}


@pytest.mark.parametrize("kind", OTHERWISE)
def test_what_is_right_otherwise_is_not_refused(kind: str, tmp_path: Path) -> None:
    old, new, number = OTHERWISE[kind]
    edits = [(old, new)]
    if kind == "parameters that yields":
        flat = "sum((neuron.parameters() for neuron in self.neurons), [])"
        edits += [(flat, "[p for neuron in self.neurons for p in neuron.parameters()]")]
    source = RIGHT
    for before, after in edits:
        assert source.count(before) == 1
        source = source.replace(before, after)
    (tmp_path / "engine.py").write_text(source, "utf-8")
    failure = check_milestone(tmp_path, load_milestone(number), 60.0).failure
    assert failure is None


SLOPE = "        slope = other * self.data ** (other - 1)\n"
LATE = "            self.grad += slope * out.grad\n"


@pytest.mark.parametrize(
    ("edit", "milestone", "title"),
    [
        ((SLOPE, "        slope = 2 * self.data\n"), 2, "Every operation beside"),
        ((SLOPE, "        slope = other * abs(self.data) ** (other - 1)\n"), 2, "Every operation"),
        (
            (LATE, LATE.replace("slope", "other * self.data ** (other - 1)")),
            1,
            "A later change of the data",
        ),
        (
            ("(1 - t**2) * out.grad", "(1 - math.tanh(self.data)**2) * out.grad"),
            1,
            "A later change of the data",
        ),
        (("            value._backward()\n", "            value._backward()\n"
          "            value.grad = 0.0 if value._prev and value is not self else value.grad\n"),
         2, "Every operand of"),
        (("    while not metrics", "    training_data.sort(key=lambda pair: -pair[1])\n"
          "    while not metrics"), 4, "A line is learned"),
    ],
)  # fmt: skip
def test_what_only_the_usual_numbers_agree_with_is_caught(
    edit: tuple[str, str], milestone: int, title: str, tmp_path: Path
) -> None:
    assert failure_of(tmp_path, edit, milestone=milestone).check.title.startswith(title)


LOOP = "        loss = loss_fn(predictions, [y for _, y in training_data])\n"
BEST = "        if loss.data < self.best_loss:\n"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ((LOOP, LOOP.replace("loss_fn(", "mse_loss(")), "was not asked"),
        ((BEST, BEST.replace("<", "<=")), "an equal loss"),
        ((BEST, BEST.replace("self.best_loss", "(self.losses[-2:-1] or [9e9])[0]")), "the last"),
    ],
)
def test_a_rule_of_the_loop_is_tried_by_losses_from_a_script(
    edit: tuple[str, str], told: str, tmp_path: Path
) -> None:
    failure = failure_of(tmp_path, edit, milestone=4)
    assert failure.check.title == "A run listens to its loss"
    assert told in failure.hints[0]
