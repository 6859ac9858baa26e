"""rdjson and rdjsonl, as reviewdog reads them (`proto/rdf/reviewdog.proto` of reviewdog/reviewdog)."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from codegate.core import Severity
from codegate.report.identity import NOWHERE
from codegate.report.markdown import inert
from codegate.report.report import Report, ReportFinding

_SEVERITIES: Final = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}
_PLAIN: Final = re.compile(r"[\w.-]+(/[\w.-]+)+", re.ASCII)
_SOURCE: Final = {"name": "codegate"}


def to_rdjson(report: Report) -> str:
    """Return one DiagnosticResult in ASCII."""
    return json.dumps({"source": _SOURCE, "diagnostics": _diagnostics(report)}, indent=2) + "\n"


def to_rdjsonl(report: Report) -> str:
    """Return a Diagnostic in each line, in ASCII."""
    return "".join(json.dumps(one | {"source": _SOURCE}) + "\n" for one in _diagnostics(report))


def _diagnostics(report: Report) -> list[dict[str, Any]]:
    return [_diagnostic(finding) for gate in report.gates for finding in gate.concerns()]


def _diagnostic(finding: ReportFinding) -> dict[str, Any]:
    """Return a finding, with what was said word for word as its `original_output`.

    reviewdog puts message and code into comments as they are, and those are read as Markdown.
    """
    # Validators take a path of nothing but white space for none.
    place: dict[str, Any] = {"path": finding.path if (finding.path or "").strip() else NOWHERE}
    if finding.line is not None:
        column = {"column": finding.column} if finding.column is not None else {}
        place["range"] = {"start": {"line": finding.line, **column}}
    hint = f"\n\nHint: {inert(finding.hint)}" if finding.hint else ""
    return {
        "message": inert(finding.message) + hint,
        "location": place,
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.rule if _PLAIN.fullmatch(finding.rule) else inert(finding.rule)},
        "original_output": json.dumps(finding.model_dump(mode="json")),
    }
