"""A project's test command, ready to be run on one tree or another, in the sandbox that the base asks for."""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codegate.gates.interpreter import Interpreter, find_interpreter
from codegate.gates.outcomes import Outcomes, read
from codegate.sandbox import Ended, Limits, Overlay, Sandbox, open_sandbox

if TYPE_CHECKING:
    from codegate.config import TestRules

TAIL: Final = 2000
_PLUGIN: Final = Path(__file__).with_name("pytest_plugin") / "codegate_report.py"
_PATH: Final = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True)
class Suite:
    """The project's test command, ready to be run on one tree or the other."""

    sandbox: Sandbox
    interpreter: Interpreter
    command: tuple[str, ...]
    limits: Limits
    network: bool
    env: Mapping[str, str]

    @property
    def is_pytest(self) -> bool:
        pairs = zip(self.command, self.command[1:], strict=False)
        return Path(self.command[0]).name in ("pytest", "py.test") or ("-m", "pytest") in pairs

    def run(self, overlay: Overlay, only: Sequence[str] = ()) -> tuple[Ended, Outcomes]:
        """Run the command on a tree; with `only`, just these of its tests."""
        # The same order of sets and dictionaries on both trees: an unlucky one must not tell them apart.
        env = {"PYTHONHASHSEED": "0", **self._places(), **self.env}
        with tempfile.TemporaryDirectory(prefix="codegate-plugin-") as folder:
            command, report, readable = self.command, None, self.interpreter.readable
            if self.is_pytest:
                report, readable = "CODEGATE_REPORT", (*readable, Path(folder))
                # No file of the checkout, which can come first on the path, can be called what it is called.
                plugin = f"codegate_report_{secrets.token_hex(16)}"
                shutil.copyfile(_PLUGIN, Path(folder, f"{plugin}.py"))
                env["PYTHONPATH"] = ":".join(filter(None, [folder, self.env.get("PYTHONPATH")]))
                env |= {"CODEGATE_ONLY": json.dumps(only)} if only else {}
                # Whatever was red before must not keep the rest from running.
                command = (*command, "-p", plugin, "--continue-on-collection-errors", "--maxfail=0")
            ended = self.sandbox.run(
                command, overlay=overlay, env=env, limits=self.limits, network=self.network,
                report_variable=report, readable=readable,
            )  # fmt: skip
        return ended, read(ended) if report else Outcomes(ended.returncode, complete=not ended.stopped)

    def _places(self) -> dict[str, str]:
        """Return what an activated environment sets."""
        found = self.interpreter.environment
        path = {"PATH": f"{self.interpreter.program.parent}:{_PATH}"}
        return path if found is None else {**path, "VIRTUAL_ENV": str(found)}


def open_suite(root: Path, tests: TestRules, tracked: Callable[[str], bool]) -> Suite:
    """Return the suite of the checkout at `root`. Raises SandboxError where no sandbox can be had.

    `tracked` says of a path whether base or result hold something there.
    """
    command = shlex.split(tests.command) if isinstance(tests.command, str) else tests.command
    sandbox = open_sandbox(tests.sandbox)
    interpreter = find_interpreter(root, command[0] if command else "", tracked)
    return Suite(
        sandbox, interpreter, tuple(command or (str(interpreter.program), "-m", "pytest")),
        Limits(seconds=tests.timeout), tests.network, tests.env,
    )  # fmt: skip


def tail(ended: Ended) -> str:
    """Return the last `TAIL` characters of what a run wrote."""
    return (ended.stdout[-TAIL:] + ended.stderr[-TAIL:]).decode(errors="replace")[-TAIL:].strip()
