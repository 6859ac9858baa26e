"""What codegate says of a diff, as nouns: the schema `codegate.report/1` that programs rely on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

import codegate
from codegate.config import weakened
from codegate.core import Base, Candidate, Finding, Gated, Judged, Origin, Outcome, Refused, Severity, Verdict
from codegate.errors import PatchRefused

if TYPE_CHECKING:
    from codegate.gates import Rules

# What each gate asks, in the order in which a person reads them; plug-ins follow.
QUESTIONS: Final = {
    "scope": "Does it touch only what the request and the base's rules allow?",
    "syntax": "Does every changed file still parse?",
    "lint": "Is there a new diagnostic, or a new suppression of one?",
    "imports": "Does every new import name something real and declared?",
    "secrets": "Does it add a credential?",
    "types": "Is there a new type error?",
    "tests": "Do the project's own tests still pass, all of them, unweakened?",
}
_ORDER: Final = tuple(QUESTIONS)

_SURROGATE = re.compile("[\ud800-\udfff]")  # `os.fsdecode` keeps a byte as one from U+DC80 on
_Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class ReportBase(_Part):
    """What was judged against."""

    commit: str
    tree: str


class ReportFile(_Part):
    """One changed path; lines added and removed, null for a binary."""

    path: str
    added: _Count | None
    removed: _Count | None


class ReportCandidate(_Part):
    """What was judged: the result tree, and the digest of git's own diff from the base to it."""

    tree: str
    diff_sha256: str
    files: tuple[ReportFile, ...]


class ReportFinding(_Part):
    """One thing a gate says; `line` and `column` count from 1 in the result, null where there is no place."""

    rule: str
    severity: Severity
    path: str | None
    line: Annotated[int, Field(ge=1)] | None
    column: Annotated[int, Field(ge=1)] | None
    message: str
    hint: str


class ReportGate(_Part):
    """A gate's answer and what it rests on."""

    gate: str
    outcome: Outcome
    required: bool
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    summary: str
    findings: tuple[ReportFinding, ...]

    def concerns(self) -> tuple[ReportFinding, ...]:
        """Return the findings, and before them the gate's own word where no error of them speaks for it.

        For a form that knows no gates: whatever stands between a diff and `accepted` is an error there.
        """
        errors = any(f.severity is Severity.ERROR for f in self.findings)
        if self.outcome is not Outcome.BROKEN and (self.outcome is not Outcome.FAILED or errors):
            return self.findings
        own = ReportFinding(
            rule=f"{self.gate}/{self.outcome}", severity=Severity.ERROR, path=None, line=None, column=None,
            message=self.summary or f"the gate {self.gate}: {self.outcome}", hint="",
        )  # fmt: skip
        return (own, *self.findings)


class Report(_Part):
    """Everything codegate says of one diff. `candidate` is null for a diff that could not be staged.

    Text stands here as it came, so that a program can compare it; bytes of a path that are not UTF-8 stand
    as `\\xNN`. For the forms that people look at there is also git's own `diff`, of which the JSON has the
    digest, and `unsandboxed`, which the JSON says as a finding.
    """

    schema_: Literal["codegate.report/1"] = Field("codegate.report/1", alias="schema")
    codegate: str
    verdict: Literal["accepted", "refused", "broken"]
    origin: Origin
    base: ReportBase
    candidate: ReportCandidate | None
    rules_sha256: str
    gates: tuple[ReportGate, ...]
    unsandboxed: bool = Field(default=False, exclude=True)
    diff: bytes = Field(default=b"", exclude=True, repr=False)

    def to_json(self) -> str:
        """Return one JSON object in ASCII, so that no byte of it can act on a terminal."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), indent=2) + "\n"


def report_of(judged: Judged, origin: Origin, rules: Rules, base: Base | None = None) -> Report:
    """Return the report on a decision. `base` is needed only for a Refused that holds no candidate."""
    candidate = judged.candidate
    against = candidate.base if candidate is not None else base
    if against is None:
        raise ValueError("a refusal without a candidate needs the base it was refused on")
    return Report(
        codegate=codegate.__version__,
        verdict="accepted" if isinstance(judged, Gated) else judged.verdict,
        origin=origin,
        base=ReportBase(commit=against.commit, tree=against.tree),
        candidate=None if candidate is None else _candidate(candidate),
        rules_sha256=judged.rules_sha256,
        gates=tuple(_gate(verdict, rules) for verdict in sorted(judged.verdicts, key=_place)),
        unsandboxed=rules.config.tests.sandbox == "none",
        diff=b"" if candidate is None else candidate.diff,
    )


def refused_report(refusal: PatchRefused, base: Base, origin: Origin, rules: Rules) -> Report:
    """Return the report on a patch that could not be parsed or staged: the gate `scope` says why."""
    finding = Finding(refusal.rule, Severity.ERROR, refusal.message, refusal.path, hint=refusal.hint)
    verdict = Verdict("scope", Outcome.FAILED, True, "no change that could be judged", (finding,))
    return report_of(Refused(None, (verdict,), rules.sha256), origin, rules, base)


def _candidate(candidate: Candidate) -> ReportCandidate:
    return ReportCandidate(
        tree=candidate.tree,
        diff_sha256=candidate.diff_sha256,
        files=tuple(
            ReportFile(path=_text(c.path), added=c.added, removed=c.removed) for c in candidate.changes
        ),
    )


def _gate(verdict: Verdict, rules: Rules) -> ReportGate:
    """Return a gate's answer, with a note for each of its rules that the base weakened."""
    notes = [
        Finding(
            f"{verdict.gate}/weakened", Severity.NOTE, sentence, hint=f"{key}, in the base's configuration"
        )
        for key, sentence in weakened(rules.config).items()
        if re.split(r"[./]", key.removeprefix("rules."))[0] == verdict.gate
    ]
    return ReportGate(
        gate=verdict.gate,
        outcome=verdict.outcome,
        required=verdict.required,
        seconds=round(verdict.seconds, 3),
        summary=_text(verdict.summary),
        findings=tuple(_finding(f) for f in (*verdict.findings, *notes)),
    )


def _finding(finding: Finding) -> ReportFinding:
    return ReportFinding(
        rule=_text(finding.rule),
        severity=finding.severity,
        path=None if finding.path is None else _text(finding.path),
        line=finding.line,
        column=finding.column,
        message=_text(finding.message),
        hint=_text(finding.hint),
    )


def _text(text: str) -> str:
    """Return text that any JSON parser takes: bytes that were not UTF-8 stand as `\\xNN`."""
    return _SURROGATE.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code < 0xDD00 else f"\\u{code:04x}"


def _place(verdict: Verdict) -> int:
    return _ORDER.index(verdict.gate) if verdict.gate in _ORDER else len(_ORDER)
