"""Which lines a change brings, told from the two texts alone, so that no diff can be written to hide one."""

from __future__ import annotations

from collections import Counter


def new_lines(before: bytes | None, after: bytes) -> list[tuple[int, bytes]]:
    """Return the lines of `after`, with their numbers from 1, that `before` does not hold as often.

    A line that only moved is not new. Lines end where git ends them, at `\\n` alone, which is left out.
    """
    known = Counter((before or b"").split(b"\n"))
    found = []
    for number, line in enumerate(after.split(b"\n"), 1):
        if known[line] > 0:
            known[line] -= 1
        else:
            found.append((number, line))
    return found
