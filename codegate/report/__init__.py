"""What codegate says of a diff: one Report, and a room for each form in which people and tools read it."""

from codegate.report.report import (
    Report,
    ReportBase,
    ReportCandidate,
    ReportFile,
    ReportFinding,
    ReportGate,
    refused_report,
    report_of,
)
from codegate.report.text import Line, lines_of, to_text

__all__ = [
    "Line",
    "Report",
    "ReportBase",
    "ReportCandidate",
    "ReportFile",
    "ReportFinding",
    "ReportGate",
    "lines_of",
    "refused_report",
    "report_of",
    "to_text",
]
