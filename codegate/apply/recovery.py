"""Several files changed as one in a repository's checkout, and what a crash interrupted put right."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from codegate.apply import journal as journals
from codegate.apply.journal import Journal
from codegate.apply.lock import held
from codegate.apply.transaction import carry_out, finish
from codegate.errors import CodegateError
from codegate.repo import Repository
from codegate.store import Store

Say = Callable[[str], None]


def unheard(_: str) -> None:
    """Say nothing to anybody."""


def recover(repository: Repository, store: Store) -> list[str]:
    """Finish or roll back what a crash interrupted, and say in sentences what the checkout now is.

    Can itself be interrupted and run again. A file that was edited since the crash is left as it is, and
    said. Returns nothing where nothing was interrupted.
    """
    with held(repository.state()):
        return recover_held(repository, store)


def recover_held(repository: Repository, store: Store) -> list[str]:
    """Do what `recover` does, for one who holds the lock."""
    state = repository.state()
    journal = journals.read(state)
    if journal is None:
        journals.remove_draft(state)
        return []
    top = place_of(repository, journal.worktree)
    if not top.is_dir():
        journals.remove(state)
        return [f"The {journal.kind} {journal.receipt} was interrupted in {top}, which is no longer there."]
    if top != repository.top and Repository.discover(top).common_dir != repository.common_dir:
        raise CodegateError(
            f"an interrupted {journal.kind} is recorded for {top}, which is no work tree of this repository",
            f"delete {state / journals.NAME} if you know why",
        )
    done = _committed(store, journal)
    notes = finish(state, top, journal, committed=done)
    side = "after" if done else "before"
    told = f"The {journal.kind} {journal.receipt} was interrupted. The files in {top} are now as {side} it."
    return [told, *notes]


def write(
    repository: Repository, store: Store, journal: Journal, contents: Mapping[str, bytes | None],
    commit: Callable[[], None], say: Say,
) -> None:  # fmt: skip
    """Bring the checkout's files to the new `contents`, or raise with all as it was. The lock is held.

    `commit` puts into the store what the journal says it will.
    """
    given = {path: data for path, data in contents.items() if data is not None}
    notes = carry_out(
        repository.state(), repository.top, journal, given, commit, lambda: _committed(store, journal)
    )
    for note in notes:
        say(note)


def worktree_of(repository: Repository) -> str:
    """Return the way from the common git directory to the checkout: it stays when both are moved together."""
    return os.path.relpath(repository.top, repository.common_dir)


def place_of(repository: Repository, worktree: str) -> Path:
    """Return the checkout that `worktree_of` told the way to."""
    return Path(os.path.normpath(repository.common_dir / worktree))


def _committed(store: Store, journal: Journal) -> bool:
    return store.has_receipt(journal.receipt, journal.stamp if journal.kind == "undoing" else None)
