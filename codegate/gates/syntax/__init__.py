"""Does every changed file still parse? Asked of the strictest reader that there is for its language.

Python, JSON, TOML and YAML have readers that never err: Python's own compiler and libraries. All other
languages are told by tree-sitter's grammars, and each of those weighs what it was found to be worth.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.core import Change, Finding, Severity, Verdict
from codegate.gates import Rules, conclude
from codegate.gates.syntax.readers import READERS, Complaint, complaints
from codegate.gates.syntax.trees import has_errors, new_errors
from codegate.source import Language, language_of

if TYPE_CHECKING:
    from codegate.workspace import Workspace

# The worst text (C++) takes 4 s and 0.9 GB for each megabyte, sound text 0.1 s and 40 MB.
MAX_FILE: Final = 2_000_000
MAX_TOTAL: Final = 20_000_000

# In how many valid files of a hundred a grammar sees an error, as measured: docs/limits.md.
_DOUBTFUL: Final = {"typescript": 9, "tsx": 9, "rust": 1, "csharp": 3, "css": 3, "dockerfile": 6}
_WEAK: Final = {"html": 20, "c": 50, "cpp": 50, "sql": 60}
# What a template has where a file of its language could not; it becomes one when it is filled in.
_TEMPLATE: Final = re.compile(rb"^[ \t]*(\{\{|\{%|<%)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _File:
    """A changed text file in a known language, with its bytes before (None if it had none) and after."""

    path: str
    language: Language
    before: bytes | None
    after: bytes

    @property
    def is_template(self) -> bool:
        return "{{" in self.path or _TEMPLATE.search(self.after) is not None


class Syntax:
    """Passes only if no changed file of a known language has a syntax error that it had not in the base."""

    name: Final = "syntax"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        """Return what is newly wrong; what could not be judged is an error for a model, else a warning."""
        files: list[_File] = []
        findings: list[Finding] = []
        total = 0
        for change in workspace.candidate.changes:
            after = workspace.after(change.path)
            if after is None or not change.new_mode.startswith("100"):
                continue
            language = language_of(change.path, after)
            total += len(after)
            if language is None:
                findings.append(_unknown(change))
            elif len(after) > MAX_FILE or total > MAX_TOTAL:
                findings.append(_too_large(change, len(after), rules.by_hand))
            else:
                files.append(_File(change.path, language, workspace.before(change.path) or None, after))
        findings += _by_reader([f for f in files if f.language.name in READERS], rules)
        for file in files:
            if file.language.name not in READERS:
                findings += _by_tree(file, rules)
        return conclude(self.name, findings, _summary(files, findings))


def _summary(files: list[_File], findings: list[Finding]) -> str:
    wrong = {f.path for f in findings if f.severity is not Severity.NOTE}
    parsed = sum(file.path not in wrong for file in files)
    if parsed < len(files):
        return f"{parsed} of {len(files)} files parse"
    return "1 file parses" if parsed == 1 else f"{parsed} files parse"


def _unknown(change: Change) -> Finding:
    return Finding("syntax/not-judged", Severity.NOTE, "not judged: unknown language", change.path)


def _too_large(change: Change, size: int, severity: Severity) -> Finding:
    return Finding(
        "syntax/too-large", severity,
        f"not judged: {size:,} bytes, where a file may have {MAX_FILE:,} and all together {MAX_TOTAL:,}",
        change.path,
    )  # fmt: skip


def _by_reader(files: list[_File], rules: Rules) -> list[Finding]:
    """Return what the readers refuse and did not refuse in the base, and where the base was broken what is
    worse: a reader stops at the first error, so that there the grammar tells.
    """
    given = zip(files, complaints([(f.language.name, f.after) for f in files]), strict=True)
    failed = {file: wrong for file, wrong in given if wrong is not None}
    old = [file for file in failed if file.before is not None]
    asked = complaints([(file.language.name, file.before or b"") for file in old])
    known = {file: wrong for file, wrong in zip(old, asked, strict=True) if wrong is not None}
    findings: list[Finding] = []
    for file, wrong in failed.items():
        had = known.get(file)
        if wrong.doubles:
            findings += _doubled(file, wrong, had, rules)
        elif had is None or had.doubles:
            findings.append(_refused(file, wrong, rules))
    broken = [file for file, had in known.items() if not had.doubles and not failed[file].doubles]
    for file in broken:
        errors = new_errors(file.language, file.before, file.after)
        findings += [_doubted(file, error, rules.by_hand) for error in errors]
    return findings


def _refused(file: _File, wrong: Complaint, rules: Rules) -> Finding:
    doubtful = wrong.is_dialect or file.is_template
    return _doubted(file, wrong, rules.by_hand) if doubtful else _certain(file, wrong)


def _doubled(file: _File, wrong: Complaint, had: Complaint | None, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each key that is doubled more often than it was."""
    known = Counter(key for key, *_ in had.doubles) if had else Counter[str]()
    for key, line, column in wrong.doubles:
        if known[key] > 0:
            known[key] -= 1
            continue
        message = f"one mapping has `{key}` twice: most readers take the last, and say nothing"
        yield Finding("syntax/duplicate-key", rules.by_hand, message, file.path, line, column, _ONCE)


def _by_tree(file: _File, rules: Rules) -> list[Finding]:
    """Return what is new of the errors that the grammar sees, each as heavy as they are sure.

    A file that a grammar could read has nothing that it does not know, and its new lines seldom have. Which
    errors of a broken file are new is told by their text, and not always right.
    """
    errors = new_errors(file.language, file.before, file.after)
    if not errors:
        return []
    clean = file.before is not None and not has_errors(file.language, file.before)
    known = clean or (file.before is None and file.language.name not in _DOUBTFUL)
    if known and not file.is_template and file.language.name not in _WEAK:
        return [_certain(file, error) for error in errors]
    severity = Severity.WARNING if file.language.name in _WEAK and not clean else rules.by_hand
    return [_doubted(file, error, severity) for error in errors]


def _certain(file: _File, wrong: Complaint) -> Finding:
    rule = f"syntax/{file.language.name}"
    return Finding(rule, Severity.ERROR, wrong.message, file.path, wrong.line, wrong.column)


def _doubted(file: _File, wrong: Complaint, severity: Severity) -> Finding:
    message = f"{file.language.name}: {wrong.message}"
    share = (_DOUBTFUL | _WEAK).get(file.language.name)
    hint = f"Look: in {share} of 100 valid files this grammar sees an error." if share else ""
    hint = _LOOK_TEMPLATE if file.is_template else hint
    return Finding("syntax/doubtful", severity, message, file.path, wrong.line, wrong.column, hint)


_ONCE: Final = "Leave one of them."
_LOOK_TEMPLATE: Final = "Look: it may be right as a template, whose language is not told."
