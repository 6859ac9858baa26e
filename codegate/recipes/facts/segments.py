"""The text of a node of a tree. `ast` has that too, and reads the whole source anew for each node."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Final

# As Python counts lines: a form feed ends none.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def segment(source: str, node: ast.stmt) -> str:
    """Return the text of a statement as it stands in its source, without what is before it on its line."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = [line.encode() for line in _lines(source)[node.lineno - 1 : node.end_lineno]]
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    return b"".join(lines).decode()


@lru_cache(maxsize=2)  # one file's functions and classes are read in turn
def _lines(source: str) -> list[str]:
    return _LINE.findall(source)
