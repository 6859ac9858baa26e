"""codegate with all of it loaded: each line of JSON on stdin is answered by a fork, by its exit status.

A command starts in a tenth of the time that way, in a process of its own as ever, which ends as any does.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import codegate
from codegate.__main__ import main
from codegate.errors import CodegateError
from codegate.repo import Repository
from codegate.source.credentials import credentials

_FLAGS = (os.O_RDONLY, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_TRUNC)
# What speaks from within a sandbox, or for a model: neither is ever part of a command.
_LEFT_OUT = ("codegate.gates.inside", "codegate.models.worker")


def serve() -> None:
    """Answer until there are no more questions."""
    _load()
    gc.freeze()  # no fork looks through it again, or copies it by doing so
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if (pid := os.fork()) == 0:
            _become(asked)
            main()
            sys.exit()
        print(json.dumps(_status(pid, asked["seconds"])), flush=True)


def _load() -> None:
    """Load what a command loads, also what it loads late."""
    for module in walk_packages(codegate.__path__, "codegate."):
        if not module.name.startswith(_LEFT_OUT) and not module.name.endswith("__main__"):
            import_module(module.name)
    credentials("a.py", ["x = 1"], [1])  # makes its detectors
    with contextlib.suppress(CodegateError):
        Repository.discover(Path("/"))  # loads GitPython, as it must be loaded


def _become(asked: dict[str, Any]) -> None:
    """Be what a shell would have started: in a session of its own, in that environment, on these streams."""
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    for number, (path, flags) in enumerate(zip(asked["streams"], _FLAGS, strict=True)):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False))  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), line_buffering=True)  # noqa: SIM115
    sys.argv = ["codegate", *asked["args"]]


def _status(pid: int, seconds: float) -> int | None:
    """Return its exit status, as subprocess has it; None if it did not end in time, and is no more."""
    deadline = time.monotonic() + seconds
    pause = 0.001
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


if __name__ == "__main__":
    serve()
