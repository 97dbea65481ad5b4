"""The workbench: a reader's own implementation against the milestones, whatever it does."""

import ast
import faulthandler
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from experiments.implementations_runs import IMPLEMENTATIONS, failures, with_seed
from experiments.mistakes import FILES, MISTAKES, Mistake, caught, shipped

from micrograd.milestones import Check, Hint, load_milestone, load_milestones
from micrograd.workbench import (
    Failure,
    Progress,
    WorkbenchError,
    check_milestone,
    check_workbench,
    child,
    lay_out,
    main,
    show_failure,
    show_solution,
    watch,
)
from micrograd.workbench.folder import PARTS, finished
from micrograd.workbench.hints import UNKNOWN
from micrograd.workbench.steps import definitions

FIRST = load_milestone(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workbench with the shipped package in it: what a reader writes, and what that imports."""
    for name, source in shipped().items():
        shutil.copy(source, tmp_path / f"{name}.py")
    return tmp_path


def prepend(file: Path, code: str) -> None:
    """Put code before what is in a file, after its `from __future__` import."""
    before, future, after = file.read_text("utf-8").partition("import annotations\n")
    file.write_text(f"{before}{future}\n{code}\n{after}", "utf-8")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def failure_of(folder: Path, milestone: int = 1, limit: float = 10.0) -> Failure:
    failure = check_milestone(folder, load_milestone(milestone), limit).failure
    assert failure is not None
    return failure


# What is right passes, and what is wrong does not.


@pytest.mark.parametrize("file", IMPLEMENTATIONS, ids=lambda file: file.stem)
def test_an_implementation_unlike_ours_passes_whatever_it_draws(file: Path) -> None:
    assert failures(file, seed=sum(file.stem.encode())) == []


def test_ten_implementations_are_unlike_ours_and_all_draw_otherwise_with_another_seed() -> None:
    assert len(IMPLEMENTATIONS) >= 10
    for text in map(Path.read_text, IMPLEMENTATIONS):
        assert with_seed(text, 1) != with_seed(text, 2)


def test_the_shipped_package_passes(folder: Path) -> None:
    assert [result.failure for result in check_workbench(folder)] == [None] * 4


def test_a_file_beside_the_three_is_found_by_its_own_name(folder: Path) -> None:
    (folder / "helpers.py").write_text("def total(a, b):\n    return a + b\n", "utf-8")
    prepend(folder / "engine.py", "from micrograd import helpers")
    change(folder / "engine.py", "self.data + other.data", "helpers.total(self.data, other.data)")
    assert check_milestone(folder, FIRST).failure is None


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_a_mistake_is_caught_and_named_by_the_first_hint(mistake: Mistake) -> None:
    failure = caught(mistake)
    assert failure is not None
    assert mistake.phrase in failure.hints[0]


def test_the_collection_is_large_and_every_title_its_own() -> None:
    assert len({mistake.title for mistake in MISTAKES}) == len(MISTAKES) >= 40


def test_a_mistake_that_replaces_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="got it 0 times"):
        Mistake("None", 1, "engine", "", (("no such line", ""),)).make(tmp_path)


# The folder.


def test_a_new_workbench_has_three_files_and_overwrites_none(tmp_path: Path) -> None:
    (tmp_path / "nn.py").write_text("mine", "utf-8")
    assert [(file.name, new) for file, new in lay_out(tmp_path)] == [
        ("engine.py", True),
        ("nn.py", False),
        ("training.py", True),
    ]
    assert (tmp_path / "nn.py").read_text("utf-8") == "mine"
    assert not any(new for _, new in lay_out(tmp_path))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkbenchError, match="expected a folder that can be written"):
        lay_out(tmp_path / "file")


@pytest.mark.parametrize("name", FILES)
def test_a_template_numbers_its_steps_and_gives_nothing_away(name: str, tmp_path: Path) -> None:
    lay_out(tmp_path)
    source = (tmp_path / f"{name}.py").read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name != "__repr__":
            text = ast.get_source_segment(source, node) or ""
            steps = [int(number) for number in re.findall(r"# TODO (\d+): ", text)]
            assert steps == list(range(1, len(steps) + 1))
            *given, last = node.body
            if steps:
                assert isinstance(last, ast.Raise)
                assert len(given) == 1  # the docstring
            else:
                assert name == "training"
                assert node.name == "__init__"


def test_from_nothing_to_the_first_hint_one_process_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    class Counted(subprocess.Popen[str]):
        def __init__(self, command: list[str], **options: Any) -> None:
            started.append(command)
            super().__init__(command, **options)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    assert main(["new", str(tmp_path)]) == 0
    assert main(["check", str(tmp_path)]) == 1
    assert len(started) == 1
    said = capsys.readouterr().out
    place = f"{tmp_path / 'engine.py'}:31"
    assert f"came      Value.__init__ is not written yet\n  where     {place}\n" in said
    assert "Hint: this part is not written yet." in said
    assert 'Read: book/engine/recording-operations.md, "Recording numbers"' in said
    assert "  1  A value that remembers              next\n" in said


# Whatever the reader's code does, the answer is about the check.

MISCHIEF = {
    "raise": ("raise KeyError('mine')", "KeyError: 'mine'"),
    "sys.exit": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "os._exit": ("import os; os._exit(0)", "the end of the process: exit code 0"),
    "quit": ("quit()", "SystemExit"),
    "an empty message": ("assert False", "AssertionError"),
    "input": ("input()", "EOFError: EOF when reading a line"),
    "an endless recursion": ("def f(): f()\nf()", "RecursionError: maximum recursion depth"),
    "a syntax error": ("x = = 1", "SyntaxError: invalid syntax (engine.py, line"),
    "an error that cannot be shown": (
        "class Odd(Exception):\n    def __str__(self): return 1 / 0\nraise Odd",
        "Odd",
    ),
}


@pytest.mark.parametrize("kind", MISCHIEF)
def test_code_that_ends_is_reported_as_such(kind: str, folder: Path) -> None:
    code, came = MISCHIEF[kind]
    prepend(folder / "engine.py", code)
    assert failure_of(folder).came.startswith(came)


def test_an_endless_loop_is_stopped_and_found(folder: Path) -> None:
    change(folder / "engine.py", "t = math.tanh(self.data)", "while True: pass")
    failure = failure_of(folder, limit=2.0)
    assert (failure.check.title, failure.came) == ("The hyperbolic tangent", "no end")
    assert re.fullmatch(r"engine.py, line \d+, in tanh", failure.where)
    assert "nothing: it was still running when its time was up" in show_failure(failure)


def test_printing_neither_passes_nor_fails_a_check(folder: Path) -> None:
    prepend(folder / "engine.py", "import os\nprint('{}')\nos.write(1, b'{\"came\": \"5.0\"}\\n')")
    result = check_milestone(folder, FIRST)
    assert (result.failure, result.printed) == (None, "{}\n")
    change(folder / "engine.py", "self.data + other.data", "print('5.0')")
    failure = failure_of(folder)
    assert failure.printed == "5.0\n"
    assert "  printed\n    | 5.0\n" in show_failure(failure)


def test_a_value_that_looks_like_a_number_is_not_one(folder: Path) -> None:
    change(folder / "engine.py", 'f"Value(data={self.data}, grad={self.grad})"', "str(self.data)")
    change(folder / "engine.py", "_record(self.data + other.data,", "_record(Value(5.0),")
    assert failure_of(folder).came == "a Value: 5.0"


def test_redefining_how_answers_are_shown_does_not_help(folder: Path) -> None:
    prepend(
        folder / "engine.py",
        "import sys\nsys.displayhook = lambda thing: print('5.0')\nsys.stdout = sys.__stdout__",
    )
    change(folder / "engine.py", "self.data + other.data", "self.data - other.data")
    assert failure_of(folder).came == "-1.0"


def test_the_shipped_package_does_not_stand_in_for_the_readers(folder: Path) -> None:
    for name in ("nn", "training", "optim"):
        (folder / f"{name}.py").unlink()
    assert failure_of(folder, 3).came == (
        "ImportError: expected engine to define MLP, but none of them does"
    )


@pytest.mark.parametrize("form", ["engine", "micrograd", "micrograd.engine", ".engine"])
def test_all_ways_of_importing_the_engine_lead_to_one(form: str, folder: Path) -> None:
    change(folder / "nn.py", "from micrograd.engine import", f"from {form} import")
    assert check_milestone(folder, load_milestone(3)).failure is None


def test_a_file_saved_twice_within_a_second_is_read_anew(folder: Path) -> None:
    stamp = (folder / "engine.py").stat()
    assert check_milestone(folder, FIRST).failure is None
    change(folder / "engine.py", "self.data + other.data", "self.data - other.data")
    os.utime(folder / "engine.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert failure_of(folder).came == "-1.0"
    assert not (folder / "__pycache__").exists()


# What is said of a failure.


def test_a_failure_shows_what_was_run_and_where_it_broke(folder: Path) -> None:
    change(folder / "engine.py", "def __radd__", "def radd")
    failure = failure_of(folder)
    assert failure.run == "v = Value(4.0)\n(2.0 + v).data, (2.0 * v).data"
    assert failure.expected == "(6.0, 8.0)"
    assert failure.hints[0].startswith("a reflected operator is missing")
    change(folder / "engine.py", "self.data + other.data", "self.date + other.data")
    assert re.fullmatch(r"engine.py, line \d+, in __add__: .*self.date.*", failure_of(folder).where)


def test_hints_for_this_answer_come_first() -> None:
    hints = (Hint("always"), Hint("two", ("2", "no end")), Hint("error", ("TypeError odd",)))
    check = Check("Title", "", ">>> 1\n1\n", 1, hints, "page", "Section")

    def first(came: str) -> str:
        return Failure(1, check, ">>> 1", "1", came).hints[0]

    assert [first("2"), first("no end"), first("2.0"), first("TypeError: odd one")] == [
        "two",
        "two",
        f"{UNKNOWN} always",  # which is not said to be the mistake
        "error",
    ]
    shown = show_failure(Failure(1, check, ">>> 1", "", "the end of the process: exit code 1"))
    assert "came      nothing: your code ended the process (exit code 1)" in shown
    assert "expected  no answer, and no error" in shown
    assert "came      no answer\n" in show_failure(Failure(1, check, ">>> 1", "1", ""))
    much = Failure(1, check, ">>> 1", "1", "2", printed="line\n" * 30)
    assert "    | and 10 lines more" in show_failure(much)


# The commands.


def test_each_hint_says_more_until_there_is_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder / "walk.py", "a.grad += node._da", "a.grad = node._da")
    change(folder / "walk.py", "b.grad += node._db", "b.grad = node._db")
    assert main(["hint", str(folder)]) == 0
    assert "Nothing has failed." in capsys.readouterr().out
    assert main(["check", str(folder)]) == 1
    said = [capsys.readouterr().out]
    assert "Milestone 1, A value that remembers: all 18 checks pass" in said[0]
    assert "Milestone 2, The blame flows back: 3 of 14 checks pass" in said[0]
    for _ in range(3):
        assert main(["hint", str(folder)]) == 0
        said.append(capsys.readouterr().out)
    assert [text.count("Hint: ") for text in said] == [1, 2, 3, 3]
    assert "There is no further hint." in said[3]
    main(["check", str(folder)])
    assert capsys.readouterr().out.count("Hint: ") == 3  # the same failure: nothing is lost
    main(["progress", str(folder)])
    assert capsys.readouterr().out.splitlines()[:2] == [
        "  1  A value that remembers              passed",
        "  2  The blame flows back                next",
    ]


def test_one_milestone_may_be_checked_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepend(folder / "nn.py", "print('loud')")
    assert main(["check", str(folder), "--milestone", "3"]) == 0
    said = capsys.readouterr().out
    assert "Milestone 3, Neurons, layers, networks: all 15 checks pass" in said
    assert "Your code printed:\n    | loud" in said
    assert Progress.of(folder).passed == [3]
    change(folder / "nn.py", 'activation if nonlin else "linear"', "activation")
    assert main(["check", str(folder), "--milestone", "3"]) == 1
    assert Progress.of(folder).passed == []


def test_a_solution_is_shown_once_the_milestone_passes_or_on_request(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solution", "2", str(folder)]) == 2
    assert "expected milestone 2 to pass first, or --anyway" in capsys.readouterr().err
    assert main(["solution", "2", str(folder), "--anyway"]) == 0
    assert "\n    def backward(self) -> None:" in capsys.readouterr().out
    main(["check", str(folder), "--milestone", "2"])
    assert main(["solution", "2", str(folder)]) == 0


def test_every_step_of_every_file_is_asked_for_by_one_milestone() -> None:
    asked = [
        (file, full) for parts in PARTS.values() for file in parts for full in parts[file].split()
    ]
    assert len({*asked}) == len(asked)
    for file in {file for file, _ in asked}:
        for full, node in definitions(finished(file)).items():
            wanted = {(file, full), (file, full.partition(".")[0])} & {*asked}
            if isinstance(node, ast.FunctionDef) and full != "TrainingConfig.__init__":
                assert len(wanted) == 1, (file, full)


def test_every_milestone_has_a_solution() -> None:
    for milestone in load_milestones(own=True):
        solution = show_solution(milestone.number)
        for file, names in PARTS[milestone.number].items():
            assert f"# {file}.py\n" in solution
            for name in names.split():
                last = re.escape(name.rpartition(".")[2])
                assert re.search(rf"^ *(def|class) {last}\b", solution, re.MULTILINE)
        assert "TODO" not in solution


def test_a_pass_says_what_comes_next(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(folder), "--milestone", "2"])
    said = capsys.readouterr().out
    assert f"-m micrograd.workbench solution 2 {folder}\n" in said  # in one line, to be copied
    assert said.count("Next: ") == 1
    main(["check", str(folder)])
    said = capsys.readouterr().out
    assert "All of it is yours now." in said
    assert said.endswith(f"workbench new --from 5 {folder}\n")
    assert main(["new", "--from", "8", str(folder)]) == 0
    assert main(["check", str(folder), "--milestone", "8"]) == 1  # not written yet


def test_a_failure_shows_what_the_check_says_of_itself(folder: Path) -> None:
    change(folder / "nn.py", "total = self.b", "total = Value(0.0)")
    failure = failure_of(folder, 3)
    assert "\n\nBy hand: `0.5 * 1 - 0.3 * 2 + 0.1` is 0, and " in show_failure(failure)


def test_a_solution_is_shown_a_method_at_a_time() -> None:
    assert show_solution(1, "__neg__").splitlines() == [
        "# engine.py",
        "",
        "    def __neg__(self) -> Value:",
        '        """The negative, -self."""',
        "        return self * -1",
    ]
    assert show_solution(3, "parameters").count("def parameters(") == 3  # of three classes
    assert show_solution(3, "Layer.parameters").count("def parameters(") == 1
    with pytest.raises(ValueError, match="expected a name from the solution of milestone 1"):
        show_solution(1, "sinh")


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (
            ["check", "nowhere"],
            "expected a folder with your engine.py or tensor.py in it, got nowhere",
        ),
        (["hint", "nowhere"], "expected a folder with your engine.py or tensor.py in it"),
        (["progress", "nowhere"], "expected a folder with your engine.py or tensor.py in it"),
        (["solution", "9"], "expected the number of a milestone, got 9"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    command: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    assert complaint in capsys.readouterr().err


def test_progress_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    for text in ("", "[]", '{"unknown": 1}'):
        (tmp_path / ".progress.json").write_text(text, "utf-8")
        assert Progress.of(tmp_path) == Progress()


def test_watching_runs_again_when_a_file_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    pauses = iter(range(3))

    def pause(seconds: float) -> None:
        match next(pauses):
            case 1:
                (tmp_path / "engine.py").write_text("", "utf-8")
            case 2:
                raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", pause)
    watch(tmp_path, lambda: runs.append(1))
    assert len(runs) == 2


def test_the_command_can_watch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    assert main(["check", str(folder), "--milestone", "1", "--watch"]) == 0
    assert "Waiting for a file to be saved." in capsys.readouterr().out


def test_commands_name_the_python_of_an_environment_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    for python, told in ((folder / "bin" / "python", "bin/python"), (Path("/python"), "python")):
        monkeypatch.setattr(sys, "executable", str(python))
        main(["new", "."])
        assert f"Now: {told} -m micrograd.workbench check ." in capsys.readouterr().out


def test_the_module_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import_module("micrograd.workbench.__main__")  # which does nothing
    monkeypatch.delitem(sys.modules, "micrograd.workbench.__main__")
    monkeypatch.setattr(sys, "argv", ["workbench", "progress", "nowhere"])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_module("micrograd.workbench", run_name="__main__")


# The other process, seen from inside.


@pytest.fixture
def as_child(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As in the process that runs the reader's code; afterwards all is as it was."""
    before = dict(sys.modules)
    for name in before:
        if name.partition(".")[0] == "micrograd":
            del sys.modules[name]
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(os, "dup", lambda _: os.open(folder / "answers", os.O_CREAT | os.O_RDWR))
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(faulthandler, "register", lambda *_, **__: None)
    monkeypatch.setattr(os, "register_at_fork", lambda **_: None)
    yield folder
    for name in set(sys.modules) - set(before):
        del sys.modules[name]
    sys.modules.update(before)


def test_the_child_answers_for_each_example(
    as_child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = [
        "from micrograd import Value, MLP\n",
        "import engine, micrograd.engine, nn; engine is micrograd.engine\n",
        "from engine import Value as Again; Again is Value\n",
        "print('loud')\n",
        "Value(None)\n",
        "from micrograd import Nothing\n",
        "1 / 0\n",
        "hasattr(micrograd, '__all__')\n",
        "micrograd.zero_gradients is nn.zero_gradients\n",
    ]
    (as_child / "training.py").unlink()
    request = {"folder": str(as_child), "examples": examples, "limit": 60, "patience": 60}
    monkeypatch.setattr(sys, "argv", [child.__file__])  # and not what pytest was called with
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(request) + "\n"))
    runpy.run_path(child.__file__, run_name="__main__")
    told = [json.loads(line) for line in (as_child / "answers").read_text("utf-8").splitlines()]
    answers = [answer for answer in told if "came" in answer]
    assert [answer["came"].partition(":")[0] for answer in answers] == [
        "",
        "True",
        "True",
        "",
        "TypeError",
        "ImportError",
        "ZeroDivisionError",
        "False",
        "True",
    ]
    assert "".join(answer.get("printed", "") for answer in told[3:6]) == "loud\n"
    assert re.match(r"\w+\.py, line \d+, in ", answers[4]["where"])
    assert answers[6]["where"] == ""


def test_only_plain_data_is_shown_as_such() -> None:
    class Real(float):
        def __repr__(self) -> str:
            return "True"

    class Sly:
        def __repr__(self) -> str:
            return "5.0"

    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    assert child.show((1, 2.5, "x", None, [True])) == "(1, 2.5, 'x', None, [True])"
    assert child.show((1,)) == "(1,)"
    assert child.show(()) == "()"
    assert child.show(Real(2.0)) == "2.0"
    assert child.show([Sly()]) == "[a Sly: 5.0]"
    assert child.show(Broken()) == "a Broken whose repr raises ValueError"


def test_an_error_says_what_it_is() -> None:
    class Mute(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise ValueError

    assert child.describe(KeyError("x")) == "KeyError: 'x'"
    assert child.describe(Mute()) == "Mute"
