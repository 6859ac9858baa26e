"""Work on hostile input in a process of its own: if it crashes, hangs or swells, that is all that happens.

A parser written in C can die of what it parses, and while it runs no other thread of Python does.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from codegate import process
from codegate.errors import CodegateError

_CHUNK: Final = 1 << 16
_TICK: Final = 0.2  # seconds between two looks at how much memory it has
_GRACE: Final = 0.5
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Apart:
    """A function at work in a child process, started by its construction; `result` waits for what it returns.

    The child is a fork: it sees all that was read so far and changes nothing of it. It is to be started on
    the main thread. `result` must be called, once.
    """

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Other threads of ours hold no lock that the child takes: it prints nothing and ends by `_exit`.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            _work(work, writing)
        os.close(writing)
        self._is_over = False

    def result(self, seconds: float, memory: int) -> bytes:
        """Return what the function returned; CodegateError if it crashed or went beyond a limit.

        `memory` is in bytes, of what the child has in memory. An exception of the function is a crash, and
        named by the message.
        """
        deadline = time.monotonic() + seconds
        parts: list[bytes] = []
        try:
            while time.monotonic() < deadline:
                if not select.select([self._reading], [], [], min(_TICK, seconds))[0]:
                    if self._resident() > memory:
                        raise CodegateError(f"it used more than {memory >> 20} MiB of memory", _LIMITS)
                elif chunk := os.read(self._reading, _CHUNK):
                    parts.append(chunk)
                else:
                    return self._ended(b"".join(parts))
            raise CodegateError(f"it did not answer within {seconds:g} s", _LIMITS)
        finally:
            self._end()

    def interrupt(self) -> None:
        """Have the child stop what it started, and end: whoever waits hears of a crash. From any thread."""
        if not self._is_over:
            os.kill(self._pid, signal.SIGTERM)  # at most a zombie: nobody else waits for it

    def _ended(self, said: bytes) -> bytes:
        status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        self._is_over = True
        if status < 0:
            raise CodegateError(f"it crashed: {signal.strsignal(-status)}", _REPORT)
        if status:
            raise CodegateError(f"it crashed: {said.decode(errors='replace')}", _REPORT)
        return said

    def _end(self) -> None:
        """Leave nothing of it behind. It is asked first: what it started is its to stop."""
        os.close(self._reading)
        self.interrupt()
        deadline = time.monotonic() + _GRACE
        while not self._is_over and time.monotonic() < deadline:
            self._is_over = os.waitpid(self._pid, os.WNOHANG)[0] != 0
            time.sleep(_TICK / 10)
        if not self._is_over:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._is_over = True

    def _resident(self) -> int:
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * _PAGE
        return 0


_LIMITS: Final = "Split the diff, or raise `seconds` or `memory` under [tool.codegate.limits] in the base."
_REPORT: Final = "This is a defect of codegate or of what it asks: report it, with the diff."


def _work(work: Callable[[], bytes], writing: int) -> NoReturn:
    """Be the child: nothing of the parent's ends is run here, whatever happens."""
    status = 1
    try:
        signal.signal(signal.SIGINT, _stopped)
        signal.signal(signal.SIGTERM, _stopped)
        try:
            said, done = memoryview(work()), 0
            if process.is_stopping():  # it came while a program was being started, which was killed since
                said, done = memoryview(b"interrupted"), 1
        except BaseException as error:
            said, done = memoryview(f"{type(error).__name__}: {error}".encode(errors="replace")), 1
        while said:
            said = said[os.write(writing, said) :]
        status = done
    finally:
        os._exit(status)


def _stopped(number: int, frame: object) -> None:
    if process.stop_all():
        os._exit(128 + number)
