"""The names that a text uses, told from its comments and strings."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import TYPE_CHECKING, Final

from codegate.source.grammars import Language
from codegate.source.languages import parse

if TYPE_CHECKING:
    import tree_sitter

WORD: Final = re.compile(r"[^\W\d][\w\u0300-\u036f]*")
_NAMES: Final = frozenset(
    ("name", "constant", "instance_variable", "class_variable", "global_variable", "simple_symbol")
)


def identifiers(language: Language, data: bytes, wanted: Container[str]) -> dict[str, list[tuple[int, int]]]:
    """Return where each of the wanted words is an identifier: line and column, both from 1, in order.

    Takes as long as a parse and as much again: bound the size of `data` (UTF-8) first.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    cursor = parse(language, data).walk()
    while True:
        node = cursor.node
        if node is not None and not node.child_count and _is_name(node.type):
            text = (node.text or b"").decode("utf-8", "replace")
            for word in WORD.findall(text):
                if word in wanted:
                    found.setdefault(word, []).append(_place(data, node))
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def _place(data: bytes, node: tree_sitter.Node) -> tuple[int, int]:
    row, column = node.start_point
    before = data[node.start_byte - column : node.start_byte]
    return row + 1, len(before.decode("utf-8", "replace")) + 1


def _is_name(kind: str) -> bool:
    return kind.endswith(("identifier", "_name")) or kind in _NAMES
