"""One candidate's answer: the suite runs on the base and on the result, and both are judged from outside.

What was red on the base does not count; what the candidate turns red, takes away or silences does. Where it
touches what the tests are made of, the base's tests run on its code once more, as the base has them. Any
command that no reporter fits is judged by its exit status alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.gates import conclude
from codegate.gates.outcomes import NONE_COLLECTED, Measured, Outcomes
from codegate.gates.suite import open_suite, tail
from codegate.gates.tests import doubt
from codegate.gates.tests.comparison import Comparison, Run, stopped
from codegate.gates.tests.material import changed_material, folders_of_tests, restored
from codegate.gates.tests.saying import broken, nothing
from codegate.gates.tests.strength import lines_to_measure, not_executed
from codegate.gates.tests.tricks import aware, shadows
from codegate.gates.weakening import weakenings
from codegate.sandbox import Ended, Overlay

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.gates.tests.gate import Baselines
    from codegate.workspace import Workspace

_FORMAT: Final = 3  # of a stored baseline
_MOST_FINDINGS: Final = 50
_LISTING_SECONDS: Final = 60.0
# How long a measurement may take, by what the base's tests took: it costs two to three times their work.
_MEASURING: Final = 1.5
_MEASURING_SECONDS: Final = 2.0


class UnanswerableError(Exception):
    """The base itself says nothing, so nothing can be said of the result."""


class NoPytestError(Exception):
    """The project's Python has no pytest, and nobody said that it should."""


def without_a_run(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield what the texts alone tell: what stands in for a module, knows of its tests, or weakens them."""
    yield from shadows(workspace, rules, folders_of_tests(workspace))
    yield from aware(workspace, rules)
    yield from weakenings(workspace, rules)


class Judgement:
    """One answer in the making."""

    def __init__(self, workspace: Workspace, rules: Rules, baselines: Baselines) -> None:
        self._workspace = workspace
        self._rules = rules
        self._baselines = baselines
        self._suite = open_suite(workspace.root, rules.config.tests, workspace.tracks)
        self._fingerprint = workspace.fingerprint()  # before anything of the checkout is read
        self._overlay = workspace.overlay()

    def verdict(self) -> Verdict:
        # What needs no run is told wherever none can be had, too.
        with ThreadPoolExecutor(1) as side:
            told = side.submit(lambda: list(without_a_run(self._workspace, self._rules)))
            try:
                verdict = self._by_running()
            except UnanswerableError as reason:
                verdict = broken(f"{self._prefix()}{reason}")
            except NoPytestError:
                verdict = self._by_unittest()
            static = told.result()
        if self._workspace.fingerprint() != self._fingerprint:
            return broken("your checkout changed while the tests ran: run again")
        if not static:
            return verdict
        ran = [finding for finding in verdict.findings if not _is_told(finding, static)]
        findings = (*(said for said in static if not _is_seen(said, ran)), *ran)
        if verdict.outcome is Outcome.BROKEN:
            return replace(verdict, findings=findings)
        return conclude("tests", findings, verdict.summary, _MOST_FINDINGS)

    def _by_unittest(self) -> Verdict:
        """Judge by unittest, which every Python has; where it finds no tests, pytest is what is missing."""
        python = self._suite.interpreter
        missing = (
            f"{self._prefix()}{python.program} ({python.origin}) has no pytest; install it there, or set "
            "`command` under [tool.codegate.tests]"
        )
        names = self._workspace.names("tests")
        self._suite = self._suite.by_unittest(bool(names) and "__init__.py" not in names)
        try:
            verdict = self._by_running()
        except UnanswerableError as reason:
            return broken(f"{missing}\n{reason}")
        return broken(missing) if verdict.outcome is Outcome.SKIPPED else verdict

    def _by_running(self) -> Verdict:
        before, result, held, measured, fresh = self._run_all()
        findings = self._findings(before, result, held)
        if any(f.severity is Severity.ERROR for f in findings) and not fresh:
            # The remembered base may have run beside other untracked files: it decides no refusal.
            before = self._run_base()
            if before.doubt:
                raise UnanswerableError(before.doubt)
            findings = self._findings(before, result, held)
        none = before.returncode == result.outcomes.returncode == NONE_COLLECTED
        if none and not findings and self._rules.config.tests.command is None:
            return nothing(f"{self._prefix()}no tests are collected")
        summary = f"{self._prefix()}{self._summary(before, result.outcomes, held, measured)}"
        return conclude("tests", [*findings, *not_executed(measured)], summary, _MOST_FINDINGS)

    def _run_all(self) -> tuple[Outcomes, Run, Run | None, Measured, bool]:
        """Run what has to be run, and say whether the base was."""
        known = self._baselines.baseline(self._key())
        before = Outcomes.from_json(known) if known is not None else None
        remembered = before is not None and not before.excuses()
        # Without a jail they would share ports and files: one after the other.
        with ThreadPoolExecutor(2 if self._suite.sandbox.isolates else 1) as pool:
            base = None if remembered else pool.submit(self._run_base)
            result = pool.submit(self._run, self._overlay)
            before = base.result() if base is not None else before
            assert before is not None
            if before.doubt:  # only now that the result has ended: nothing of it can be in the way
                before = self._resolved(before, result.result().outcomes)
            overlay = self._held(before)
            held: Future[Run] | None = None if overlay is None else pool.submit(self._run, overlay)
            # Beside the result where there is nothing else to do, else behind it and only if it is green.
            wanted = remembered or result.result().outcomes.returncode == 0
            measured = pool.submit(self._measure, before) if wanted else None
            return (
                before, result.result(), held.result() if held else None,
                measured.result() if measured else Measured(missing="the tests failed"), not remembered,
            )  # fmt: skip

    def _run(self, overlay: Overlay) -> Run:
        return Run(overlay, *self._suite.run(overlay))

    def _measure(self, before: Outcomes) -> Measured:
        """Run the result's tests again and say which changed lines they run, if it takes not much longer.

        A run of its own: being traced can change what a test says, and takes time.
        """
        suite, rules = self._suite, self._rules.config.tests
        if not rules.coverage or not suite.reports or not suite.sandbox.isolates:
            return Measured(missing="-")
        tests = changed_material(self._workspace, before.tests, suite.command)
        lines = lines_to_measure(self._workspace, tests)
        if not lines:
            return Measured(missing="-")
        seconds = min(suite.limits.seconds, before.seconds * _MEASURING + _MEASURING_SECONDS)
        bounded = replace(suite, limits=replace(suite.limits, seconds=seconds))
        ended, outcomes = bounded.run(self._overlay, measured=lines)
        return Measured(missing="it takes too long") if ended.stopped else outcomes.measured

    def _held(self, before: Outcomes) -> Overlay | None:
        """Return the result with the base's tests as the base has them; None if no other tests decide."""
        touched = changed_material(self._workspace, before.tests, self._suite.command)
        if not touched or all(change.path in touched for change in self._workspace.candidate.changes):
            return None
        return restored(self._overlay, self._workspace.base_overlay(), touched)

    def _resolved(self, before: Outcomes, after: Outcomes) -> Outcomes:
        """Return the baseline for a green result, though the base's run says too little."""
        if doubt.is_green(after, before):
            seconds = min(self._suite.limits.seconds, _LISTING_SECONDS)
            bounded = replace(self._suite, limits=replace(self._suite.limits, seconds=seconds))
            found = doubt.resolved(before, *bounded.run(self._workspace.base_overlay(), listing=True))
            if found is not None:
                return found
        raise UnanswerableError(before.doubt)

    def _run_base(self) -> Outcomes:
        ended, before = self._suite.run(self._workspace.base_overlay())
        if reason := self._unanswerable(ended, before):
            if not before.built or not self._suite.reports:
                raise UnanswerableError(reason)
            return replace(before, doubt=reason)
        if not before.excuses():  # beside other untracked files it might be green: then it is no excuse
            self._baselines.put_baseline(self._key(), before.to_json())
        return before

    def _unanswerable(self, ended: Ended, before: Outcomes) -> str:
        """Say why a base's run is no measure for the result; nothing if it is one."""
        said = tail(ended)
        if ended.stopped:
            limit = stopped(self._suite, ended)[1]
            return f"{limit} on the base already; raise the limit or mend the tests\n{said}"
        if not before.built:
            build = shlex.join(self._suite.build)
            return f"`{build}` fails on the base already; mend the base, or `build`\n{said}"
        if not self._suite.reports:
            red = f"`{shlex.join(self._suite.command)}` ends with {ended.returncode} on the base already"
            return f"{red}; mend the base, or the command\n{said}" if ended.returncode else ""
        if self._suite.is_pytest and b"No module named pytest" in ended.stderr and not before.tests:
            if self._rules.config.tests.command is None:
                raise NoPytestError
            python = self._suite.interpreter
            return f"{python.program} ({python.origin}) has no pytest; install it, or change the command"
        if before.complete and (before.tests or not before.uncollected):
            return ""
        return (
            f"the tests cannot be run on the base (exit status {ended.returncode}); mend that first\n{said}"
        )

    def _findings(self, before: Outcomes, result: Run, held: Run | None) -> list[Finding]:
        comparison = Comparison(self._suite, self._workspace.base_overlay(), self._rules.by_hand)
        found = [doubt.told(before)] if before.doubt else []
        found += comparison.of_result(before, result)
        return found if held is None else [*found, *comparison.of_held(before, result.outcomes, held)]

    def _key(self) -> str:
        rules = self._rules.config.tests.model_dump(mode="json")
        whole = [
            _FORMAT, self._workspace.candidate.base.tree, str(self._workspace.root),
            self._suite.command, self._suite.interpreter.identity(), rules,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _prefix(self) -> str:
        if self._suite.sandbox.isolates:
            return ""
        return 'NOT ISOLATED (sandbox = "none": in a temporary copy, with all your rights): '

    def _summary(self, before: Outcomes, after: Outcomes, held: Run | None, measured: Measured) -> str:
        if not self._suite.reports:
            return f"exit status {after.returncode} of `{shlex.join(self._suite.command)}`"
        red = len(before.red()) + len(before.uncollected)
        known = f"; {red} red on the base already" if red else ""
        once_more = f"; the base's own tests on the new code: {held.outcomes.count()}" if held else ""
        python = self._suite.interpreter
        ran = f"{after.count()}{_strength(measured)}{known}{once_more}"
        return f"{ran} ({self._suite.runner}Python {python.version}, {python.origin})"


def _strength(measured: Measured) -> str:
    if not measured.missing:  # a change of comments has nothing to run
        return f", {measured.touching} ran the change" if any(measured.statements.values()) else ""
    return "" if measured.missing == "-" else f"; how many ran the change is not known: {measured.missing}"


def _is_told(finding: Finding, told: list[Finding]) -> bool:
    """Say whether a test's silence is the consequence of a change to its text that is told already."""
    if finding.rule not in ("tests/missing", "tests/skipped") or "::" not in finding.message:
        return False
    return any(_names(one, finding) and one.severity is finding.severity for one in told)


def _is_seen(said: Finding, ran: list[Finding]) -> bool:
    """Say whether a run shows what the texts only point at: the base's own test fails on the new code."""
    return said.rule in ("tests/expectation", "tests/rewritten") and any(
        _names(said, one) for one in ran if one.rule == "tests/base-failed"
    )


def _names(said: Finding, ran: Finding) -> bool:
    """Say whether what the texts say names the test that a run's finding is about."""
    name = ran.message.split()[0].rpartition("::")[2].partition("[")[0]
    return said.path == ran.path and bool(re.search(rf"\b{re.escape(name)}\b", said.message))
