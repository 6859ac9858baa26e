"""One page that holds everything, asks the network for nothing and runs nothing.

Its policy allows the one style sheet, by its hash (Content Security Policy Level 3, `style-src`), and nothing
else. Every text on it passes `_shown`: escaped for HTML, and every hidden character as an escape that stands
out, as on a terminal.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from codegate.report.patch import FilePatch, Row, parse
from codegate.report.report import QUESTIONS, Report, ReportFinding
from codegate.report.text import headline, place_of, unjudged
from codegate.visible import is_hidden, visible, visible_block

if TYPE_CHECKING:
    from jinja2 import Environment

# A page beyond this is no pleasure to any browser; what is left out is said, and the digest covers it.
MAX_LINES: Final = 20_000
MAX_BYTES: Final = 8 << 20


@dataclass(slots=True)
class _Entry:
    """A finding on the page: its number, and whether it also stands beside the diff."""

    number: int
    finding: ReportFinding
    place: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class _Gate:
    name: str
    outcome: str
    summary: str
    question: str
    entries: list[_Entry]


@dataclass(slots=True)
class _File:
    path: str
    added: int | None
    removed: int | None
    notes: list[str] = field(default_factory=list)
    elsewhere: list[_Entry] = field(default_factory=list)
    hunks: list[tuple[str, list[tuple[Row, list[_Entry]]]]] = field(default_factory=list)


def to_html(report: Report) -> str:
    """Return the page."""
    gates = list(_gates(report))
    files = list(_files(report, [entry for gate in gates for entry in gate.entries]))
    style = Markup((Path(__file__).with_name("page.css")).read_text(encoding="utf-8"))  # noqa: S704
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment().get_template("page.html.jinja")
    return page.render(
        report=report, gates=gates, files=files, style=style, headline="; ".join(headline(report)),
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        unjudged=", ".join(unjudged(report)), remark=_remark(report), digests=list(_digests(report)),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        finalize=_shown, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["plain"] = lambda text: escape(visible(text))
    return environment


def _shown(value: Any) -> Any:
    """Return text as markup in which nothing acts, hides or reorders."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if visible_block(value) == value:
        return escape(value)
    return Markup("").join(
        Markup('<span class="hidden">{}</span>').format(visible_block(text)) if hidden else escape(text)
        for hidden, text in ((h, "".join(run)) for h, run in groupby(value, _is_marked))
    )


def _is_marked(character: str) -> bool:
    return is_hidden(character) and character not in "\n\t"


def _gates(report: Report) -> Iterator[_Gate]:
    number = 0
    for gate in report.gates:
        entries = [_Entry(n, f, place_of(f)) for n, f in enumerate(gate.findings, number + 1)]
        number += len(entries)
        yield _Gate(gate.gate, gate.outcome, gate.summary, QUESTIONS.get(gate.gate, ""), entries)


def _files(report: Report, entries: Iterable[_Entry]) -> Iterator[_File]:
    """Yield the candidate's files, with their rows while there is room for them."""
    of_path: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        if entry.finding.path is not None:
            of_path[entry.finding.path].append(entry)
    patches: dict[str, list[FilePatch]] = defaultdict(list)
    for patch in parse(report.diff) if len(report.diff) <= MAX_BYTES else ():
        patches[patch.path].append(patch)
    room = MAX_LINES
    for changed in report.candidate.files if report.candidate else ():
        file = _File(changed.path, changed.added, changed.removed)
        lines = sum(len(hunk.lines) for patch in patches[file.path] for hunk in patch.hunks)
        room -= lines
        file.notes = [note for patch in patches[file.path] for note in patch.notes]
        if room < 0:
            file.notes.append(f"{lines} lines of diff, too many to show here")
        _fill(file, patches[file.path] if room >= 0 else [], of_path[file.path])
        yield file


def _fill(file: _File, patches: list[FilePatch], entries: list[_Entry]) -> None:
    """Put the rows into a file, each finding under its line, and the others at its head."""
    of_line: dict[int | None, list[_Entry]] = defaultdict(list)
    for entry in entries:
        entry.beside = True
        of_line[entry.finding.line].append(entry)
    for hunk in (hunk for patch in patches for hunk in patch.hunks):
        rows = [(row, of_line.pop(row.new.number, []) if row.new else []) for row in hunk.rows()]
        file.hunks.append((hunk.heading, rows))
    file.elsewhere = [entry for left in of_line.values() for entry in left]


def _remark(report: Report) -> str:
    if report.candidate is None:
        return "There is none: the patch could not be staged."
    if len(report.diff) > MAX_BYTES:
        return f"Its {len(report.diff)} bytes are too many to show here."
    return "" if report.candidate.files else "Nothing changes."


def _digests(report: Report) -> Iterator[tuple[str, str]]:
    yield "Base commit", report.base.commit
    yield "Base tree", report.base.tree
    if report.candidate is not None:
        yield "Result tree", report.candidate.tree
        yield "SHA-256 of the diff", report.candidate.diff_sha256
    yield "SHA-256 of the rules", report.rules_sha256
