"""The user's index and work tree as git sees them, asked through a private copy of the index."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from codegate.errors import RepositoryError
from codegate.repo.command import git, reason
from codegate.repo.files import MAX_BYTES, identify
from codegate.repo.listing import ABSENT, SUBMODULE, TreeEntry, kind_of
from codegate.repo.objects import Objects
from codegate.repo.repository import Repository
from codegate.repo.sealed import copy_index, make_directory

# The index of the commit that is being made: `git commit -a` and `git commit PATH` give hooks one of their
# own. Taken at import, made absolute there, since everything else of GIT_* is thrown away.
_HOOK_INDEX: Final = (
    os.path.abspath(os.environ["GIT_INDEX_FILE"]) if os.environ.get("GIT_INDEX_FILE") else None
)

# How git translates between a file and its blob, and which files it leaves out. Filters are not among them.
_TRANSLATION: Final = (
    "autocrlf", "eol", "filemode", "symlinks", "ignorecase", "precomposeunicode", "trustctime", "checkstat",
    "excludesfile", "attributesfile",
)  # fmt: skip


class Checkout:
    """Answers about the user's work tree; neither it nor the user's git directory is written.

    In `directory` are git directories of our own, with the objects of `objects`. Of the repository's
    configuration it knows only line endings, file modes and what to ignore.
    """

    def __init__(self, repository: Repository, directory: Path, objects: Objects) -> None:
        self._repository = repository
        self._directory = directory
        self._objects = objects
        self._made: Path | None = None
        self._lock = threading.Lock()

    def index_tree(self) -> str:
        """Return the tree of the user's index, or in a hook of the index of the commit being made."""
        with self._index():
            return self._write_tree()

    def worktree_tree(self) -> str:
        """Return the tree that `git add --all` would commit: tracked changes, and new files not ignored.

        As there, the filters that the user's or the machine's configuration names do run (Git LFS puts its
        own there). Those of the repository's configuration do not: such files count with their raw bytes.
        """
        with self._index():
            # TMPDIR may lie in the work tree: our own folder is no part of it.
            options = ("-z", "-m", "-o", "--exclude-standard", f"--exclude={self._directory.parent.name}")
            said = git(self._git_dir, "ls-files", *options, work_tree=self._repository.top).stdout
            paths = {path.rstrip(b"/") for path in said.split(b"\0")[:-1]}
            self._refuse_large(paths)
            # A file that is a directory now counts as modified; what is in it is listed by itself.
            gone = {path for path in paths if self._is_mere_directory(path)}
            self._update(["--force-remove"], gone)
            self._update(["--add", "--remove", "--replace"], paths - gone)
            return self._write_tree()

    def drift(self, tree: str) -> dict[str, TreeEntry | None]:
        """Return the tracked paths at which the checkout's raw bytes or mode are not what `tree` has there.

        The value is what `tree` has, None where it has nothing. Submodules are left out, and so are files
        that a sparse checkout leaves out. Untracked files that are not in `tree` are not mentioned.
        """
        return {
            path: entry
            for path, entry, found in self._differing(tree)
            if (entry.kind == "blob" if entry is not None else found is not None and found[0] != SUBMODULE)
        }

    def fingerprint(self, tree: str) -> str:
        """Return a digest of all that distinguishes the checkout's tracked files from `tree`."""
        state = [(path, found) for path, _, found in self._differing(tree)]
        return hashlib.sha256(repr(state).encode()).hexdigest()

    def _differing(self, tree: str) -> Iterator[tuple[str, TreeEntry | None, tuple[str, str] | None]]:
        """Yield path, what `tree` has there, and the mode and id of what is there, wherever these differ.

        git's stat cache tells which files to look at: all others have neither changed since they were checked
        out or added, nor does `tree` differ from the index there.
        """
        options = ("-z", "--raw", "--no-renames", "--ignore-submodules=dirty")
        with self._index():
            said = git(self._git_dir, "diff-index", *options, tree, work_tree=self._repository.top).stdout
        fields = said.split(b"\0")[:-1]
        suspects: dict[str, TreeEntry | None] = {}
        for head, name in zip(fields[::2], fields[1::2], strict=True):
            mode, _, id_, _, _ = head[1:].decode("ascii").split(" ")
            suspects[os.fsdecode(name)] = None if mode == ABSENT else TreeEntry(mode, kind_of(mode), id_)
        for path, entry in sorted(suspects.items()):
            found = identify(self._repository.top, path, self._objects)
            if self._differs(entry, found):
                yield path, entry, found

    def _differs(self, entry: TreeEntry | None, found: tuple[str, str] | None) -> bool:
        if found is None or entry is None:
            return (found is None) != (entry is None)
        if SUBMODULE in (entry.mode, found[0]):
            return entry.mode != found[0]
        return found[1] != entry.id or (self._repository.has_modes and found[0] != entry.mode)

    def _write_tree(self) -> str:
        # Objects that a partial clone left out are named by the index all the same.
        done = git(self._git_dir, "write-tree", "--missing-ok", expected=(0, 128))
        if done.returncode:
            hint = "Finish or abort the merge first." if b"unmerged" in done.stderr else ""
            raise RepositoryError(f"the index makes no tree: {reason(done)}", hint)
        return done.stdout.decode().strip()

    def _update(self, options: list[str], paths: set[bytes]) -> None:
        if not paths:
            return
        done = git(
            self._git_dir, "update-index", *options, "-z", "--stdin", work_tree=self._repository.top,
            stdin=b"".join(path + b"\0" for path in sorted(paths)), user_config=True, expected=(0, 1, 128),
        )  # fmt: skip
        if done.returncode:
            raise RepositoryError(
                f"git cannot add the work tree: {reason(done)}", "`git add --all --dry-run` says the same."
            )

    def _is_mere_directory(self, path: bytes) -> bool:
        """Say whether there is a directory at `path` that is no repository of its own."""
        place = os.path.join(os.fsencode(self._repository.top), path)
        return not os.path.islink(place) and os.path.isdir(place) and not os.path.lexists(place + b"/.git")

    def _refuse_large(self, paths: Iterable[bytes]) -> None:
        for path in paths:
            try:
                size = os.lstat(os.path.join(os.fsencode(self._repository.top), path)).st_size
            except OSError:
                continue
            if size > MAX_BYTES:
                raise RepositoryError(
                    f"{os.fsdecode(path)} has {size >> 20} MB",
                    f"codegate reads files of up to {MAX_BYTES >> 20} MB: let .gitignore name it.",
                )

    @contextlib.contextmanager
    def _index(self) -> Iterator[None]:
        """Hold a fresh copy of the user's index in our git directory, for one caller at a time."""
        with self._lock:
            self._copy_index()
            yield

    def _copy_index(self) -> None:
        own = self._repository.git_dir / "index"
        index = own if _HOOK_INDEX is None or self._is_foreign(Path(_HOOK_INDEX)) else Path(_HOOK_INDEX)
        copy_index(index, self._repository.git_dir, self._git_dir)

    def _is_foreign(self, index: Path) -> bool:
        """Say whether an index belongs to another repository: it lies in the git directory of that one."""
        home = Path(os.path.realpath(index.parent))
        return home != self._repository.git_dir and (home / "HEAD").exists()

    @property
    def _git_dir(self) -> Path:
        """A git directory of this process: a fork of it would move the index that another one reads."""
        place = self._directory / str(os.getpid())
        if place != self._made:
            self._make(place)
            self._made = place
        return place

    def _make(self, place: Path) -> None:
        self._directory.mkdir(exist_ok=True)
        settings = {name: self._repository.setting(f"core.{name}") for name in _TRANSLATION}
        make_directory(
            place, self._objects.directory / "objects", self._objects.format,
            {name: value for name, value in settings.items() if value},
        )  # fmt: skip
        for name in ("attributes", "exclude"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(self._repository.common_dir / "info" / name, place / "info" / name)
