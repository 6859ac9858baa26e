"""The SQLite file that the store lives in: durable, private, safe under several processes, never trusted."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from codegate.errors import CodegateError
from codegate.store.record import from_json

_APPLICATION: Final = 0x63677465  # "cgte", so that a file of another program's is known as such
_VERSION: Final = 1
_BUSY_SECONDS: Final = 15.0
_SCHEMA: Final = """
CREATE TABLE pending (id TEXT PRIMARY KEY, created REAL NOT NULL, body TEXT NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE receipts (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, worktree TEXT NOT NULL,
  body TEXT NOT NULL, sha256 TEXT NOT NULL, undone_at TEXT);
CREATE TABLE undo (
  number INTEGER PRIMARY KEY REFERENCES receipts, size INTEGER NOT NULL, body TEXT NOT NULL,
  sha256 TEXT NOT NULL);
CREATE TABLE baselines (
  key TEXT PRIMARY KEY, body TEXT NOT NULL, sha256 TEXT NOT NULL, used INTEGER NOT NULL);
"""

T = TypeVar("T")


class StoreError(CodegateError):
    """The working state cannot be read or written, or is not what codegate wrote."""


class Database:
    """The file `path`, made if it is not there. Every method raises StoreError; threads may share one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._explained():
            # Made here and not by SQLite, for its permissions; its -wal and -shm files take on the same.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            self._open()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def damage(self) -> list[str]:
        """Return what SQLite finds wrong with the file, nothing if all is well."""
        with self._explained():
            found = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows that a query finds."""
        with self._explained():
            return self._connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it on the disk's surface when the block ends, none of it if it raises."""
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def record(self, kind: type[T], row: object, body: object, sha256: object) -> T:
        """Return the record that a row holds, refusing one that is not as it was written."""
        if not isinstance(body, str) or sha256_of(body) != sha256:
            raise self.tampered(str(row))
        try:
            return from_json(kind, body)
        except ValueError as error:
            raise self.tampered(str(row)) from error

    def tampered(self, row: str) -> StoreError:
        """Return the error that refuses a row."""
        return StoreError(
            f"the record {row} in {self.path} is not what codegate wrote there",
            "something else changed that file: move it away if you do not know what",
        )

    def _open(self) -> None:
        with self._explained():
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            if self._pragma("user_version") == 0:
                self._make()
            application, version = self._pragma("application_id"), self._pragma("user_version")
        if application != _APPLICATION:
            raise StoreError(f"{self.path} is not codegate's", "move it away; codegate then makes its own")
        if version > _VERSION:
            raise StoreError(
                f"{self.path} was written by a newer codegate (format {version}, this one knows {_VERSION})",
                "upgrade codegate, or move that file away and do without what is pending and what undoes",
            )

    def _make(self) -> None:
        # SQLite's busy handler does not cover the change to WAL, which two may try at once.
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        with self.writing() as database:
            if self._pragma("user_version") == 0 and not self.rows("SELECT name FROM sqlite_master"):
                for statement in _SCHEMA.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA application_id = {_APPLICATION}")
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the working state {self.path} cannot be used: {error}", _hint(error)
            ) from error


def sha256_of(*texts: str) -> str:
    """Return the digest that stands beside texts, to see that they are what was written."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def _hint(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another codegate is using it: try again when it has ended"
    if name.startswith("SQLITE_FULL") or "disk I/O" in str(error):
        return "make room on that disk"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or isinstance(error, sqlite3.DatabaseError):
        return "move it away: what is pending and what undoes are lost then, your checkout is not touched"
    return "see that you may write there"
