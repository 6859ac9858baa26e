"""The code in a model's answer, out of the fences and the chatter around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

# More than this is a model in a loop: each pair of fences costs a parse, at worst 3 s for 1 MB of nonsense.
_MAX_FENCES: Final = 12
_MAX_TOTAL: Final = 400_000
_FENCE: Final = re.compile(r"^(?P<lead>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an answer that may be the code that was asked for.

    `closed` says that a fence ended it, and not merely the end of the answer.
    """

    text: str
    closed: bool


def blocks(answer: str) -> Iterator[Block]:
    """Yield what may be the code, the likeliest first, each with `\\n` for line endings.

    The order: for each fence that opens, first to last, what is between it and each line that may close it,
    the farthest first (a fence inside a docstring closes nothing, and a block with another fence's prose in
    it does not parse); then what follows a fence that nothing closes; then the answer whole.
    """
    answer = answer.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    total = 0
    for block in _fenced(answer, list(islice(_FENCE.finditer(answer), _MAX_FENCES))):
        total += len(block.text)
        if total > _MAX_TOTAL:
            break
        yield block
    if answer.strip():
        yield Block(answer, closed=False)


def _fenced(answer: str, fences: list[re.Match[str]]) -> Iterator[Block]:
    for index, opening in enumerate(fences):
        for closing in reversed(fences[index + 1 :]):
            if _closes(opening, closing):
                yield Block(_between(answer, opening, closing.start()), closed=True)
    for opening in fences:
        yield Block(_between(answer, opening, len(answer)), closed=False)


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
