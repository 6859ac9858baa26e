"""The first process of a sandbox: it sets the limits, starts the program, and ends everything with it.

A file of its own, run by the bare interpreter (`python -I -S`) and importing nothing of codegate's. In
bubblewrap it is process 1 of its own process namespace: nothing in there can kill it, and when it ends,
the kernel kills the rest. Without one, it is a subreaper: what leaves its parent comes back to it.

Arguments: status descriptor, seconds, bytes of memory, processes, bytes of disk, `--`, program and arguments.
To the status descriptor, which the program does not get, it writes `started`, and the limit that was passed.
Exits as the program did, with 128 + n if signal n ended it, and 137 if a limit did.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36
_LOOK_SECONDS = 0.1
_KILLED = 137
# Bytes for each unit of a column of /proc/sysvipc: Linux's `struct sem` is a cache line, `msg_msg` 48 bytes.
_SYSTEM_V = {"shm": {"rss": 1, "swap": 1}, "sem": {"nsems": 64}, "msg": {"cbytes": 1, "qnum": 64}}


def main(arguments: list[str]) -> int:
    status, seconds = int(arguments[0]), float(arguments[1])
    memory, processes, disk = (int(a) for a in arguments[2:5])
    os.set_inheritable(status, False)
    # Same user, same namespace: without this the program could write to our memory through /proc.
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    child = os.fork()
    if child == 0:
        _become(arguments[6:], memory, processes, disk)
    os.write(status, b"started\n")
    code, passed = _watch(child, time.monotonic() + seconds, memory, processes)
    os.write(status, passed.encode())
    _end_all()
    return code


def _become(argv: list[str], memory: int, processes: int, disk: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores both
        signal.signal(number, signal.SIG_DFL)
    # Private writable memory, not address space: Go, Java and JavaScript reserve far more than they use.
    _limit(resource.RLIMIT_DATA, memory)
    _limit(resource.RLIMIT_FSIZE, disk)
    _limit(resource.RLIMIT_CORE, 0)
    if os.getppid() == 1:  # in a namespace of its own; elsewhere it would count all that the user runs
        _limit(resource.RLIMIT_NPROC, processes)
    try:
        os.execvp(argv[0], argv)  # noqa: S606  # what it is for
    except OSError as error:
        os.write(2, f"cannot start {argv[0]}: {error.strerror}\n".encode(errors="surrogateescape"))
    finally:
        os._exit(127)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _watch(child: int, deadline: float, memory: int, processes: int) -> tuple[int, str]:
    """Wait for the program. The kernel's limits hold for each process; all together are looked at here."""
    look = 0.0
    while (code := _reap(child)) is None:
        now = time.monotonic()
        if now >= deadline:
            return _KILLED, "time"
        if now >= look:
            look = now + _LOOK_SECONDS
            threads, used = _usage()
            if threads > processes:
                return _KILLED, "processes"
            if used > memory:
                return _KILLED, "memory"
        signal.sigtimedwait({signal.SIGCHLD}, min(_LOOK_SECONDS, deadline - now))
    return code, ""


def _reap(child: int) -> int | None:
    """Collect whoever ended; return the program's exit status once it is among them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return _KILLED
        if pid == 0:
            return None
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _usage() -> tuple[int, int]:
    """Return the threads of all below this process, and their bytes of memory (shared too, not files').

    Tables of pages count: 4 KiB each, for pages that cost nothing themselves.
    """
    threads = used = 0
    for pid in _descendants():
        for line in _lines(f"/proc/{pid}/status"):
            if line.startswith(("RssAnon:", "RssShmem:", "VmPTE:")):
                used += int(line.split()[1]) << 10
            elif line.startswith("Threads:"):
                threads += int(line.split()[1])
    return threads, used + _left_behind()


def _left_behind() -> int:
    """Return the bytes of System V's segments, messages and semaphores, which stay when nobody holds them."""
    if os.getpid() != 1:
        return 0  # without a namespace of its own these would be the machine's
    total = 0
    for kind, bytes_each in _SYSTEM_V.items():
        head, *rows = _lines(f"/proc/sysvipc/{kind}") or [""]
        names = head.split()
        columns = [(names.index(name), size) for name, size in bytes_each.items() if name in names]
        total += sum(int(row.split()[column]) * size for row in rows for column, size in columns)
    return total


def _descendants() -> Iterator[int]:
    me = os.getpid()
    everyone = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    if me == 1:
        yield from (pid for pid in everyone if pid != 1)
        return
    parents = {pid: _parent(pid) for pid in everyone}
    for pid in everyone:
        above, steps = parents[pid], 0
        while above > 1 and above != me and steps < len(everyone):
            above, steps = parents.get(above, 0), steps + 1
        if above == me:
            yield pid


def _parent(pid: int) -> int:
    for line in _lines(f"/proc/{pid}/status"):
        if line.startswith("PPid:"):
            return int(line.split()[1])
    return 0


def _lines(path: str) -> list[str]:
    try:
        with open(path, errors="replace") as file:
            return file.read().splitlines()
    except OSError:  # it ended meanwhile
        return []


def _end_all() -> None:
    if os.getpid() == 1:
        return  # the kernel ends a process namespace with its first process
    for _ in range(100):
        left = list(_descendants())
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _reap(0)
        time.sleep(0.01)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
