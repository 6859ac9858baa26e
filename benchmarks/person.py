"""A person at a terminal: reads page by page, copies the code for approval off the screen, and types it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pyte

_COLUMNS, _ROWS = 100, 40
_MORE = r"-- \d+ more lines: Enter goes on, q quits -- "
_AGAIN = r"\[y/N\] "
_APPLY = r"Apply this\? \[\w+,n,r,m,q,\?\] "
_CODE = re.compile(r"To apply exactly this, type (\w+)")
# What a spinner wrote and took back, and control sequences.
_UNSEEN = re.compile(r"[^\r\n]*\r\x1b\[2K|\x1b\[[0-9;?]*[A-Za-z]|\r")


@dataclass(frozen=True, slots=True)
class Sitting:
    """One command from start to end: its exit code, what it wrote, and whether the code was typed."""

    status: int
    written: str
    approved: bool
    seconds: float


class _Glass:
    """The glass of a terminal: what is written to it and what of it can be seen now."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.Stream(self._screen)
        self.written: list[str] = []

    def write(self, text: str) -> None:
        self.written.append(text)
        self._stream.feed(text)

    def flush(self) -> None:
        pass

    def code(self) -> str:
        """Return the code that is shown lowest on the screen."""
        return str(_CODE.findall("\n".join(self._screen.display))[-1])


def approve(argv: Sequence[str], folder: Path, env: Mapping[str, str], limit: float) -> Sitting:
    """Run a command and approve whatever it offers, after its last page.

    `limit` is how many seconds may pass until the next page or the end. Raises pexpect.TIMEOUT.
    """
    glass = _Glass()
    started = time.monotonic()
    child = pexpect.spawn(
        argv[0], list(argv[1:]), cwd=folder, env=dict(env), encoding="utf-8", codec_errors="replace",
        dimensions=(_ROWS, _COLUMNS), timeout=limit,
    )  # fmt: skip
    child.logfile_read = glass
    approved = False
    try:
        while (shown := child.expect([_MORE, _APPLY, _AGAIN, pexpect.EOF])) != 3:
            child.sendline(glass.code() if shown == 1 else "")  # nothing typed is no second try
            approved = approved or shown == 1
    finally:
        child.close(force=True)
    seconds = time.monotonic() - started
    status = child.exitstatus if child.exitstatus is not None else -(child.signalstatus or 0)
    return Sitting(status, _UNSEEN.sub("", "".join(glass.written)), approved, seconds)
