"""What the store keeps: candidates that wait, and the bytes that take an application back."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from codegate.core import ModelIdentity, Origin, Request

ID_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Pending:
    """A candidate that waits for a person: all that is needed to stage and gate it again, and no verdict.

    `digest` is the `Gated.digest` it had, and `id` its first letters. `created` is in seconds since 1970.
    """

    digest: str
    base_commit: str
    diff: bytes
    request: Request
    origin: Origin = Origin.MODEL
    model: ModelIdentity | None = None
    created: float = field(default_factory=time.time)

    @property
    def id(self) -> str:
        return self.digest[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Kept:
    """One file before and after an application, None being nothing.

    `permissions` are the bits of a file that the application deletes: git records only one of them.
    """

    path: str
    old: bytes | None
    new: bytes | None
    permissions: int | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking back an application needs: its files, and the directories that it made."""

    files: tuple[Kept, ...]
    made: tuple[str, ...] = ()
