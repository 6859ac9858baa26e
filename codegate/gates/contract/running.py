"""The project's suite, asked for what a check needs: some tests, measured, and something tried beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codegate.errors import CodegateError
from codegate.gates.suite import Suite, open_suite, tail

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.gates.outcomes import Outcomes
    from codegate.sandbox import Overlay
    from codegate.workspace import Workspace

_SECONDS: Final = 120.0  # within the base's own limit
_HINT: Final = "Run the tests by hand on this checkout; they work in the sandbox, without network and home."


def fitting(workspace: Workspace, rules: Rules) -> Suite:
    """Return the suite of the checkout. Raises CodegateError where its command names no single tests."""
    suite = open_suite(workspace.root, rules.config.tests, workspace.tracks)
    if not suite.reports:
        raise CodegateError(
            "the base's test command runs neither pytest nor unittest, and tells of no single test",
            "Set `command` under [tool.codegate.tests] to one of them, or ask without this check.",
        )
    return suite


def run(
    workspace: Workspace,
    suite: Suite,
    overlay: Overlay,
    only: Sequence[str],
    measured: Mapping[str, Sequence[int]],
    trial: Mapping[str, object],
) -> Outcomes:
    """Run tests on a tree. Raises CodegateError for a run that broke off before its tests had spoken."""
    suite = replace(suite, limits=replace(suite.limits, seconds=min(suite.limits.seconds, _SECONDS)))
    ended, outcomes = suite.run(overlay, only, measured, trial=trial)
    missing = suite.is_pytest and b"No module named pytest" in ended.stderr and not outcomes.tests
    if missing:
        names = workspace.names("tests")
        suite = suite.by_unittest(bool(names) and "__init__.py" not in names)
        ended, outcomes = suite.run(overlay, only, measured, trial=trial)
    if not outcomes.built:
        raise CodegateError(f"the build fails: {tail(ended)}", _HINT)
    # A mutant can end the run; what was said until then holds.
    if not outcomes.complete and not any("trying" in said for said in outcomes.trial):
        why = f"stopped: {ended.stopped}" if ended.stopped else f"exit status {ended.returncode}"
        raise CodegateError(f"the tests did not run to their end ({why}): {tail(ended)}", _HINT)
    if outcomes.tests and not outcomes.canary:
        raise CodegateError("a test that must fail was not seen failing", _HINT)
    return outcomes
