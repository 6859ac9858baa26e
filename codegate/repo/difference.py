"""The difference between two trees as git itself says it: what people are shown and gates judge."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from codegate.core import Base, Candidate, Change
from codegate.errors import RepositoryError
from codegate.repo.command import git
from codegate.repo.listing import ABSENT

# In a git directory of ours no configuration and no attribute changes these; what a command line can say
# differently in another version of git is said here.
_OPTIONS: Final = (
    "-r", "-z", "--raw", "--numstat", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color",
    "--binary", "--full-index", "-U3", "--diff-algorithm=myers", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip


def compare(directory: Path, base: Base, tree: str) -> Candidate:
    """Return the Candidate that turns `base` into `tree`, with git's canonical diff and its list of changes.

    `directory` is a git directory of ours: in the user's own, attributes and configuration would steer.
    """
    said = git(directory, "diff-tree", *_OPTIONS, base.tree, tree).stdout
    changes: dict[str, Change] = {}
    counts: dict[str, tuple[int | None, int | None]] = {}
    position = 0
    while position < len(said) and said[position : position + 1] != b"\0":
        field, position = _field(said, position)
        if field.startswith(b":"):
            path, position = _field(said, position)
            change = _change(field, path)
            changes[change.path] = change
        else:
            added, removed, path = field.split(b"\t", 2)
            counts[os.fsdecode(path)] = (_count(added), _count(removed))
    if changes.keys() != counts.keys():
        raise RepositoryError("git diff-tree gave two different lists of files")
    whole = tuple(_counted(changes[path], *counts[path]) for path in changes)
    return Candidate(base, tree, said[position + 1 :], whole)


def _field(said: bytes, position: int) -> tuple[bytes, int]:
    end = said.find(b"\0", position)
    if end < 0:
        raise RepositoryError("git diff-tree gave an answer that cannot be read")
    return said[position:end], end + 1


def _change(field: bytes, path: bytes) -> Change:
    old_mode, new_mode, old, new, _ = field[1:].decode("ascii").split(" ")
    return Change(
        os.fsdecode(path), old_mode, new_mode,
        None if old_mode == ABSENT else old, None if new_mode == ABSENT else new,
    )  # fmt: skip


def _counted(change: Change, added: int | None, removed: int | None) -> Change:
    return Change(
        change.path, change.old_mode, change.new_mode, change.old_blob, change.new_blob, added, removed
    )


def _count(number: bytes) -> int | None:
    return None if number == b"-" else int(number)
