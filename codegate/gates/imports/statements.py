"""Which modules a Python text imports, read by its grammar: nothing of it is run, and none crashes us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.errors import UsageError
from codegate.source import Language, parse, read_document

if TYPE_CHECKING:
    import tree_sitter

_FORGIVING: Final = re.compile(rb"ImportError|ModuleNotFoundError|\bException\b")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, at `line` and `column` from 1; `module` starts with its dots if it is relative.

    `names` is what `from module import …` takes of it, None for `import module`, and empty for `import *`.
    `optional` says that the code goes on without it: the import stands where an ImportError is caught.
    """

    module: str
    names: tuple[str, ...] | None
    line: int
    column: int
    optional: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def imports_of(language: Language, path: str, data: bytes) -> list[Import]:
    """Return every import statement's modules, wherever it stands, in the order of their places."""
    try:
        text = read_document(path, data).text
    except UsageError:
        text = data
    found = _imports(parse(language, text).root_node)
    return sorted(found, key=lambda i: (i.line, i.column))


def _imports(root: tree_sitter.Node) -> Iterator[Import]:
    # Walked by hand: the grammar's own query takes minutes for half a megabyte of open parentheses.
    waiting = [(root, False)]
    while waiting:
        node, optional = waiting.pop()
        if node.type == "import_statement":
            yield from _plain(node, optional)
        elif node.type == "import_from_statement":
            yield from _from(node, optional)
        elif node.type in ("module", "block", "ERROR") or node.type.endswith(
            ("_statement", "_clause", "_definition")
        ):
            inside = optional or _forgives(node)
            waiting.extend((child, inside) for child in node.named_children)


def _plain(node: tree_sitter.Node, optional: bool) -> Iterator[Import]:
    for name in node.children_by_field_name("name"):
        yield Import(_dotted(name), None, *_place(name), optional)


def _from(node: tree_sitter.Node, optional: bool) -> Iterator[Import]:
    module = node.child_by_field_name("module_name")
    if module is not None:
        names = tuple(_dotted(name) for name in node.children_by_field_name("name"))
        yield Import(_text(module), names, *_place(module), optional)


def _forgives(node: tree_sitter.Node) -> bool:
    """Say whether an ImportError within this statement is caught by it."""
    if node.type == "with_statement":
        return b"suppress" in _head(node) and _FORGIVING.search(_head(node)) is not None
    if node.type != "try_statement":
        return False
    caught = [_head(child) for child in node.named_children if child.type == "except_clause"]
    return any(_FORGIVING.search(head) or head.strip() == b"except" for head in caught)


def _head(node: tree_sitter.Node) -> bytes:
    """Return a clause's text up to its block."""
    block = next((child for child in node.named_children if child.type == "block"), None)
    text = node.text or b""
    return text[: block.start_byte - node.start_byte].strip().rstrip(b":") if block is not None else text


def _dotted(node: tree_sitter.Node) -> str:
    named = node.child_by_field_name("name") if node.type == "aliased_import" else node
    return _text(named if named is not None else node)


def _text(node: tree_sitter.Node) -> str:
    return "".join((node.text or b"").decode("utf-8", "replace").replace("\\", "").split())


def _place(node: tree_sitter.Node) -> tuple[int, int]:
    return node.start_point.row + 1, node.start_point.column + 1
