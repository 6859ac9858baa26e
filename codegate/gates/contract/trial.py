"""The checks `tests-run` and `kills-mutants`: new tests pass on the base's code, run what they are for, and
notice when it does something else. One run in the sandbox answers both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from codegate.core import Finding, Target
from codegate.errors import CodegateError
from codegate.gates.contract.answer import Answer, counted, error, note
from codegate.gates.contract.reading import ask, base_text, changed_targets, texts_of
from codegate.gates.contract.running import fitting, run
from codegate.gates.outcomes import Outcomes
from codegate.gates.tests.material import restored

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

MOST: Final = 8  # mutants
_RUN: Final = "tests-run"
_KILL: Final = "kills-mutants"
_SHOWN: Final = 4
_CALL: Final = "Call it, and assert what it returns, in cases that take other ways through it."


def new_tests(workspace: Workspace, rules: Rules) -> Answer:
    """Judge what the request asks of new tests: that each is collected, passes, and runs a line of what the
    request is about; and that they fail on half of the mutants that they execute, of eight at most.
    """
    checks = [name for name in (_RUN, _KILL) if name in rules.scope.checks]
    if _KILL in checks and not rules.scope.about:
        raise CodegateError(f"{_KILL}: the request names no function that the tests are for")
    trial = _tried(workspace, rules, mutants=_KILL in checks)
    if not trial.tests:
        return Answer((error(checks[0], "no test is new or changed", trial.path),), "no new test")
    findings = list(_not_passing(trial)) if _RUN in checks else []
    if _RUN in checks and not (findings and trial.outcomes.measured.missing):
        findings += _not_touching(trial)
    summary = f"new tests on the base's code: {trial.outcomes.count()}"
    if _KILL in checks:
        said, noticed = _mutants(trial)
        findings, summary = [*findings, *said], f"{summary}; {noticed}"
    return Answer(tuple(findings), summary)


@dataclass(frozen=True)
class _Trial:
    """What new tests did: `tests` are the ends of their node ids, by file."""

    path: str
    tests: dict[str, list[str]]
    about: Target | None
    mutants: list[dict[str, Any]]
    outcomes: Outcomes

    def ids(self) -> list[str]:
        return [f"{path}::{name}" for path, names in self.tests.items() for name in names]


def _tried(workspace: Workspace, rules: Rules, *, mutants: bool) -> _Trial:
    targets = changed_targets(workspace, rules.scope)
    tests = {path: ask("tests", *texts_of(workspace, path)) for path in targets}
    tests = {path: names for path, names in tests.items() if names}
    path, about = next(iter(targets), ""), next(iter(rules.scope.about), None)
    function = _function(workspace, about) if about is not None else None
    made = [] if function is None else function.pop("mutants")
    if not tests:
        return _Trial(path, {}, about, made, Outcomes(0))
    ids = [f"{path}::{name}" for path, names in tests.items() for name in names]
    overlay = restored(workspace.base_overlay(), workspace.overlay(), targets)
    measured: dict[str, list[int]] = {}
    asked: dict[str, object] = {}
    if about is not None and function is not None:
        measured = {about.path: list(range(function["first"], function["last"] + 1))}
        if mutants and made:
            asked = {"mutation": {"path": about.path, "most": MOST, "mutants": made, **function}}
    outcomes = run(workspace, fitting(workspace, rules), overlay, ids, measured, asked)
    return _Trial(path, tests, about, made, outcomes)


def _function(workspace: Workspace, about: Target) -> dict[str, Any]:
    if about.symbol is None:
        raise CodegateError(f"{about}: the request is about a file, and must be about a function")
    found: dict[str, Any] | None = ask("mutants", base_text(workspace, about.path), about.symbol)
    if found is None:
        raise CodegateError(f"{about}: there is no such function in the base")
    return found


def _not_passing(trial: _Trial) -> Iterator[Finding]:
    outcomes = trial.outcomes
    for test in trial.ids():
        path = test.partition("::")[0]
        cases = {
            name: out for name, out in outcomes.tests.items() if name == test or name.startswith(f"{test}[")
        }
        if not cases:
            why = next((f.text for file, f in outcomes.uncollected.items() if file.startswith(path)), "")
            yield error(_RUN, f"{test} is not collected\n{why}".rstrip(), path)
        for name, outcome in cases.items():
            if outcome != "passed":
                failure = outcomes.failures.get(name)
                text = failure.text if failure is not None else ""
                line = failure.line if failure is not None else None
                yield error(
                    _RUN, f"{name} does not pass on the base's code: {outcome}\n{text}".rstrip(), path, line
                )


def _not_touching(trial: _Trial) -> Iterator[Finding]:
    if trial.about is None:
        yield note(_RUN, "the request names no function under test: what the tests run was not asked")
        return
    measured = trial.outcomes.measured
    if measured.missing:
        raise CodegateError(
            f"{_RUN}: what the tests run cannot be measured: {measured.missing}",
            "Install coverage in the project's environment.",
        )
    ran = sum(outcome in ("passed", "failed") for outcome in trial.outcomes.tests.values())
    idle = ran - measured.touching
    if idle > 0:
        message = f"of {counted(ran, 'new test')} {idle} run no line of {trial.about}"
        yield error(_RUN, message, trial.path, hint=_CALL)


def _mutants(trial: _Trial) -> tuple[list[Finding], str]:
    """Return what is said of mutants, and a few words; one that ended the run was noticed."""
    said, about = trial.outcomes.trial, trial.about
    if not trial.mutants:
        return [note(_KILL, f"no mutant can be made of {about}", trial.path)], "no mutants"
    if lost := next((str(one["unreachable"]) for one in said if "unreachable" in one), ""):
        raise CodegateError(f"{_KILL}: {about}: {lost}", "Ask without this check.")
    if untried := next((str(one["untried"]) for one in said if "untried" in one), ""):
        return [error(_KILL, f"the new tests notice nothing: {untried}", trial.path)], "no mutant tried"
    killed = {int(one["mutant"]): bool(one["killed"]) for one in said if "mutant" in one}
    for number in (int(one["trying"]) for one in said if "trying" in one):
        killed.setdefault(number, True)
    summary = f"{sum(killed.values())} of {counted(len(killed), 'mutant')} noticed"
    if not killed:
        message = f"no new test runs what a mutant changes in {about}"
        return [error(_KILL, message, trial.path, hint=_CALL)], summary
    missed = [trial.mutants[number] for number, dead in sorted(killed.items()) if not dead]
    if 2 * len(missed) <= len(killed):
        return [], summary
    shown = "; ".join(f"line {one['line']}: {one['said']}" for one in missed[:_SHOWN])
    message = f"the new tests pass on {len(missed)} of {len(killed)} mutants of {about}, such as {shown}"
    return [error(_KILL, message, trial.path, hint=_CALL)], summary
