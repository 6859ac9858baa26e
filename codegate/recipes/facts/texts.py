"""The text of a node as its file has it, with some of what is in it replaced."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable


def text_of(source: str, node: ast.AST, replaced: Callable[[ast.AST], str | None] = lambda _: None) -> str:
    """Return a node's own text, in which each outermost node that `replaced` gives a text for has that text.

    Lines behind the first keep the indentation that they have in the file.
    """
    data = source.encode()
    starts = [0]
    for line in _lines(data):
        starts.append(starts[-1] + len(line))

    def span(one: ast.AST) -> tuple[int, int]:
        first, last = getattr(one, "lineno", 1), getattr(one, "end_lineno", 1)
        return starts[first - 1] + getattr(one, "col_offset", 0), starts[last - 1] + getattr(
            one, "end_col_offset", 0
        )

    start, end = span(node)
    edits: list[tuple[int, int, str]] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if hasattr(one, "lineno") and (new := replaced(one)) is not None:
            edits.append((*span(one), new))
        else:
            waiting.extend(ast.iter_child_nodes(one))
    text, at = b"", start
    for first, last, new in sorted(edits):
        text += data[at:first] + new.encode()
        at = last
    return (text + data[at:end]).decode()


def behind(source: str, node: ast.stmt) -> str:
    """Return what stands behind a statement on its last line: a comment, or `;` and another statement."""
    line = _lines(source.encode())[(node.end_lineno or 1) - 1]
    return line[node.end_col_offset or 0 :].decode().strip()


def _lines(data: bytes) -> list[bytes]:
    """Return the lines of a text as Python counts them: a form feed ends none."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)", data)
