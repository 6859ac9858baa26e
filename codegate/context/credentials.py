"""What in a context looks like a credential: asked before another machine may see it."""

from __future__ import annotations

from collections.abc import Sequence

from codegate.context.gathering import Context
from codegate.source.credentials import credentials


def secrets_in(context: Context, remarks: Sequence[str] = ()) -> list[tuple[str, int, str]]:
    """Return path, line and kind of each thing in a context, or in remarks, that looks like a credential.

    It errs to both sides.
    """
    found: set[tuple[str, int, str]] = set()
    for excerpt in context.excerpts:
        for chunk in excerpt.chunks:
            lines = chunk.text.split("\n")
            for one in credentials(excerpt.path, lines, range(1, len(lines) + 1)):
                found.add((excerpt.path, chunk.line + one.line - 1, one.kind))
    for number, remark in enumerate(remarks, 1):
        name, lines = f"(remark {number})", remark.split("\n")
        found.update((name, one.line, one.kind) for one in credentials(name, lines, range(1, len(lines) + 1)))
    return sorted(found)
