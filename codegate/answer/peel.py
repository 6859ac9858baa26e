"""The code in a model's answer, out of the fences and the chatter around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# More fence lines than this are a model in a loop; the pairs of them would cost too many parses.
_MAX_FENCES: Final = 24
_FENCE: Final = re.compile(r"^(?P<lead>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an answer that may be the code that was asked for.

    `closed` says that its end is not merely the end of the answer. `fenced` says that a fence opened it.
    """

    text: str
    closed: bool
    fenced: bool


def blocks(answer: str) -> Iterator[Block]:
    """Yield what may be the code, the likeliest first, each with `\\n` for line endings.

    The order: for each fence that opens, first to last, what is between it and each line that may close it,
    the farthest first (a fence inside a docstring closes nothing, and a block with another fence's prose in
    it does not parse); then what follows a fence that nothing closes; then the answer whole.
    """
    answer = answer.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    fences = list(_FENCE.finditer(answer))[:_MAX_FENCES]
    for index, opening in enumerate(fences):
        for closing in reversed(fences[index + 1 :]):
            if _closes(opening, closing):
                yield Block(_between(answer, opening, closing.start()), closed=True, fenced=True)
    for opening in fences:
        yield Block(_between(answer, opening, len(answer)), closed=False, fenced=True)
    if answer.strip():
        yield Block(answer, closed=False, fenced=False)


def _closes(opening: re.Match[str], closing: re.Match[str]) -> bool:
    marks = opening["mark"], closing["mark"]
    return not closing["info"].strip() and marks[0][0] == marks[1][0] and len(marks[1]) >= len(marks[0])


def _between(answer: str, opening: re.Match[str], end: int) -> str:
    text = answer[opening.end() + 1 : end]
    lead = opening["lead"]
    if not lead:
        return text
    # A fence in a list item is indented, and all of its lines with it (CommonMark 0.31, 4.5).
    return "".join(line.removeprefix(lead) for line in text.splitlines(keepends=True))
