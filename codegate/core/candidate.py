"""A change as git itself sees it: two trees and the diff between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Base:
    """What a candidate is judged against.

    `commit` is the commit whose rules hold. `tree` is that commit's tree, or that tree with the user's
    uncommitted text of the files concerned.
    """

    commit: str
    tree: str


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees, as `git diff-tree --raw --no-renames` says it.

    Modes are git's octal strings, `000000` where there is nothing; blobs are object ids, None where there
    is nothing. `added` and `removed` count lines, and are None for a binary. Paths are git's bytes decoded
    with `os.fsdecode` and relative to the top of the tree.
    """

    path: str
    old_mode: str
    new_mode: str
    old_blob: str | None
    new_blob: str | None
    added: int | None = None
    removed: int | None = None

    @property
    def is_new(self) -> bool:
        return self.old_blob is None

    @property
    def is_deletion(self) -> bool:
        return self.new_blob is None


@dataclass(frozen=True)
class Candidate:
    """A base tree, a result tree, and git's own canonical diff between them: what gates judge.

    The ids live in a private object directory (`codegate.repo.Stage`); a Candidate is only their names.
    `diff` is what a person is shown, byte for byte, before escaping.
    """

    base: Base
    tree: str
    diff: bytes
    changes: tuple[Change, ...]

    @cached_property
    def diff_sha256(self) -> str:
        return hashlib.sha256(self.diff).hexdigest()
