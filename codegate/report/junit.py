"""JUnit's XML, as CI servers read it: the form that Jenkins' xUnit plug-in checks (`junit-10.xsd`)."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

from codegate.core import Outcome, Severity
from codegate.report.report import Report, ReportFinding, ReportGate
from codegate.report.text import place_of
from codegate.visible import visible, visible_block

_ANSWERS: Final = {Outcome.FAILED: "failure", Outcome.BROKEN: "error", Outcome.SKIPPED: "skipped"}


def to_junit(report: Report) -> str:
    """Return XML with a suite for each gate: a case for the gate itself, then one for each finding.

    Without failure and error is what was accepted: what only warns is a case that passed, with its text as
    output. Characters that XML cannot hold stand as escapes.
    """
    root = ElementTree.Element("testsuites", name="codegate")
    root.extend(_suite(gate) for gate in report.gates)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _suite(gate: ReportGate) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=visible(gate.gate), time=f"{gate.seconds:.3f}")
    suite.append(_whole(gate))
    suite.extend(_case(gate, finding) for finding in gate.findings)
    suite.set("tests", str(len(suite)))
    for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{element}"))))
    return suite


def _whole(gate: ReportGate) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=f"codegate.{visible(gate.gate)}",
        name=visible(gate.gate),
        time=f"{gate.seconds:.3f}",
    )
    if element := _ANSWERS.get(gate.outcome):
        attributes = {"type": f"{visible(gate.gate)}/{gate.outcome}", "message": visible_block(gate.summary)}
        ElementTree.SubElement(case, element, attributes)
    elif gate.summary:
        ElementTree.SubElement(case, "system-out").text = visible_block(gate.summary)
    return case


def _case(gate: ReportGate, finding: ReportFinding) -> ElementTree.Element:
    rule, place = visible(finding.rule), place_of(finding)
    case = ElementTree.Element(
        "testcase", classname=f"codegate.{visible(gate.gate)}", name=f"{rule} {place}".rstrip()
    )
    hint = f"\nhint: {visible(finding.hint)}" if finding.hint else ""
    text = f"{place + ': ' if place else ''}{visible_block(finding.message)}{hint}"
    if finding.severity is Severity.ERROR:
        attributes = {"type": rule, "message": visible_block(finding.message)}
        ElementTree.SubElement(case, "failure", attributes).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = f"{finding.severity}: {text}"
    return case
