"""The gate: each check that the request's contract names is asked, and one that cannot answer breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.errors import CodegateError
from codegate.gates import conclude

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.gates.contract.answer import Answer, Check
    from codegate.workspace import Workspace

# Where each check is made; loaded when it is asked.
_CHECKS: Final = {
    "docstring-true": "truth:docstring_true",
    "types": "hints:types",
    "round-trip": "instances:round_trip",
    "tests-run": "trial:new_tests",
    "kills-mutants": "trial:new_tests",
}


class Contract:
    """The gate `contract`, asked where a request names checks."""

    name = "contract"
    is_jailer = True

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        if not rules.scope.checks:
            return Verdict(self.name, Outcome.SKIPPED, False, "the request names no checks")
        fingerprint = workspace.fingerprint()
        answers: list[Answer] = []
        broken: list[str] = []
        # What answers two of them at once is asked once.
        for place, name in {_CHECKS[name]: name for name in rules.scope.checks}.items():
            try:
                answers.append(_check(place)(workspace, rules))
            except CodegateError as error:
                said = f"{error.message} ({error.hint})" if error.hint else error.message
                broken.append(f"{name}: {said}")
        if workspace.fingerprint() != fingerprint:
            broken.append("your checkout changed while the checks ran: run again")
        findings = list(_findings(answers))
        summary = "; ".join([*broken, *(answer.summary for answer in answers)])
        if broken and all(finding.severity is not Severity.ERROR for finding in findings):
            return Verdict(self.name, Outcome.BROKEN, True, summary, tuple(findings))
        return conclude(self.name, findings, summary)


def _check(place: str) -> Check:
    module, _, function = place.partition(":")
    found: Check = getattr(import_module(f"codegate.gates.contract.{module}"), function)
    return found


def _findings(answers: list[Answer]) -> Iterator[Finding]:
    for answer in answers:
        yield from answer.findings
