"""The command line as its users run it: without a terminal, or the installed program in a real one."""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pexpect

CODEGATE = str(Path(sys.executable).parent / "codegate")
_CODE = r"type ([a-z]{4})\r\n"
_SECONDS = 90


def codegate(
    cwd: Path, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it in a session of its own: there is no terminal to ask at.

    A process forked from one in which codegate is loaded (see `warm.py`); all else starts the program itself.
    """
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder, name) for name in ("in", "out", "err")]
        for path, data in zip(streams, (stdin, b"", b""), strict=True):
            path.write_bytes(data)
        status = _ask({
            "args": args, "cwd": str(cwd), "env": os.environ | (env or {}), "seconds": _SECONDS,
            "streams": [str(path) for path in streams],
        })  # fmt: skip
        if status is None:
            raise subprocess.TimeoutExpired(["codegate", *args], _SECONDS)
        out, err = (path.read_bytes() for path in streams[1:])
    return subprocess.CompletedProcess(args, status, out.decode(), err.decode(errors="replace"))


def _ask(question: dict[str, Any]) -> int | None:
    warm = _warm()
    assert warm.stdin is not None
    assert warm.stdout is not None
    warm.stdin.write(json.dumps(question).encode() + b"\n")
    warm.stdin.flush()
    status: int | None = json.loads(warm.stdout.readline())
    return status


@cache
def _warm() -> subprocess.Popen[bytes]:
    """Return the process that is forked, one for all tests that run here, and gone with them."""
    program = Path(__file__).with_name("warm.py")
    warm = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(warm.communicate)
    return warm


class Session:
    """It runs in a real terminal, and a person sits there."""

    def __init__(self, child: pexpect.spawn) -> None:
        self.child = child
        self.seen = ""

    def expect(self, pattern: str) -> re.Match[str]:
        """Wait for a pattern on the screen and return its match."""
        self.child.expect(pattern)
        self.seen += (self.child.before or "") + (self.child.after or "")
        match = self.child.match
        assert isinstance(match, re.Match)
        return match

    def code(self) -> str:
        """Read to the end, page by page, acknowledge each warning, and return the code that approves."""
        while True:
            which = self.child.expect([_CODE, r"Enter goes on, q quits -- "])
            self.seen += self.child.before + self.child.after
            if which == 0:
                code = str(self.child.match.group(1))
                while self.expect(r"(Apply this|Seen, and yet to apply)\? \S+ ")[1] != "Apply this":
                    self.type("y")
                return code
            self.child.sendline("")

    def type(self, text: str) -> None:
        self.child.sendline(text)

    def ends(self) -> int:
        """Wait for its end and return the exit code."""
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus)


@contextmanager
def terminal(
    cwd: Path, *args: str, env: dict[str, str] | None = None, rows: int = 200, columns: int = 120
) -> Iterator[Session]:
    """Run it in a terminal of that size; whatever is left of it is gone when the block ends."""
    child = pexpect.spawn(
        CODEGATE, list(args), cwd=str(cwd), env=os.environ | {"TERM": "xterm-256color"} | (env or {}),
        encoding="utf-8", codec_errors="replace", timeout=_SECONDS, dimensions=(rows, columns),
    )  # fmt: skip
    try:
        yield Session(child)
    finally:
        child.close(force=True)
