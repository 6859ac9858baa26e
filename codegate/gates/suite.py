"""A project's test command, ready to be run on one tree or another, in the sandbox that the base asks for."""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from codegate.config import words_of
from codegate.gates.interpreter import Interpreter, find_interpreter
from codegate.gates.outcomes import Outcomes, read
from codegate.sandbox import Ended, Limits, Overlay, Sandbox, open_sandbox

if TYPE_CHECKING:
    from codegate.config import TestRules

TAIL: Final = 2000
_INSIDE: Final = Path(__file__).with_name("inside")
# An installation can lack it: then it is the project's own or none.
_COVERAGE: Final = [Path(found.origin).parent for found in [find_spec("coverage")] if found and found.origin]
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
    build: tuple[str, ...] = ()

    @property
    def is_pytest(self) -> bool:
        return Path(self.command[0]).name in ("pytest", "py.test") or self._runs("pytest")

    @property
    def reports(self) -> bool:
        """Say whether each test is reported; of another command only the exit status is known."""
        return self.is_pytest or self._runs("unittest")

    @property
    def runner(self) -> str:
        """Return what a summary says of the runner: nothing of pytest."""
        return "unittest, " if self._runs("unittest") else ""

    def by_unittest(self, in_folder: bool) -> Suite:
        """Return the suite for a Python without pytest; `in_folder`: `tests` is no package."""
        where = ("discover", "-s", "tests") if in_folder else ()
        return replace(self, command=(str(self.interpreter.program), "-m", "unittest", *where))

    def run(
        self,
        overlay: Overlay,
        only: Sequence[str] = (),
        measured: Mapping[str, Sequence[int]] = MappingProxyType({}),
        listing: bool = False,
        trial: Mapping[str, object] = MappingProxyType({}),
    ) -> tuple[Ended, Outcomes]:
        """Run the command on a tree; with `only`, just these of its tests; `listing` runs none and names all.

        A test of which `only` names no case runs with all of its cases. With `measured`, lines by path, it is
        told which of them ran: it takes longer, and code that notices being traced may behave otherwise. With
        `trial`, mutants of a function (`mutation`) or instances of a class (`instances`) are tried, too.
        """
        if not self.reports:
            ended = self._start(self.command, overlay, self._environment())
            return ended, self._built(ended, Outcomes(ended.returncode, complete=not ended.stopped))
        with tempfile.TemporaryDirectory(prefix="codegate-inside-") as folder:
            token, canaries = secrets.token_hex(16), [f"test_{secrets.token_hex(8)}" for _ in range(2)]
            settings = {
                "token": token,
                "canaries": canaries,
                "only": list(only) or None,
                "listing": listing,
                "top_on_path": self._python_finds_the_top,
                "mutation": trial.get("mutation"),
                "instances": trial.get("instances"),
                "measured": {path: list(lines) for path, lines in measured.items()},
                "coverage": str(_COVERAGE[0].parent) if self._bears_our_coverage else "",
            }
            # No file of the checkout, which can come first on the path, can be called what this is called.
            command = self._reporting(_lay(Path(folder), settings), listing)
            ended = self._start(command, overlay, self._environment(folder), Path(folder))
        return ended, self._built(ended, read(ended, token, canaries))

    def evaluate(self, overlay: Overlay, question: Path) -> Ended:
        """Run the project's Python on a tree to answer a file of expressions: see `inside/evaluating.py`."""
        root = str(overlay.root)
        flags = ["-P"] if self._version >= _SAFE_PATH_SINCE else []
        command = (str(self.interpreter.program), *flags, str(_INSIDE / "evaluating.py"), str(question))
        env = self._environment(root, f"{root}/src")
        return self._start(command, overlay, env, readable=(_INSIDE, question.parent))

    def _reporting(self, package: str, listing: bool) -> tuple[str, ...]:
        program, *rest = self.command
        words = [program, *(["-P"] if self._python_finds_the_top else []), *rest]
        if self.is_pytest:
            # Whatever was red before must not keep the rest from running.
            words += ["-p", f"{package}.for_pytest", "--continue-on-collection-errors", "--maxfail=0"]
            return (*words, *(["--collect-only"] if listing else []))  # in no workers, then
        words[words.index("unittest")] = f"{package}.for_unittest"
        return tuple(words)

    def _built(self, ended: Ended, outcomes: Outcomes) -> Outcomes:
        failed = bool(self.build) and ended.returncode == 1 and self._mark.encode() in ended.stderr
        return replace(outcomes, built=False, complete=False) if failed else outcomes

    def _runs(self, module: str) -> bool:
        return ("-m", module) in zip(self.command, self.command[1:], strict=False)

    @cached_property
    def _mark(self) -> str:
        return f"codegate-{secrets.token_hex(8)}: the build failed"

    def _start(
        self,
        command: Sequence[str],
        overlay: Overlay,
        env: Mapping[str, str],
        inside: Path | None = None,
        readable: tuple[Path, ...] = (),
    ) -> Ended:
        readable = (*self.interpreter.readable, *readable)
        if self.build:  # in the same sandbox, since nothing that is written in one is kept
            build = f"(unset CODEGATE_REPORT; {shlex.join(self.build)})"
            fail = f"{{ echo {shlex.quote(self._mark)} >&2; exit 1; }}"
            command = ("sh", "-c", f'{build} || {fail}; exec "$@"', "sh", *command)
        return self.sandbox.run(
            command, overlay=overlay, env=env, limits=self.limits, network=self.network,
            report_variable="CODEGATE_REPORT" if inside else None,
            readable=(*readable, inside, *_COVERAGE) if inside else readable,
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
    def _bears_our_coverage(self) -> bool:
        """Say whether codegate's own copy of coverage.py, a part of it compiled, fits this Python."""
        return bool(_COVERAGE) and self._version == sys.version_info[:2]

    @property
    def _version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.interpreter.version.split(".")[:2] if part.isdigit())

    @property
    def _python_finds_the_top(self) -> bool:
        """Say whether this is `python -m …` of a Python that can leave the top of the checkout off the path.

        What runs the tests is then imported without it, and the top is put back before any code of the
        project is loaded: no file there takes the place of a part of pytest, and all else is as ever.
        """
        program, *rest = self.command
        own = str(self.interpreter.program)
        by_name = program in ("python", "python3") and (self.interpreter.program.parent / program).exists()
        asked = rest[:1] == ["-m"] and self.reports and "PYTHONSAFEPATH" not in self.env
        return asked and (program == own or by_name) and self._version >= _SAFE_PATH_SINCE


def open_suite(root: Path, tests: TestRules, tracked: Callable[[str], bool]) -> Suite:
    """Return the suite of the checkout at `root`. Raises SandboxError where no sandbox can be had.

    `tracked` says of a path whether base or result hold something there.
    """
    command, build = _words(tests.command), _words(tests.build)
    sandbox = open_sandbox(tests.sandbox)
    interpreter = find_interpreter(root, command[0] if command else "", tracked)
    limits = Limits(
        seconds=tests.timeout, memory=tests.memory << 20, processes=tests.processes,
        output=tests.output << 20, disk=tests.disk << 20,
    )  # fmt: skip
    return Suite(
        sandbox, interpreter, command or (str(interpreter.program), "-m", "pytest"),
        limits, tests.network, tests.env, build,
    )  # fmt: skip


def tail(ended: Ended) -> str:
    """Return the last `TAIL` characters of what a run wrote."""
    return (ended.stdout[-TAIL:] + ended.stderr[-TAIL:]).decode(errors="replace")[-TAIL:].strip()


def _words(command: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return words_of(command or ())


def _lay(folder: Path, settings: Mapping[str, object]) -> str:
    """Copy what speaks from inside into `folder`, and return the name of the package that it is there."""
    package = f"codegate_{secrets.token_hex(16)}"
    shutil.copytree(_INSIDE, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / package / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return package
