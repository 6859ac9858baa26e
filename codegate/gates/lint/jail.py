"""A checker in the sandbox: where its program lies, what it needs to see, and how it ended."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codegate.errors import CodegateError
from codegate.gates.interpreter import Interpreter, find_interpreter
from codegate.sandbox import Ended, Limits, Overlay, Sandbox, open_sandbox

if TYPE_CHECKING:
    from codegate.config import TestRules
    from codegate.workspace import Workspace

_SYSTEM: Final = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
_STOPPED: Final = {
    "time": "took too long",
    "memory": "used too much memory",
    "processes": "ran too many processes",
}


@dataclass(frozen=True)
class Jail:
    """The sandbox that the base asks for, with the project's own environment."""

    root: Path
    sandbox: Sandbox
    interpreter: Interpreter

    def find(self, program: str) -> Path | None:
        """Return where a program lies: in the project's environments, beside codegate, or on PATH."""
        own = (
            self.interpreter.program.parent,
            self.root / "node_modules" / ".bin",
            Path(sys.executable).parent,
        )
        places = [folder / program for folder in own]
        if found := shutil.which(program):
            places.append(Path(found))
        return next((place for place in places if os.access(place, os.X_OK) and not place.is_dir()), None)

    def run(
        self, argv: Sequence[str], overlay: Overlay, seconds: float, env: Mapping[str, str] | None = None
    ) -> Ended:
        """Run a program on a tree. Raises CodegateError where a limit or a signal ended it."""
        program = Path(argv[0])
        folders = [str(self.interpreter.program.parent), str(self.root / "node_modules" / ".bin"), *_SYSTEM]
        given = {
            "PATH": ":".join(dict.fromkeys([str(program.parent), *folders])),
            "NO_COLOR": "1",
            **(env or {}),
        }
        if self.interpreter.environment is not None:
            given["VIRTUAL_ENV"] = str(self.interpreter.environment)
        ended = self.sandbox.run(
            argv, overlay=overlay, env=given, limits=Limits(seconds=seconds),
            readable=(*self.interpreter.readable, *_parts(program)),
        )  # fmt: skip
        what = _STOPPED.get(ended.stopped) or ("said too much" if ended.truncated else "")
        if what or ended.returncode > 125:
            reason = what or f"ended with {ended.returncode}"
            raise CodegateError(f"{program.name} {reason}: {tail(ended)}".removesuffix(": "), _hint(ended))
        return ended


def open_jail(workspace: Workspace, tests: TestRules) -> Jail:
    """Return the jail for a candidate. Raises SandboxError where none can be had."""
    interpreter = find_interpreter(workspace.root, "", workspace.tracks)
    return Jail(workspace.root, open_sandbox(tests.sandbox), interpreter)


def tail(ended: Ended) -> str:
    """Return the end of what a checker said about itself, in a line."""
    said = (ended.stderr or ended.stdout)[-2000:].decode(errors="replace")
    return " ".join(said.split())[-500:]


def with_files(base: Overlay, files: Mapping[str, tuple[bytes, int] | None]) -> Overlay:
    """Return an overlay with some of its files as given, None for deleted."""
    kept = {path: file for path, file in {**base.files, **files}.items() if file is not None}
    gone = {path for path in (*base.deletions, *files) if path not in kept}
    return replace(base, files=kept, deletions=tuple(sorted(gone)))


def _hint(ended: Ended) -> str:
    if ended.stopped == "time":
        return "Allow it more time, or give it less to do."
    return "Run it by hand on this checkout; it works in the sandbox, without network and home."


def _parts(program: Path) -> Iterator[Path]:
    """Yield what a program consists of, as far as that can be told: links, its environment, its packages."""
    place = program
    for _ in range(10):
        yield place
        for above in place.parents:
            if (above / "pyvenv.cfg").is_file() or above.name == "node_modules":
                yield above
        if not place.is_symlink():
            return
        place = Path(os.path.normpath(place.parent / os.readlink(place)))
