"""The workbench answers within a limited time, on any terminal, whatever the reader's code does."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from experiments.mistakes import CLOSURES

from micrograd.milestones import load_milestone
from micrograd.workbench import (
    Failure,
    Progress,
    WorkbenchError,
    check_milestone,
    main,
    running,
    show_failure,
    watch,
)

ROOT = Path(__file__).parents[1]
FIRST = load_milestone(1)
RIGHT = CLOSURES.read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workbench with a right implementation, in a place whose name is not ASCII."""
    place = tmp_path / "my bänch"
    place.mkdir()
    begin_with("", place)
    return place


def begin_with(code: str, folder: Path) -> None:
    """Put code before the right implementation."""
    (folder / "engine.py").write_text(f"{code}\n{RIGHT}", "utf-8")


def failure_of(folder: Path, limit: float = 1.0) -> Failure:
    failure = check_milestone(folder, FIRST, limit).failure
    assert failure is not None
    return failure


def command(*words: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    line = [sys.executable, "-m", "micrograd.workbench", *words]
    return subprocess.run(line, capture_output=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


# Code that does not come back.

ENDLESS = {  # what goes before the loop, and the time it has by the clock for one on the processor
    "its timer taken away": (
        "import faulthandler\nfaulthandler.cancel_dump_traceback_later()",
        100,
    ),
    "the signal ignored": ("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)", 6),
    "every error caught": (
        "def forever():\n    try:\n        while True: pass\n"
        "    except BaseException: forever()\nforever()",
        100,
    ),
}


@pytest.mark.parametrize("how", ENDLESS)
def test_a_loop_without_an_end_is_ended(
    how: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, patience = ENDLESS[how]
    monkeypatch.setattr(running, "PATIENCE", patience)
    begin_with(f"{before}\nwhile True: pass", folder)
    failure = failure_of(folder)
    assert failure.came == "no end"
    assert failure.where.startswith("engine.py, line ")
    assert "--limit" in failure.hints[0]


def test_code_that_waits_is_ended_by_the_clock(folder: Path) -> None:
    begin_with("import threading\nthreading.Event().wait()", folder)
    failure = failure_of(folder, 0.5)
    assert (failure.came, failure.where.partition(":")[0]) == (
        "no end",
        "engine.py, line 2, in <module>",
    )


def test_a_process_that_stops_itself_is_ended(folder: Path) -> None:
    begin_with("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", folder)
    assert failure_of(folder, 0.5).came == "no end"


def test_a_busy_machine_is_no_mistake(folder: Path) -> None:
    """Time counts that was spent on the processor: what only waited its turn has not used any."""
    begin_with("import time\ntime.sleep(3.0)", folder)
    assert check_milestone(folder, FIRST, 2.0).failure is None


# Processes that the code starts.


def alive(pid: int) -> bool:
    """Whether there is such a process, and it is more than an entry of a table."""
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


FORKS = {
    "goes on": "os.fork()",
    "leaves the group": "if os.fork() == 0: os.setsid()",
    "holds the pipe": "if os.fork() == 0: time.sleep(600)",
    "is all that is left": "if os.fork() == 0: time.sleep(600)\nos._exit(3)",
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("kind", FORKS)
def test_a_fork_is_not_waited_for_and_none_is_left(kind: str, folder: Path) -> None:
    begin_with(
        "import os, time\n"
        "note = lambda: open('pids', 'a').write(f'{os.getpid()} ')\n"
        f"os.register_at_fork(after_in_child=note)\n{FORKS[kind]}",
        folder,
    )
    failure = check_milestone(folder, FIRST, 60.0).failure
    came = failure and failure.came
    assert came == ("the end of the process: exit code 3" if "left" in kind else None)
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    assert pids
    for _ in range(100):  # a process that was killed takes a moment to go
        if not any(map(alive, pids)):
            break
        time.sleep(0.05)
    assert [pid for pid in pids if alive(pid)] == []


# What is printed.


def test_an_answer_of_five_million_characters_is_cut(folder: Path) -> None:
    begin_with("raise ValueError('long' * 1_250_000)", folder)
    failure = failure_of(folder)
    assert failure.came.startswith("ValueError: longlong")
    assert len(show_failure(failure)) < 3000
    begin_with("", folder)
    text = (folder / "engine.py").read_text("utf-8")
    long = text.replace("self.data = float(data)", "self.data = 'long' * 1_250_000")
    (folder / "engine.py").write_text(long, "utf-8")
    assert len(show_failure(failure_of(folder))) < 3000


def test_a_terminal_need_not_have_every_character(folder: Path) -> None:
    begin_with("print('∂L/∂w')\nraise ValueError('∂')", folder)
    done = command("check", str(folder), env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert b"came      ValueError: \\u2202\n" in done.stdout
    assert b"    | \\u2202L/\\u2202w\n" in done.stdout
    assert Progress.of(folder).failure


def test_what_code_printed_before_it_hung_or_ended_is_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PATIENCE", 100)
    for end in ("while True: pass", "import os\nos._exit(1)"):
        begin_with(f"print('here')\n{end}", folder)
        assert "  printed\n    | here\n" in show_failure(failure_of(folder))


def test_the_place_of_a_loop_is_known_in_a_folder_with_an_umlaut(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PATIENCE", 100)
    begin_with("while True: pass", folder)
    assert failure_of(folder).where == "engine.py, line 1, in <module>"


def test_a_reader_who_has_read_enough_is_no_error(folder: Path) -> None:
    for words in (["solution", "1", str(folder), "--anyway"], ["check", str(folder)]):
        line = [sys.executable, "-m", "micrograd.workbench", *words]
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
    assert 1 in Progress.of(folder).passed  # kept, though nothing could be printed


# The folder.


@pytest.mark.parametrize(
    "text",
    [
        '{"failure": ["one"], "shown": 9}',
        '{"failure": ["one"], "shown": 0}',
        '{"failure": "one", "shown": 1}',
        '{"failure": [1], "shown": 1}',
        '{"passed": 1}',
        '{"passed": ["1"]}',
        '{"passed": null}',
        '{"shown": true}',
        "[" * 100_000,
    ],
)
def test_progress_that_an_editor_has_broken_is_none(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".progress.json").write_text(text, "utf-8")
    assert Progress.of(folder) == Progress()
    assert main(["hint", str(folder)]) == 0
    assert "Nothing has failed." in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_checked_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".progress.json").mkdir()  # which cannot be written to, by anyone
    assert main(["check", str(folder), "--milestone", "1"]) == 0
    said = capsys.readouterr()
    assert "all 18 checks pass" in said.out
    assert "How far you have come could not be written down: " in said.err


def test_commands_are_quoted_where_a_shell_needs_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new", str(folder)])
    assert capsys.readouterr().out.endswith(f"check '{folder}'\n")


@pytest.mark.parametrize("target", ["workbench", "check"])
def test_make_takes_a_folder_with_a_space(target: str) -> None:
    told = subprocess.run(
        ["make", "-n", target, "DIR=my bench", "LIMIT=60"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f'{"new" if target == "workbench" else "check"} "my bench"' in told
    if target == "check":
        assert "--limit 60" in told


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf", "1e300", "soon"])
def test_a_limit_that_is_none_is_refused(
    limit: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["check", str(folder), f"--limit={limit}"])
    assert f"expected seconds above 0, at most a day, got {limit}" in capsys.readouterr().err


def test_a_folder_that_is_gone_is_an_error_of_ours(folder: Path) -> None:
    with pytest.raises(WorkbenchError, match="expected a folder to run your code in"):
        list(running.answers(folder / "gone", ["1"], 1.0))


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(KeyboardInterrupt, 130, "\nStopped.\n"), (BrokenPipeError, 0, "")],
)
def test_the_command_ends_quietly(
    error: type[BaseException],
    code: int,
    said: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    monkeypatch.setattr("micrograd.workbench.commands.expect_workbench", interrupted)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    assert main(["progress", str(folder)]) == code
    assert capsys.readouterr() == ("", said)


# Ctrl-C, and watching.


def test_ctrl_c_ends_a_check_in_one_line(folder: Path) -> None:
    begin_with("open('here', 'w').close()\nwhile True: pass", folder)
    line = [sys.executable, "-m", "micrograd.workbench", "check", str(folder)]

    def heed() -> None:  # what runs in the background of a script ignores Ctrl-C, and so would it
        signal.signal(signal.SIGINT, signal.default_int_handler)

    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed
    ) as process:
        while not (folder / "here").exists():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, b"\nStopped.\n")


def waiting(*acts: Callable[[], object]) -> Callable[[float], None]:
    """A sleep that does one thing after another, and then ends the watch."""
    todo = iter(acts)

    def sleep(seconds: float) -> None:
        act = next(todo, None)
        if act is None:
            raise KeyboardInterrupt
        act()

    return sleep


def test_a_lock_file_of_an_editor_is_not_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = folder / ".#engine.py"
    lock.symlink_to("someone@somewhere.1234")  # to nowhere, as Emacs makes it
    runs: list[int] = []
    monkeypatch.setattr("time.sleep", waiting(lock.unlink, lambda: None))
    watch(folder, lambda: runs.append(1))
    assert runs == [1]


def test_a_file_that_is_gone_for_a_moment_does_not_end_the_watch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = folder / "engine.py"
    monkeypatch.setattr("time.sleep", waiting(engine.unlink, lambda: begin_with("", folder)))
    assert main(["check", str(folder), "--milestone", "1", "--watch"]) == 0
    said = capsys.readouterr().out
    assert said.count("all 18 checks pass") == 2
    assert said.count("expected a folder with your engine.py or tensor.py in it") == 1


def test_a_stream_of_any_kind_may_stand_for_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = io.StringIO()
    monkeypatch.setattr(sys, "stdout", paper)
    assert main(["progress", str(folder)]) == 0
    assert paper.getvalue().startswith("  1  A value that remembers")


def test_a_crash_while_the_place_is_written_is_out_of_time_all_the_same(tmp_path: Path) -> None:
    """Some Pythons crash over a deep stack that they write, and so end by another signal."""
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    process = subprocess.Popen([sys.executable, "-c", crash], text=True)
    process.wait()
    place = (
        f'Stack (most recent call first):\n  File "{tmp_path / "engine.py"}", line 2 in follow\n'
    )
    said = running._ending(process, place, tmp_path)
    assert said == {"came": running.NO_END, "where": "engine.py, line 2, in follow"}
    assert running._ending(process, "", tmp_path)["came"].startswith(running.ENDED)
