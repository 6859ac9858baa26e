"""A summary in Markdown, as forges show it, and untrusted text that Markdown takes for nothing but text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from codegate.report.report import Report, ReportFinding
from codegate.report.text import headline, place_of, unjudged
from codegate.visible import visible_block


def inert(text: str) -> str:
    """Return Markdown that shows `text` and does nothing else, each line of it a code span.

    A backslash would not do: forges look for mentions, references and addresses in what is rendered, and
    leave out code alone (GitHub Docs, "Autolinked references and URLs"; the GFM specification, 6.1).
    """
    return "\n".join(_span(line) for line in visible_block(text).split("\n"))


def to_markdown(report: Report) -> str:
    """Return the summary: headings, lists, emphasis and code spans of ours, and nothing of anyone else's."""
    return "\n".join(chain.from_iterable(_parts(report))) + "\n"


def _parts(report: Report) -> Iterator[list[str]]:
    yield [f"## codegate: {report.verdict}", "", inert("; ".join(headline(report))), ""]
    for gate in report.gates:
        summary = f" {_within(2, gate.summary)}" if gate.summary else ""
        yield [f"- **{gate.outcome}** {inert(gate.gate)}{summary}"]
        yield from (_finding(finding) for finding in gate.findings)
    if names := unjudged(report):
        yield ["", f"Not judged: {', '.join(inert(name) for name in names)}"]
    if report.candidate is not None:
        yield ["", f"Tree {inert(report.candidate.tree)}  ", f"Diff {inert(report.candidate.diff_sha256)}  "]
        yield [f"Rules {inert(report.rules_sha256)}"]


def _finding(finding: ReportFinding) -> list[str]:
    place = place_of(finding)
    where = f" {inert(place)}" if place else ""
    lines = [f"  - **{finding.severity}**{where} {_within(4, finding.message)} ({inert(finding.rule)})"]
    if finding.hint:
        lines += ["", f"    Hint: {_within(4, finding.hint)}"]
    return lines


def _within(indent: int, text: str) -> str:
    """Return text whose further lines stay in the list item that begins it."""
    return inert(text).replace("\n", "\n" + " " * indent)


def _span(line: str) -> str:
    if not line:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    # One space at each end is dropped, where there are two and there is more (CommonMark, 6.1).
    bare = line.startswith("`") or line.endswith("`") or (line[0] == line[-1] == " " and line.strip(" "))
    return f"{fence} {line} {fence}" if bare else f"{fence}{line}{fence}"
