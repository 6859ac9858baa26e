"""What a search came to, printed: for a program all of it, for a person the best of it."""

from __future__ import annotations

import json
import sys

from codegate.core import Origin, Severity
from codegate.report import Report, refused_report, report_of, to_text
from codegate.search import Found, Tried, explain, rank
from codegate.visible import visible, visible_bytes


def report_on(one: Tried, found: Found) -> Report:
    """Return the report on one answer of a search."""
    if one.judged is not None:
        return report_of(one.judged, Origin.MODEL, found.rules)
    assert one.reading.refusal is not None
    return refused_report(one.reading.refusal, found.base, Origin.MODEL, found.rules)


def is_broken(found: Found) -> bool:
    """Say whether no answer was refused, and yet none passed: what is to be mended is no answer."""
    return all(report_on(one, found).verdict == "broken" for one in found.tried)


def print_json(found: Found, pending: str | None) -> None:
    """Print one object: a report for each answer in the order in which they came, and what else is known."""
    shown = found.tried.index(found.best) if found.best is not None else None
    whole = {
        "pending": pending,
        "candidates": [json.loads(report_on(one, found).to_json()) for one in found.tried],
        "shown": shown,
        "why": explain(found),
        "answers": [{"number": one.number, "round": one.round, "agreed": one.agreed} for one in found.tried],
        "spent": {
            "answers": found.answers, "rounds": 1 + max(one.round for one in found.tried),
            "tokens": found.tokens, "seconds": round(found.seconds, 3),
        },
    }  # fmt: skip
    print(json.dumps(whole, indent=2))


def print_refused(found: Found) -> None:
    """Print what ranks first of that which did not pass, whole, and a line for each of the others."""
    first, *others = sorted(found.tried, key=rank)
    if first.reading.candidate is not None:
        print(visible_bytes(first.reading.candidate.diff))
    print(to_text(report_on(first, found)), end="")
    for one in others:
        print(f"also {_line(one, report_on(one, found))}")
    print("nothing passed, so there is nothing to approve", file=sys.stderr)


def _line(one: Tried, report: Report) -> str:
    errors = [f for gate in report.gates for f in gate.findings if f.severity is Severity.ERROR]
    why = ", ".join(dict.fromkeys(visible(finding.rule) for finding in errors)) or "a gate gave no answer"
    lines = f", {one.lines} lines" if report.candidate is not None else ""
    return f"{report.verdict}: answer {one.number}{lines}: {why}"
