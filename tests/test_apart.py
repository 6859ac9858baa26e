"""What works apart can crash, hang or swell, and that is all that happens."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from codegate import process
from codegate.apart import Apart
from codegate.errors import CodegateError

_MUCH = 1 << 34


def _segfault() -> bytes:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    return ctypes.string_at(0)


def _raise() -> bytes:
    raise ValueError("\udcff")


def _swell() -> bytes:
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 10)) * (16 << 10))
        time.sleep(0.01)


def _hang() -> bytes:
    """Match a pattern that takes ages, in C, with no other thread of Python able to run."""
    re.match("(a+)+$", "a" * 64 + "b")
    return b"ever"


@pytest.mark.parametrize("said", [b"", b"x", os.urandom(10_000_000)])
def test_what_it_returns_comes_back(said: bytes) -> None:
    """All of it, whatever its length."""
    assert Apart(lambda: said).result(60, _MUCH) == said


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (_segfault, "crashed: Segmentation fault"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "crashed: Killed"),
        (_raise, "crashed: ValueError: "),
        (sys.exit, "crashed: SystemExit: "),
        (lambda: os._exit(3), "crashed: "),
        (lambda: "no bytes", "crashed: "),
    ],
)
def test_a_crash_is_an_error_of_its_own(work: Callable[[], bytes], says: str) -> None:
    """Whatever it dies of, the parent goes on and says what it was."""
    with pytest.raises(CodegateError, match=says) as caught:
        Apart(work).result(60, _MUCH)
    assert caught.value.hint


def test_a_hang_ends_at_the_limit() -> None:
    """Also one that no thread of its own process could end."""
    started = time.monotonic()
    with pytest.raises(CodegateError, match=r"within 0\.5 s"):
        Apart(_hang).result(0.5, _MUCH)
    assert time.monotonic() - started < 30


def test_too_much_memory_ends_it() -> None:
    """Before the machine has none left."""
    with pytest.raises(CodegateError, match="more than 200 MiB"):
        Apart(_swell).result(60, 200 << 20)


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    """Interrupted, it leaves no program behind."""
    mark = tmp_path / "pid"
    child = Apart(lambda: process.run(["sh", "-c", f"echo $$ > {mark}; sleep 600"]).stdout)
    while not (mark.exists() and mark.read_text()):
        time.sleep(0.01)
    child.interrupt()
    with pytest.raises(CodegateError):
        child.result(60, _MUCH)
    deadline = time.monotonic() + 20
    while _runs(mark.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(pid: str) -> bool:
    """Say whether a process is there and no mere zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_several_work_at_once() -> None:
    """None waits for another, and none holds another's answer open."""
    slow, quick = Apart(lambda: bytes(time.sleep(1) or 1)), Apart(lambda: b"q")
    assert quick.result(60, _MUCH) == b"q"
    assert slow.result(60, _MUCH) == b"\0"
