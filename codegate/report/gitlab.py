"""GitLab's code quality report, as its merge requests show it.

GitLab Docs, "Code Quality", "Code Quality report format".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from codegate.core import Severity
from codegate.report.identity import NOWHERE, identified
from codegate.report.report import Report
from codegate.visible import visible, visible_block

_SEVERITIES: Final = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def to_gitlab(report: Report) -> str:
    """Return a JSON array in ASCII with an entry for each finding, named alike from run to run."""
    return json.dumps(list(_entries(report)), indent=2) + "\n"


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    for finding, name in identified(f for gate in report.gates for f in gate.concerns()):
        hint = f"\nHint: {finding.hint}" if finding.hint else ""
        yield {
            "check_name": visible(finding.rule),
            "description": visible_block(finding.message + hint),
            "fingerprint": name,
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": visible(finding.path or NOWHERE), "lines": {"begin": finding.line or 1}},
        }
