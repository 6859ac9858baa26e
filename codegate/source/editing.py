"""Edits that a program proposes for a text, made in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Text to be put between two places: rows from 1, columns in characters from 1."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


# Where a text stands and what comes there, in characters.
Span = tuple[int, int, str]


def edited(data: bytes, groups: Iterable[Sequence[Edit]]) -> bytes:
    """Return UTF-8 text with the edits made, each group whole or not at all: of two that touch, the first."""
    text = data.decode()
    return replaced(text, chosen(text, groups)).encode()


def chosen(
    text: str,
    groups: Iterable[Sequence[Edit]],
    within: tuple[int, int] | None = None,
    spared: Iterable[tuple[int, int]] = (),
) -> list[list[Span]]:
    """Return the groups that can be made together, as spans of characters: of two that touch, the first.

    A row ends at a newline alone. A group is left out of which an edit lies outside `within`, or in some of
    those `spared`.
    """
    starts = [0, *(found.end() for found in re.finditer("\n", text)), len(text) + 1]
    low, high = within or (0, len(text))
    taken = list(spared)

    def offset(place: tuple[int, int]) -> int:
        return min(starts[min(place[0], len(starts)) - 1] + place[1] - 1, len(text))

    made: list[list[Span]] = []
    for group in groups:
        spans = [(offset(edit.start), offset(edit.end), edit.text) for edit in group]
        inside = all(low <= start and end <= high for start, end, _ in spans)
        if inside and not any(start <= b and a <= end for start, end, _ in spans for a, b in taken):
            made.append(spans)
            taken += [(start, end) for start, end, _ in spans]
    return made


def replaced(text: str, groups: Iterable[Iterable[Span]]) -> str:
    """Return a text with other text in the place of each span; none of them touch."""
    for start, end, new in sorted((span for group in groups for span in group), reverse=True):
        text = text[:start] + new + text[end:]
    return text
