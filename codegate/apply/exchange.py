"""Two names in one directory, swapped or moved in one step that overwrites nothing.

`renameat2` does both on Linux. Where the kernel or the file system has no such thing (macOS, some network
file systems) hard links stand in: then a save that lands within the microseconds between the last look at
a file and its replacement can be lost, and two names may stand for one file after a kill.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from typing import Final

_NOREPLACE: Final = 1
_EXCHANGE: Final = 2
# EINVAL is a file system that does not know the flag, ENOSYS a kernel (or a seccomp filter) without the call.
_MISSING: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)

_renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def exchange(directory: int, first: str, second: str) -> None:
    """Swap what two names stand for. Raises OSError: FileNotFoundError if either is absent."""
    if not _rename(directory, first, second, _EXCHANGE):
        os.link(second, aside(first), src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        os.replace(first, second, src_dir_fd=directory, dst_dir_fd=directory)
        os.replace(aside(first), first, src_dir_fd=directory, dst_dir_fd=directory)


def move(directory: int, source: str, target: str) -> None:
    """Give `source` the name `target`. Raises OSError: FileExistsError if there is something of that name."""
    if not _rename(directory, source, target, _NOREPLACE):
        os.link(source, target, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        os.unlink(source, dir_fd=directory)


def aside(name: str) -> str:
    """Return the third name that an exchange without `renameat2` needs for a moment."""
    return f"{name}~"


def settle(directory: int, temporary: str, target: str) -> None:
    """Finish an `exchange` or a `move` of these two by links that a kill interrupted. Raises OSError.

    With `renameat2` there is never anything to finish.
    """
    spare, kept = identity(directory, aside(temporary)), identity(directory, temporary)
    if spare is not None and kept is None:
        os.replace(aside(temporary), temporary, src_dir_fd=directory, dst_dir_fd=directory)
    elif spare is not None:
        os.unlink(aside(temporary), dir_fd=directory)
    elif kept is not None and kept == identity(directory, target):
        os.unlink(temporary, dir_fd=directory)


def identity(directory: int, name: str) -> tuple[int, int] | None:
    """Return which file a name stands for, None if it stands for none."""
    try:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def being_written(descriptor: int) -> bool:
    """Say whether any process has the file of a read-only descriptor open for writing.

    A read lease is granted only if nobody has (fcntl(2), F_SETLEASE). Says no where leases cannot be had:
    another owner's file, a network file system, macOS.
    """
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return False
    try:
        fcntl.fcntl(descriptor, lease, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, lease, fcntl.F_UNLCK)
    return False


def _rename(directory: int, first: str, second: str, flag: int) -> bool:
    """Return False where this kind of rename cannot be had at all."""
    if _renameat2 is None:
        return False
    if _renameat2(directory, os.fsencode(first), directory, os.fsencode(second), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _MISSING:
        return False
    raise OSError(number, os.strerror(number), second)
