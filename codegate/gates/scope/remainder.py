"""What is left of a text without the spans that may change, line by line, and where two such differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegate.source.parts import Part


@dataclass(frozen=True, slots=True)
class Line:
    """A line outside the parts that is not blank: its text, what stood before it, and its number in the file.

    `gap` is the blank lines before it, None if whole statements were left out there, or behind the comment
    that it is.
    """

    text: bytes
    gap: tuple[bytes, ...] | None
    number: int


def remainder(text: bytes, parts: Sequence[Part]) -> list[Line]:
    """Return what is left of a text without parts that do not overlap, with their marks in their places."""
    lines = list(_lines(text, parts))
    for at in range(len(lines) - 2, -1, -1):
        # A comment above a statement moves with it; what closes a string of several lines is none.
        if lines[at + 1].gap is None and _is_comment(lines[at].text):
            lines[at] = replace(lines[at], gap=None)
    return lines


def _is_comment(line: bytes) -> bool:
    return line.lstrip().startswith(b"#") and b'"""' not in line and b"'''" not in line


def first_difference(base: list[Line], result: list[Line]) -> int | None:
    """Return the line of the result from which on more than the parts differs, or None."""
    for old, new in zip(base, result, strict=False):
        same_gap = old.gap is None or new.gap is None or old.gap == new.gap
        if old.text != new.text or not same_gap:
            return new.number
    return None if len(base) == len(result) else result[-1].number


def _lines(text: bytes, parts: Sequence[Part]) -> Iterator[Line]:
    gap: tuple[bytes, ...] | None = ()
    for line, number, cut in _uncut(text, parts):
        if cut:
            gap = None
        if line.strip():
            yield Line(line, gap, number)
            gap = ()
        elif not cut and gap is not None:
            gap = (*gap, line)
    yield Line(b"", gap, text.count(b"\n") + 1)  # the end of the file: blank lines before it count too


def _uncut(text: bytes, parts: Sequence[Part]) -> Iterator[tuple[bytes, int, bool]]:
    """Yield each line without what is cut from it, its number, and whether whole statements were."""
    at, number, pending, touched = 0, 1, b"", False
    ends = [(part.start, part.end, part.mark) for part in parts]
    for start, end, mark in [*ends, (len(text), len(text), b"")]:
        pieces = text[at:start].split(b"\n")
        for piece in pieces[:-1]:
            yield pending + piece, number, touched
            pending, touched, number = b"", False, number + 1
        pending += pieces[-1] + mark
        touched = touched or (end > start and not mark)
        number += text.count(b"\n", start, end)
        at = end
    yield pending, number, touched
