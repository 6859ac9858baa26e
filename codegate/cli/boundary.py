"""The one place where an exception becomes a message, a hint and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from codegate.errors import CodegateError, Exit
from codegate.visible import visible, visible_block


def guarded(command: Callable[[], object]) -> int:
    """Return the exit code of a command, whatever it raised. Messages go to standard error, escaped."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)  # so that what was staged is tidied away as after ^C
    sys.stdout, sys.stderr = _Patient(sys.stdout), _Patient(sys.stderr)
    code = _run(command)
    try:
        sys.stdout.flush()
    except OSError as error:
        print(f"codegate: cannot write the output: {error.strerror}", file=sys.stderr)
        sys.stdout.give_up()
        return Exit.UNABLE
    return code


def _run(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as stop:
        if stop.code == Exit.INTERRUPTED:
            print("codegate: interrupted; nothing was written", file=sys.stderr)
        return stop.code if isinstance(stop.code, int) else Exit.OK if stop.code is None else Exit.REFUSED
    except CodegateError as error:
        tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("codegate: interrupted; nothing was written", file=sys.stderr)
        return Exit.INTERRUPTED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        tell(
            CodegateError(
                f"{where}{error.strerror or error}", "the machine said so; mend that, then run it again"
            )
        )
        return Exit.UNABLE
    except Exception as error:
        print(
            f"codegate: this is a bug in codegate: {visible(repr(error))}\n"
            f"  hint: please report it with {_log(traceback.format_exc())}",
            file=sys.stderr,
        )
        return Exit.BUG
    return Exit.OK


class _Patient(io.TextIOWrapper):
    """A standard stream on any locale, whose reader may leave: what comes after that goes nowhere."""

    def __init__(self, stream: object) -> None:
        assert isinstance(stream, io.TextIOWrapper)
        encoding, through = stream.encoding, stream.write_through
        lines = stream.line_buffering or stream.isatty()
        super().__init__(stream.detach(), encoding, "backslashreplace", None, lines, through)

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self.give_up()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self.give_up()

    def give_up(self) -> None:
        """Let what is still to come, and what could not go, end in nothing."""
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.fileno())
        os.close(null)
        with suppress(OSError):
            super().flush()


def _interrupt(number: int, _: object) -> NoReturn:
    raise KeyboardInterrupt


def tell(error: CodegateError) -> None:
    """Print an error and its hint for a person; a further line is set off, so that none passes for ours."""
    print(f"codegate: {_set_off(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {_set_off(error.hint)}", file=sys.stderr)


def _set_off(text: str) -> str:
    return visible_block(text).replace("\n", "\n  | ")


def _log(text: str) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="codegate-bug-", suffix=".log", delete=False) as log:
        log.write(text)
    return log.name
