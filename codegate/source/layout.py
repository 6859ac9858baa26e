"""Indentation and line endings: a definition's text moved to another depth, its strings untouched."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from codegate.source.grammars import Language
from codegate.source.languages import parse
from codegate.source.spans import Spans

_TAB_WIDTH: Final = 8
_LEADING: Final = re.compile(rb"[ \t]*")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line's text, and whether it begins inside a string: one that is a value, or a docstring."""

    text: bytes
    in_value: bool
    in_docstring: bool

    @property
    def is_code(self) -> bool:
        return bool(self.text.strip()) and not self.in_value and not self.in_docstring


def unify_newlines(text: bytes) -> bytes:
    """Return the text with `\\n` for every line ending."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def indentation_at(text: bytes, offset: int) -> bytes:
    """Return the white space at the start of the line that `offset` is in."""
    start = max(text.rfind(b"\n", 0, offset), text.rfind(b"\r", 0, offset)) + 1
    found = _LEADING.match(text, start, offset)
    return found[0] if found else b""


def indent_unit(text: bytes) -> bytes:
    """Return what one level of indentation is in most places of a text: a tab or some spaces; else four."""
    leads = [_lead(line) for line in unify_newlines(text).split(b"\n") if line.strip()]
    deeper = (after[len(before) :] for before, after in pairwise(leads) if after.startswith(before))
    steps = Counter(s for s in deeper if s == b"\t" or 2 <= s.count(b" ") == len(s) <= 8)
    # Continuation lines make larger steps than levels do, and seldom more of them.
    likely = [step for step, times in steps.items() if 2 * times >= max(steps.values())]
    return min(likely, key=len, default=b"    ")


def standalone(language: Language, text: bytes, start: int, end: int, depth: bytes = b"") -> bytes:
    """Return the definition at `start` to `end` of `text` as if it stood at the left margin.

    `depth` is the indentation that it is meant for: a definition of which only the first line has lost it, as
    when an answer's leading white space was cut, is mended too. Lines that begin inside a string are left as
    they are, but those of a docstring are laid out with the code. Lines end with `\\n`, also in `text`.
    """
    first, *rest = _lines(language, text, start, end)
    own = indentation_at(text, start)
    if not own and _lost_first(depth, [line.text for line in rest if line.is_code]):
        own = depth
    return b"\n".join(
        [first.text, *(line.text if line.in_value else _without(line.text, own) for line in rest)]
    )


def laid_out(language: Language, text: bytes, depth: bytes, unit: bytes) -> bytes:
    """Return a definition at the left margin as it must stand at `depth`, where `unit` is one level.

    The first line gets no indentation: it goes where the old one began. Lines that begin inside a string are
    left as they are, but for those of a docstring.
    """
    first, *rest = _lines(language, text, 0, len(text))
    step = min((w for line in rest if line.is_code and (w := _width(line.text))), default=0)
    placed = (line.text if line.in_value else _placed(line.text, step, depth, unit) for line in rest)
    return b"\n".join([first.text, *placed])


def _lost_first(depth: bytes, code: list[bytes]) -> bool:
    """Say whether lines of code stand as they do at `depth`, and not as at the left margin.

    They do if all are deeper, and their widths are no whole levels as they are.
    """
    widths = [_width(line) for line in code]
    deeper = all(line.startswith(depth) and _lead(line) != depth for line in code)
    return bool(depth and code) and deeper and any(width % min(widths) for width in widths)


def _lines(language: Language, text: bytes, start: int, end: int) -> list[_Line]:
    values, docstrings = _long_strings(language, text)
    result: list[_Line] = []
    at = start
    for line in text[start:end].split(b"\n"):
        result.append(_Line(line, _begins_inside(at, values), _begins_inside(at, docstrings)))
        at += len(line) + 1
    return result


def _begins_inside(line: int, strings: Spans) -> bool:
    span = strings.around(line)
    return span is not None and span[0] < line


def _long_strings(language: Language, text: bytes) -> tuple[Spans, Spans]:
    """Return the spans of strings of more than one line: those that are values, and the others."""
    values: list[tuple[int, int]] = []
    docstrings: list[tuple[int, int]] = []
    waiting = [parse(language, text).root_node]
    while waiting:
        node = waiting.pop()
        if node.start_point.row == node.end_point.row:
            continue
        if node.type in language.strings:
            alone = node.parent is not None and node.parent.type == "expression_statement"
            (docstrings if alone else values).append((node.start_byte, node.end_byte))
        else:
            waiting.extend(node.children)
    return Spans(values), Spans(docstrings)


def _placed(line: bytes, step: int, depth: bytes, unit: bytes) -> bytes:
    if not line.strip():
        return b""
    levels, rest = divmod(_width(line), step) if step else (0, _width(line))
    return depth + unit * levels + b" " * rest + line[len(_lead(line)) :]


def _without(line: bytes, prefix: bytes) -> bytes:
    lead = _lead(line)
    return line[len(prefix) :] if lead.startswith(prefix) else line[len(lead) :]


def _lead(line: bytes) -> bytes:
    found = _LEADING.match(line)
    return found[0] if found else b""


def _width(line: bytes) -> int:
    return len(_lead(line).expandtabs(_TAB_WIDTH))
