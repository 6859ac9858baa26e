"""What a person approved, written to the checkout."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from codegate.apply.checkout import ORDINARY, UNWRITTEN, Checkout, Content, algorithm_of, blob_id, sha256_of
from codegate.apply.journal import Journal, Step, temporary_for
from codegate.apply.lock import held
from codegate.apply.recovery import Say, recover_held, unheard, worktree_of, write
from codegate.apply.transaction import examine, explained
from codegate.core import Approved, Change, FileRecord, ModelIdentity, Receipt
from codegate.errors import ConflictError, RepositoryError
from codegate.repo import Repository
from codegate.store import Kept, Store, Undo
from codegate.store.record import to_json


def apply(
    approved: Approved, repository: Repository, read_blob: Callable[[str], bytes], *, store: Store,
    model: ModelIdentity | None = None, instruction: str = "", say: Say = unheard,
) -> Receipt:  # fmt: skip
    """Write exactly what was approved, all of it or nothing, and return the receipt that the store now holds.

    The commit checked out and every file concerned must be what the candidate was judged on. `read_blob`
    gives a blob's raw bytes by id; they are checked against it. `say` is told in sentences what was found
    interrupted, and what could not be tidied up. Raises ConflictError if something is not what it was,
    other CodegateErrors if it cannot be written; then nothing has changed.
    """
    candidate = approved.gated.candidate
    algorithm = algorithm_of(candidate.tree)
    with held(repository.state()):
        for sentence in recover_held(repository, store):
            say(sentence)
        _same_commit(repository, candidate.base.commit)
        token = secrets.token_hex(4)
        steps = tuple(_step(change, token) for change in candidate.changes)
        new = {change.path: _blob(read_blob, change, algorithm) for change in candidate.changes}
        with explained(), Checkout(repository.top, algorithm) as checkout:
            made = examine(checkout, steps)
            kept = tuple(_kept(checkout, step, new[step.path]) for step in steps)
        receipt = _receipt(approved, kept, repository.person(), model, instruction)
        here = worktree_of(repository)
        journal = Journal("application", receipt.id, receipt.applied_at, here, algorithm, steps, made)
        write(
            repository, store, journal, new, lambda: store.put_receipt(receipt, here, Undo(kept, made)), say
        )
    return receipt


def _same_commit(repository: Repository, judged: str) -> None:
    if (head := repository.head()) != judged:
        raise ConflictError(
            f"the checkout is at commit {head[:12]} now, and was at {judged[:12]} when this was judged",
            UNWRITTEN,
        )


def _step(change: Change, token: str) -> Step:
    return Step(
        change.path,
        temporary_for(change.path, token),
        _content(change.path, change.old_blob, change.old_mode),
        _content(change.path, change.new_blob, change.new_mode),
    )


def _content(path: str, blob: str | None, mode: str) -> Content | None:
    if blob is None:
        return None
    if mode not in ORDINARY:
        raise RepositoryError(
            f"{path} is a link or a submodule in the candidate (git's mode {mode})",
            "codegate writes ordinary files only: make that change by hand",
        )
    return Content(blob, mode)


def _blob(read_blob: Callable[[str], bytes], change: Change, algorithm: str) -> bytes | None:
    if change.new_blob is None:
        return None
    data = read_blob(change.new_blob)
    if blob_id(data, algorithm) != change.new_blob:
        raise RepositoryError(f"{change.path}: the object {change.new_blob} does not hold the bytes it names")
    return data


def _kept(checkout: Checkout, step: Step, new: bytes | None) -> Kept:
    if step.old is None:
        return Kept(step.path, None, new)
    old, permissions = checkout.read(step.path)
    if blob_id(old, checkout.algorithm) != step.old.blob:
        raise ConflictError(f"{step.path} was saved by another program while it was being read", UNWRITTEN)
    return Kept(step.path, old, new, permissions if new is None else None)


def _receipt(
    approved: Approved, kept: tuple[Kept, ...], person: str, model: ModelIdentity | None, instruction: str
) -> Receipt:
    gated, now = approved.gated, datetime.now(UTC)
    changes = {change.path: change for change in gated.candidate.changes}
    receipt = Receipt(
        id="",
        applied_at=now.isoformat(),
        approved_by=person,
        base_commit=gated.candidate.base.commit,
        base_tree=gated.candidate.base.tree,
        tree=gated.candidate.tree,
        diff_sha256=gated.candidate.diff_sha256,
        rules_sha256=gated.rules_sha256,
        digest=gated.digest,
        files=tuple(_file_record(file, changes[file.path]) for file in kept),
        model=model,
        instruction=instruction,
    )
    short = hashlib.sha256(to_json(receipt).encode()).hexdigest()[:8]
    return replace(receipt, id=f"{now:%Y%m%dT%H%M%SZ}-{short}")


def _file_record(file: Kept, change: Change) -> FileRecord:
    return FileRecord(
        file.path,
        sha256_of(file.old),
        sha256_of(file.new),
        None if change.is_new else change.old_mode,
        None if change.is_deletion else change.new_mode,
    )
