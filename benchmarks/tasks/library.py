"""A real library as a git repository, from its source distribution, pinned by digest."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.projects import git, unpack


@dataclass(frozen=True, slots=True)
class Library:
    """A source distribution by version and digest; `source` is the folder that its packages lie in."""

    name: str
    version: str
    sha256: str
    source: str = "."

    @property
    def full_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"


class Shelf:
    """The libraries of a task set under one folder, fetched when first needed, and one environment for all.

    Raises SystemExit where pip cannot fetch, or a digest is not the one that was written down.
    """

    def __init__(self, folder: Path, environment: Sequence[str]) -> None:
        self.folder = folder
        self._packages = list(environment)

    @property
    def python(self) -> Path:
        """The Python of an environment that has what the libraries and their tests need, made if need be.

        Where they need nothing it is this one.
        """
        if not self._packages:
            return Path(sys.executable)
        digest = hashlib.sha256(json.dumps([self._packages, sys.version]).encode()).hexdigest()[:12]
        place = self.folder / f"environment-{digest}"
        python = place / "bin/python"
        if not (place / "made").exists():
            with self._alone(place.name):
                self._make_environment(place, python)
        return python

    def _make_environment(self, place: Path, python: Path) -> None:
        if not (place / "made").exists():  # by another run, meanwhile
            shutil.rmtree(place, ignore_errors=True)
            _run([sys.executable, "-m", "venv", place])
            _run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *self._packages])
            (place / "made").touch()

    def checkout(self, library: Library) -> Path:
        """Return the library as a git repository of one commit, tagged `library`, made if need be."""
        top = self.folder / f"{library.full_name}-{library.sha256[:12]}"
        if not top.exists():
            with self._alone(top.name):
                self._unpack(library, top)
        return top

    def _unpack(self, library: Library, top: Path) -> None:
        if not top.exists():
            unpacked = top.with_name(f".{top.name}")
            shutil.rmtree(unpacked, ignore_errors=True)
            unpack(self._sdist(library), unpacked)
            inner = next(path for path in unpacked.iterdir() if path.is_dir())
            git(inner, "init", "-q", "-b", "main")
            git(inner, "add", "-A", "-f")
            git(inner, "commit", "-q", "-m", library.full_name)
            git(inner, "tag", "library")
            inner.rename(top)
            shutil.rmtree(unpacked)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Wait until no other run makes what is called so."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def workplace(self, library: Library) -> Iterator[Path]:
        """Yield a clone of a library's checkout that no other run uses meanwhile."""
        origin = self.checkout(library)
        for number in itertools.count(1):
            top = self.folder / "runs" / f"{origin.name}-{number}"
            top.parent.mkdir(parents=True, exist_ok=True)
            with open(top.with_suffix(f"{top.suffix}.lock"), "w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                if not top.exists():
                    git(top.parent, "clone", "-q", "--local", str(origin), str(top))
                yield top
                return

    def _sdist(self, library: Library) -> Path:
        folder = self.folder / "sdists"
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{library.full_name}.tar.gz"
        if not place.exists():
            wanted = f"{library.name}=={library.version}"
            pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
            _run([*pip, "--no-binary", ":all:", "-d", folder, wanted])
        if not place.exists() or hashlib.sha256(place.read_bytes()).hexdigest() != library.sha256:
            raise SystemExit(
                f"{place} is not the {library.full_name} of the task set: remove it, and try again"
            )
        return place


def _run(argv: Sequence[str | Path]) -> None:
    done = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, argv))}:\n{done.stdout}")
