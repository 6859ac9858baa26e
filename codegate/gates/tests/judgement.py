"""One candidate's answer: the suite runs on the base and on the result, and both are judged from outside.

What was red on the base does not count; what the candidate turns red, takes away or silences does. Where it
touches what the tests are made of, the base's tests run on its code once more, as the base has them. Any
command that no reporter fits is judged by its exit status alone.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity, Verdict
from codegate.gates import conclude
from codegate.gates.outcomes import NONE_COLLECTED, SOME_FAILED, Outcomes, Worse, compare
from codegate.gates.suite import open_suite, tail
from codegate.gates.tests.material import changed_material, restored
from codegate.gates.tests.saying import about, broken, error, failing, nothing
from codegate.sandbox import Ended, Overlay

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.gates.tests.gate import Baselines
    from codegate.workspace import Workspace

_FORMAT: Final = 2  # of a stored baseline
_MOST_FINDINGS: Final = 50
_MOST_REPEATED: Final = 10
_STOPPED: Final = {
    "time": ("timeout", "the tests did not end within {seconds:g} s"),
    "memory": ("memory", "the tests used more than {memory} MiB of memory"),
    "processes": ("processes", "the tests ran more than {processes} processes and threads"),
}
_NO_CANARY: Final = (
    "a test that must fail was not seen failing: something in the change decides what tests report"
)


class UnanswerableError(Exception):
    """The base itself says nothing, so nothing can be said of the result."""


@dataclass(frozen=True)
class Run:
    """The suite on one tree: the overlay that makes it, how the program ended, and what it said."""

    overlay: Overlay
    ended: Ended
    outcomes: Outcomes


class Judgement:
    """One answer in the making."""

    def __init__(self, workspace: Workspace, rules: Rules, baselines: Baselines) -> None:
        self._workspace = workspace
        self._rules = rules
        self._baselines = baselines
        self._suite = open_suite(
            workspace.root, rules.config.tests, lambda path: _is_tracked(workspace, path)
        )
        self._fingerprint = workspace.fingerprint()  # before anything of the checkout is read
        self._overlay = workspace.overlay()

    def verdict(self) -> Verdict:
        try:
            before, result, held, fresh = self._run_all()
            findings = self._findings(before, result, held)
            if any(f.severity is Severity.ERROR for f in findings) and not fresh:
                # The remembered base may have run beside other untracked files: it decides no refusal.
                before = self._run_base()
                findings = self._findings(before, result, held)
        except UnanswerableError as reason:
            return broken(f"{self._prefix()}{reason}")
        if self._workspace.fingerprint() != self._fingerprint:
            return broken("your checkout changed while the tests ran: run again")
        none = before.returncode == result.outcomes.returncode == NONE_COLLECTED
        if none and not findings and self._rules.config.tests.command is None:
            return nothing(f"{self._prefix()}pytest collects no tests")
        summary = f"{self._prefix()}{self._summary(before, result.outcomes, held)}"
        return conclude("tests", findings, summary, _MOST_FINDINGS)

    def _run_all(self) -> tuple[Outcomes, Run, Run | None, bool]:
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
            overlay = self._held(before)
            held: Future[Run] | None = None if overlay is None else pool.submit(self._run, overlay)
            return before, result.result(), held.result() if held else None, not remembered

    def _run(self, overlay: Overlay) -> Run:
        return Run(overlay, *self._suite.run(overlay))

    def _held(self, before: Outcomes) -> Overlay | None:
        """Return the result with the base's tests as the base has them; None if no other tests decide."""
        touched = changed_material(self._workspace, before.tests, self._suite.command)
        if not touched or all(change.path in touched for change in self._workspace.candidate.changes):
            return None
        return restored(self._overlay, self._workspace.base_overlay(), touched)

    def _run_base(self) -> Outcomes:
        ended, before = self._suite.run(self._workspace.base_overlay())
        if reason := self._unanswerable(ended, before):
            raise UnanswerableError(reason)
        if not before.excuses():  # beside other untracked files it might be green: then it is no excuse
            self._baselines.put_baseline(self._key(), before.to_json())
        return before

    def _unanswerable(self, ended: Ended, before: Outcomes) -> str:
        """Say why a base's run is no measure for the result; nothing if it is one."""
        said = tail(ended)
        if ended.stopped:
            return f"{self._stopped(ended)[1]} on the base already; raise the limit or mend the tests\n{said}"
        if not self._suite.is_pytest:
            red = f"`{shlex.join(self._suite.command)}` ends with {ended.returncode} on the base already"
            return f"{red}; mend the base, or the command\n{said}" if ended.returncode else ""
        if b"No module named pytest" in ended.stderr and not before.tests:
            python = self._suite.interpreter
            return (
                f"{python.program} ({python.origin}) has no pytest; install it there, or set `command` under "
                "[tool.codegate.tests]"
            )
        if before.complete and (before.tests or not before.uncollected):
            return ""
        return (
            f"the tests cannot be run on the base (exit status {ended.returncode}); mend that first\n{said}"
        )

    def _findings(self, before: Outcomes, result: Run, held: Run | None) -> list[Finding]:
        found = list(self._of_result(before, result))
        return found if held is None else [*found, *self._of_held(before, result.outcomes, held)]

    def _of_result(self, before: Outcomes, result: Run) -> Iterator[Finding]:
        """Yield what the tests say as the change has them."""
        ended, after = result.ended, result.outcomes
        if ended.stopped:
            rule, message = self._stopped(ended)
            yield error(rule, f"{message}{_while_running(after)}\n{tail(ended)}")
        elif not self._suite.is_pytest:
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
        flaky = self._flaky(before, result, worse.failed) if _only_failed(after, worse) else set()
        for test in worse.failed:
            if test not in flaky:
                yield failing("failed", Severity.ERROR, test, "fails", after.failures.get(test))
        for file in worse.uncollected:
            failure = after.uncollected[file]
            yield failing("collection", Severity.ERROR, file, "cannot be collected any more", failure)
        yield from _chance(flaky)

    def _of_held(self, before: Outcomes, own: Outcomes, held: Run) -> Iterator[Finding]:
        """Yield what the base's tests say of the change's code and the change's own version of them does not.

        A person renames a thing and its tests at once; of a model it is not taken.
        """
        ended, after, weight = held.ended, held.outcomes, self._rules.by_hand
        if ended.stopped or not after.complete or not self._suite.is_pytest:
            red = bool(ended.stopped or ended.returncode)
            if red and own.complete and (own.returncode == 0 or self._suite.is_pytest):
                yield Finding("tests/base-failed", weight, self._exit_status(ended, _AS_THE_BASE))
            return
        if before.canary and after.tests and not after.canary and own.canary:
            yield error("canary", _NO_CANARY)
        worse = compare(before, after)
        failed = tuple(test for test in worse.failed if test not in own.red())
        flaky = self._flaky(before, held, failed) if not worse.uncollected else set()
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
        yield from _chance(flaky)

    def _ending(self, before: Outcomes, ended: Ended, after: Outcomes, worse: Worse) -> Iterator[Finding]:
        """Yield what the end of the run says beside its tests: exit status and outcomes must agree."""
        status = ended.returncode
        if ended.truncated:
            yield error(
                "output", f"the tests wrote more than {self._suite.limits.output >> 20} MiB of output"
            )
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
        weight = self._rules.by_hand
        for test in worse.missing:
            yield about("missing", weight, test, "is in the base and no longer runs")
        for test in worse.skipped:
            yield about("skipped", weight, test, "passed on the base and no longer says anything")

    def _flaky(self, before: Outcomes, run: Run, failed: tuple[str, ...]) -> set[str]:
        """Return the tests that were green on the base and now fail by chance: green when repeated twice.

        First alone, which is cheap and settles most; then with all others, since a test that fails only
        after another one does so every time.
        """
        suspects = set(failed)
        if not suspects or len(suspects) > _MOST_REPEATED:
            return set()
        if any(before.tests.get(test) != "passed" for test in suspects):
            return set()
        for only in (sorted(suspects), ()):
            _, again = self._suite.run(run.overlay, only)
            suspects = {t for t in suspects if again.complete and again.tests.get(t) == "passed"}
            if not suspects or (not only and compare(before, again)):
                return set()
        return suspects

    def _stopped(self, ended: Ended) -> tuple[str, str]:
        limits = self._suite.limits
        rule, message = _STOPPED[ended.stopped]
        numbers = {"seconds": limits.seconds, "memory": limits.memory >> 20, "processes": limits.processes}
        return rule, message.format(**numbers)

    def _exit_status(self, ended: Ended, where: str) -> str:
        how = self._stopped(ended)[1] if ended.stopped else f"ends with {ended.returncode}"
        return f"`{shlex.join(self._suite.command)}` passes on the base; on {where}: {how}\n{tail(ended)}"

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

    def _summary(self, before: Outcomes, after: Outcomes, held: Run | None) -> str:
        if not self._suite.is_pytest:
            return f"exit status {after.returncode} of `{shlex.join(self._suite.command)}`"
        red = len(before.red()) + len(before.uncollected)
        known = f"; {red} red on the base already" if red else ""
        once_more = f"; the base's own tests on the new code: {held.outcomes.count()}" if held else ""
        python = self._suite.interpreter
        return f"{after.count()}{known}{once_more} (Python {python.version}, {python.origin})"


_AS_THE_BASE: Final = "the result, with the tests as the base has them"


def _while_running(after: Outcomes) -> str:
    return f" (while running {', '.join(after.running[:3])})" if after.running else ""


def _only_failed(after: Outcomes, worse: Worse) -> bool:
    """Say whether failed tests are all that is wrong, so that they may be chance."""
    return after.complete and not (worse.uncollected or worse.missing or worse.skipped)


def _fate(outcome: str | None) -> str:
    return {None: "takes it away", "passed": "makes it pass"}.get(outcome, "silences it")


def _chance(flaky: set[str]) -> Iterator[Finding]:
    for test in sorted(flaky):
        message = "failed once and passed when repeated, alone and with all"
        yield about("flaky", Severity.WARNING, test, message)


def _is_tracked(workspace: Workspace, path: str) -> bool:
    """Say whether the base or the result hold something at a path, a folder's content included."""
    folder, _, name = path.rpartition("/")
    changed = any(c.path == path or c.path.startswith(f"{path}/") for c in workspace.candidate.changes)
    return changed or name in workspace.names(folder)
