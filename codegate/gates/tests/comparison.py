"""What is worse in a run of the suite than on the base: the comparison, made from outside both."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from codegate.core import Finding, Severity
from codegate.gates.outcomes import NONE_COLLECTED, SOME_FAILED, Outcomes, Worse, compare
from codegate.gates.suite import Suite, tail
from codegate.gates.tests import flakiness
from codegate.gates.tests.saying import about, error, failing, short
from codegate.sandbox import Ended, Overlay

_STOPPED: Final = {
    "time": ("timeout", "the tests did not end within {seconds:g} s"),
    "memory": ("memory", "the tests used more than {memory} MiB of memory"),
    "processes": ("processes", "the tests ran more than {processes} processes and threads"),
}
_NO_CANARY: Final = (
    "a test that must fail was not seen failing: something in the change decides what tests report"
)
_AS_THE_BASE: Final = "the result, with the tests as the base has them"


@dataclass(frozen=True)
class Run:
    """The suite on one tree: the overlay that makes it, how the program ended, and what it said."""

    overlay: Overlay
    ended: Ended
    outcomes: Outcomes


@dataclass(frozen=True)
class Comparison:
    """Compares runs of `suite` with what it said of the base, whose tree `base` makes.

    `by_hand` is what it weighs to do what a person may do and a model may not.
    """

    suite: Suite
    base: Overlay
    by_hand: Severity

    def of_result(self, before: Outcomes, result: Run) -> Iterator[Finding]:
        """Yield what the tests say as the change has them."""
        ended, after = result.ended, result.outcomes
        if ended.stopped:
            rule, message = stopped(self.suite, ended)
            yield error(rule, f"{message}{_while_running(after)}\n{tail(ended)}")
        elif not after.built:
            yield error("build", f"`{shlex.join(self.suite.build)}` fails on the result\n{tail(ended)}")
        elif not self.suite.reports:
            if ended.returncode:
                yield error("failed", self._exit_status(ended, "the result"))
        else:
            worse = compare(before, after)
            yield from self._ending(before, ended, after, worse)
            if after.complete:  # else most tests are missing only because the run broke off
                yield from self._gone(worse)
            yield from self._red(before, result, worse)

    def _red(self, before: Outcomes, result: Run, worse: Worse) -> Iterator[Finding]:
        after = result.outcomes
        flaky = self._by_chance(before, result, worse.failed) if _only_failed(after, worse) else {}
        for test in worse.failed:
            if test not in flaky:
                yield failing("failed", Severity.ERROR, test, "fails", after.failures.get(test))
        for file in worse.uncollected:
            failure = after.uncollected[file]
            yield failing("collection", Severity.ERROR, file, "cannot be collected any more", failure)
        yield from flakiness.told(flaky)

    def of_held(self, before: Outcomes, own: Outcomes, held: Run) -> Iterator[Finding]:
        """Yield what the base's tests say of the change's code and the change's own version of them does not.

        A person renames a thing and its tests at once; of a model it is not taken.
        """
        ended, after, weight = held.ended, held.outcomes, self.by_hand
        if ended.stopped or not after.complete or not self.suite.reports:
            # A base that told of no test may do so once more, on other code.
            mute = before.doubt and not (before.tests or after.tests or ended.stopped)
            red = bool(ended.stopped or ended.returncode) and not mute
            if red and own.complete and (own.returncode == 0 or self.suite.reports):
                yield Finding("tests/base-failed", weight, self._exit_status(ended, _AS_THE_BASE))
            return
        if before.canary and after.tests and not after.canary and own.canary:
            yield error("canary", _NO_CANARY)
        worse = compare(before, after)
        failed = tuple(test for test in worse.failed if test not in own.red())
        flaky = self._by_chance(before, held, failed) if not worse.uncollected else {}
        for test in failed:
            if test not in flaky:
                fate = _fate(own.tests.get(test))
                message = f"fails as the base has it; the change {fate}"
                yield failing("base-failed", weight, test, message, after.failures.get(test))
        for file in worse.uncollected:
            if file not in own.uncollected:
                message = "cannot be collected any more as the base has it; the change rewrites it"
                yield failing("base-failed", weight, file, message, after.uncollected[file])
        silent = [t for t in worse.skipped if own.tests.get(t) == "passed"]
        gone = [t for t in worse.missing if t in own.tests and t.partition("::")[0] not in after.uncollected]
        for test in (*silent, *gone):
            yield about("base-failed", weight, test, "says nothing any more as the base has it")
        yield from flakiness.told(flaky)

    def _ending(self, before: Outcomes, ended: Ended, after: Outcomes, worse: Worse) -> Iterator[Finding]:
        """Yield what the end of the run says beside its tests: exit status and outcomes must agree."""
        status = ended.returncode
        if ended.truncated:
            yield error("output", f"the tests wrote more than {self.suite.limits.output >> 20} MiB of output")
        if not after.complete:
            why = f"the run did not end as a run of pytest does: exit status {status}"
            yield error("crashed", f"{why}{_while_running(after)}\n{tail(ended)}")
        elif status == NONE_COLLECTED and before.tests:
            yield error("none", "no tests were collected; exit status 5")
        elif before.canary and not after.canary and (after.tests or not after.uncollected):
            yield error("canary", _NO_CANARY)
        elif status == SOME_FAILED != before.returncode and not after.red() and not worse:
            yield error("exit", f"every test passed, and yet the run ended with 1\n{tail(ended)}")

    def _gone(self, worse: Worse) -> Iterator[Finding]:
        weight = self.by_hand
        for test in worse.missing:
            yield about("missing", weight, test, "is in the base and no longer runs")
        for test in worse.skipped:
            yield about("skipped", weight, test, "passed on the base and no longer says anything")

    def _by_chance(self, before: Outcomes, run: Run, failed: tuple[str, ...]) -> dict[str, str]:
        if before.doubt:
            return {}  # nobody knows that these passed before
        return flakiness.by_chance(self.suite, before, run.overlay, self.base, failed)

    def _exit_status(self, ended: Ended, where: str) -> str:
        how = stopped(self.suite, ended)[1] if ended.stopped else f"ends with {ended.returncode}"
        return f"`{shlex.join(self.suite.command)}` passes on the base; on {where}: {how}\n{tail(ended)}"


def stopped(suite: Suite, ended: Ended) -> tuple[str, str]:
    """Return the rule and the sentence for the limit that ended a run."""
    limits = suite.limits
    rule, message = _STOPPED[ended.stopped]
    numbers = {"seconds": limits.seconds, "memory": limits.memory >> 20, "processes": limits.processes}
    return rule, message.format(**numbers)


def _while_running(after: Outcomes) -> str:
    return f" (while running {', '.join(map(short, after.running[:3]))})" if after.running else ""


def _only_failed(after: Outcomes, worse: Worse) -> bool:
    """Say whether failed tests are all that is wrong, so that they may be chance."""
    return after.complete and not (worse.uncollected or worse.missing or worse.skipped)


def _fate(outcome: str | None) -> str:
    return {None: "takes it away", "passed": "makes it pass"}.get(outcome, "silences it")
