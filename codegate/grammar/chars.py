"""Sets of characters, and how GBNF writes them and literal text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LAST: Final = 0x10FFFF
_SURROGATES: Final = (0xD800, 0xDFFF)
_ESCAPES: Final = {0x09: r"\t", 0x0A: r"\n", 0x0D: r"\r", 0x5C: r"\\"}
_RESERVED_IN_CLASS: Final = frozenset(map(ord, " []-^"))


def is_character(code: int) -> bool:
    """Say whether a code point can stand in a text: NUL ends one for llama.cpp, and surrogates are none."""
    return 0 < code <= LAST and not _SURROGATES[0] <= code <= _SURROGATES[1]


@dataclass(frozen=True, slots=True)
class Chars:
    """The characters in `ranges` (first and last code point, both in), or all others if `negated`."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool = False

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        inside = any(first <= code <= last for first, last in self.ranges)
        return inside is not self.negated and is_character(code)

    @property
    def is_empty(self) -> bool:
        """Say whether no character is in it."""
        inside = others(self.ranges) if self.negated else self.ranges
        return not others([*others(inside), (0, 0), _SURROGATES])

    @property
    def only(self) -> str | None:
        """The one character that it holds, if it was written as one."""
        (first, last), *more = self.ranges or ((0, LAST),)
        return chr(first) if first == last and not more and not self.negated else None

    def __str__(self) -> str:
        if not self.ranges and self.negated:
            return "."
        if self.only is not None:
            return quote(self.only)
        spans = (_code(a) if a == b else f"{_code(a)}-{_code(b)}" for a, b in self.ranges)
        return f"[{'^' if self.negated else ''}{''.join(spans)}]"


ANY: Final = Chars((), negated=True)


def gathered(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the same set as ranges in order, of which no two touch."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def others(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the code points that are in none of the ranges."""
    gaps, start = [], 0
    for first, last in gathered(ranges):
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    return tuple([*gaps, (start, LAST)] if start <= LAST else gaps)


def quote(text: str) -> str:
    """Return the literal that stands for exactly this text."""
    return '"' + "".join(r"\"" if c == '"' else _escape(ord(c)) for c in text) + '"'


def _code(code: int) -> str:
    return rf"\x{code:02X}" if code in _RESERVED_IN_CLASS else _escape(code)


def _escape(code: int) -> str:
    if code in _ESCAPES:
        return _ESCAPES[code]
    if 0x20 <= code < 0x7F:
        return chr(code)
    if code < 0x100:
        return rf"\x{code:02X}"
    return rf"\u{code:04X}" if code < 0x10000 else rf"\U{code:08X}"
