"""Which texts look alike, by Unicode's own table (UTS #39)."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("confusables.txt")
_IGNORABLE: Final = frozenset(["Cf", "Cc"])
# Unicode takes `æ` for `ae`, a caron for a breve, `ν` for `v`. Who writes Danish, Czech or formulas does not.
_FORMULAS: Final = "αβγδεζηθικλμνξπρςστυφχψω"
_FAMILIAR: Final = frozenset((*range(0xC0, 0x180), *range(0x300, 0x370), *map(ord, _FORMULAS)))


def skeleton(text: str, *, familiar: bool = False) -> str:
    """Return what two texts have in common if one can be taken for the other, and only then.

    UTS #39, section 4, "skeleton", without its step for right-to-left text. With `familiar` the
    letters and accents of Europe's languages and the small Greek letters of formulas are what they are.
    """
    table = _familiar() if familiar else _prototypes()
    if text.isascii():
        return text.translate(table)
    whole = unicodedata.normalize("NFD", text)
    whole = "".join(c for c in whole if unicodedata.category(c) not in _IGNORABLE)
    return unicodedata.normalize("NFD", whole.translate(table))


def mixed_script(text: str) -> str | None:
    """Return the first letter of another script that stands in a Latin text and passes for a Latin one there.

    A run of letters of one script passes if each has a look-alike in ASCII: `pаyload` with a Cyrillic а, not
    `getДанные`. Small Greek letters are taken for those of formulas.
    """
    scripts = [_script(c) for c in text]
    if "LATIN" not in scripts:
        return None
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and scripts[end] == scripts[at]:
            end += 1
        run = text[at:end]
        if scripts[at] not in ("", "LATIN") and all(skeleton(c, familiar=True).isascii() for c in run):
            return run[0]
        at = end
    return None


@cache
def _script(character: str) -> str:
    """Return the script of a letter by the first word of its name; nothing for what is no letter."""
    if character.isascii():
        return "LATIN" if character.isalpha() else ""
    if not unicodedata.category(character).startswith("L"):
        return ""
    return unicodedata.name(character, "").partition(" ")[0]


@cache
def _prototypes() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            shown, _, others = line.partition(": ")
            prototype = "".join(chr(int(code, 16)) for code in shown.split())
            table |= dict.fromkeys((int(code, 16) for code in others.split()), prototype)
    return table


@cache
def _familiar() -> dict[int, str]:
    return {code: shown for code, shown in _prototypes().items() if code not in _FAMILIAR}
