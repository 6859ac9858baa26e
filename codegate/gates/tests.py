"""Do the project's own tests still pass, all of them?

The whole suite runs in a sandbox on the base and on the result, at the same time, and the two are compared
from outside. What was red on the base does not count; what the candidate turns red, takes away or silences
does. Any command but pytest is judged by its exit status alone.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.gates import Rules, conclude
from codegate.gates.outcomes import NONE_COLLECTED, SOME_FAILED, Failure, Outcomes, Worse, compare
from codegate.gates.suite import TAIL, open_suite, tail
from codegate.sandbox import Ended

if TYPE_CHECKING:
    from codegate.workspace import Workspace

_FORMAT: Final = 1  # of a stored baseline
_MOST_FINDINGS: Final = 50
_MOST_REPEATED: Final = 10
_STOPPED: Final = {
    "time": ("timeout", "the tests did not end within {seconds:g} s"),
    "memory": ("memory", "the tests used more than {memory} MiB of memory"),
    "processes": ("processes", "the tests ran more than {processes} processes and threads"),
}

# Whoever has one of these has pytest, which knows best what a test is (pytest's reference, "rootdir").
_PYTESTS_OWN: Final = {"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "conftest.py"}
_CONFIGURING: Final = {
    "pyproject.toml": b"tool.pytest",
    "tox.ini": b"[pytest]",
    "setup.cfg": b"[tool:pytest]",
}


class Baselines(Protocol):
    """Remembers what the tests said of a base, by a digest of all that it depends on."""

    def baseline(self, key: str) -> str | None: ...

    def put_baseline(self, key: str, text: str) -> None: ...


class Remembered:
    """Baselines of this process."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def baseline(self, key: str) -> str | None:
        return self._texts.get(key)

    def put_baseline(self, key: str, text: str) -> None:
        self._texts[key] = text


class Tests:
    """The gate. Set `baselines` to something that outlives the process, and a green base runs once only."""

    __test__ = False  # not a test, whatever pytest thinks of its name
    name = "tests"
    is_jailer = True

    def __init__(self) -> None:
        self.baselines: Baselines = Remembered()

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        """Answer for the candidate. Raises SandboxError where no sandbox can be had."""
        if rules.config.tests.command is None and not _has_tests(workspace):
            return _nothing("the project has no tests")
        return _Judgement(workspace, rules, self.baselines).verdict()


class UnanswerableError(Exception):
    """The base itself says nothing, so nothing can be said of the result."""


class _Judgement:
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
            before, (ended, after), fresh = self._run_both()
            findings = self._findings(before, ended, after)
            if any(f.severity is Severity.ERROR for f in findings) and not fresh:
                # The remembered base may have run beside other untracked files: it decides no refusal.
                before = self._run_base()
                findings = self._findings(before, ended, after)
        except UnanswerableError as reason:
            return Verdict("tests", Outcome.BROKEN, True, f"{self._prefix()}{reason}")
        if self._workspace.fingerprint() != self._fingerprint:
            why = "your checkout changed while the tests ran: run again"
            return Verdict("tests", Outcome.BROKEN, True, why)
        none = before.returncode == after.returncode == NONE_COLLECTED
        if none and not findings and self._rules.config.tests.command is None:
            return _nothing(f"{self._prefix()}pytest collects no tests")
        return conclude("tests", _most(findings), f"{self._prefix()}{self._summary(before, after)}")

    def _run_both(self) -> tuple[Outcomes, tuple[Ended, Outcomes], bool]:
        known = self._baselines.baseline(self._key())
        before = Outcomes.from_json(known) if known is not None else None
        if before is not None and not before.excuses():
            return before, self._suite.run(self._overlay), False
        # Without a jail the two would share ports and files: one after the other.
        with ThreadPoolExecutor(2 if self._suite.sandbox.isolates else 1) as pool:
            base, result = pool.submit(self._run_base), pool.submit(self._suite.run, self._overlay)
            return base.result(), result.result(), True

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

    def _findings(self, before: Outcomes, ended: Ended, after: Outcomes) -> list[Finding]:
        if ended.stopped:
            rule, message = self._stopped(ended)
            while_running = f" (while running {', '.join(after.running[:3])})" if after.running else ""
            return [_error(rule, f"{message}{while_running}\n{tail(ended)}")]
        if not self._suite.is_pytest:
            message = (
                f"`{shlex.join(self._suite.command)}` passes on the base and ends with {ended.returncode}"
            )
            return [_error("failed", f"{message} on the result\n{tail(ended)}")] if ended.returncode else []
        worse = compare(before, after)
        found = list(self._ending(before, ended, after, worse))
        if after.complete:  # else most tests are missing only because the run broke off
            found += self._gone(worse)
        flaky = self._repeated(before, worse, found)
        found += [self._failure(test, after.failures.get(test)) for test in worse.failed if test not in flaky]
        found += [self._failure(file, after.uncollected[file], "collection") for file in worse.uncollected]
        return found + [
            _finding(
                "flaky", Severity.WARNING, test, "failed once and passed when repeated, alone and with all"
            )
            for test in sorted(flaky)
        ]

    def _ending(self, before: Outcomes, ended: Ended, after: Outcomes, worse: Worse) -> Iterator[Finding]:
        """Yield what the end of the run says beside its tests: exit status and outcomes must agree."""
        status = ended.returncode
        if ended.truncated:
            yield _error(
                "output", f"the tests wrote more than {self._suite.limits.output >> 20} MiB of output"
            )
        if not after.complete:
            running = f", while running {', '.join(after.running[:3])}" if after.running else ""
            yield _error(
                "crashed",
                f"the run did not end as a run of pytest does: exit status {status}{running}\n{tail(ended)}",
            )
        elif status == NONE_COLLECTED and before.tests:
            yield _error("none", "no tests were collected; exit status 5")
        elif status == SOME_FAILED != before.returncode and not after.red() and not worse:
            yield _error("exit", f"every test passed, and yet the run ended with 1\n{tail(ended)}")

    def _gone(self, worse: Worse) -> Iterator[Finding]:
        weight = self._rules.by_hand
        for test in worse.missing:
            yield _finding("missing", weight, test, "is in the base and no longer runs")
        for test in worse.skipped:
            yield _finding("skipped", weight, test, "passed on the base and no longer says anything")

    def _repeated(self, before: Outcomes, worse: Worse, found: list[Finding]) -> set[str]:
        """Return the tests that were green on the base and now fail by chance: green when repeated twice.

        First alone, which is cheap and settles most; then with all others, since a test that fails only
        after another one does so every time.
        """
        suspects = set(worse.failed)
        if found or worse.uncollected or not suspects or len(suspects) > _MOST_REPEATED:
            return set()
        if any(before.tests.get(test) != "passed" for test in suspects):
            return set()
        for only in (sorted(suspects), ()):
            _, again = self._suite.run(self._overlay, only)
            suspects = {t for t in suspects if again.complete and again.tests.get(t) == "passed"}
            if not suspects or (not only and compare(before, again)):
                return set()
        return suspects

    def _failure(self, test: str, failure: Failure | None, rule: str = "failed") -> Finding:
        text = failure.text[-TAIL:] if failure else ""
        what = "fails" if rule == "failed" else "cannot be collected any more"
        finding = _finding(rule, Severity.ERROR, test, f"{what}\n{text}".rstrip())
        return replace(finding, line=failure.line if failure else None)

    def _stopped(self, ended: Ended) -> tuple[str, str]:
        limits = self._suite.limits
        rule, message = _STOPPED[ended.stopped]
        numbers = {"seconds": limits.seconds, "memory": limits.memory >> 20, "processes": limits.processes}
        return rule, message.format(**numbers)

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

    def _summary(self, before: Outcomes, after: Outcomes) -> str:
        if not self._suite.is_pytest:
            return f"exit status {after.returncode} of `{shlex.join(self._suite.command)}`"
        red = len(before.red()) + len(before.uncollected)
        known = f"; {red} red on the base already" if red else ""
        python = self._suite.interpreter
        return f"{after.count()}{known} (Python {python.version}, {python.origin})"


def _is_tracked(workspace: Workspace, path: str) -> bool:
    """Say whether the base or the result hold something at a path, a folder's content included."""
    folder, _, name = path.rpartition("/")
    changed = any(c.path == path or c.path.startswith(f"{path}/") for c in workspace.candidate.changes)
    return changed or name in workspace.names(folder)


def _nothing(why: str) -> Verdict:
    return Verdict("tests", Outcome.SKIPPED, False, f"nothing judged: {why}")


def _has_tests(workspace: Workspace) -> bool:
    """Say whether the base or the change may have tests: a file named like one, or a word about pytest."""
    changed = [change.path for change in workspace.candidate.changes if not change.is_deletion]
    paths = [*changed, *workspace.base_files()]
    if any(_is_test(path) or path.rpartition("/")[2] in _PYTESTS_OWN for path in paths):
        return True
    return any(
        said in (workspace.base_file(path) or b"")
        for name, said in _CONFIGURING.items()
        for path in workspace.base_paths([name])
    )


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    named = name.startswith("test") or name.endswith("_test.py") or "tests" in folders or "test" in folders
    return named and name.endswith(".py")


def _most(findings: list[Finding]) -> list[Finding]:
    """Return no more findings than a person reads, the errors first, and say how many there are."""
    first = sorted(findings, key=lambda f: f.severity is not Severity.ERROR)
    if (more := len(first) - _MOST_FINDINGS) <= 0:
        return first
    return [*first[:_MOST_FINDINGS], Finding("tests/more", Severity.NOTE, f"and {more} more like these")]


def _error(rule: str, message: str) -> Finding:
    return Finding(f"tests/{rule}", Severity.ERROR, message.strip())


def _finding(rule: str, severity: Severity, test: str, message: str) -> Finding:
    """Return a finding about a test, in the file that its node id starts with."""
    return Finding(f"tests/{rule}", severity, f"{test} {message}", test.partition("::")[0] or None)
