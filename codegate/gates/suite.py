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
_INSIDE: Final = Path(__file__).with_name("inside")
_PATH: Final = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
# `python -P` leaves the working directory off the path (Python's documentation, "Command line").
_SAFE_PATH_SINCE: Final = (3, 11)


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
        if not self.is_pytest:
            ended = self._start(self.command, overlay, self._environment())
            return ended, Outcomes(ended.returncode, complete=not ended.stopped)
        with tempfile.TemporaryDirectory(prefix="codegate-inside-") as folder:
            token, canaries = secrets.token_hex(16), [f"test_{secrets.token_hex(8)}" for _ in range(2)]
            settings = {
                "token": token,
                "canaries": canaries,
                "only": list(only) or None,
                "top_on_path": self._python_finds_the_top,
            }
            # No file of the checkout, which can come first on the path, can be called what this is called.
            package = _lay(Path(folder), settings)
            # Whatever was red before must not keep the rest from running.
            command = (*self._safely(), "-p", f"{package}.for_pytest", "--continue-on-collection-errors",
                       "--maxfail=0")  # fmt: skip
            ended = self._start(command, overlay, self._environment(folder), Path(folder))
        return ended, read(ended, token, canaries)

    def _start(
        self, command: Sequence[str], overlay: Overlay, env: Mapping[str, str], inside: Path | None = None
    ) -> Ended:
        readable = self.interpreter.readable
        return self.sandbox.run(
            command, overlay=overlay, env=env, limits=self.limits, network=self.network,
            report_variable="CODEGATE_REPORT" if inside else None,
            readable=(*readable, inside) if inside else readable,
        )  # fmt: skip

    def _environment(self, *path: str) -> dict[str, str]:
        """Return what an activated environment sets, and what the base's configuration adds."""
        found = self.interpreter.environment
        # The same order of sets and dictionaries on both trees: an unlucky one must not tell them apart.
        env = {"PYTHONHASHSEED": "0", "PATH": f"{self.interpreter.program.parent}:{_PATH}", **self.env}
        env |= {"VIRTUAL_ENV": str(found)} if found is not None else {}
        python_path = ":".join(filter(None, [*path, self.env.get("PYTHONPATH")]))
        return env | ({"PYTHONPATH": python_path} if python_path else {})

    @property
    def _python_finds_the_top(self) -> bool:
        """Say whether this is `python -m …` of a Python that can leave the top of the checkout off the path.

        What runs the tests is then imported without it, and the top is put back before any code of the
        project is loaded: no file there takes the place of a part of pytest, and all else is as ever.
        """
        program, *rest = self.command
        own = str(self.interpreter.program)
        by_name = program in ("python", "python3") and (self.interpreter.program.parent / program).exists()
        version = tuple(int(part) for part in self.interpreter.version.split(".")[:2] if part.isdigit())
        asked = rest[:1] == ["-m"] and "PYTHONSAFEPATH" not in self.env
        return asked and (program == own or by_name) and version >= _SAFE_PATH_SINCE

    def _safely(self) -> tuple[str, ...]:
        program, *rest = self.command
        return (program, "-P", *rest) if self._python_finds_the_top else self.command


def open_suite(root: Path, tests: TestRules, tracked: Callable[[str], bool]) -> Suite:
    """Return the suite of the checkout at `root`. Raises SandboxError where no sandbox can be had.

    `tracked` says of a path whether base or result hold something there.
    """
    command = shlex.split(tests.command) if isinstance(tests.command, str) else tests.command
    sandbox = open_sandbox(tests.sandbox)
    interpreter = find_interpreter(root, command[0] if command else "", tracked)
    limits = Limits(
        seconds=tests.timeout, memory=tests.memory << 20, processes=tests.processes,
        output=tests.output << 20, disk=tests.disk << 20,
    )  # fmt: skip
    return Suite(
        sandbox, interpreter, tuple(command or (str(interpreter.program), "-m", "pytest")),
        limits, tests.network, tests.env,
    )  # fmt: skip


def tail(ended: Ended) -> str:
    """Return the last `TAIL` characters of what a run wrote."""
    return (ended.stdout[-TAIL:] + ended.stderr[-TAIL:]).decode(errors="replace")[-TAIL:].strip()


def _lay(folder: Path, settings: Mapping[str, object]) -> str:
    """Copy what speaks from inside into `folder`, and return the name of the package that it is there."""
    package = f"codegate_{secrets.token_hex(16)}"
    shutil.copytree(_INSIDE, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / package / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return package
