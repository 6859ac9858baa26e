"""Programs end, and leave nothing behind, however they behave."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from codegate.errors import CodegateError
from codegate.process import conversation, environment, run


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-c", code]


def gone(pid: int) -> bool:
    for _ in range(50):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    return False


def test_output_input_and_status_come_back() -> None:
    """Both streams, the exit status and standard input reach their place, each apart."""
    done = run(
        python("import sys; print(sys.stdin.read()); sys.stderr.write('e'); sys.exit(3)"), stdin=b"hello"
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, b"hello\n", b"e")
    assert not done.timed_out
    assert not done.truncated


def test_a_program_that_is_not_there_is_an_error() -> None:
    """Nothing to start is said by name."""
    with pytest.raises(CodegateError, match="cannot start no-such-program"):
        run(["no-such-program"])


def test_the_environment_holds_no_git_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hook inherits cannot steer our own git."""
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/elsewhere/index")
    assert not [key for key in environment({"A": "b"}) if key.startswith("GIT_")]
    assert run(python("import os; print(os.environ.get('GIT_DIR'))")).stdout == b"None\n"


def test_an_endless_program_ends_at_the_limit() -> None:
    """Ignoring signals does not help it."""
    done = run(
        python(
            "import signal,time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
        ),
        timeout=0.7,
    )
    assert done.timed_out
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == b"x\n"


FORKS = """
import os, time
pid = os.fork()
if pid == 0:
    time.sleep(60)
open({path!r}, "w").write(str(pid))
print("done", flush=True)
time.sleep({seconds})
"""


def test_grandchildren_die_with_it(tmp_path: Path) -> None:
    """The whole group is killed at the limit, not only its leader."""
    assert run(python(FORKS.format(path=str(tmp_path / "pid"), seconds=60)), timeout=1).timed_out
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_daemon_that_holds_the_output_open_is_not_waited_for(tmp_path: Path) -> None:
    """A child that outlives the program costs a second, not its own life's time, and dies."""
    started = time.monotonic()
    done = run(python(FORKS.format(path=str(tmp_path / "pid"), seconds=0)))
    assert done.stdout == b"done\n"
    assert time.monotonic() - started < 20
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_flood_is_cut_and_said(tmp_path: Path) -> None:
    """Memory stays bounded, the program is not blocked, and the cut is told."""
    done = run(python("import sys; sys.stdout.write('x' * 3_000_000)"), max_output=1000)
    assert done.returncode == 0
    assert done.stdout == b"x" * 1000
    assert done.truncated


def test_input_that_is_never_read_cannot_hold_us() -> None:
    """A program that ignores its input still ends at the limit."""
    assert run(python("import time; time.sleep(60)"), stdin=b"x" * 1_000_000, timeout=0.5).timed_out


def test_a_report_has_a_channel_of_its_own() -> None:
    """What is written to the report's descriptor does not mix with the output."""
    code = "import os; os.write(int(os.environ['OUT']), b'report'); print('output')"
    done = run(python(code), report_variable="OUT")
    assert (done.stdout, done.report) == (b"output\n", b"report")


def test_no_descriptor_is_left_open() -> None:
    """A hundred runs hold no more descriptors than one."""
    run(python("pass"), report_variable="OUT")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        run(python("pass"), report_variable="OUT")
    assert len(os.listdir("/proc/self/fd")) == before


ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"


def test_a_conversation_ends_with_its_block() -> None:
    """The child answers while the block runs, and is dead after it."""
    with conversation(python(ECHO)) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"ping\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"ping\n"
    assert gone(child.pid)


def test_nothing_starts_once_all_is_stopped() -> None:
    """After an interrupt what runs on other threads is killed, and no thread starts another program."""
    code = (
        "import threading, time\nfrom codegate.process import run, stop_all\n"
        "threading.Timer(0.5, stop_all).start()\n"
        "print(run(['sleep', '60']).returncode)\n"
        "try: run(['true'])\nexcept Exception as error: print(error)\n"
    )
    done = run([sys.executable, "-c", code], timeout=30)
    assert done.stdout.split(b"\n")[:2] == [b"-9", b"true was not started: codegate is stopping"]
