"""Untrusted text made safe to look at: nothing in it can act on a terminal, hide, or reorder."""

from __future__ import annotations

import unicodedata
from typing import Final

# Default_Ignorable_Code_Point beyond category Cf: these letters and marks have no ink of their own.
# Source: DerivedCoreProperties.txt of the Unicode Character Database.
_INKLESS: Final = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)),
    )
)
_UNSEEN: Final = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"])


class _Escapes(dict[int, str]):
    """Maps a code point to itself or to its escape, and remembers it: `str.translate` asks once for each."""

    def __missing__(self, code: int) -> str:
        shown = _escape(code) if is_hidden(chr(code)) else chr(code)
        self[code] = shown
        return shown


def is_hidden(character: str) -> bool:
    """Say whether a character is a control, has no ink, is unassigned, or passes for a space."""
    return character != " " and (unicodedata.category(character) in _UNSEEN or ord(character) in _INKLESS)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_LINE: Final = _Escapes()
_BLOCK: Final = _Escapes({ord("\n"): "\n", ord("\t"): "\t"})


def visible(text: str) -> str:
    """Return one line in which every hidden character stands as an escape (`\\x1b`, `\\u202e`).

    Covers C0 and C1 controls, newline and tab included, bidirectional and other format characters, line
    separators, surrogates (bytes that were no UTF-8), private and unassigned code points, letters without
    ink, and every space but U+0020.
    """
    return text.translate(_LINE)


def visible_block(text: str) -> str:
    """Like `visible`, but leaves newlines and tabs, for text that is shown as lines."""
    return text.translate(_BLOCK)


def visible_bytes(data: bytes) -> str:
    """Like `visible_block`, for bytes: what is not UTF-8 stands as `\\xNN` escapes."""
    return data.decode("utf-8", "backslashreplace").translate(_BLOCK)
