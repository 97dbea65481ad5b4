"""Which hints fit a failure: those for this very answer, then what an error means, then the rest.

A check knows which mistakes lead to which answer. Of an error it mostly knows nothing: what is
certain then is what the error says, and where it was raised, and that comes before any hint about
numbers. Of an unknown answer with several parts it is certain which of them is wrong.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from micrograd.workbench.running import ENDED, NO_END

if TYPE_CHECKING:
    from micrograd.workbench.checking import Failure

__all__ = ["UNKNOWN", "UNWRITTEN", "hints_for", "matches"]

UNWRITTEN = "NotImplementedError"

UNFINISHED = "this part is not written yet. Follow its numbered steps, then check again."
NO_ANSWER = (
    "the answer was None: a function that does not come to a `return` gives None. Look at the "
    "last line of the method that was called."
)
UNKNOWN = "this answer is none that the check knows. Something to compare yours with:"
WITHOUT_RETURN = (
    "something is None here that should be a value. A function that does not come to a `return` "
    "gives None: look at the end of the function that it came from."
)

# What an error means, by how it begins; the first that fits. `*` stands for anything.
ERRORS = {
    "SyntaxError": "Python could not read your file: {message}. Look at that line and at the one "
    "before it, for a bracket or a colon that is missing.",
    "IndentationError": "Python could not read your file: {message}. The lines of one block "
    "begin in the same column.",
    "TabError": "Python could not read your file: {message}. Indent with spaces alone.",
    "ImportError expected * to define *": "none of your files defines the name that is asked for: "
    "{message}. Is it spelled as in the template, and not indented into something else?",
    "ImportError cannot import name *partially initialized*": "two of your files import each "
    "other, so that neither can be finished first: a circular import.",
    "ImportError": "an import failed: {message}.",
    "ModuleNotFoundError": "an import failed: {message}. Is the name spelled right, and is the "
    "module installed for the Python that runs this?",
    "UnboundLocalError": "a variable is read before this function has given it a value: {message}.",
    "NameError": "a name is used that means nothing here: {message}. Is it spelled right, and "
    "imported; is `self.` missing before it?",
    "TypeError 'NoneType' object is not callable": "what is called here is None. Was a function "
    "called where it should have been stored, with brackets behind its name? Or does what made it "
    "not come to a `return`?",
    "AttributeError *'NoneType'*": WITHOUT_RETURN,
    "TypeError *NoneType*": WITHOUT_RETURN,
    "AttributeError *has no attribute*": "something was asked for an attribute that it does not "
    "have: {message}. Is it spelled right, and assigned in `__init__`?",
    "AttributeError": "an attribute could not be read or assigned: {message}.",
    "TypeError *missing * required * argument*": "a call gives too few arguments: {message}.",
    "TypeError *positional argument*": "a call gives another number of arguments than the function "
    "takes: {message}. Does the method have `self` for its first?",
    "TypeError *unexpected keyword argument*": "an argument is called by a name that the function "
    "does not have: {message}.",
    "TypeError unsupported operand type*": "an operator has no meaning for these two types: "
    "{message}.",
    "TypeError *not callable*": "something is called that is no function: {message}.",
    "TypeError": "an operation got something of the wrong type: {message}.",
    "IndexError": "a list was asked for an element that it does not have: {message}. Is it empty?",
    "KeyError": "a dictionary was asked for a key that it does not have: {message}.",
    "ZeroDivisionError": "a plain number was divided by zero.",
    "RecursionError": "a function calls itself, directly or through another one, and never comes "
    "to an end.",
    "EOFError": "your code waits for input, and nobody types here. Take out `input()`.",
    "BdbQuit": "your code stops for the debugger, which nobody operates here. Take out "
    "`breakpoint()`, or run your file by itself.",
    "SystemExit": "your code ended the program: take out `exit()`, `quit()` or `sys.exit()`.",
    "KeyboardInterrupt": "your code was interrupted.",
    "MemoryError": "your code wanted more memory than there is: something grows without end.",
    "AssertionError": "an `assert` of yours does not hold: {message}.",
    NO_END: "it used up its time. A loop or a search that never ends is the likely cause; if your "
    "code is only slow, give it more seconds with --limit (make check LIMIT=60).",
    f"{ENDED} exit code": "your code ended the whole process in the middle: look for `os._exit()`.",
    f"{ENDED} signal": "the process was ended from outside Python: by a crash in something that "
    "your code calls, or because it used too much.",
}
MET = (WITHOUT_RETURN, ERRORS[NO_END])
OTHER = "your code raised an error of the kind {kind}: {message}."


def hints_for(failure: Failure) -> list[str]:
    """The hints that fit a failure, those for this very answer first."""
    came, hints = failure.came, failure.check.hints
    first = [hint.text for hint in hints if any(matches(came, when) for when in hint.when)]
    always = [hint.text for hint in hints if not hint.when]
    if came.startswith(UNWRITTEN):
        first = [UNFINISHED]
    elif failed := _explained(failure):
        shadow = _shadow(failure)
        first = [*shadow, *(first or [failed])]
    elif not first and failure.expected and came in ("", "None"):
        first = [NO_ANSWER]
    elif not first:
        first = _parts(failure)
    if not first and always:  # what is said of this answer must not pass for what is wrong with it
        always = [f"{UNKNOWN} {always[0]}", *always[1:]]
    return first + always


def matches(came: str, condition: str) -> bool:
    """Whether an answer begins as a condition says; ``*`` in it stands for anything.

    >>> matches("TypeError: no Value", "TypeError *Value"), matches("10.0", "1")
    (True, False)
    """
    pattern = re.escape(condition).replace(r"\*", ".*")
    return re.match(rf"{pattern}(?: |$)", came.replace(": ", " "), re.DOTALL) is not None


def _parts(failure: Failure) -> list[str]:
    """Which of several answers is wrong, if others are right: that much is certain."""
    try:
        asked = ast.parse("\n".join(failure.run.splitlines()[failure.begins :])).body[-1]
        right, came = ast.literal_eval(failure.expected), ast.literal_eval(failure.came)
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return []  # not all answers are plain data, or small
    if not (isinstance(asked, ast.Expr) and isinstance(asked.value, ast.Tuple)):
        return []
    names = [ast.unparse(part) for part in asked.value.elts]
    if not (type(right) is type(came) is tuple and len(right) == len(came) == len(names)):
        return []
    wrong = [
        f"`{name}` came out as {got!r}, where {want!r} is right"
        for name, want, got in zip(names, right, came)
        if got != want or type(got) is not type(want)
    ]
    if len(wrong) in (0, len(names)):
        return []
    return [f"{'; '.join(wrong)}. The rest of this answer is right."]


def _explained(failure: Failure) -> str:
    """What an error means, and where it was raised; empty for an answer that is no error."""
    kind, _, message = failure.came.partition(": ")
    meanings = [text for begin, text in ERRORS.items() if matches(failure.came, begin)]
    if not meanings and (kind in ("True", "False", "None") or not re.fullmatch(r"[A-Z]\w*", kind)):
        return ""
    text = [*meanings, OTHER][0]
    told = " ".join(message.split())[:200] or "it has no message"
    place = re.match(r"(\S.*), line (\d+), in ", failure.where)
    met = "was met" if text in MET else "is"  # there, which need not be where it began
    where = f" It {met} in {place[1]}:{place[2]}." if place else ""
    return text.replace("{kind}", kind).replace("{message}", told.rstrip(".")) + where


def _shadow(failure: Failure) -> list[str]:
    """A file of the reader's that stands in the way of a module of Python's own."""
    return [
        f"your file {name}.py stands in the way of Python's own module `{name}`, which other "
        "files import. Give it another name."
        for name in failure.shadows
        if re.search(rf"\b{name}\b", failure.came)
    ]
