"""Which modules a Python text imports, read by its grammar: nothing of it is run, and none crashes us."""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.errors import UsageError
from codegate.source import Language, parse, read_document

if TYPE_CHECKING:
    import tree_sitter

# The word that every import statement has, and each call that imports; and what follows it to the end of the
# statement or call, where that is plain.
_WORD: Final = re.compile(rb"import(?:__|_module|orskip)?\b")
_REST: Final = re.compile(
    rb"import\b[ \t\f]*(?:\((?:[^()#\"'\\]|#[^\n]*\n){0,5000}\)[ \t\f]*)?[^(\\\n]{0,500}\n"
    rb"|import(?:__|_module|orskip)\((?:\"[\w.]*\"|'[\w.]*')\)"
)
# What imports the module that it is given the name of; the last skips the test without it.
_CALLS: Final = frozenset(
    ("__import__", "builtins.__import__", "import_module", "importlib.import_module", "importorskip",
     "pytest.importorskip")
)  # fmt: skip
_NAMED: Final = re.compile(r"(['\"])([^\W\d]\w*(?:\.\w+)*)\1")
_MOST_WORDS: Final = 1000
_LONGEST_CALL: Final = 100
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
    """Return the modules of every import statement, wherever it stands, and of every call that imports one by
    its name in a string, in the order of their places.
    """
    text = _text_of(path, data)
    words = [word.start() for word in _WORD.finditer(text)]
    found = _imports(parse(language, text).root_node, words) if words else ()
    return sorted(found, key=lambda i: (i.line, i.column))


def keeps_imports(path: str, before: bytes, after: bytes) -> bool:
    """Say whether every import of `after` stands in `before` too, at its very place; sooner than by parsing.

    Python reads from left to right: what is the same up to the end of the last import is read the same. Where
    that end is not plain to see the answer is no.
    """
    old, new = _text_of(path, before), _text_of(path, after)
    words = [word.start() for word in _WORD.finditer(new)]
    ends = [_REST.match(new, word) for word in words[:_MOST_WORDS]]
    until = max((end.end() for end in ends if end is not None), default=0)
    return len(words) <= _MOST_WORDS and None not in ends and new[:until] == old[:until]


def _text_of(path: str, data: bytes) -> bytes:
    try:
        return read_document(path, data).text
    except UsageError:  # no text to be edited, such as UTF-7 that is not written as Python would write it
        with contextlib.suppress(SyntaxError, LookupError, UnicodeError):
            return data.decode(tokenize.detect_encoding(io.BytesIO(data).readline)[0]).encode()
        return data


def _imports(root: tree_sitter.Node, words: Sequence[int]) -> Iterator[Import]:
    """Yield the imports of a tree, all of which stand around one of the words at these places."""
    # Walked by hand: the grammar's own query takes minutes for half a megabyte of open parentheses.
    waiting = [(root, False)]
    while waiting:
        node, optional = waiting.pop()
        if node.type == "import_statement":
            yield from _plain(node, optional)
            continue
        if node.type == "import_from_statement":
            yield from _from(node, optional)
            continue
        if node.type == "call":
            yield from _called(node, optional)
        inside = optional or _forgives(node)
        waiting.extend((child, inside) for child in node.named_children if _has(child, words))


def _has(node: tree_sitter.Node, words: Sequence[int]) -> bool:
    """Say whether one of these places is within a node."""
    at = bisect_left(words, node.start_byte)
    return at < len(words) and words[at] < node.end_byte


def _plain(node: tree_sitter.Node, optional: bool) -> Iterator[Import]:
    for name in node.children_by_field_name("name"):
        yield Import(_dotted(name), None, *_place(name), optional)


def _from(node: tree_sitter.Node, optional: bool) -> Iterator[Import]:
    module = node.child_by_field_name("module_name")
    if module is not None:
        names = tuple(_dotted(name) for name in node.children_by_field_name("name"))
        yield Import(_text(module), names, *_place(module), optional)


def _called(node: tree_sitter.Node, optional: bool) -> Iterator[Import]:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or arguments is None or function.end_byte - function.start_byte > _LONGEST_CALL:
        return
    given = next((child for child in arguments.named_children if child.type != "comment"), None)
    name = _text(function)
    if name in _CALLS and given is not None and given.type in ("string", "keyword_argument"):
        value = given.child_by_field_name("value") or given
        if found := _NAMED.fullmatch((value.text or b"").decode("utf-8", "replace")):
            yield Import(found[2], None, *_place(value), optional or name.endswith("importorskip"))


def _forgives(node: tree_sitter.Node) -> bool:
    """Say whether an ImportError within this statement is caught by it."""
    if node.type == "with_statement":
        head = _head(node)
        return (b"suppress" in head or b"raises" in head) and _FORGIVING.search(head) is not None
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
