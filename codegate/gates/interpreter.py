"""Which Python a project's tests run on, and what of the machine it needs to see."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from codegate import process
from codegate.errors import CodegateError

_QUESTION = "import sys; print(sys.base_prefix); print(sys.version.split()[0])"
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python by the path it is called by. `readable` are the folders and files that it consists of."""

    program: Path
    origin: str
    version: str
    readable: tuple[Path, ...]

    @property
    def environment(self) -> Path | None:
        """The virtual environment that it belongs to."""
        prefix = self.program.parent.parent
        return prefix if (prefix / "pyvenv.cfg").is_file() else None

    def identity(self) -> list[str | int]:
        """Return what changes when another Python, or another set of installed packages, would run."""
        prefix = self.environment or self.program.parent.parent
        packages = sorted(prefix.glob("lib/python3*/site-packages"))
        return [str(self.program), self.version, *(p.stat().st_mtime_ns for p in packages)]


def find_interpreter(root: Path, named: str = "") -> Interpreter:
    """Return the Python of the checkout's `.venv` or `venv`, else of the active environment, else of PATH.

    `named` is the program of the configured command: a Python that it names by its whole path goes first.
    """
    if os.path.isabs(named) and os.path.basename(named).startswith("python") and os.access(named, os.X_OK):
        return _ask(Path(named), "named by the command")
    active = os.environ.get("VIRTUAL_ENV")
    places = [
        (root / name / "bin" / "python", f"{name}/bin/python of the checkout") for name in (".venv", "venv")
    ]
    if active:
        places.append((Path(active, "bin", "python"), "of the active environment"))
    if found := shutil.which("python3"):
        places.append((Path(found), "python3 on PATH"))
    for program, origin in places:
        if os.access(program, os.X_OK):
            return _ask(program.absolute(), origin)
    return _ask(Path(sys.executable), "codegate's own")


@functools.lru_cache(maxsize=16)
def _ask(program: Path, origin: str) -> Interpreter:
    """Ask the program itself, with nothing of its packages loaded: it can be a wrapper script."""
    done = process.run(
        [program, "-I", "-S", "-c", _QUESTION + "; print(sys.executable)"],
        timeout=_ANSWER_SECONDS,
        max_output=1 << 16,
    )
    said = os.fsdecode(done.stdout).splitlines()
    if done.returncode or len(said) != 3:
        raise CodegateError(
            f"{program} is no Python that answers",
            "mend the environment, or set `command` under [tool.codegate.tests]",
        )
    base, version, executable = Path(said[0]), said[1], Path(said[2])
    inside_environment = (program.parent.parent / "pyvenv.cfg").is_file()
    called = program if inside_environment else executable.resolve()
    return Interpreter(called, origin, version, tuple(dict.fromkeys([*_hops(called), base, base.resolve()])))


def _hops(program: Path) -> list[Path]:
    """Return what each step of a chain of symlinks needs: the installation around it, else the link alone.

    A link in `~/.local/bin` must not show all of `~/.local`.
    """
    hops = []
    for _ in range(20):
        prefix = program.parent.parent
        whole = (prefix / "pyvenv.cfg").is_file() or any(prefix.glob("lib*/python3*/os.py"))
        hops += [prefix, prefix.resolve()] if whole else [program]
        if not program.is_symlink():
            break
        program = Path(os.path.normpath(program.parent / os.readlink(program)))
    return hops
