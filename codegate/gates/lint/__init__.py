"""Does the change bring a diagnostic that was not there, judged by the base's configuration, or hide one?

A new diagnostic and a new suppression are errors from a model and warnings from a person, who has a linter of
their own that refuses, and whose real commits bring some (7 % of 595 measured).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity
from codegate.gates import conclude
from codegate.gates.lint.comparison import new_diagnostics
from codegate.gates.lint.exemptions import exempts, may_silence
from codegate.gates.lint.project import Project, is_linted
from codegate.gates.lint.suppressions import suppressions

if TYPE_CHECKING:
    from codegate.core import Verdict
    from codegate.gates import Rules
    from codegate.gates.lint.diagnostic import Diagnostic
    from codegate.workspace import Workspace

# ruff takes some 10 s and 2 GB for the worst text of this size.
MAX_BYTES: Final = 5_000_000
# Layout is but noted: it must not cost as much as the rest where a diff is large.
MOST_FORMATTED: Final = 50


class Lint:
    """The gate `lint`."""

    name = "lint"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        hiding = list(suppressions(workspace, rules))
        findings, said = _of_python(workspace, rules, {f.path or "" for f in hiding})
        if rules.config.linters:
            from codegate.gates.lint.linters import linted  # most projects have none: 0.1 s of every command

            for other in linted(workspace, rules):
                findings += other.findings
                said.append(f"{_count(len(other.findings))} of {other.name}")
        return conclude(self.name, findings + hiding, "; ".join(said) or "no Python file changed")


def _of_python(workspace: Workspace, rules: Rules, hiding: set[str]) -> tuple[list[Finding], list[str]]:
    paths = [c.path for c in workspace.candidate.changes if is_linted(c, workspace)]
    large = [p for p in paths if len(workspace.after(p) or b"") > MAX_BYTES]
    if not paths:
        return [], []
    project = Project.read(workspace, [p for p in paths if p not in large])
    found, silenced = _diagnose(workspace, project, hiding)
    findings = [_finding(d, rules) for d in found] + [_unjudged(p, rules) for p in large]
    findings += _silenced(workspace, silenced, rules)
    if project.is_configured and len(paths) <= MOST_FORMATTED:
        findings += [_drift(path) for path in project.drifted(workspace)]
    return findings, [f"{_count(len(found))} (ruff {version('ruff')}, {project.rules})"]


def _count(number: int) -> str:
    return f"{number or 'no'} new diagnostic{'' if number == 1 else 's'}"


def _diagnose(
    workspace: Workspace, project: Project, hiding: set[str]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Return what is new, and what is new but silenced by a comment that was there.

    What ruff says whatever silences it decides, so that nothing rests on how well we know the syntax of
    comments; what it says without that only tells which are silenced, and which are no longer. In a file that
    gets a new suppression none counts.
    """
    heard = [p for p in project.paths if may_silence(workspace.before(p)) or may_silence(workspace.after(p))]
    with ThreadPoolExecutor(2, thread_name_prefix="lint") as pool:
        strict = pool.submit(project.diagnose, workspace, strict=True)
        usual = pool.submit(project.only(heard).diagnose, workspace)
        (before, after), (usual_before, usual_after) = strict.result(), usual.result()
    audible = {d.place for d in usual_after}
    new = new_diagnostics(before, after)
    silenced = [d for d in new if d.path in heard and d.path not in hiding and d.place not in audible]
    told = {d.place for d in new}
    unveiled = [d for d in new_diagnostics(usual_before, usual_after) if d.place not in told]
    return sorted([d for d in new if d not in silenced] + unveiled, key=lambda d: d.place), silenced


def _finding(found: Diagnostic, rules: Rules) -> Finding:
    return Finding(f"lint/{found.code}", rules.by_hand, found.message, found.path, *_place(found), found.hint)


def _place(found: Diagnostic) -> tuple[int | None, int | None]:
    """Return line and column in the file; in a notebook the message has those in the cell."""
    return (None, None) if found.cell else (found.line, found.column)


def _drift(path: str) -> Finding:
    message = "no longer laid out as `ruff format` has it, which the base's file is"
    return Finding("lint/format", Severity.NOTE, message, path, hint="Run `ruff format` on it.")


def _silenced(workspace: Workspace, silenced: list[Diagnostic], rules: Rules) -> Iterator[Finding]:
    """Tell what a comment of the base hides; once for a file, as a note, what the base exempts it from."""
    exempt: dict[str, list[str]] = {}
    for found in silenced:
        if exempts(workspace.before(found.path) or b"", found.code):
            exempt.setdefault(found.path, []).append(found.code)
            continue
        message = f"{found.code} {found.message}; a comment that was there silences it"
        yield Finding("lint/silenced", rules.by_hand, message, found.path, *_place(found), found.hint)
    for path, codes in exempt.items():
        message = f"{len(codes)} new diagnostics that the base exempts this file from: {_listed(codes)}"
        yield Finding("lint/exempt", Severity.NOTE, message, path)


def _listed(codes: list[str]) -> str:
    return ", ".join(sorted(set(codes)))


def _unjudged(path: str, rules: Rules) -> Finding:
    message = f"larger than {MAX_BYTES // 1_000_000} MB: not linted"
    return Finding("lint/size", rules.by_hand, message, path, hint="Split the file.")
