"""Annotations as commands on standard output, which GitHub's and Gitea's runners read.

GitHub Docs, "Workflow commands for GitHub Actions"; what a runner takes for the end of a value is in
`ActionCommand.cs` of actions/runner.
"""

from __future__ import annotations

from typing import Final

from codegate.core import Severity
from codegate.report.report import Report, ReportFinding
from codegate.visible import visible_block

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_VALUE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def to_github(report: Report) -> str:
    """Return one command in each line, and no line that is another one.

    A line that begins with a known command is read no further: the older form, `##[command]`, which counts
    anywhere in other lines, does not count in these.
    """
    return "".join(f"{_command(finding)}\n" for gate in report.gates for finding in gate.concerns())


def _command(finding: ReportFinding) -> str:
    values = {"file": finding.path, "line": finding.line, "col": finding.column, "title": finding.rule}
    given = ",".join(f"{name}={_value(str(value))}" for name, value in values.items() if value)
    hint = f"\nhint: {finding.hint}" if finding.hint else ""
    text = visible_block(finding.message + hint).translate(_DATA)
    return f"::{_COMMANDS[finding.severity]} {given}::{text}"


def _value(text: str) -> str:
    return visible_block(text).translate(_VALUE)
