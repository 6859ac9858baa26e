"""Linters of other languages: what the base's commands say of the result and did not say of the base."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.config import words_of
from codegate.core import Finding
from codegate.errors import CodegateError
from codegate.gates.lint.comparison import new_diagnostics
from codegate.gates.lint.diagnostic import Diagnostic
from codegate.gates.lint.jail import Jail, open_jail, tail, with_files
from codegate.gates.lint.reports import READERS, Remark
from codegate.globs import Globs

if TYPE_CHECKING:
    from codegate.config import LinterRules
    from codegate.core import Change
    from codegate.gates import Rules
    from codegate.sandbox import Overlay
    from codegate.workspace import Workspace

_FILES: Final = ("100644", "100755")
_UNFIT: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What one linter found new."""

    name: str
    findings: tuple[Finding, ...]


def linted(workspace: Workspace, rules: Rules) -> Iterator[Said]:
    """Yield what each of the base's linters finds new in the changed files that are its.

    It sees the base with these files as the result has them, so that no diff brings its own configuration.
    Raises CodegateError for a linter that is missing, does not end, or cannot be understood.
    """
    jail = None
    for linter in rules.config.linters:
        globs = Globs(linter.files)
        changes = [c for c in workspace.candidate.changes if c.path in globs and _is_plain(c)]
        if any(not change.is_deletion for change in changes):
            jail = jail or open_jail(workspace, rules.config.tests)
            yield _asked(jail, workspace, linter, changes, rules)


def _is_plain(change: Change) -> bool:
    return {change.old_mode, change.new_mode} <= {*_FILES, "000000"}


def _asked(
    jail: Jail, workspace: Workspace, linter: LinterRules, changes: list[Change], rules: Rules
) -> Said:
    base = workspace.base_overlay()
    old = {
        c.path: (data, int(c.old_mode, 8)) for c in changes if (data := workspace.before(c.path)) is not None
    }
    new = {
        c.path: (data, int(c.new_mode, 8)) for c in changes if (data := workspace.after(c.path)) is not None
    }
    result = with_files(base, {change.path: new.get(change.path) for change in changes})
    try:
        with ThreadPoolExecutor(2 if jail.sandbox.isolates else 1) as pool:
            sides = [pool.submit(_run, jail, linter, *side) for side in ((base, old), (result, new))]
            before, after = (side.result() for side in sides)
    except CodegateError as error:
        raise CodegateError(f"linter `{linter.name}`: {error.message}", error.hint) from error
    found = new_diagnostics(before, after)
    return Said(linter.name, tuple(_finding(linter.name, d, rules) for d in found))


def _run(
    jail: Jail, linter: LinterRules, overlay: Overlay, files: Mapping[str, tuple[bytes, int]]
) -> list[Diagnostic]:
    """Return what a linter says of one side. A status that is not zero is fine with a report beside it."""
    if not files:
        return []
    program, *arguments = words_of(linter.command)
    place = program if "/" in program else jail.find(program)
    if place is None:
        hint = "Install it in the project's environment, beside codegate, or on PATH."
        raise CodegateError(f"there is no program {program}", hint)
    paths = [f"./{path}" if path.startswith("-") else path for path in files]
    ended = jail.run([str(place), *arguments, *paths], overlay, linter.timeout)
    try:
        remarks = list(READERS[linter.format](ended.stdout, jail.root))
    except CodegateError as error:
        message = f"{error.message} (exit status {ended.returncode}: {tail(ended)})"
        raise CodegateError(message, f"Let it print {linter.format}, and nothing else.") from error
    if ended.returncode and not remarks:
        message = f"it ends with {ended.returncode} and names no place: {tail(ended)}"
        raise CodegateError(message, f"Run it by hand; it has to print {linter.format}.")
    lines = {path: data.split(b"\n") for path, (data, _) in files.items()}
    return [as_diagnostic(remark, lines.get(remark.path or "", [])) for remark in remarks]


def as_diagnostic(remark: Remark, lines: list[bytes]) -> Diagnostic:
    """Return a remark with the line that it stands on."""
    text = lines[remark.line - 1] if 0 < remark.line <= len(lines) else b""
    return Diagnostic(remark.path or "", remark.code, remark.message, remark.line, remark.column, text)


def _finding(name: str, found: Diagnostic, rules: Rules) -> Finding:
    rule = ".".join(part for part in (name, _UNFIT.sub("-", found.code)[:80]) if part)
    return Finding(
        f"lint/{rule}", rules.by_hand, found.message, found.path or None,
        found.line or None, found.column or None if found.line else None,
    )  # fmt: skip
