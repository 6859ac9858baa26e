"""Which lines a change brings, told from the two texts alone, so that no diff can be written to hide one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator


def new_lines(before: bytes | None, after: bytes) -> list[tuple[int, bytes]]:
    """Return the lines of `after`, with their numbers from 1, that `before` does not hold as often.

    A line that only moved is not new. Lines end where git ends them, at `\\n` alone, which is left out.
    """
    old, new = (before or b"").split(b"\n"), after.split(b"\n")
    # What both begin and end with holds nothing new: most of a text, and soon told.
    start = _common(zip(old, new, strict=False))
    end = min(len(old), len(new)) - start
    end = min(end, _common(zip(reversed(old), reversed(new), strict=False)))
    known = Counter(old[start : len(old) - end])
    found = []
    for number, line in enumerate(new[start : len(new) - end], start + 1):
        if known[line] > 0:
            known[line] -= 1
        else:
            found.append((number, line))
    return found


def _common(pairs: Iterator[tuple[bytes, bytes]]) -> int:
    """Return how many pairs at the beginning are equal."""
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count
