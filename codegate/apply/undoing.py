"""What was applied, taken back byte for byte."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from codegate.apply.checkout import ORDINARY, Checkout, Content, algorithm_of, blob_id, sha256_of, split
from codegate.apply.journal import Journal, Step, temporary_for
from codegate.apply.lock import held
from codegate.apply.recovery import Say, place_of, recover_held, unheard, worktree_of, write
from codegate.apply.transaction import examine, explained
from codegate.core import FileRecord, Receipt
from codegate.errors import RepositoryError, UsageError
from codegate.repo import Repository
from codegate.store import Kept, Store, StoreError, Undo


def undo(repository: Repository, store: Store, start: str | None = None, *, say: Say = unheard) -> Receipt:
    """Take back one application, the last one not undone by default, byte for byte.

    `start` is the beginning of a receipt's id. Every file must still be as the application left it.
    Directories that it made go too if nothing else is in them. `say` is told what `apply` tells it. Raises
    UsageError if there is no such application, ConflictError if a file has changed since; then nothing has
    changed.
    """
    with held(repository.state()):
        for sentence in recover_held(repository, store):
            say(sentence)
        receipt = _undoable(repository, store, start)
        kept = store.undo(receipt.id)
        steps = _steps(receipt, kept)
        algorithm = algorithm_of(receipt.tree)
        with explained(), Checkout(repository.top, algorithm) as checkout:
            made = examine(checkout, steps)
        undone_at = datetime.now(UTC).isoformat()
        journal = Journal(
            "undoing", receipt.id, undone_at, worktree_of(repository), algorithm, steps, made, kept.made
        )
        old = {file.path: file.old for file in kept.files}
        write(repository, store, journal, old, lambda: store.mark_undone(receipt.id, undone_at), say)
    return replace(receipt, undone_at=undone_at)


def _undoable(repository: Repository, store: Store, start: str | None) -> Receipt:
    here = worktree_of(repository)
    if start is None:
        last = store.last_receipt(here)
        if last is None:
            raise UsageError("there is nothing to undo here", "`codegate log` lists what was applied")
        return last
    receipt, worktree = store.receipt(start)
    if receipt.undone_at is not None:
        raise UsageError(f"{receipt.id} was undone already, at {receipt.undone_at}")
    there = place_of(repository, worktree)
    if worktree != here and there.is_dir():
        raise UsageError(f"{receipt.id} was applied in another work tree: {there}", "undo it there, with -C")
    return receipt


def _steps(receipt: Receipt, kept: Undo) -> tuple[Step, ...]:
    """Refuse contents that are not those of the receipt: nothing in the store is trusted."""
    token, algorithm = secrets.token_hex(4), algorithm_of(receipt.tree)
    records = {file.path: file for file in receipt.files}
    try:
        steps = tuple(_step(records.pop(file.path), file, token, algorithm) for file in kept.files)
        for folder in kept.made:
            split(folder)
        if records:
            raise ValueError(f"{len(records)} files are missing")
    except (KeyError, ValueError, RepositoryError) as error:
        raise StoreError(
            f"the bytes kept to undo {receipt.id} are not those of its receipt",
            "the working state was changed by something else; take it back with git",
        ) from error
    return steps


def _step(told: FileRecord, kept: Kept, token: str, algorithm: str) -> Step:
    split(kept.path)
    return Step(
        kept.path,
        temporary_for(kept.path, token),
        _content(kept.new, told.new_sha256, told.new_mode, algorithm),
        _content(kept.old, told.old_sha256, told.old_mode, algorithm),
        kept.permissions,
    )


def _content(data: bytes | None, sha256: str | None, mode: str | None, algorithm: str) -> Content | None:
    if (sha256_of(data), data is None) != (sha256, mode is None):
        raise ValueError("not the bytes of the receipt")
    if data is None or mode is None:
        return None
    if mode not in ORDINARY:
        raise ValueError(f"no mode of an ordinary file: {mode}")
    return Content(blob_id(data, algorithm), mode)
