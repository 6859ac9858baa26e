"""The working state: what waits for a person, what was applied, what is known already."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from codegate.core import Receipt
from codegate.errors import UsageError
from codegate.store.database import Database, StoreError, sha256_of
from codegate.store.record import to_json
from codegate.store.records import Pending, Undo

_FILE: Final = "state.sqlite"
_KEPT_UNDO: Final = 200
_KEPT_UNDO_BYTES: Final = 256 << 20
_KEPT_BASELINES: Final = 200
_KEPT_BASELINES_BYTES: Final = 64 << 20
_PENDING: Final = "SELECT id, body, sha256 FROM pending"
_RECEIPTS: Final = "SELECT id, worktree, body, sha256, undone_at FROM receipts"


class Store:
    """The working state in `directory` (`Repository.state()`), shared by linked work trees.

    What a method wrote survives a crash. Several processes and threads may use it at once. All methods raise
    StoreError, for what cannot be read or is not what codegate wrote: never mended silently.
    """

    def __init__(self, directory: Path) -> None:
        self._database = Database(directory / _FILE)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the store is not to be used again."""
        self._database.close()

    def damage(self) -> list[str]:
        """Return what SQLite finds wrong with the file, nothing if all is well."""
        return self._database.damage()

    # What waits for a person.

    def put_pending(self, pending: Pending) -> str:
        """Keep a candidate, in place of an equal one, and return its id."""
        body = to_json(pending)
        with self._database.writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?)",
                (pending.digest, pending.created, body, sha256_of(body)),
            )
        return pending.id

    def pending(self) -> list[Pending]:
        """Return all that waits, the oldest first."""
        rows = self._database.rows(f"{_PENDING} ORDER BY created, id")
        return [self._read_pending(row) for row in rows]

    def get_pending(self, start: str) -> Pending:
        """Return the one candidate whose id starts so. Raises UsageError for none or several."""
        rows = self._database.rows(f"{_PENDING} WHERE substr(id, 1, ?) = ?", len(start), ascii(start)[1:-1])
        return self._read_pending(_only(rows, start, "pending", "`codegate pending` lists what waits"))

    def remove_pending(self, pending: Pending) -> bool:
        """Forget a candidate; say whether it was still there."""
        with self._database.writing() as database:
            return bool(database.execute("DELETE FROM pending WHERE id = ?", (pending.digest,)).rowcount)

    def expire_pending(self, seconds: float) -> int:
        """Forget what has waited for longer than that; return how many."""
        with self._database.writing() as database:
            return database.execute(
                "DELETE FROM pending WHERE created < ?", (time.time() - seconds,)
            ).rowcount

    def _read_pending(self, row: tuple[Any, ...]) -> Pending:
        pending = self._database.record(Pending, *row)
        if pending.digest != row[0]:
            raise self._database.tampered(str(row[0]))
        return pending

    # What was applied.

    def put_receipt(self, receipt: Receipt, worktree: str, undo: Undo) -> None:
        """Keep a receipt and what undoes it, in one durable step.

        Contents for undoing are bounded: beyond 200 applications or 256 MB the oldest are dropped, never
        the newest. Receipts stay.
        """
        body, bytes_ = to_json(receipt), to_json(undo)
        with self._database.writing() as database:
            number = database.execute(
                "INSERT INTO receipts (id, worktree, body, sha256) VALUES (?, ?, ?, ?)",
                (receipt.id, worktree, body, sha256_of(body)),
            ).lastrowid
            database.execute(
                "INSERT INTO undo VALUES (?, ?, ?, ?)", (number, len(bytes_), bytes_, sha256_of(bytes_))
            )
            database.execute(
                "DELETE FROM undo WHERE number < ? AND number IN (SELECT number FROM (SELECT number, "
                "row_number() OVER w AS place, sum(size) OVER w AS total FROM undo "
                "WINDOW w AS (ORDER BY number DESC)) WHERE place > ? OR total > ?)",
                (number, _KEPT_UNDO, _KEPT_UNDO_BYTES),
            )

    def receipts(self) -> list[Receipt]:
        """Return all receipts in the order of their application."""
        return [self._read_receipt(row) for row in self._database.rows(f"{_RECEIPTS} ORDER BY number")]

    def receipt(self, start: str) -> tuple[Receipt, str]:
        """Return the one receipt whose id starts so, and the work tree it was applied to.

        Raises UsageError for none or several.
        """
        rows = self._database.rows(f"{_RECEIPTS} WHERE substr(id, 1, ?) = ?", len(start), ascii(start)[1:-1])
        row = _only(rows, start, "applied", "`codegate log` lists what was applied")
        return self._read_receipt(row), row[1]

    def last_receipt(self, worktree: str) -> Receipt | None:
        """Return what was applied last to that work tree and not undone."""
        rows = self._database.rows(
            f"{_RECEIPTS} WHERE worktree = ? AND undone_at IS NULL ORDER BY number DESC LIMIT 1", worktree
        )
        return self._read_receipt(rows[0]) if rows else None

    def has_receipt(self, receipt: str, undone_at: str | None = None) -> bool:
        """Say whether a receipt of this id is here; with `undone_at`, whether it was undone at that time."""
        rows = self._database.rows("SELECT undone_at FROM receipts WHERE id = ?", receipt)
        return bool(rows) and (undone_at is None or rows[0][0] == undone_at)

    def undo(self, receipt: str) -> Undo:
        """Return what undoes the application of this whole id. Raises StoreError if it is no longer kept."""
        rows = self._database.rows(
            "SELECT undo.body, undo.sha256 FROM undo JOIN receipts USING (number) WHERE id = ?", receipt
        )
        if not rows:
            raise StoreError(
                f"the bytes that {receipt} replaced are no longer kept",
                "take it back with git: `git diff` shows what differs from your last commit",
            )
        return self._database.record(Undo, receipt, *rows[0])

    def mark_undone(self, receipt: str, undone_at: str) -> None:
        """Record durably that an application was taken back."""
        with self._database.writing() as database:
            done = database.execute(
                "UPDATE receipts SET undone_at = ? WHERE id = ? AND undone_at IS NULL", (undone_at, receipt)
            )
            if done.rowcount != 1:
                raise StoreError(f"{receipt} is not there to be undone, or was undone meanwhile")

    def _read_receipt(self, row: tuple[Any, ...]) -> Receipt:
        receipt = self._database.record(Receipt, row[0], row[2], row[3])
        if receipt.id != row[0] or not isinstance(row[4], str | None):
            raise self._database.tampered(str(row[0]))
        return replace(receipt, undone_at=row[4])

    # What is known already.

    def put_baseline(self, key: str, text: str) -> None:
        """Keep a text under a key; the least recently used beyond 200 or 64 MB are dropped."""
        with self._database.writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO baselines VALUES (?, ?, ?, ?)",
                (key, text, sha256_of(key, text), time.time_ns()),
            )
            database.execute(
                "DELETE FROM baselines WHERE key IN (SELECT key FROM (SELECT key, row_number() OVER w "
                "AS place, sum(length(body)) OVER w AS total FROM baselines "
                "WINDOW w AS (ORDER BY used DESC, key)) WHERE place > ? OR total > ?)",
                (_KEPT_BASELINES, _KEPT_BASELINES_BYTES),
            )

    def baseline(self, key: str) -> str | None:
        """Return the text kept under a key, None if there is none or it is not what was put there."""
        rows = self._database.rows("SELECT body, sha256 FROM baselines WHERE key = ?", key)
        if not rows or not isinstance(rows[0][0], str) or sha256_of(key, rows[0][0]) != rows[0][1]:
            return None
        with self._database.writing() as database:
            database.execute("UPDATE baselines SET used = ? WHERE key = ?", (time.time_ns(), key))
        return str(rows[0][0])


def _only(rows: list[tuple[Any, ...]], start: str, what: str, hint: str) -> tuple[Any, ...]:
    if start and len(rows) == 1:
        return rows[0]
    if start and rows:
        raise UsageError(f"several that are {what} start with {start!r}: give more letters", hint)
    raise UsageError(f"nothing {what} has the id {start!r}", hint)
