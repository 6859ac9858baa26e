"""The controlling terminal, and a person at it: the only place an approval can come from."""

from __future__ import annotations

import io
import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console, RenderableType

from codegate.cli.drawing import draw_gated
from codegate.core import Gated
from codegate.report import Report

_COLUMNS = 80
_NARROWEST = 20


class Terminal:
    """A Screen on `/dev/tty`: reads and writes the controlling terminal, whatever was redirected.

    Everything is shown page by page, and the code for approval only after the last page. What was typed
    before a question was asked is thrown away.
    """

    def __init__(self, descriptor: int, report: Report, heading: str) -> None:
        self._typed = os.fdopen(descriptor, encoding="utf-8", errors="replace", closefd=False)
        self._shown = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        self._descriptor = descriptor
        self._report = report
        self._heading = heading

    def present(self, gated: Gated, code: str, *, whole: bool) -> None:
        """Show diff and verdicts, then the code; EOFError if the person left before the last page."""
        width, height = self._size()
        self._page(draw_gated(gated, self._report, self._heading, whole=whole, width=width), width, height)
        self.say(f"To apply exactly this, type {code}")

    def ask(self, question: str) -> str:
        termios.tcflush(self._descriptor, termios.TCIFLUSH)
        self._shown.write(question)
        self._shown.flush()
        line = self._typed.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")

    def say(self, message: str) -> None:
        self._shown.write(message + "\n")
        self._shown.flush()

    def _size(self) -> tuple[int, int]:
        """Return columns and rows; a terminal that does not know its rows is not paged."""
        columns, rows = os.get_terminal_size(self._descriptor)
        return max(columns or _COLUMNS, _NARROWEST), rows

    def _page(self, drawing: RenderableType, width: int, height: int) -> None:
        console = Console(file=io.StringIO(), force_terminal=True, width=width, highlight=False, markup=False)
        with console.capture() as capture:
            console.print(drawing, soft_wrap=True)
        rows = capture.get().rstrip("\n").split("\n")
        page = max(height - 2, 5) if height else len(rows)
        while rows:
            self._shown.write("\n".join(rows[:page]) + "\n")
            rows = rows[page:]
            if (
                rows
                and self.ask(f"-- {len(rows)} more lines: Enter goes on, q quits -- ").strip().lower() == "q"
            ):
                raise EOFError


def has_terminal() -> bool:
    """Say whether a person could be asked: there is a controlling terminal and we are in its foreground."""
    with controlling_terminal() as descriptor:
        return descriptor is not None


@contextmanager
def controlling_terminal() -> Iterator[int | None]:
    """Yield a descriptor of the controlling terminal, or None where there is none to ask at."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        in_foreground = False
        with suppress(OSError):
            in_foreground = os.tcgetpgrp(descriptor) == os.getpgrp()
        yield descriptor if in_foreground else None
    finally:
        os.close(descriptor)


def confirm(question: str) -> bool:
    """Ask a yes-or-no question about the conversation itself, never an approval; no terminal means no."""
    with controlling_terminal() as descriptor:
        if descriptor is None:
            return False
        os.write(descriptor, f"{question} [y/N] ".encode())
        termios.tcflush(descriptor, termios.TCIFLUSH)
        return os.read(descriptor, 1024).strip().lower() in (b"y", b"yes")
