"""A change laid over a checkout: files as bytes, deletions, and what nobody in a sandbox is to see."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

from codegate.errors import SandboxError

# At the top of a checkout: git's own data (hooks, passwords in remotes), and where secrets are kept by habit.
_HIDDEN: Final = (".git", ".env", ".env.*", ".envrc", ".netrc", ".pypirc", ".npmrc")
_SHOWN: Final = (".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults")


@dataclass(frozen=True)
class Overlay:
    """What makes the checkout at `root` look like another tree, at the same path.

    `files` maps a path, relative to `root` with `/`, to its bytes and git's mode (0o100644, 0o100755, or
    0o120000 for a symlink, whose bytes are its target).
    """

    root: Path
    files: Mapping[str, tuple[bytes, int]]
    deletions: tuple[str, ...] = ()

    def hidden(self) -> Iterator[str]:
        """Yield what stands at the top of the checkout and is masked, unless the tree itself brings it."""
        for entry in os.scandir(self.root):
            if not any(fnmatchcase(entry.name, pattern) for pattern in _HIDDEN) or entry.name in self.files:
                continue
            environment = entry.is_dir() and os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
            if entry.name not in _SHOWN and not environment:
                yield entry.name

    def stale(self) -> Iterator[str]:
        """Yield the compiled Python of files that the overlay replaces.

        Python trusts a `.pyc` whose recorded size and whole second of the source agree: that of the user's
        text could pass for that of the patch's.
        """
        for path in (*self.files, *self.deletions):
            where, name = os.path.split(path)
            stem, extension = os.path.splitext(name)
            cache = self.root / where / "__pycache__"
            if extension == ".py" and cache.is_dir():
                for entry in os.scandir(cache):
                    if entry.name.startswith(stem + ".") and entry.name.endswith(".pyc"):
                        yield os.path.join(where, "__pycache__", entry.name)

    def lay(self, layer: Path) -> None:
        """Write the change as a lower layer of an overlay file system; a deletion is a whiteout.

        Linux lets anyone make a whiteout (a character device 0:0) since 5.8.
        """
        _write(self, layer, lambda path: os.mknod(path, stat.S_IFCHR | 0o600, 0))

    def lay_copy(self, copy: Path) -> None:
        """Write the change into `copy`, a copy of the checkout."""
        _write(self, copy, lambda path: None)


def _write(overlay: Overlay, target: Path, delete: Callable[[Path], None]) -> None:
    second = int(time.time())
    gone = {*overlay.deletions, *overlay.hidden(), *overlay.stale()} - set(overlay.files)
    for path in _outermost(gone):
        delete(_place(overlay.root, target, path))
    for path, (data, mode) in overlay.files.items():
        place = _place(overlay.root, target, path)
        if stat.S_ISLNK(mode):
            os.symlink(data, os.fsencode(place))
        else:
            place.write_bytes(data)
            place.chmod(0o755 if mode & 0o111 else 0o644)
            os.utime(place, (second, _other_second(overlay.root / path, second)))


def _outermost(paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths that lie in no other of them: what is in a deleted directory is gone with it."""
    kept = ""
    for path in sorted(paths, key=lambda p: p + "/"):
        if not kept or not path.startswith(kept + "/"):
            kept = path
            yield path


def _place(root: Path, target: Path, path: str) -> Path:
    """Return where `path` goes in `target`: a free name in real directories, never behind a symlink."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise SandboxError(f"a path that does not stay in the checkout: {path!r}")
    here = target
    for depth, part in enumerate(parts[:-1], 1):
        here = here / part
        if here.is_symlink() or not here.is_dir():
            _remove(here)
            here.mkdir()
            here.chmod(_directory_mode(root.joinpath(*parts[:depth])))
    place = here / parts[-1]
    _remove(place)
    return place


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _directory_mode(path: Path) -> int:
    """Return the mode of the checkout's own directory: in an overlay the upper one's counts."""
    try:
        found = path.lstat().st_mode
    except OSError:
        return 0o755
    return stat.S_IMODE(found) | 0o700 if stat.S_ISDIR(found) else 0o755


def _other_second(path: Path, second: int) -> int:
    try:
        return second + 1 if int(path.lstat().st_mtime) == second else second
    except OSError:
        return second
