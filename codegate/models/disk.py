"""The disk under the store: what it refuses is a clear error, and what was written stays to be continued."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codegate.errors import ModelError

_FULL: Final = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


class DiskError(Exception):
    """A disk refused; kept apart from what a network raises, which is an OSError too."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskError(error) from error


class Unfinished:
    """The first bytes of a model, appended to from `start` on. They stay when an error leaves it."""

    def __init__(self, path: Path, start: int) -> None:
        with _writing():
            self._file = path.open("ab", buffering=0)
            self._file.truncate(start)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        with _writing():
            while left:
                left = left[self._file.write(left) :]

    def __enter__(self) -> Unfinished:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._file, _writing():
            if kind is None:
                os.fsync(self._file.fileno())


@contextlib.contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Turn what a disk refuses into a ModelError."""
    try:
        yield
    except (OSError, DiskError) as error:
        cause = error.cause if isinstance(error, DiskError) else error
        if cause.errno in _FULL:
            raise _full(folder, "no room is left") from error
        raise ModelError(
            f"cannot write to {folder}: {cause.strerror or cause}",
            "set CODEGATE_MODELS to another folder",
        ) from error


def need(folder: Path, size: int) -> None:
    """Raise ModelError if a folder's disk has less than `size` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise _full(folder, f"{sized(size)} are needed, {sized(free)} are free")


def _full(folder: Path, what: str) -> ModelError:
    return ModelError(
        f"the disk of {folder} is full: {what}",
        "free some space, or set CODEGATE_MODELS to a folder elsewhere, and run it again: it continues",
    )


def size_of(path: Path) -> int:
    """Return a file's bytes, 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def sized(size: int) -> str:
    """Return a number of bytes for a person, in decimal units."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
