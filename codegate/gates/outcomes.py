"""What a run of a project's tests said, read from outside it, and what of that is worse than before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from codegate.sandbox import Ended

Outcome = Literal["passed", "failed", "skipped", "xfailed"]

# pytest's own exit codes, of its documentation (reference/exit-codes).
ALL_PASSED: Final = 0
SOME_FAILED: Final = 1
NONE_COLLECTED: Final = 5
_ENDED: Final = {ALL_PASSED, SOME_FAILED, NONE_COLLECTED}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test or a file is red: the line of its definition (from 1), and the end of pytest's text."""

    line: int | None
    text: str


@dataclass(frozen=True)
class Measured:
    """What of a change ran: each file's changed statements by line, those that ran, and how many tests ran
    one. `missing` says why it was not measured, where it was not.
    """

    statements: dict[str, set[int]] = field(default_factory=dict)
    ran: dict[str, set[int]] = field(default_factory=dict)
    touching: int = 0
    missing: str = ""


@dataclass(frozen=True)
class Outcomes:
    """One run: each test's outcome by node id, what could not be collected, and how the program ended.

    `complete` says that the run came to its own end with the status that it reported, and that this status
    fits the outcomes. `running` is what had started and not ended. `built` says that
    what has to be built first was. `canary` says that the tests which must
    fail were seen failing, `measured` what of the change ran, if that was asked. `seconds` is wall time.
    `trial` is what was said of what was tried beside the tests, if that was asked.
    `listed` are all tests that there are, if that was asked instead of their outcomes.
    `doubt` says why, as a baseline, it knows too little to excuse anything.
    """

    returncode: int
    tests: dict[str, Outcome] = field(default_factory=dict)
    uncollected: dict[str, Failure] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    complete: bool = True
    built: bool = True
    canary: bool = False
    measured: Measured = Measured(missing="nothing was said of it")
    seconds: float = 0.0
    listed: frozenset[str] = frozenset()
    doubt: str = ""
    trial: tuple[dict[str, Any], ...] = ()

    def red(self) -> set[str]:
        return {test for test, outcome in self.tests.items() if outcome == "failed"}

    def excuses(self) -> bool:
        """Say whether, as a baseline, it would let something pass that says nothing or is red."""
        silent = set(self.tests.values()) - {"passed"}
        return self.returncode != ALL_PASSED or bool(self.uncollected) or bool(silent)

    def count(self) -> str:
        """Return the counts for people: `214 passed, 3 skipped`."""
        counts = Counter(self.tests.values())
        said = [f"{counts[o]} {o}" for o in ("passed", "failed", "skipped", "xfailed") if counts[o]]
        if self.uncollected:
            said.append(f"{len(self.uncollected)} not collected")
        return ", ".join(said) or "no tests"

    def to_json(self) -> str:
        """Return what a later comparison needs: all but the texts of failures."""
        return json.dumps(
            {
                "returncode": self.returncode,
                "tests": self.tests,
                "uncollected": sorted(self.uncollected),
                "canary": self.canary,
                "seconds": round(self.seconds, 3),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Outcomes | None:
        """Return what `to_json` wrote; None for anything else."""
        try:
            said = json.loads(text)
            uncollected = {i: Failure(None, "") for i in said["uncollected"]}
            return cls(
                said["returncode"], dict(said["tests"]), uncollected,
                canary=bool(said["canary"]), seconds=float(said["seconds"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError):
            return None


def read(ended: Ended, token: str, canaries: Collection[str] = ()) -> Outcomes:
    """Return what a run with our reporter said. A line that is none of its makes it incomplete.

    Each of its lines begins with `token`; `canaries` are the tests that it must have seen failing.
    """
    reading = _Reading()
    nonsense = False
    for line in ended.report.split(b"\n")[:-1]:
        given, _, said = line.partition(b" ")
        try:
            if given != token.encode():
                raise ValueError(given)
            reading.take(json.loads(said))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            nonsense = True
    red = "failed" in reading.tests.values() or bool(reading.uncollected)
    status = ended.returncode
    fits = reading.exit == status and status in _ENDED and (not red or status == SOME_FAILED)
    complete = fits and not nonsense and not ended.stopped and not reading.running
    return Outcomes(
        status, reading.tests, reading.uncollected, reading.failures, tuple(reading.running), complete,
        canary=bool(canaries) and all(reading.canaries.get(name) == {"failed"} for name in canaries),
        measured=reading.measured(), seconds=ended.seconds, listed=frozenset(reading.listed),
        trial=tuple(reading.trial),
    )  # fmt: skip


class _Reading:
    def __init__(self) -> None:
        self.tests: dict[str, Outcome] = {}
        self.uncollected: dict[str, Failure] = {}
        self.failures: dict[str, Failure] = {}
        self.running: dict[str, None] = {}
        self.canaries: dict[str, set[str]] = {}
        self.listed: set[str] = set()
        self.trial: list[dict[str, Any]] = []
        self.exit: int | None = None
        self._measured = Measured()
        self._said = self._touching = 0
        self._unmeasured = ""

    def measured(self) -> Measured:
        """Return what all processes that measured say together."""
        missing = self._unmeasured or ("" if self._said else "nothing was said of it")
        return replace(self._measured, touching=self._touching, missing=missing)

    def take(self, said: dict[str, Any]) -> None:
        if "start" in said:
            self.running[str(said["start"])] = None
        elif "collect" in said:
            self.uncollected[str(said["collect"])] = Failure(None, str(said["text"]))
        elif "canary" in said:
            self.canaries.setdefault(str(said["canary"]), set()).add(str(said["outcome"]))
        elif "measured" in said:
            self._take_measured(said["measured"], int(said["touching"]))
        elif "unmeasured" in said:
            self._unmeasured = str(said["unmeasured"])
        elif "listed" in said:
            self.listed.update(map(str, said["listed"]))
        elif "trial" in said:
            self.trial.append(dict(said["trial"]))
        elif "exit" in said:
            self.exit = int(said["exit"])
            self.running.clear()
        else:
            self._take_test(str(said["test"]), said)

    def _take_measured(self, said: dict[str, dict[str, list[int]]], touching: int) -> None:
        self._said, self._touching = self._said + 1, self._touching + touching
        for path, lines in said.items():
            self._measured.statements.setdefault(path, set()).update(map(int, lines["statements"]))
            self._measured.ran.setdefault(path, set()).update(map(int, lines["ran"]))

    def _take_test(self, test: str, said: dict[str, Any]) -> None:
        outcome = _outcome(said["outcome"], bool(said.get("xfail")))
        self.running.pop(test, None)
        if outcome is None:  # a plug-in runs it again, and this run of it does not count
            self.tests.pop(test, None)
        elif self.tests.get(test) != "failed":
            self.tests[test] = outcome
            if outcome == "failed":
                self.failures[test] = Failure(int(said["line"]), str(said["text"]))


def _outcome(said: str, xfail: bool) -> Outcome | None:
    if said == "skipped":
        return "xfailed" if xfail else "skipped"
    if said in ("passed", "failed"):
        return "passed" if said == "passed" else "failed"
    return None


@dataclass(frozen=True, slots=True)
class Worse:
    """What a run turned red against a baseline. What was red before is not here, whatever became of it."""

    failed: tuple[str, ...]
    uncollected: tuple[str, ...]
    missing: tuple[str, ...]
    skipped: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(self.items())

    def items(self) -> Iterator[tuple[str, ...]]:
        yield from (self.failed, self.uncollected, self.missing, self.skipped)


def compare(before: Outcomes, after: Outcomes) -> Worse:
    """Return what is worse in `after`: new failures, tests that are gone, tests that went silent.

    A test that is parametrised now is not gone while one of its cases passes: what its cases no longer say is
    told by the texts of both.
    """
    silent = {"skipped", "xfailed"}
    cases = {test.partition("[")[0] for test, said in after.tests.items() if "[" in test and said == "passed"}
    return Worse(
        failed=tuple(sorted(after.red() - before.red())),
        uncollected=tuple(sorted(after.uncollected.keys() - before.uncollected.keys())),
        missing=tuple(sorted(before.tests.keys() - after.tests.keys() - cases)),
        skipped=tuple(
            sorted(t for t, o in after.tests.items() if o in silent and before.tests.get(t) == "passed")
        ),
    )
