"""What a gate answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Whose hand a diff is judged as."""

    MODEL = "model"
    PERSON = "person"


class Severity(StrEnum):
    """How much a finding weighs: only an error refuses."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Outcome(StrEnum):
    """A gate's answer. What could not be judged is `broken`, which is not `passed`."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a gate says of a candidate.

    `rule` is `gate/name`; `line` and `column` count from 1 in the *result*. All text may quote what a
    model wrote: it is escaped when shown.
    """

    rule: str
    severity: Severity
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate's answer about one candidate, with the findings it rests on; `seconds` is wall time."""

    gate: str
    outcome: Outcome
    required: bool
    summary: str
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
