"""What one check of a contract says, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegate.core import Finding, Severity

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Answer:
    """A check's findings, and a few words for the summary."""

    findings: tuple[Finding, ...]
    summary: str


Check = Callable[["Workspace", "Rules"], Answer]


def error(check: str, message: str, path: str | None, line: int | None = None, hint: str = "") -> Finding:
    return Finding(f"contract/{check}", Severity.ERROR, message, path, line, hint=hint)


def note(check: str, message: str, path: str | None = None) -> Finding:
    """Return what has to be known of a check, and asks nothing."""
    return Finding(f"contract/{check}", Severity.NOTE, message, path)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
