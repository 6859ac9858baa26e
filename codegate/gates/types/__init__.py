"""Does the change bring a type error that was not there, by the checker that the base configures?

The checker sees the whole project, the base and the result, under the base's configuration: a changed
signature breaks callers elsewhere. It runs in the sandbox, since its plug-ins are code of the checkout.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Outcome, Verdict
from codegate.errors import CodegateError
from codegate.gates import conclude
from codegate.gates.lint.comparison import new_diagnostics
from codegate.gates.lint.jail import Jail, open_jail, tail, with_files
from codegate.gates.lint.linters import as_diagnostic
from codegate.gates.types.checkers import CONFIGURATIONS, Checker, configured, plugins

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.gates.lint.diagnostic import Diagnostic
    from codegate.gates.lint.reports import Remark
    from codegate.sandbox import Overlay
    from codegate.workspace import Workspace

_EXTENSIONS: Final = (".py", ".pyi")


class Types:
    """The gate `types`, asked where the base lists it."""

    name = "types"
    is_jailer = True

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        """Answer for the candidate. Raises CodegateError where a checker is missing or does not finish."""
        checkers = configured(workspace.base_file)
        if not checkers:
            return Verdict(
                "types", Outcome.SKIPPED, False, "nothing judged: the base configures no type checker"
            )
        if not any(c.path.endswith(_EXTENSIONS) for c in workspace.candidate.changes):
            return conclude(self.name, [], "no Python file changed")
        jail = open_jail(workspace, rules.config.tests)
        found = {c.name: new_errors(jail, workspace, c, rules.config.tests.timeout) for c in checkers}
        findings = [_finding(error, rules) for errors in found.values() for error in errors]
        said = (f"{len(errors) or 'no'} new error{'' if len(errors) == 1 else 's'} of {name}"
                for name, errors in found.items())  # fmt: skip
        return conclude(self.name, findings, f"{'; '.join(said)}")


def new_errors(jail: Jail, workspace: Workspace, checker: Checker, seconds: float) -> list[Diagnostic]:
    base, result = workspace.base_overlay(), workspace.overlay()
    # Configuration, and code that decides with it, is the base's on both sides.
    kept = {*CONFIGURATIONS, *plugins(workspace.base_file)} & {c.path for c in workspace.candidate.changes}
    files = {path: _as_file(workspace.base_file(path)) for path in kept}
    command = checker.command(jail)
    with ThreadPoolExecutor(2 if jail.sandbox.isolates else 1) as pool:
        sides = [
            pool.submit(_ask, jail, checker, command, with_files(side, files), seconds)
            for side in (base, result)
        ]
        (before, whole, said), (after, finished, end) = (side.result() for side in sides)
    if not whole:
        hint = "Mend that first: run it by hand on this checkout."
        raise CodegateError(f"{checker.name} does not finish on the base: {said}", hint)
    new = new_diagnostics(_placed(before, workspace, old=True), _placed(after, workspace, old=False))
    if not finished and not new:
        raise CodegateError(f"{checker.name} does not finish on the result: {end}")
    return new


def _as_file(data: bytes | None) -> tuple[bytes, int] | None:
    return None if data is None else (data, 0o100644)


def _ask(
    jail: Jail, checker: Checker, command: list[str], overlay: Overlay, seconds: float
) -> tuple[list[Remark], bool, str]:
    """Return what a checker says of one side, whether it finished, and what it said at the end."""
    ended = jail.run(command, overlay, seconds)
    errors = list(checker.errors(ended.stdout, jail.root))
    finished = ended.returncode <= checker.worst and (not ended.returncode or bool(errors))
    return errors, finished, f"status {ended.returncode}: {tail(ended)}"


def _placed(remarks: list[Remark], workspace: Workspace, *, old: bool) -> list[Diagnostic]:
    """Return remarks with the lines that they stand on, of files that did not change too."""
    changed = {c.path for c in workspace.candidate.changes}
    paths = {remark.path for remark in remarks if remark.path is not None}
    read = workspace.before if old else workspace.after
    texts = {path: read(path) or b"" for path in paths & changed} | workspace.base_blobs(
        sorted(paths - changed)
    )
    lines = {path: data.split(b"\n") for path, data in texts.items()}
    return [as_diagnostic(remark, lines.get(remark.path or "", [])) for remark in remarks]


def _finding(found: Diagnostic, rules: Rules) -> Finding:
    return Finding(
        f"types/{found.code or 'error'}", rules.by_hand, found.message, found.path or None,
        found.line or None, found.column or None if found.line else None,
    )  # fmt: skip
