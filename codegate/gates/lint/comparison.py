"""Which diagnostics of the result were not there before, wherever lines moved to."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codegate.gates.lint.project import Diagnostic

# Below this share of equal characters a line is another line, not the same one edited.
_ALIKE: Final = 0.6
_COMPARED: Final = 400
_NUMBER: Final = re.compile(r"\d+")


def new_diagnostics(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics of `after` that have no match of their own in `before`, in their order.

    One matches another of the same rule and message (numbers aside: "line too long (112 > 110)") on an equal
    line of the file, on a similar line of it that was edited, or on an equal line of another file.
    """
    old = list(before)
    rest, old = _unmatched(list(after), old, lambda d: (d.path, d.text))
    rest, old = _edited(rest, old)
    rest, _ = _unmatched(rest, old, lambda d: d.text)
    return sorted(rest, key=lambda d: (d.path, d.line, d.column, d.code))


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
    left, spare = [], list(before)
    for new in after:
        rivals = [old for old in spare if old.path == new.path and _what(old) == _what(new)]
        best = max(rivals, key=lambda old: _likeness(old.text, new.text), default=None)
        if best is not None and _likeness(best.text, new.text) >= _ALIKE:
            spare.remove(best)
        else:
            left.append(new)
    return left, spare


def _likeness(one: bytes, other: bytes) -> float:
    first, second = (text.strip()[:_COMPARED] for text in (one, other))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()
