"""SARIF 2.1.0, as code scanning services and editors read it.

The standard is OASIS's, https://docs.oasis-open.org/sarif/sarif/v2.1.0/. What GitHub asks beyond it (texts
for every rule, a place for every result) is in its "SARIF support for code scanning".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from codegate.core import Outcome
from codegate.report.identity import NOWHERE, identified
from codegate.report.report import QUESTIONS, Report, ReportFinding, ReportGate
from codegate.visible import visible, visible_block

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "SRCROOT"
_EXIT: Final = {
    "accepted": (0, "accepted: every required gate passed"),
    "refused": (1, "refused: a gate said no"),
    "broken": (3, "broken: a required gate could not answer"),
}


def to_sarif(report: Report) -> str:
    """Return one SARIF log in ASCII: a result for each finding, a notification for each broken gate."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=2) + "\n"


def _run(report: Report) -> dict[str, Any]:
    # A broken gate's own word is no result: it says nothing of the code.
    said = [
        (gate, finding)
        for gate in report.gates
        for finding in (gate.findings if gate.outcome is Outcome.BROKEN else gate.concerns())
    ]
    rules = {finding.rule: gate for gate, finding in said}
    broken = [gate for gate in report.gates if gate.outcome is Outcome.BROKEN]
    driver = {
        "name": "codegate",
        "version": report.codegate,
        "rules": [_rule(rule, gate) for rule, gate in rules.items()],
        "notifications": [_rule(f"{gate.gate}/broken", gate) for gate in broken],
    }
    code, words = _EXIT[report.verdict]
    return {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": report.verdict != "broken",
                "exitCode": code,
                "exitCodeDescription": words,
                "toolExecutionNotifications": [_notification(gate, n) for n, gate in enumerate(broken)],
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top of the repository's work tree."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(_results([finding for _, finding in said], list(rules))),
        "properties": _properties(report),
    }


def _rule(rule: str, gate: ReportGate) -> dict[str, Any]:
    name = visible(gate.gate)
    asks = (
        f"The gate {name} asks: {QUESTIONS[name]}" if name in QUESTIONS else f"The gate {name} is a plug-in."
    )
    return {
        "id": visible(rule),
        "shortDescription": {"text": f"{visible(rule)}, said by the gate {name}."},
        "fullDescription": {"text": asks},
        "help": {"text": asks},
        "properties": {"tags": [name]},
    }


def _notification(gate: ReportGate, index: int) -> dict[str, Any]:
    return {
        "descriptor": {"id": f"{visible(gate.gate)}/broken", "index": index},
        "level": "error" if gate.required else "warning",
        "message": {"text": _plain(gate.summary) or "The gate could not answer."},
    }


def _results(findings: list[ReportFinding], rules: list[str]) -> Iterator[dict[str, Any]]:
    index = {rule: number for number, rule in enumerate(rules)}
    for finding, name in identified(findings):
        where = f"{finding.path}: " if finding.path and not _is_inside(finding.path) else ""
        hint = f"\n\nHint: {finding.hint}" if finding.hint else ""
        yield {
            "ruleId": visible(finding.rule),
            "ruleIndex": index[finding.rule],
            "level": finding.severity.value,
            "message": {"text": _plain(f"{where}{finding.message}{hint}")},
            "locations": [{"physicalLocation": _place(finding)}],
            "partialFingerprints": {"codegateFinding/v1": name},
        }


def _place(finding: ReportFinding) -> dict[str, Any]:
    inside = finding.path is not None and _is_inside(finding.path)
    uri = quote(finding.path or "", safe="/") if inside else NOWHERE
    place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}}
    if inside and finding.line is not None:
        column = {"startColumn": finding.column} if finding.column is not None else {}
        place["region"] = {"startLine": finding.line, **column}
    return place


def _is_inside(path: str) -> bool:
    """Say whether a path names something in the tree; a refused patch can name what is elsewhere."""
    return not {"", ".", ".."} & set(path.split("/"))


def _plain(text: str) -> str:
    """Return a plain text message with neither a placeholder nor a link in it (SARIF, 3.11.5 and 3.11.6)."""
    return re.sub(r"\{(\d+)\}", r"{{\1}}", visible_block(text)).replace("](", "\\](")


def _properties(report: Report) -> dict[str, Any]:
    """Return what of a report SARIF has no place for, under the names of `codegate.report/1`."""
    whole = report.model_dump(mode="json", by_alias=True, exclude={"codegate", "gates"})
    gates = [
        gate.model_dump(mode="json", include={"gate", "outcome", "required", "seconds", "summary"})
        for gate in report.gates
    ]
    return {"report": {**whole, "gates": gates}}
