"""Files of the user's checkout, read without following a link and without being held up."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codegate.errors import RepositoryError, UsageError
from codegate.repo.listing import SUBMODULE, SYMLINK
from codegate.repo.objects import Objects

MAX_BYTES: Final = 64 << 20
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def read_file(top: Path, path: str) -> tuple[bytes, bool] | None:
    """Return the bytes of a regular file and whether its owner may execute it; None where there is nothing.

    No part of `path` below `top` is followed if it is a symlink, not even one that is put there meanwhile.
    Raises UsageError for what is no regular file, is over 64 MB or lies behind a symlink, RepositoryError for
    what cannot be read or changes while it is read.
    """
    with _opened(top, path) as (parent, name):
        found = _stat(parent, name)
        if found is None:
            return None
        if not stat.S_ISREG(found.st_mode):
            raise UsageError(f"{path} is {_noun(found.st_mode)}", "codegate changes regular files only.")
        if found.st_size > MAX_BYTES:
            raise UsageError(
                f"{path} has {found.st_size >> 20} MB", f"codegate reads files of up to {MAX_BYTES >> 20} MB."
            )
        with os.fdopen(os.open(name, _FLAGS, dir_fd=parent), "rb") as stream:
            before = os.fstat(stream.fileno())
            data = stream.read(MAX_BYTES + 1) if stat.S_ISREG(before.st_mode) else b""
            after = os.fstat(stream.fileno())
    if (
        _version(before) != _version(found)
        or _version(after) != _version(before)
        or len(data) != after.st_size
    ):
        raise RepositoryError(f"{path} changed while it was read", "Try again when it is at rest.")
    return data, bool(after.st_mode & stat.S_IXUSR)


def identify(top: Path, path: str, objects: Objects) -> tuple[str, str] | None:
    """Return mode and id that git would give to what is at `path` if no filter were in the way.

    None where there is nothing, or nothing that git keeps, or only something behind a symlink. A directory
    has a submodule's mode and no id.
    """
    with contextlib.suppress(UsageError), _opened(top, path) as (parent, name):
        found = _stat(parent, name)
        if found is None:
            return None
        if stat.S_ISLNK(found.st_mode):
            link = os.fsencode(os.readlink(name, dir_fd=parent))
            return SYMLINK, objects.blob_id(io.BytesIO(link), len(link))
        if stat.S_ISDIR(found.st_mode):
            return SUBMODULE, ""
        if not stat.S_ISREG(found.st_mode):
            return None
        with os.fdopen(os.open(name, _FLAGS, dir_fd=parent), "rb") as stream:
            mode = "100755" if found.st_mode & stat.S_IXUSR else "100644"
            return mode, objects.blob_id(stream, os.fstat(stream.fileno()).st_size)
    return None


@contextlib.contextmanager
def _opened(top: Path, path: str) -> Iterator[tuple[int | None, str]]:
    """Yield the directory that `path` is in, reached through real directories only, and the last name.

    The directory is None where one on the way is missing. Whatever the system refuses here or in the block
    is a RepositoryError.
    """
    *parents, name = path.split("/")
    with contextlib.ExitStack() as stack:
        try:
            here = os.open(top, _FLAGS | os.O_DIRECTORY)
            stack.callback(os.close, here)
            for depth, part in enumerate(parents, 1):
                found = _stat(here, part)
                if found is None or not (stat.S_ISDIR(found.st_mode) or stat.S_ISLNK(found.st_mode)):
                    yield None, name
                    return
                if stat.S_ISLNK(found.st_mode):
                    raise UsageError(
                        f"{path} lies behind the symlink {'/'.join(parents[:depth])}", "Name the real path."
                    )
                here = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=here)
                stack.callback(os.close, here)
            yield here, name
        except OSError as error:
            raise RepositoryError(f"cannot read {path}: {error.strerror}") from error


def _stat(parent: int | None, name: str) -> os.stat_result | None:
    if parent is None:
        return None
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _version(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _noun(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symlink"
    return "a directory" if stat.S_ISDIR(mode) else "no regular file"
