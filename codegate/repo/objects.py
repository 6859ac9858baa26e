"""Git's objects, read and written raw: no filter, text conversion or replacement comes between."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

from codegate.errors import RepositoryError
from codegate.repo.command import git

Format = Literal["sha1", "sha256"]
NO_SPACE: Final = "Is there space in the temporary directory, and is it yours to write? TMPDIR names another."
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Object:
    """One object. `kind` is git's word for it: `blob`, `tree`, `commit` or `tag`."""

    id: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Objects:
    """All objects that the git directory `directory` can reach, and a way to add to its own."""

    directory: Path
    format: Format

    def read(self, names: Iterable[str]) -> list[Object | None]:
        """Return the object of each name in turn, None where there is none; one process for all.

        A name is whatever `git rev-parse` takes; of untrusted text only `TREE:path` with a plain path.
        """
        wanted = [os.fsencode(name) for name in names]
        if not wanted:
            return []
        given = b"".join(name + b"\0" for name in wanted)
        said = git(self.directory, "cat-file", "--batch", "-z", stdin=given).stdout
        found, position = [], 0
        for name in wanted:
            item, position = _next(said, position, name)
            found.append(item)
        return found

    def write(self, kind: str, data: bytes) -> str:
        """Store an object in the directory's own store, in git's loose format, and return its id."""
        head = f"{kind} {len(data)}\0".encode()
        name = self._digest(head + data).hexdigest()
        path = self.directory / "objects" / name[:2] / name[2:]
        try:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(zlib.compress(head + data, 1))
        except OSError as error:
            raise RepositoryError(f"cannot keep a {kind}: {error.strerror}", NO_SPACE) from error
        return name

    def blob_id(self, stream: IO[bytes], size: int) -> str:
        """Return the id that the `size` bytes of `stream` have as a blob, without holding them all."""
        digest = self._digest(f"blob {size}\0".encode())
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()

    def _digest(self, data: bytes) -> hashlib._Hash:
        return hashlib.new(self.format, data, usedforsecurity=False)


def _next(said: bytes, position: int, name: bytes) -> tuple[Object | None, int]:
    """Read one answer of `cat-file --batch` that starts at `position`; also return where the next starts.

    The name is known, so that a newline in it cannot be taken for the end of the answer.
    """
    for absent in (b" missing\n", b" ambiguous\n"):
        if said.startswith(name + absent, position):
            return None, position + len(name) + len(absent)
    line, newline, _ = said[position : position + 200].partition(b"\n")
    words = line.decode("ascii", "replace").split(" ")
    start = position + len(line) + 1
    if len(words) == 2 and words[1] == "submodule":  # git from 2.51 on says so of a submodule's commit
        return None, start
    if not newline or len(words) != 3 or not words[2].isdigit():
        raise RepositoryError("git cat-file gave an answer that cannot be read", "Is this git 2.38 or later?")
    end = start + int(words[2])
    return Object(words[0], words[1], said[start:end]), end + 1
