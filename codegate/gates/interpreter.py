"""Which Python a project's tests run on, and what of the machine it needs to see.

Nothing that lies in the checkout is ever run here, outside the sandbox: whoever wrote the branch may have
written it. An environment of the checkout is read instead, and counts only if its Python lies elsewhere.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codegate import process
from codegate.errors import CodegateError

_QUESTION = "import sys; print(sys.base_prefix); print(sys.version.split()[0])"
_ANSWER_SECONDS = 20.0
_ENVIRONMENTS: Final = (".venv", "venv")
_HINT: Final = (
    "make the environment anew with symlinks to a Python outside the checkout (`python -m venv .venv`, no "
    "--copies), keep it out of git, or activate one that lies elsewhere"
)


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


class _UnfitError(Exception):
    """Why an environment of the checkout is not taken."""


def find_interpreter(
    root: Path, named: str = "", tracked: Callable[[str], bool] = lambda path: False
) -> Interpreter:
    """Return the Python of the checkout's `.venv` or `venv`, else of the active environment, else of PATH.

    `named` is the program of the configured command: a Python that it names by its whole path goes first.
    `tracked` says of a path, relative to `root`, whether git knows something there: such an environment came
    with the branch and is not taken. Raises CodegateError where none is left.
    """
    refused = []
    for place, origin in _places(root, named):
        program = Path(os.path.normpath(place.absolute()))
        if not os.access(program, os.X_OK):
            continue
        if not _lies_in(root, program):
            return _ask(program, origin)
        try:
            return _read(root, program, origin, tracked)
        except _UnfitError as why:
            refused.append(f"{program} is not run: {why}")
    raise CodegateError("; ".join(dict.fromkeys(refused)) or "there is no Python on this machine", _HINT)


def _places(root: Path, named: str) -> Iterator[tuple[Path, str]]:
    if os.path.isabs(named) and os.path.basename(named).startswith("python"):
        yield Path(named), "named by the command"
    for name in _ENVIRONMENTS:
        yield root / name / "bin" / "python", f"{name}/bin/python of the checkout"
    if active := os.environ.get("VIRTUAL_ENV"):
        yield Path(active, "bin", "python"), "of the active environment"
    if found := shutil.which("python3"):
        yield Path(found), "python3 on PATH"
    yield Path(sys.executable), "codegate's own"


def _lies_in(root: Path, program: Path) -> bool:
    """Say whether any step from `program` to the file that would run lies in the checkout."""
    roots = (Path(os.path.abspath(root)), root.resolve())
    steps = [place for step in _steps(program) for place in (step, step.parent.resolve() / step.name)]
    return any(place.is_relative_to(top) for place in (*steps, program.resolve()) for top in roots)


def _read(root: Path, program: Path, origin: str, tracked: Callable[[str], bool]) -> Interpreter:
    """Take an environment at its own word, as far as that names a Python outside the checkout."""
    environment = program.parent.parent
    for place in (environment, environment.resolve()):
        for top in (Path(os.path.abspath(root)), root.resolve()):
            if place.is_relative_to(top) and tracked(place.relative_to(top).as_posix()):
                raise _UnfitError("git tracks files of this environment")
    said = _settings(environment / "pyvenv.cfg")
    real, home = program.resolve(), Path(said.get("home", ""))
    if real.is_relative_to(root.resolve()):
        raise _UnfitError("it is a program of the checkout itself, not a symlink to one outside")
    if not os.access(real, os.X_OK) or not real.is_file() or not _is_installation(real.parent, root):
        raise _UnfitError(f"it leads to {real}, which is in no installation of Python")
    if not home.is_absolute() or not _is_installation(home, root):
        raise _UnfitError(
            f"its pyvenv.cfg names {str(home)!r} as home, which is in no installation of Python"
        )
    version = re.match(r"\d+(\.\d+){0,2}", said.get("version") or said.get("version_info", ""))
    prefixes = [
        Path(os.path.normpath(home)).parent, home.resolve().parent, real.parent.parent,
    ]  # fmt: skip
    readable = tuple(dict.fromkeys([*_hops(program), *prefixes]))
    return Interpreter(program, origin, version[0] if version else "3", readable)


def _settings(path: Path) -> dict[str, str]:
    """Return what a `pyvenv.cfg` says; it is text of the checkout's."""
    if not path.is_file():
        raise _UnfitError("it belongs to no virtual environment")
    with path.open("rb") as file:
        text = file.read(1 << 16).decode(errors="replace")
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _is_installation(folder: Path, root: Path) -> bool:
    """Say whether a `bin` is that of a Python which may be shown in a sandbox: no part of the checkout, and
    no folder that would show the home directory with it.
    """
    for prefix in {Path(os.path.normpath(folder)).parent, folder.resolve().parent}:
        whole = any(prefix.glob("lib*/python3*/os.py")) or any(prefix.glob("lib/pypy3*/os.py"))
        kept = (Path.home(), Path.home().resolve(), root.resolve())
        if not whole or any(path.is_relative_to(prefix) for path in kept):
            return False
        if prefix.is_relative_to(root.resolve()):
            return False
    pythons = (*folder.glob("python3*"), *folder.glob("pypy3*"))
    return folder.resolve().name == "bin" and any(os.access(path, os.X_OK) for path in pythons)


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
    for step in _steps(program):
        prefix = step.parent.parent
        whole = (prefix / "pyvenv.cfg").is_file() or any(prefix.glob("lib*/python3*/os.py"))
        hops += [prefix, prefix.resolve()] if whole else [step]
    return hops


def _steps(program: Path) -> Iterator[Path]:
    """Yield a program and what it leads to, link by link."""
    for _ in range(20):
        yield program
        if not program.is_symlink():
            break
        program = Path(os.path.normpath(program.parent / os.readlink(program)))
