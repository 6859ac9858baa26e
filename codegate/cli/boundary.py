"""The one place where an exception becomes a message, a hint and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import NoReturn

from codegate.errors import CodegateError, Exit
from codegate.visible import visible, visible_block


def guarded(command: Callable[[], object]) -> int:
    """Return the exit code of a command, whatever it raised. Messages go to standard error, escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a locale without UTF-8 is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)  # so that what was staged is tidied away as after ^C
    try:
        command()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else Exit.OK if stop.code is None else Exit.REFUSED
    except CodegateError as error:
        tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("codegate: interrupted; nothing was written", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader went away: standard output must not be flushed into it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.UNABLE
    except Exception as error:
        print(
            f"codegate: this is a bug in codegate: {visible(repr(error))}\n"
            f"  hint: please report it with {_log(traceback.format_exc())}",
            file=sys.stderr,
        )
        return Exit.BUG
    return Exit.OK


def _interrupt(number: int, _: object) -> NoReturn:
    raise KeyboardInterrupt


def tell(error: CodegateError) -> None:
    """Print an error and its hint for a person."""
    print(f"codegate: {visible_block(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"  hint: {visible_block(error.hint)}", file=sys.stderr)


def _log(text: str) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="codegate-bug-", suffix=".log", delete=False) as log:
        log.write(text)
    return log.name
