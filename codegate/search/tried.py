"""What became of the answers, and which of them ranks before which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from codegate.core import Base, Gated, Judged, Outcome, Request, Severity, Verdict

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.pipeline import Reading

# The gate `tests` gives one such note for each stretch of the change that it saw no test run.
_NOT_EXECUTED: Final = "tests/not-executed"


@dataclass(frozen=True)
class Tried:
    """An answer unlike those before it, and what became of it.

    `round` counts from 0, `number` all answers in the order in which they came, from 1. `agreed` is how many
    answers amount to the very same tree. `verdicts` are those that are there; `judged` is None for an answer
    that amounts to no candidate, and before its gates were asked.
    """

    reading: Reading
    round: int
    number: int
    agreed: int = 1
    verdicts: tuple[Verdict, ...] = ()
    judged: Judged | None = None

    @property
    def passed(self) -> bool:
        return isinstance(self.judged, Gated)

    @property
    def lines(self) -> int:
        """How many lines the change adds and removes."""
        changes = self.reading.candidate.changes if self.reading.candidate else ()
        return sum((change.added or 0) + (change.removed or 0) for change in changes)


@dataclass(frozen=True)
class Found:
    """What a search came to. `best` is the one to show, None where nothing passed every gate.

    `request` is the last one that was asked, and `again` the one that quotes what was found of its answers:
    None where no answer could mend it. `answers` counts all that came, `tokens` those that were written.
    """

    request: Request
    base: Base
    rules: Rules
    tried: tuple[Tried, ...]
    best: Tried | None
    again: Request | None
    answers: int
    tokens: int
    seconds: float


class Rank(NamedTuple):
    """What an answer is ranked by, each only among those that are equal in what stands before it."""

    not_passed: float
    errors: int
    warnings: int
    disagreeing: int
    lines: int
    unexecuted: int
    number: int


def rank(one: Tried) -> Rank:
    """Return an answer's rank by the verdicts that are there: the least is the best.

    Further verdicts can only make it greater. So what ranks behind an answer that passed every gate stays
    behind it, whatever the gates that were not asked would say.
    """
    weights = [f.severity for v in one.verdicts for f in v.findings]
    return Rank(
        not_passed=sum(not is_passed(v) for v in one.verdicts) if one.reading.candidate else math.inf,
        errors=weights.count(Severity.ERROR),
        warnings=weights.count(Severity.WARNING),
        disagreeing=-one.agreed,
        lines=one.lines,
        unexecuted=sum(f.rule == _NOT_EXECUTED for v in one.verdicts for f in v.findings),
        number=one.number,
    )


def is_passed(verdict: Verdict) -> bool:
    """Say whether a gate passed, or found nothing to judge."""
    return verdict.outcome is Outcome.PASSED or (verdict.outcome is Outcome.SKIPPED and not verdict.required)
