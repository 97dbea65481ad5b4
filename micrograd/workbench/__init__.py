"""A folder for the reader's own engine, and the milestones run against what is in it.

``python -m micrograd.workbench new DIR`` lays the folder out, ``check`` runs the milestones of
the book on it in order and stops at the first thing that is wrong, ``hint`` says more about that,
``try`` opens a Python in which it has just happened, ``progress`` tells how far one has come,
``solution`` shows one way to do it and ``reset`` begins a file again. The chapter "Build it
yourself" tells the story.

The reader's code runs in a process of its own, with a time limit. That process only reports what
came of each example; whether it was right is decided here.
"""

from micrograd.workbench.checking import Failure, Result, check_milestone, check_workbench
from micrograd.workbench.commands import main
from micrograd.workbench.folder import WorkbenchError, lay_out, reset
from micrograd.workbench.progress import Progress
from micrograd.workbench.reporting import report
from micrograd.workbench.showing import show_failure
from micrograd.workbench.solutions import show_solution
from micrograd.workbench.watching import watch

__all__ = [
    "Failure",
    "Progress",
    "Result",
    "WorkbenchError",
    "check_milestone",
    "check_workbench",
    "lay_out",
    "main",
    "report",
    "reset",
    "show_failure",
    "show_solution",
    "watch",
]
