"""A base whose run broke off, or told of no test: nothing is red on it already, so all has to be green.

Such a base excuses nothing. Each test that it has must pass on the result, whatever it said of it there; one
of which it said nothing counts as one that passed. So no result has it easier if the base's run breaks off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from codegate.core import Finding, Severity
from codegate.gates.outcomes import ALL_PASSED, Outcomes
from codegate.sandbox import Ended

_SILENT: Final = ("skipped", "xfailed")


def is_green(after: Outcomes, before: Outcomes) -> bool:
    """Say whether a result is green by itself: complete, with canaries, and silent only where the base is."""
    silent = {test for test, outcome in after.tests.items() if outcome in _SILENT}
    ended = after.complete and after.canary and after.returncode == ALL_PASSED
    return ended and "passed" in after.tests.values() and all(before.tests.get(t) in _SILENT for t in silent)


def resolved(before: Outcomes, ended: Ended, listing: Outcomes) -> Outcomes | None:
    """Return the baseline with all tests that a listing names; None where nobody can tell which there are.

    A base that told of a test has some: if they cannot be listed, one could go unseen.
    """
    has_some = bool(before.tests or before.running)
    if ended.stopped or (has_some and not (listing.complete and listing.listed)):
        return None
    tests = {test: before.tests.get(test, "passed") for test in listing.listed}
    return replace(before, tests=tests, canary=True)


def told(before: Outcomes) -> Finding:
    """Return the warning that a person needs: what the result was not compared with."""
    why = before.doubt.partition("\n")[0]
    known = (
        "all tests that the base has"
        if before.tests
        else "what tests the base has is not known; the result's"
    )
    message = f"what passed on the base is not known: {why}. So {known} had to pass, and do"
    hint = "Look at the tests that the change touches, and at those it takes away."
    return Finding("tests/base-unknown", Severity.WARNING, message, hint=hint)
