"""The one place where verdicts become a decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from typing import Final, Literal, final

from codegate.core.candidate import Candidate
from codegate.core.verdict import Outcome, Severity, Verdict


@final
class _Seal:
    """Held by this module alone: whoever has none cannot write a `Gated` down."""


_SEAL: Final = _Seal()


@final
@dataclass(frozen=True)
class Gated:
    """A candidate that every required gate passed, under the rules named by `rules_sha256`.

    Only `judge` makes one: any other construction, and `dataclasses.replace`, raises TypeError and does not
    type-check. The seal stops mistakes, not hostile code in this very process.
    """

    candidate: Candidate
    verdicts: tuple[Verdict, ...]
    rules_sha256: str
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        if seal is not _SEAL:
            raise TypeError("a Gated is made by codegate.core.judge only")

    @property
    def digest(self) -> str:
        """SHA-256 over base, result, diff, rules and verdicts: one name for all that was judged.

        Wall times are left out, so that judging the same again gives the same digest.
        """
        return _digest(self.candidate, self.verdicts, self.rules_sha256)


@dataclass(frozen=True)
class Refused:
    """A candidate that may not pass, and why. Nothing turns it into a `Gated`."""

    candidate: Candidate | None
    verdicts: tuple[Verdict, ...]
    rules_sha256: str

    @property
    def verdict(self) -> Literal["refused", "broken"]:
        """`refused` if a gate said no; `broken` if none did, but a required one could not answer."""
        said_no = any(v.outcome is Outcome.FAILED for v in self.verdicts if v.required)
        return "refused" if said_no else "broken"


Judged = Gated | Refused


def judge(
    candidate: Candidate, verdicts: Iterable[Verdict], required: frozenset[str], rules_sha256: str
) -> Judged:
    """Return a Gated only if every required gate answered exactly once, and passed without an error.

    A required gate that did not answer, or answered twice, counts as broken: what was not judged is not
    passed. So does a gate that says `passed` beside an error of its own, and one that calls itself not
    required though it is.
    """
    answers: dict[str, Verdict] = {}
    for verdict in verdicts:
        answers[verdict.gate] = (
            _broken(verdict.gate, "answered twice")
            if verdict.gate in answers
            else _consistent(verdict, required)
        )
    for gate in sorted(required - answers.keys()):
        answers[gate] = _broken(gate, "did not answer")
    given = tuple(answers.values())
    if all(v.outcome is Outcome.PASSED for v in given if v.required):
        return Gated(candidate, given, rules_sha256, _SEAL)
    return Refused(candidate, given, rules_sha256)


def _consistent(verdict: Verdict, required: frozenset[str]) -> Verdict:
    errors = any(f.severity is Severity.ERROR for f in verdict.findings)
    if verdict.outcome is Outcome.PASSED and errors:
        return _broken(verdict.gate, "said passed beside an error of its own")
    if verdict.gate in required and not verdict.required:
        return _broken(verdict.gate, "called itself not required, though it is")
    return verdict


def _broken(gate: str, why: str) -> Verdict:
    return Verdict(gate, Outcome.BROKEN, required=True, summary=f"the gate {why}")


def _digest(candidate: Candidate, verdicts: tuple[Verdict, ...], rules_sha256: str) -> str:
    said = [
        [v.gate, v.outcome, v.required, [[f.rule, f.severity, f.path, f.line, f.message] for f in v.findings]]
        for v in sorted(verdicts, key=lambda v: v.gate)
    ]
    whole = {
        "base": [candidate.base.commit, candidate.base.tree],
        "tree": candidate.tree,
        "diff": candidate.diff_sha256,
        "rules": rules_sha256,
        "verdicts": said,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
