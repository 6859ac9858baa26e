"""Changes made where the user's own git never looks: a patch goes in, a tree and git's own diff come out."""

from __future__ import annotations

import itertools
import os
import re
import signal
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from codegate import process
from codegate.core import Base, Candidate, Patch
from codegate.errors import CodegateError, PatchRefused, RepositoryError, UsageError
from codegate.repo.checkout import Checkout
from codegate.repo.command import MISSING, git, reason
from codegate.repo.difference import compare
from codegate.repo.files import MAX_BYTES, read_file
from codegate.repo.listing import (
    SUBMODULE,
    SYMLINK,
    Listing,
    OccupiedError,
    TreeEntry,
    is_plain,
    kind_of,
    read_blob,
)
from codegate.repo.objects import NO_SPACE, Objects
from codegate.repo.repository import Repository
from codegate.repo.sealed import make_directory, make_store

_MAX_DIFF: Final = 64 << 20
_SETTINGS: Final = {"bare": "true", "attributesFile": os.devnull}
# git's words for a path that no tree may have, or that would lead out of it (apply.c of git 2.30 to 2.51).
_BAD_PATH: Final = re.compile(rb"invalid path|beyond a symbolic link")
# git's words when it is the machine that fails it, not the patch.
_BAD_MACHINE: Final = re.compile(rb"No space left|unable to (?:write|create|read|open)|[Oo]ut of memory")
# git says yes, no, or that it cannot; at some diffs it trips over an assertion or a pointer of its own, which
# is the patch's fault too (`check_preimage: Assertion `patch->is_new <= 0' failed`, git 2.39).
_ANSWERS: Final = (0, 1, 128, -signal.SIGABRT, -signal.SIGSEGV)
_PARSE_HINT: Final = "It must be a whole unified diff, with a/ and b/ before its paths and right line counts."
_APPLY_HINT: Final = "Its paths need a/ and b/, its context must be the base's, also after the last change."


class Stage:
    """A private object store and index over a repository; the user's own are read, never written.

    A context manager: all that was staged is gone when it ends. Objects of the repository are found here too.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._count = itertools.count()
        format_ = repository.format
        try:
            self._temporary = tempfile.TemporaryDirectory(
                prefix="codegate-", dir=os.path.abspath(tempfile.gettempdir()), ignore_cleanup_errors=True
            )
            self._folder = Path(self._temporary.name)
            store = make_store(self._folder / "objects", repository.common_dir / "objects")
            self._directory = make_directory(self._folder / "git", store, format_, _SETTINGS)
        except OSError as error:
            raise RepositoryError(
                f"no temporary directory can be made: {error.strerror}", NO_SPACE
            ) from error
        self._objects = Objects(self._directory, format_)
        self._checkout = Checkout(repository, self._folder / "checkout", self._objects)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._temporary.cleanup()

    def snapshot(self, commit: str, paths: Iterable[str] = ()) -> Base:
        """Return `commit` with the raw bytes and the exec bit that the checkout has at `paths` now.

        A path that the checkout does not have is absent in the base as well. No filter runs. Raises
        UsageError for a symlink, a submodule, a directory or another thing that is no file, RepositoryError
        where a file cannot be read.
        """
        wanted = list(dict.fromkeys(paths))
        for path in wanted:
            if not is_plain(path):
                raise UsageError(f"{path} is no path in the repository", "Name one relative to its top.")
        listing = Listing.load(self._objects, commit, wanted)
        for path, entry in listing.above(wanted).items():
            if entry.mode == SUBMODULE:
                raise UsageError(f"{path} is a submodule", f"Run codegate there: -C {path}")
        edits = {path: self._present(path, listing.get(path)) for path in wanted}
        edits = {path: entry for path, entry in edits.items() if entry != listing.get(path)}
        try:
            return Base(commit, listing.changed(edits) if edits else listing.tree)
        except OccupiedError as error:
            raise UsageError(
                f"{error.path} is a file here and a directory in {commit}", "Commit that first."
            ) from error

    def paths_in(self, diff: bytes) -> set[str]:
        """Return the paths that git itself reads in a diff; PatchRefused if it can read none of it."""
        names: set[str] = set()
        # -R names what a rename or a copy is of.
        for reverse in ((), ("-R",)):
            done = git(
                self._directory, "apply", *reverse, "--numstat", "-z", "-", stdin=diff, expected=_ANSWERS
            )
            if done.returncode:
                raise _refused(done, "scope/unparsed", "git cannot read the patch", _PARSE_HINT)
            names |= {os.fsdecode(line.split(b"\t", 2)[2]) for line in done.stdout.split(b"\0")[:-1]}
        return names

    def stage(self, base: Base, patch: Patch) -> Candidate:
        """Return what `patch` makes of `base`, as git alone understands it.

        Raises PatchRefused: `scope/unparsed` (no diff that git can read), `scope/unapplied` (it does not fit
        the base, to the line), `scope/path` (a path that no repository may have), `scope/symlink`,
        `scope/submodule`, `scope/size`, `scope/empty` (it changes nothing).
        """
        if (patch.files is None) == (patch.diff is None):
            raise ValueError("a Patch has either files or a diff")
        tree = (
            self._with_files(base, patch.files)
            if patch.files is not None
            else self._with_diff(base, patch.diff or b"")
        )
        if tree == base.tree:
            raise PatchRefused(
                "scope/empty", "the patch changes nothing", "What it asks for is there already."
            )
        return compare(self._directory, base, tree)

    def between(self, commit_a: str, tree_a: str, tree_b: str) -> Candidate:
        """Return the Candidate that turns `tree_a` into `tree_b`, judged by the rules of `commit_a`.

        Equal trees give a Candidate without changes.
        """
        return compare(self._directory, Base(commit_a, tree_a), tree_b)

    def index_tree(self) -> str:
        """Return the tree of the user's index, or in a hook of the index of the commit being made."""
        return self._checkout.index_tree()

    def worktree_tree(self) -> str:
        """Return the tree that `git add --all` would commit now."""
        return self._checkout.worktree_tree()

    def drift(self, tree: str) -> dict[str, TreeEntry | None]:
        """Return the tracked paths where the checkout is not what `tree` has, with what `tree` has there."""
        return self._checkout.drift(tree)

    def fingerprint(self) -> str:
        """Return a digest that is another one after a tracked file was changed, added or removed.

        Two digests of one Stage can be compared, also across a commit; not those of two.
        """
        return self._checkout.fingerprint(self._reference)

    def read(self, tree: str, path: str) -> bytes | None:
        """Return the raw bytes of the file, or the target of the symlink, at `path`; None if none is."""
        return read_blob(self._objects, tree, path)

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the raw bytes of all these blobs, read at once."""
        wanted = list(dict.fromkeys(ids))
        found = dict(zip(wanted, self._objects.read(wanted), strict=True))
        for id_, item in found.items():
            if item is None or item.kind != "blob":
                raise RepositoryError(f"the repository lacks the blob {id_}", MISSING)
        return {id_: item.data for id_, item in found.items() if item is not None}

    @cached_property
    def _reference(self) -> str:
        return self._repository.tree(self._repository.head_or_nothing())

    def _present(self, path: str, known: TreeEntry | None) -> TreeEntry | None:
        """Return the entry of what the checkout has at `path`."""
        if known is not None and known.kind == "tree":
            raise UsageError(f"{path} is a directory", "Name the files in it.")
        found = read_file(self._repository.top, path)
        if found is None:
            return None
        data, executable = found
        mode = "100755" if executable else "100644"
        if not self._repository.has_modes:
            mode = known.mode if known is not None and known.mode != SYMLINK else "100644"
        return TreeEntry(mode, "blob", self._objects.write("blob", data))

    def _with_files(self, base: Base, files: Mapping[str, bytes]) -> str:
        """Return the id of the tree with these contents; modes stay, a new file is 100644."""
        listing = Listing.load(self._objects, base.tree, files)
        edits: dict[str, TreeEntry] = {}
        for path, data in files.items():
            known = listing.get(path)
            if known is not None and known.mode == SYMLINK:
                raise PatchRefused(
                    "scope/symlink", f"{path} is a symlink", "Name the file that it leads to.", path
                )
            if known is not None and known.mode == SUBMODULE:
                raise PatchRefused(
                    "scope/submodule", f"{path} is a submodule", "Change it in its own repository.", path
                )
            if len(data) > MAX_BYTES:
                raise PatchRefused("scope/size", f"{path} would have over {MAX_BYTES >> 20} MB", path=path)
            if "\0" in path:
                raise PatchRefused("scope/path", "a path cannot contain NUL", path=path.replace("\0", "�"))
            mode = known.mode if known is not None and known.kind == "blob" else "100644"
            edits[path] = TreeEntry(mode, "blob", self._objects.write("blob", data))
        self._fill_index(listing.above(files) | edits)
        return self._changed(listing, edits)

    def _with_diff(self, base: Base, diff: bytes) -> str:
        """Return the id of the tree that `git apply --cached` makes of the base.

        The index that git works on holds what the base has at the paths that git itself reads in the diff,
        and no more: the cost does not grow with the repository. That git then sees no other path lets
        nothing through: what it adds is held against the base when the tree is put together.
        """
        if len(diff) > _MAX_DIFF:
            raise PatchRefused("scope/size", f"the diff has over {_MAX_DIFF >> 20} MB")
        if not diff.strip():
            raise PatchRefused("scope/empty", "the diff is empty")
        paths = self.paths_in(diff)
        listing = Listing.load(self._objects, base.tree, paths)
        before = listing.above(paths)
        index = self._fill_index(before)
        self._apply(index, diff)
        after = self._indexed(index)
        if not after.keys() <= before.keys() | paths:
            raise PatchRefused(
                "scope/unparsed", "the diff names its files in a way that git itself is in two minds about"
            )
        edits = {
            path: after.get(path)
            for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)
        }
        return self._changed(listing, edits)

    def _apply(self, index: Path, diff: bytes) -> None:
        # Always --cached: without it git reads and writes files, also outside the tree.
        done = git(
            self._directory, "apply", "--cached", "--whitespace=nowarn", "-", stdin=diff, index=index,
            expected=_ANSWERS,
        )  # fmt: skip
        if done.returncode < 0:
            raise _refused(done, "scope/unparsed", "git itself breaks down at the patch", _PARSE_HINT)
        if done.returncode:
            rule = "scope/path" if _BAD_PATH.search(done.stderr) else "scope/unapplied"
            raise _refused(done, rule, "git refuses the patch", _APPLY_HINT)

    def _fill_index(self, entries: Mapping[str, TreeEntry]) -> Path:
        """Return a new index of just these entries; PatchRefused if git refuses the path of one."""
        index = self._folder / f"index-{next(self._count)}"
        lines = [
            f"{entry.mode} {entry.id}\t".encode() + os.fsencode(path) + b"\0"
            for path, entry in entries.items()
        ]
        git(
            self._directory, "update-index", "--add", "-z", "--index-info", stdin=b"".join(lines), index=index
        )
        # git passes over a path that it refuses, and over a file below which another one comes to lie.
        missing = entries.keys() - self._indexed(index).keys()
        if missing:
            path = min(missing)
            raise PatchRefused(
                "scope/path", f"git refuses the path {path}", "Name a file of the repository.", path
            )
        return index

    def _indexed(self, index: Path) -> dict[str, TreeEntry]:
        found = {}
        for line in git(self._directory, "ls-files", "-s", "-z", index=index).stdout.split(b"\0")[:-1]:
            head, _, name = line.partition(b"\t")
            mode, id_, _ = head.decode("ascii").split(" ")
            found[os.fsdecode(name)] = TreeEntry(mode, kind_of(mode), id_)
        return found

    def _changed(self, listing: Listing, edits: Mapping[str, TreeEntry | None]) -> str:
        try:
            return listing.changed(edits)
        except OccupiedError as error:
            raise PatchRefused(
                "scope/unapplied",
                f"{error.path} is a directory, or lies below a file",
                _APPLY_HINT,
                error.path,
            ) from error


def _refused(done: process.Finished, rule: str, what: str, hint: str) -> CodegateError:
    """Return the error for a git that said no: the patch's fault, unless its words tell of the machine."""
    if _BAD_MACHINE.search(done.stderr):
        return RepositoryError(f"git could not do its work: {reason(done)}", NO_SPACE)
    return PatchRefused(rule, f"{what}: {reason(done)}", hint)
