"""One writer of a repository's checkouts at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codegate.errors import CodegateError

_PAUSE: Final = 0.02


@contextlib.contextmanager
def held(state: Path, seconds: float = 15.0) -> Iterator[None]:
    """Hold the repository's lock; the kernel lets go of it when this process ends, however it ends.

    Raises CodegateError if another codegate does not let go of it within `seconds`.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(state / "lock", flags, 0o600)
    except OSError as error:
        raise CodegateError(f"cannot lock {state / 'lock'}: {error.strerror}") from error
    try:
        _take(descriptor, seconds)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise CodegateError(
                    "another codegate is writing to this repository",
                    "try again when it has ended",
                ) from None
            time.sleep(_PAUSE)
        else:
            return
