"""The gate's findings and verdicts in its own words."""

from __future__ import annotations

from dataclasses import replace

from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.gates.outcomes import Failure
from codegate.gates.suite import TAIL


def nothing(why: str) -> Verdict:
    return Verdict("tests", Outcome.SKIPPED, False, f"nothing judged: {why}")


def broken(why: str) -> Verdict:
    return Verdict("tests", Outcome.BROKEN, True, why)


def error(rule: str, message: str) -> Finding:
    return Finding(f"tests/{rule}", Severity.ERROR, message.strip())


def about(rule: str, severity: Severity, test: str, message: str) -> Finding:
    """Return a finding about a test, in the file that its node id starts with."""
    return Finding(f"tests/{rule}", severity, f"{test} {message}", test.partition("::")[0] or None)


def failing(rule: str, severity: Severity, test: str, message: str, failure: Failure | None) -> Finding:
    """Return a finding about a test that is red, at its line, with the end of what pytest says of it."""
    text = failure.text[-TAIL:] if failure else ""
    finding = about(rule, severity, test, f"{message}\n{text}".rstrip())
    return replace(finding, line=failure.line if failure else None)
