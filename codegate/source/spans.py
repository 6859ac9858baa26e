"""Spans of a text, and what lies in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Spans:
    """Spans of a text that do not overlap, asked in logarithmic time which of them an offset lies in."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)

    def around(self, offset: int) -> tuple[int, int] | None:
        """Return the span that begins at or before `offset` and ends after it, or None."""
        at = bisect_right(self._spans, offset, key=lambda span: span[0]) - 1
        return self._spans[at] if at >= 0 and offset < self._spans[at][1] else None
