"""Which red tests are red by chance: recognised by repetition, on the result and on the base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity
from codegate.gates.outcomes import Outcomes, compare
from codegate.gates.tests.saying import about

if TYPE_CHECKING:
    from codegate.gates.suite import Suite
    from codegate.sandbox import Overlay

_MOST: Final = 10  # tests that may be chance at once
_ON_BASE: Final = 3  # repetitions there
_BY_CHANCE: Final = "failed once and passed when repeated, alone and with all"
_ON_BASE_TOO: Final = "fails by chance on the base as well: it was repeated there, and decides nothing"


def by_chance(
    suite: Suite, before: Outcomes, result: Overlay, base: Overlay, failed: Collection[str]
) -> dict[str, str]:
    """Return those of the tests `failed`, green on the base, that are red by chance, each with a sentence.

    A test is if it passes when the result's tests are repeated, alone and then with all others, or if
    it both passes and fails on the base. One that fails whenever it runs on the result, and never
    on the base, is not. More than ten at once are no chance.
    """
    if not failed or len(failed) > _MOST or any(before.tests.get(test) != "passed" for test in failed):
        return {}
    _, alone = suite.run(result, sorted(failed))
    steady = {test for test in failed if not alone.complete or alone.tests.get(test) != "passed"}
    excused = _chance_on(suite, base, steady)
    found = dict.fromkeys(excused, _ON_BASE_TOO)
    passed = set(failed) - steady
    if steady - excused or not passed:
        return found
    # A test that fails only after another one does so every time: with all others, then.
    _, again = suite.run(result)
    passed = {test for test in passed if again.complete and again.tests.get(test) == "passed"}
    worse = compare(before, again)
    if set(worse.failed) - excused or worse.uncollected or worse.missing or worse.skipped:
        return found
    return found | dict.fromkeys(passed, _BY_CHANCE)


def _chance_on(suite: Suite, base: Overlay, tests: Collection[str]) -> set[str]:
    """Return those of the tests that both pass and fail on the base, which was green.

    Repeated alone, which is cheap. One that always fails alone leans on others, and is repeated with them.
    """
    if not tests:
        return set()
    runs = [suite.run(base, sorted(tests))[1] for _ in range(_ON_BASE)]
    red = Counter(test for run in runs if run.complete for test in run.red() & set(tests))
    leaning = {test for test, times in red.items() if times == _ON_BASE}
    found = red.keys() - leaning
    if leaning:
        _, whole = suite.run(base)
        found |= whole.red() & leaning if whole.complete else set()
    return found


def told(chance: dict[str, str]) -> Iterator[Finding]:
    for test, sentence in sorted(chance.items()):
        yield about("flaky", Severity.WARNING, test, sentence)
