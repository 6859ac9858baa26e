"""The lines of a docstring, none of them longer than the project's."""

from __future__ import annotations

import re
import textwrap
from typing import Final

# What a description stands behind: `name: `, `*args: `, `:param name: `.
_TERM: Final = re.compile(r":?\*{0,2}[\w.]+[^:\n]{0,40}: ")
_QUOTES: Final = '"""'


def wrapped(text: str, width: int) -> str:
    """Return a docstring, its quotes included, in lines of at most `width` columns where words allow it.

    What goes on from a term's description stands one level deeper. Quotes that would end a line that was
    broken stand on their own. A line that is short enough stays as it is.
    """
    lines = text.split("\n")
    if len(lines) == 1 and len(text) > width and text.endswith(_QUOTES):
        lines = [text.removesuffix(_QUOTES).rstrip(), _QUOTES]
    return "\n".join(part for line in lines for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    body = line.lstrip(" ")
    lead = " " * (len(line) - len(body))
    deeper = lead + "    " if _TERM.match(body) else lead
    return textwrap.wrap(
        body,
        width,
        initial_indent=lead,
        subsequent_indent=deeper,
        break_long_words=False,
        break_on_hyphens=False,
    )
