"""Starting the supervisor, in or out of a jail, and reading what it says of the end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from codegate import process
from codegate.errors import SandboxError
from codegate.sandbox import supervisor
from codegate.sandbox.limits import Ended, Limits, Stopped

SUPERVISOR: Final = Path(supervisor.__file__).resolve()
# The interpreter below any virtual environment: it needs nothing but itself.
PYTHON: Final = Path(getattr(sys, "_base_executable", "") or sys.executable).resolve()
# The supervisor keeps the time; this much later it is taken for stuck and killed from outside.
_GRACE_SECONDS: Final = 5.0
_KEPT: Final = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def supervised(script: str, argv: Sequence[str], status: int, limits: Limits) -> list[str]:
    """Return the command that runs `argv` under the supervisor that lies at `script`."""
    numbers = (status, limits.seconds, limits.memory, limits.processes, limits.disk)
    return [str(PYTHON), "-I", "-S", script, *map(str, numbers), "--", *argv]


def basic_environment(home: str, temporary: str) -> Mapping[str, str]:
    """Return what every program finds in its environment: of the user's own, language and time zone only."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PATH": _PATH, "HOME": home, "TMPDIR": temporary, "TERM": "dumb"}


@contextlib.contextmanager
def status_pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    try:
        yield read, write
    finally:
        for descriptor in (read, write):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def launch(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str],
    limits: Limits,
    status: tuple[int, int],
    pass_fds: Sequence[int] = (),
    report_variable: str | None,
) -> Ended:
    """Run a command that contains `supervised`. Raises SandboxError if the supervisor never started."""
    read, write = status
    done = process.run(
        argv, cwd=cwd, env=env, timeout=limits.seconds + _GRACE_SECONDS, max_output=limits.output,
        report_variable=report_variable, pass_fds=(*pass_fds, write),
    )  # fmt: skip
    os.close(write)
    os.set_blocking(read, False)
    said = b""
    with contextlib.suppress(BlockingIOError):
        said = os.read(read, 4096)
    if not said.startswith(b"started\n"):
        why = done.stderr.decode(errors="replace").strip()[-500:]
        raise SandboxError(
            f"the sandbox could not be started: {why or f'exit status {done.returncode}'}",
            "`codegate doctor` tells what works here; a checkout on a network or encrypted file system may "
            "not bear an overlay: then clone it elsewhere",
        )
    stopped = said.partition(b"\n")[2].decode() or ("time" if done.timed_out else "")
    return Ended(
        done.returncode, done.stdout, done.stderr, done.seconds, stopped == "time", done.truncated,
        done.report, cast(Stopped, stopped),
    )  # fmt: skip
