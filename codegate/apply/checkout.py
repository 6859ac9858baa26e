"""The user's checkout, reached from its top one directory at a time and never through a link."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from codegate.apply import exchange
from codegate.errors import ConflictError, RepositoryError

_CHUNK: Final = 1 << 20
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# What gives a new file of git's mode 100755 and 100644 its bits; the umask has its say, as with any file.
_BITS: Final = {"100644": 0o666, "100755": 0o777}
ORDINARY: Final = tuple(_BITS)
UNWRITTEN: Final = "nothing was written: see what changed there, then try again"
GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@dataclass(frozen=True, slots=True)
class Content:
    """What stands at a path: git's id of the raw bytes and git's mode, as a tree would record them.

    Of what is no regular file `blob` is empty, so that it equals nothing that a tree can hold.
    """

    blob: str
    mode: str


def blob_id(data: bytes, algorithm: str) -> str:
    """Return git's id of a blob; `algorithm` is `sha1` or `sha256`, as the repository's objects have it."""
    return _digest(algorithm, len(data), data)


def algorithm_of(object_id: str) -> str:
    """Return the digest that a repository with ids like this one uses."""
    return "sha256" if len(object_id) == hashlib.sha256().digest_size * 2 else "sha1"


def sha256_of(data: bytes | None) -> str | None:
    """Return the SHA-256 of a file's bytes, None for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def _digest(algorithm: str, size: int, first: bytes = b"", descriptor: int = -1) -> str:
    digest = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
    digest.update(first)
    while descriptor >= 0 and (chunk := os.read(descriptor, _CHUNK)):
        digest.update(chunk)
    return digest.hexdigest()


def split(path: str) -> tuple[str, ...]:
    """Return the names that a path of the tree is made of. Raises RepositoryError if it leads elsewhere."""
    names = tuple(path.split("/"))
    if any(name in ("", ".", "..") or name.lower() == ".git" or "\0" in name for name in names):
        raise RepositoryError(f"{path!r} is no path of a file in a checkout")
    return names


def parent(path: str) -> str:
    """Return the directory of a path, empty for the top."""
    return path.rpartition("/")[0]


class Checkout:
    """Regular files under `top`: looked at, made beside their places, exchanged. Paths are a tree's paths.

    A directory is opened once and held, so that what is done is done where it was checked. Methods raise
    OSError as the system calls do.
    """

    def __init__(self, top: Path, algorithm: str) -> None:
        self._top = top
        self.algorithm = algorithm
        self._held: dict[str, int] = {}

    def __enter__(self) -> Checkout:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()

    def look(self, path: str) -> Content | None:
        """Return what stands at `path` now, None if nothing does or if no directory leads there."""
        try:
            directory, name = self._place(path)
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                return Content("", _kind_of(found.st_mode))
            descriptor = os.open(name, _FILE, dir_fd=directory)
        except OSError as error:
            if error.errno in GONE:
                return None
            raise
        try:
            found = os.fstat(descriptor)
            mode = "100755" if found.st_mode & stat.S_IXUSR else "100644"
            return Content(_digest(self.algorithm, found.st_size, descriptor=descriptor), mode)
        finally:
            os.close(descriptor)

    def read(self, path: str) -> tuple[bytes, int]:
        """Return the bytes at `path` and its permission bits."""
        directory, name = self._place(path)
        with os.fdopen(os.open(name, _FILE, dir_fd=directory), "rb") as stream:
            return stream.read(), stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o777

    def create(self, path: str, data: bytes, mode: str, like: str | None, permissions: int | None) -> None:
        """Write a new file to the disk's surface; with `like` a path whose owner and permissions it takes on.

        Until it has the permissions it is to have, nobody else can read it. `permissions` are those of a
        file without a model; None leaves them to git's mode and the umask.
        """
        directory, name = self._place(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        exact = like is not None or permissions is not None
        descriptor = os.open(name, flags, 0o600 if exact else _BITS[mode], dir_fd=directory)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            if like is not None:
                _resemble(descriptor, *self._place(like), mode)
            elif permissions is not None:
                os.fchmod(descriptor, permissions)
            os.fsync(descriptor)

    def exchange(self, first: str, second: str) -> None:
        """Swap two files of one directory in one step."""
        directory, name = self._place(first)
        exchange.exchange(directory, name, self._place(second)[1])

    def move(self, source: str, target: str) -> None:
        """Rename within one directory, onto nothing. Raises FileExistsError if there is something."""
        directory, name = self._place(source)
        exchange.move(directory, name, self._place(target)[1])

    def settle(self, temporary: str, target: str) -> None:
        """Finish what a kill left half done where `renameat2` cannot be had."""
        directory, name = self._place(temporary)
        exchange.settle(directory, name, self._place(target)[1])

    def remove(self, path: str) -> None:
        """Remove the file at `path` if there is one."""
        directory, name = self._place(path)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=directory)

    def being_written(self, path: str) -> bool:
        """Say whether a program has the file at `path` open for writing."""
        directory, name = self._place(path)
        descriptor = os.open(name, _FILE, dir_fd=directory)
        try:
            return exchange.being_written(descriptor)
        finally:
            os.close(descriptor)

    def make_directory(self, path: str) -> None:
        """Make one new directory. Raises FileExistsError if there is something of that name."""
        directory, name = self._place(path)
        os.mkdir(name, dir_fd=directory)

    def remove_directory(self, path: str) -> None:
        """Remove a directory if it is there and empty."""
        if path in self._held:
            os.close(self._held.pop(path))
        try:
            directory, name = self._place(path)
            os.rmdir(name, dir_fd=directory)
        except OSError as error:
            if error.errno not in (*GONE, errno.ENOTEMPTY, errno.EEXIST):
                raise

    def missing_directories(self, path: str) -> list[str]:
        """Return the directories that must be made for `path`, outermost first.

        Raises ConflictError where a link or a file stands in the way, or another repository begins.
        """
        names = split(path)[:-1]
        for depth in range(len(names) + 1):
            folder = "/".join(names[:depth])
            try:
                descriptor = self._directory(folder)
            except FileNotFoundError:
                return ["/".join(names[:n]) for n in range(depth, len(names) + 1)]
            except OSError as error:
                if error.errno in GONE:
                    raise ConflictError(
                        f"{path}: {folder} is a link or a file, not a directory", UNWRITTEN
                    ) from error
                raise
            if folder and exchange.identity(descriptor, ".git") is not None:
                raise ConflictError(f"{path} belongs to another repository, the one in {folder}", UNWRITTEN)
        return []

    def replaced_directories(self) -> list[str]:
        """Return those of the directories in use that are no longer what their path leads to."""
        with Checkout(self._top, self.algorithm) as fresh:
            return [path for path, held in self._held.items() if not fresh._leads_to(path, held)]

    def sync(self) -> None:
        """Bring every rename so far to the disk's surface."""
        for descriptor in self._held.values():
            os.fsync(descriptor)

    def _leads_to(self, path: str, descriptor: int) -> bool:
        try:
            found = os.fstat(self._directory(path))
        except OSError:
            return False
        held = os.fstat(descriptor)
        return (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)

    def _place(self, path: str) -> tuple[int, str]:
        return self._directory(parent(path)), split(path)[-1]

    def _directory(self, path: str) -> int:
        if path not in self._held:
            if path:
                self._held[path] = os.open(split(path)[-1], _DIRECTORY, dir_fd=self._directory(parent(path)))
            else:
                self._held[path] = os.open(self._top, _DIRECTORY)
        return self._held[path]


def _kind_of(mode: int) -> str:
    """Say in words what kind of thing that is no regular file a mode belongs to."""
    kinds = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a directory", stat.S_IFIFO: "a named pipe"}
    return kinds.get(stat.S_IFMT(mode), "no ordinary file")


def _resemble(descriptor: int, directory: int, model: str, mode: str) -> None:
    """Give a new file another's owner, attributes and permissions, where we may; the exec bit is git's."""
    source = os.open(model, _FILE, dir_fd=directory)
    try:
        found = os.fstat(source)
        bits = stat.S_IMODE(found.st_mode) & 0o777
        try:
            if (found.st_uid, found.st_gid) != (os.geteuid(), os.fstat(descriptor).st_gid):
                os.fchown(descriptor, found.st_uid, found.st_gid)
        except OSError:
            # Not ours to give away: then its group may not read what only the old file's group could.
            bits &= ~0o070 | (bits & 0o007) << 3
        for name in os.listxattr(source) if hasattr(os, "listxattr") else ():
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(source, name))
    finally:
        os.close(source)
    if mode == "100644":
        bits &= ~0o111
    elif not bits & stat.S_IXUSR:
        bits |= (bits & 0o444) >> 2
    os.fchmod(descriptor, bits)
