"""The only room that starts programs: from a list, never by a shell, always with an end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from codegate.errors import CodegateError

_DRAIN_SECONDS = 1.0
_CHUNK = 1 << 16

_live: set[subprocess.Popen[bytes]] = set()
_starting: set[int] = set()  # the threads that are doing so
_stopping = threading.Event()


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ended. `returncode` is negative for a signal.

    `truncated` says that a stream was longer than the bound and its rest was read and thrown away;
    `report` is what the program wrote to its report pipe, if it was given one.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    truncated: bool = False
    report: bytes = b""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without any `GIT_*`, plus `extra`.

    A hook inherits `GIT_DIR`, `GIT_INDEX_FILE` and others; left in place they would steer our git too.
    """
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return clean | dict(extra or {})


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
    max_output: int = 64 << 20,
    report_variable: str | None = None,
    pass_fds: Sequence[int] = (),
) -> Finished:
    """Run a program to its end, and leave nothing of its process group behind.

    Its streams are kept up to `max_output` bytes each. At `timeout` seconds, and on any exception here
    (an interrupt too), the whole group is killed. A child that outlives the program and holds its output
    open is not waited for. With `report_variable` the program gets one more pipe, whose descriptor number
    stands in that environment variable. Raises CodegateError if the program cannot be started.
    """
    given = dict(environment() if env is None else env)
    report_read, report_write = os.pipe() if report_variable else (-1, -1)
    if report_variable:
        given[report_variable] = str(report_write)
    started = time.monotonic()
    _starting.add(threading.get_ident())
    try:
        child = _start(argv, cwd, given, (*pass_fds, report_write) if report_variable else pass_fds)
        _live.add(child)
    except BaseException:
        _close(report_read, report_write)
        raise
    finally:
        _starting.discard(threading.get_ident())
    if _stopping.is_set():  # it came between: whoever stopped all did not see this one
        _kill_group(child)
    _close(report_write)
    assert child.stdout is not None
    assert child.stderr is not None
    streams = [_Stream(child.stdout, max_output), _Stream(child.stderr, max_output)]
    if report_variable:
        streams.append(_Stream(os.fdopen(report_read, "rb", buffering=0), max_output))
    timed_out = False
    try:
        _feed(child, stdin)
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
    finally:
        seconds = time.monotonic() - started
        _end(child, streams)
        _live.discard(child)
    return Finished(
        child.returncode, streams[0].data, streams[1].data, seconds, timed_out,
        any(s.truncated for s in streams), streams[2].data if report_variable else b"",
    )  # fmt: skip


def stop_all() -> bool:
    """Kill whatever `run` has started on any thread, and let it start nothing more in this process.

    For an interrupt: only the main thread hears of one, and a program in a session of its own does not.
    Returns whether nothing is left; what is just being started is killed by whoever starts it.
    """
    _stopping.set()
    for child in list(_live):
        _kill_group(child)
    return not _starting


def is_stopping() -> bool:
    """Say whether `stop_all` was called: what a program said that ended since then is no answer."""
    return _stopping.is_set()


@contextlib.contextmanager
def conversation(
    argv: Sequence[str | os.PathLike[str]],
    *,
    env: Mapping[str, str] | None = None,
    stderr: IO[bytes] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a child with pipes for its standard input and output; its group is dead when the block ends."""
    try:
        child = subprocess.Popen(
            [os.fspath(a) for a in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=stderr or subprocess.DEVNULL, env=dict(environment() if env is None else env),
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CodegateError(f"cannot start {os.fspath(argv[0])}: {error.strerror}") from error
    try:
        yield child
    finally:
        _kill_group(child)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


def ended(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait that long at most for a child to end, and say whether it did."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


class _Stream:
    """Reads a pipe to its end on a thread of its own, and keeps no more than `limit` bytes of it."""

    def __init__(self, pipe: IO[bytes], limit: int) -> None:
        self._pipe = pipe
        self._limit = limit
        self._parts: list[bytes] = []
        self._kept = 0
        self.truncated = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._pipe.fileno(), _CHUNK):
                room = self._limit - self._kept
                self.truncated = self.truncated or len(chunk) > room
                if room > 0:
                    self._parts.append(chunk[:room])
                    self._kept += len(chunk[:room])

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        # Closing a descriptor another thread reads from is not safe: a stuck reader keeps it, as a daemon.
        if self.join(0):
            self._pipe.close()

    @property
    def data(self) -> bytes:
        return b"".join(self._parts)


def _start(
    argv: Sequence[str | os.PathLike[str]], cwd: Path | None, env: dict[str, str], fds: Sequence[int]
) -> subprocess.Popen[bytes]:
    if _stopping.is_set():
        raise CodegateError(f"{os.fspath(argv[0])} was not started: codegate is stopping")
    try:
        return subprocess.Popen(
            [os.fspath(a) for a in argv], cwd=cwd, env=env, pass_fds=fds, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise CodegateError(f"cannot start {os.fspath(argv[0])}: {error.strerror}") from error


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    """Write `data` on a thread, so that a child that never reads cannot hold us past its timeout."""
    pipe = child.stdin
    assert pipe is not None

    def write() -> None:
        with contextlib.suppress(OSError, ValueError):
            pipe.write(data)
        with contextlib.suppress(OSError, ValueError):
            pipe.close()

    if data:
        threading.Thread(target=write, daemon=True).start()
    else:
        pipe.close()


def _end(child: subprocess.Popen[bytes], streams: list[_Stream]) -> None:
    if child.poll() is None:
        _kill_group(child)
        child.wait()
    deadline = time.monotonic() + _DRAIN_SECONDS
    if not all(s.join(max(0.0, deadline - time.monotonic())) for s in streams):
        _kill_group(child)
        for stream in streams:
            stream.join(_DRAIN_SECONDS)
    for stream in streams:
        stream.close()


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    # The group is the child's own (start_new_session), so its id is the child's even after the child died.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        if descriptor >= 0:
            os.close(descriptor)
