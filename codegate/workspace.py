"""The result of a candidate as the gates read it and as the tests will see it: judged, never written."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path

from codegate.core import Candidate, Change
from codegate.repo import Repository, Stage
from codegate.repo.search import matching
from codegate.sandbox import Overlay

_SUBMODULE = "160000"


class Workspace:
    """One candidate in its repository, for gates that run at once: all answers come from git's objects.

    Paths are relative to the top with `/`. `before` and `after` answer for the changed paths only;
    `base_file` and `base_paths` for any path of the base *commit*, which is where rules come from.
    """

    def __init__(self, repository: Repository, stage: Stage, candidate: Candidate) -> None:
        self.root: Path = repository.top
        self.candidate = candidate
        self._repository = repository
        self._stage = stage
        self._lock = threading.RLock()

    def before(self, path: str) -> bytes | None:
        """Return a changed file's bytes in the base tree; None if it is new, a submodule, or not changed."""
        return self._blob(self._changes[path].old_blob) if path in self._changes else None

    def after(self, path: str) -> bytes | None:
        """Return a changed file's bytes in the result; None if it is deleted, a submodule, or not changed."""
        return self._blob(self._changes[path].new_blob) if path in self._changes else None

    def preload(self) -> None:
        """Read what `before` and `after` answer from, once for all that ask from now on."""
        with self._lock:
            _ = self._blobs, self._commit_tree

    def base_file(self, path: str) -> bytes | None:
        """Return a file of the base commit; None if there is none."""
        with self._lock:
            return self._repository.read(self._commit_tree, path)

    def of_base(self, path: str) -> bytes | None:
        """Return a file of the base tree, the user's uncommitted text included; None if there is none."""
        with self._lock:
            return self._stage.read(self.candidate.base.tree, path)

    def base_blobs(self, paths: Collection[str]) -> dict[str, bytes]:
        """Return those files of the base commit that there are, by their paths, read all at once."""
        with self._lock:
            found = self._repository.objects.read(f"{self._commit_tree}:{path}" for path in paths)
        return {p: f.data for p, f in zip(paths, found, strict=True) if f is not None and f.kind == "blob"}

    def base_paths(self, names: Collection[str]) -> list[str]:
        """Return all paths of the base commit whose last part is one of `names`."""
        with self._lock:
            return self._repository.find(self._commit_tree, names)

    def base_files(self) -> list[str]:
        """Return the paths of all files of the base commit. Costs what the repository's size costs."""
        with self._lock:
            entries = self._repository.entries(self._commit_tree, (), recursive=True)
        return [path for path, entry in entries.items() if entry.kind == "blob"]

    def base_matches(self, pattern: str) -> list[str]:
        """Return the paths of the base commit's files with a line that matches (POSIX, extended).

        Reads every file: for a last question only.
        """
        with self._lock:
            return matching(self._repository, self._commit_tree, pattern)

    def names(self, folder: str) -> frozenset[str]:
        """Return what stands in a folder (`""` for the top) of the result: files, folders, submodules."""
        prefix = f"{folder}/" if folder else ""
        with self._lock:
            found = set(self._committed(folder))
        below = [
            (c.path[len(prefix) :], c.is_deletion)
            for c in self.candidate.changes
            if c.path.startswith(prefix)
        ]
        found -= {name for name, gone in below if gone}
        return frozenset(found | {name.partition("/")[0] for name, gone in below if not gone})

    def tracks(self, path: str) -> bool:
        """Say whether the base or the result hold something at a path, a folder's content included."""
        folder, _, name = path.rpartition("/")
        changed = any(c.path == path or c.path.startswith(f"{path}/") for c in self.candidate.changes)
        return changed or name in self.names(folder)

    def overlay(self) -> Overlay:
        """Return what makes the checkout look like the result."""
        return self._overlay(self.candidate.tree)

    def base_overlay(self) -> Overlay:
        """Return what makes the checkout look like the base tree."""
        return self._overlay(self.candidate.base.tree)

    def fingerprint(self) -> str:
        """Return a digest of the checkout's uncommitted state, to notice that it changed during a run."""
        with self._lock:
            return self._stage.fingerprint()

    @cached_property
    def _changes(self) -> dict[str, Change]:
        return {change.path: change for change in self.candidate.changes}

    @cached_property
    def _commit_tree(self) -> str:
        return self._repository.tree(self.candidate.base.commit)

    def _committed(self, folder: str) -> Iterable[str]:
        if not folder:
            return self._repository.entries(self._commit_tree)
        at = self._repository.entries(self._commit_tree, [folder]).get(folder)
        return self._repository.entries(at.id) if at is not None and at.kind == "tree" else ()

    def _blob(self, blob: str | None) -> bytes | None:
        with self._lock:
            return None if blob is None else self._blobs.get(blob)

    @cached_property
    def _blobs(self) -> dict[str, bytes]:
        wanted = {
            blob
            for change in self.candidate.changes
            for mode, blob in ((change.old_mode, change.old_blob), (change.new_mode, change.new_blob))
            if blob is not None and mode != _SUBMODULE
        }
        return self._stage.blobs(sorted(wanted))

    def _overlay(self, tree: str) -> Overlay:
        with self._lock:
            drift = self._stage.drift(tree)
            found = {
                path: entry for path, entry in drift.items() if entry is not None and entry.kind == "blob"
            }
            blobs = self._stage.blobs(sorted({entry.id for entry in found.values()}))
        files = {path: (blobs[entry.id], int(entry.mode, 8)) for path, entry in found.items()}
        return Overlay(self.root, files, tuple(path for path, entry in drift.items() if entry is None))
