"""What codegate says of a diff, for programs (schema `codegate.report/1`) and, as lines, for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

import codegate
from codegate.config import weakened
from codegate.core import Base, Candidate, Finding, Gated, Judged, Origin, Outcome, Refused, Severity, Verdict
from codegate.errors import PatchRefused
from codegate.visible import visible, visible_block

if TYPE_CHECKING:
    from codegate.gates import Rules

# The order in which a person reads them; plug-ins follow.
_ORDER = ("scope", "syntax", "lint", "imports", "secrets", "types", "tests")
_WIDTH = max(len(name) for name in _ORDER)

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


class Report(_Part):
    """Everything codegate says of one diff. `candidate` is null for a diff that could not be staged.

    Text stands here as it came, so that a program can compare it; bytes of a path that are not UTF-8 stand
    as `\\xNN`. `unsandboxed` is for the reader of the text alone: the JSON says it as a finding.
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
    )


def refused_report(refusal: PatchRefused, base: Base, origin: Origin, rules: Rules) -> Report:
    """Return the report on a patch that could not be parsed or staged: the gate `scope` says why."""
    finding = Finding(refusal.rule, Severity.ERROR, refusal.message, refusal.path, hint=refusal.hint)
    verdict = Verdict("scope", Outcome.FAILED, True, "no change that could be judged", (finding,))
    return report_of(Refused(None, (verdict,), rules.sha256), origin, rules, base)


@dataclass(frozen=True, slots=True)
class Line:
    """One line for a person, escaped. `role` is an outcome, a severity, `verdict`, `hint` or `more`."""

    role: str
    text: str


def to_text(report: Report) -> str:
    """Return the report as plain lines, none of which can act on a terminal or pass for another."""
    return "".join(f"{line.text}\n" for line in lines_of(report))


def lines_of(report: Report) -> Iterator[Line]:
    """Yield the verdict, then each gate with its findings and hints, then what was not judged."""
    yield Line("verdict", _headline(report))
    for gate in report.gates:
        summary = visible(gate.summary)
        yield Line(gate.outcome, f"{gate.outcome:7}  {visible(gate.gate):{_WIDTH}}  {summary}".rstrip())
        for finding in gate.findings:
            yield from _finding_lines(finding)
    unjudged = [visible(g.gate) for g in report.gates if g.outcome in (Outcome.SKIPPED, Outcome.BROKEN)]
    if unjudged:
        yield Line("more", f"not judged: {', '.join(unjudged)}")


def _headline(report: Report) -> str:
    parts = [report.verdict, f"judged as a {report.origin}'s"]
    if report.unsandboxed:
        parts.insert(1, "NO SANDBOX (tests.sandbox)")
    if report.candidate is not None:
        files = report.candidate.files
        added, removed = sum(f.added or 0 for f in files), sum(f.removed or 0 for f in files)
        parts.append(f"{len(files)} file{'' if len(files) == 1 else 's'}, +{added} -{removed}")
    parts.append(f"base {visible(report.base.commit[:12])}")
    return "; ".join(parts)


def _finding_lines(finding: ReportFinding) -> Iterator[Line]:
    place = ":".join(
        str(part) for part in (visible(finding.path or ""), finding.line, finding.column) if part
    )
    first, *rest = visible_block(finding.message).split("\n")
    head = f"  {finding.severity}  {place + ': ' if place else ''}{first}  [{visible(finding.rule)}]"
    yield Line(finding.severity, head)
    # Every further line is set off, so that a message cannot pass for a line of ours.
    yield from (Line("more", f"    | {line}") for line in rest)
    if finding.hint:
        yield Line("hint", f"    hint: {visible(finding.hint)}")


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
