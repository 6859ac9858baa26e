"""Why one answer is shown and not another, in words."""

from __future__ import annotations

from typing import Final

from codegate.core import Gated, Outcome
from codegate.search.tried import Found, Tried, is_passed, rank

# By what a rank is made of, in its order.
_WORDS: Final = {
    "warnings": "fewer warnings ({0} against {1})",
    "disagreeing": "more answers amount to it ({0} against {1})",
    "lines": "a smaller change ({0} lines against {1})",
    "unexecuted": "the tests run more of it ({0} places that none runs, against {1})",
    "number": "equal in all else, and likelier to the model",
}


def explain(found: Found) -> list[str]:
    """Return one or two lines that say of how many answers the best is, and what it has before the next.

    Nothing where there was but one answer.
    """
    if found.best is None or found.answers < 2:
        return []
    others = [one for one in found.tried if one is not found.best and _could_be_shown(one)]
    return [_counts(found), f"why this one: {_reason(found.best, others)}"]


def _counts(found: Found) -> str:
    passed = sum(one.passed for one in found.tried)
    unasked = sum(_is_unasked(one) for one in found.tried)
    refused = len(found.tried) - passed - unasked
    parts = [f"{passed} passed every gate"]
    parts += [f"{refused} did not"] if refused else []
    parts += [f"{unasked} could not have ranked higher, and did not cost the dear gates"] if unasked else []
    different = f", {len(found.tried)} of them different" if len(found.tried) < found.answers else ""
    return f"shown of {found.answers} answers{different}: {', '.join(parts)}"


def _reason(best: Tried, others: list[Tried]) -> str:
    if not others:
        agreed = f"; {best.agreed} answers amount to it" if best.agreed > 1 else ""
        return f"the only one that passed every gate{agreed}"
    mine, next_ = rank(best), min(rank(one) for one in others)
    field = next(name for name in _WORDS if getattr(mine, name) != getattr(next_, name))
    return _WORDS[field].format(abs(getattr(mine, field)), abs(getattr(next_, field)))


def _could_be_shown(one: Tried) -> bool:
    return isinstance(one.judged, Gated) or _is_unasked(one)


def _is_unasked(one: Tried) -> bool:
    """Say whether an answer passed all gates but those that were not asked."""
    return (
        not one.passed
        and bool(one.verdicts)
        and all(is_passed(v) or v.outcome is Outcome.SKIPPED for v in one.verdicts)
    )
