"""The gate's findings and verdicts in its own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.gates.outcomes import Failure
from codegate.gates.suite import TAIL

_PATH_MAX: Final = 4096  # bytes, of Linux
_NAME_MAX: Final = 300


def nothing(why: str) -> Verdict:
    return Verdict("tests", Outcome.SKIPPED, False, f"nothing judged: {why}")


def broken(why: str) -> Verdict:
    return Verdict("tests", Outcome.BROKEN, True, why)


def error(rule: str, message: str) -> Finding:
    return Finding(f"tests/{rule}", Severity.ERROR, message.strip())


def about(rule: str, severity: Severity, test: str, message: str) -> Finding:
    """Return a finding about a test, in the file that its node id starts with."""
    path = test.partition("::")[0]
    # A name can be as long as whoever wrote it likes, and no path is longer than this.
    return Finding(f"tests/{rule}", severity, f"{short(test)} {message}", path[:_PATH_MAX] or None)


def failing(rule: str, severity: Severity, test: str, message: str, failure: Failure | None) -> Finding:
    """Return a finding about a test that is red, at its line, with the end of what pytest says of it."""
    text = failure.text[-TAIL:] if failure else ""
    finding = about(rule, severity, test, f"{message}\n{text}".rstrip())
    return replace(finding, line=failure.line if failure else None)


def short(test: str) -> str:
    """Return a node id by which a person finds the test: of a long one, start and end."""
    half = _NAME_MAX // 2
    return test if len(test) <= _NAME_MAX else f"{test[:half]} … {test[-half:]}"
