"""What a jailed program may use, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from codegate import process
from codegate.sandbox.overlay import Overlay

Stopped = Literal["", "time", "memory", "processes"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one run may use; beyond it everything in the sandbox is killed, or writing fails.

    `seconds` is wall time. `memory` (bytes) holds for each process and for all together, `processes` counts
    threads too, `output` (bytes) is what is kept of each stream, `disk` (bytes) all that is written.
    """

    seconds: float = 600.0
    memory: int = 4 << 30
    processes: int = 1024
    output: int = 32 << 20
    disk: int = 2 << 30


@dataclass(frozen=True, slots=True)
class Ended(process.Finished):
    """A jailed program that ended. `stopped` names the limit that ended it, if one did.

    `returncode` is 128 + the signal's number for a program that a signal ended.
    """

    stopped: Stopped = ""


class Sandbox(Protocol):
    """Runs a program on the tree that `overlay` makes of a checkout. `isolates` says whether it is a jail."""

    name: str
    isolates: bool

    def run(
        self,
        argv: Sequence[str],
        *,
        overlay: Overlay,
        env: Mapping[str, str],
        limits: Limits,
        network: bool = False,
        report_variable: str | None = None,
        readable: Sequence[Path] = (),
    ) -> Ended:
        """Run `argv` in the patched checkout; nothing that it started outlives it, nothing it wrote is kept.

        `env` is added to a small environment of the sandbox's own; `readable` are further paths to show.
        Raises SandboxError if the sandbox cannot be started over this checkout.
        """
        ...
