"""Does the change bring a diagnostic that was not there, judged by the base's configuration, or hide one?

A new diagnostic and a new suppression are errors from a model and warnings from a person, who has a linter of
their own that refuses, and whose real commits bring some (7 % of 595 measured).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates import conclude
from codegate.gates.lint.comparison import new_diagnostics
from codegate.gates.lint.project import Project, is_linted
from codegate.gates.lint.suppressions import mentions, suppressions

if TYPE_CHECKING:
    from codegate.core import Verdict
    from codegate.gates import Rules
    from codegate.gates.lint.project import Diagnostic
    from codegate.workspace import Workspace

# ruff takes some 10 s and 2 GB for the worst text of this size.
MAX_BYTES: Final = 5_000_000


class Lint:
    """The gate `lint`."""

    name = "lint"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        hiding = list(suppressions(workspace, rules))
        paths = [c.path for c in workspace.candidate.changes if is_linted(c)]
        large = [p for p in paths if len(workspace.after(p) or b"") > MAX_BYTES]
        if not paths:
            return conclude(self.name, hiding, "no Python file changed")
        found, project = _diagnose(workspace, [p for p in paths if p not in large])
        findings = [_finding(d, rules) for d in found] + [_unjudged(p, rules) for p in large] + hiding
        said = f"{len(found) or 'no'} new diagnostic{'' if len(found) == 1 else 's'}"
        return conclude(self.name, findings, f"{said} (ruff {version('ruff')}, {project.rules})")


def _diagnose(workspace: Workspace, paths: list[str]) -> tuple[list[Diagnostic], Project]:
    """Return what is new in these files.

    Comments that silence ruff count where the base has them already. In a file that gets a new line that may
    be one, none counts: so nothing rests on how well we know their syntax.
    """
    project = Project.read(workspace, paths)
    strict = {p for p in paths if mentions(workspace.before(p), workspace.after(p) or b"")}
    before, after = project.diagnose(workspace, strict)
    return new_diagnostics(before, after), project


def _finding(found: Diagnostic, rules: Rules) -> Finding:
    return Finding(
        f"lint/{found.code}", rules.by_hand, found.message, found.path, found.line, found.column, found.hint
    )


def _unjudged(path: str, rules: Rules) -> Finding:
    message = f"larger than {MAX_BYTES // 1_000_000} MB: not linted"
    return Finding("lint/size", rules.by_hand, message, path, hint="Split the file.")
