"""What was applied: every digest, as evidence for others, never as authority."""

from __future__ import annotations

from dataclasses import dataclass

from codegate.core.request import ModelIdentity


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One path before and after: the SHA-256 of its bytes and git's mode, None where there is nothing."""

    path: str
    old_sha256: str | None
    new_sha256: str | None
    old_mode: str | None
    new_mode: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One application. `id` starts with the UTC time, so that receipts sort; `digest` is `Gated.digest`."""

    id: str
    applied_at: str
    approved_by: str
    base_commit: str
    base_tree: str
    tree: str
    diff_sha256: str
    rules_sha256: str
    digest: str
    files: tuple[FileRecord, ...]
    model: ModelIdentity | None = None
    instruction: str = ""
    undone_at: str | None = None
