"""A report as lines for a person, none of which can act on a terminal or pass for another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegate.core import Outcome
from codegate.report.report import QUESTIONS, Report, ReportFinding
from codegate.visible import visible, visible_block

_WIDTH = max(len(name) for name in QUESTIONS)


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
    yield Line("verdict", "; ".join([report.verdict, *headline(report)]))
    for gate in report.gates:
        summary = visible(gate.summary)
        yield Line(gate.outcome, f"{gate.outcome:7}  {visible(gate.gate):{_WIDTH}}  {summary}".rstrip())
        for finding in gate.findings:
            yield from _finding_lines(finding)
    if names := unjudged(report):
        yield Line("more", f"not judged: {', '.join(names)}")


def headline(report: Report) -> list[str]:
    """Return what to know before anything else, escaped: whose hand, how much, on what, and how unsafely."""
    parts = ["NO SANDBOX (tests.sandbox)"] if report.unsandboxed else []
    parts.append(f"judged as a {report.origin}'s")
    if report.candidate is not None:
        files = report.candidate.files
        added, removed = sum(f.added or 0 for f in files), sum(f.removed or 0 for f in files)
        parts.append(f"{len(files)} file{'' if len(files) == 1 else 's'}, +{added} -{removed}")
    return [*parts, f"base {visible(report.base.commit[:12])}"]


def unjudged(report: Report) -> list[str]:
    """Return the gates, escaped, that said neither yes nor no."""
    return [visible(g.gate) for g in report.gates if g.outcome in (Outcome.SKIPPED, Outcome.BROKEN)]


def place_of(finding: ReportFinding) -> str:
    """Return path, line and column as far as they are known, escaped."""
    return ":".join(str(part) for part in (visible(finding.path or ""), finding.line, finding.column) if part)


def _finding_lines(finding: ReportFinding) -> Iterator[Line]:
    place = place_of(finding)
    first, *rest = visible_block(finding.message).split("\n")
    head = f"  {finding.severity}  {place + ': ' if place else ''}{first}  [{visible(finding.rule)}]"
    yield Line(finding.severity, head)
    # Every further line is set off, so that a message cannot pass for a line of ours.
    yield from (Line("more", f"    | {line}") for line in rest)
    if finding.hint:
        yield Line("hint", f"    hint: {visible(finding.hint)}")
