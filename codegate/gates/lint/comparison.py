"""Which diagnostics of the result were not there before, wherever lines moved to."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codegate.gates.lint.diagnostic import Diagnostic

# Below this share of equal characters a line is another line, not the same one edited.
_ALIKE: Final = 0.6
_COMPARED: Final = 400
# Of many of one kind only those at about the same rank are looked at: the cost must not grow with the square.
_RIVALS: Final = 50
_NUMBER: Final = re.compile(r"\d+")


def new_diagnostics(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics of `after` that have no match of their own in `before`, in their order.

    One matches another of the same rule and message (numbers aside: "line too long (112 > 110)") on an equal
    line of the file, on a similar line of it that was edited, or on an equal line of another file.
    """
    return compare(before, after)[0]


def compare(
    before: Iterable[Diagnostic], after: Iterable[Diagnostic]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Return what is new, as `new_diagnostics` says, and what of `before` is gone."""
    new, old = _unmatched(list(after), list(before), lambda d: (d.path, d.text))
    new, old = _edited(new, old)
    new, old = _unmatched(new, old, lambda d: d.text)
    return _sorted(new), _sorted(old)


def _sorted(found: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda d: d.place)


def _what(found: Diagnostic) -> tuple[str, str]:
    return found.code, _NUMBER.sub("0", found.message)


def _unmatched(
    after: list[Diagnostic], before: list[Diagnostic], place: Callable[[Diagnostic], Hashable]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Match what is equal at equal places; return what is left of both."""
    known: dict[Hashable, list[Diagnostic]] = defaultdict(list)
    for old in before:
        known[(place(old), _what(old))].append(old)
    left = []
    for new in after:
        matches = known[(place(new), _what(new))]
        if matches:
            matches.pop()
        else:
            left.append(new)
    return left, [old for group in known.values() for old in group]


def _edited(after: list[Diagnostic], before: list[Diagnostic]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Match what is equal on lines of the same file that are alike; return what is left of both."""
    groups: dict[Hashable, tuple[list[Diagnostic], list[Diagnostic]]] = defaultdict(lambda: ([], []))
    for side, given in enumerate((after, before)):
        for found in _sorted(given):
            groups[(found.path, _what(found))][side].append(found)
    left, spare = [], []
    for new, old in groups.values():
        for rank, found in enumerate(new):
            rivals = _near(old, rank / len(new))
            best = max(rivals, key=lambda other: _likeness(other.text, found.text), default=None)
            if best is not None and are_alike(best.text, found.text):
                old.remove(best)
            else:
                left.append(found)
        spare += old
    return left, spare


def _near(old: Sequence[Diagnostic], share: float) -> Sequence[Diagnostic]:
    first = max(0, min(int(share * len(old)) - _RIVALS // 2, len(old) - _RIVALS))
    return old[first : first + _RIVALS]


def are_alike(one: bytes, other: bytes) -> bool:
    """Say whether two lines may be the same one, edited."""
    return _likeness(one, other) >= _ALIKE


def _likeness(one: bytes, other: bytes) -> float:
    first, second = (text.strip()[:_COMPARED] for text in (one, other))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()
