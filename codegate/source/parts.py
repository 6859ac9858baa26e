"""Which spans of a text a contract leaves free: the parts of a target that its words name, by tree-sitter."""

from __future__ import annotations

import re
import symtable
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from codegate.source.contract import Word
from codegate.source.grammars import Language
from codegate.source.languages import parse
from codegate.source.symbols import imports, symbols

if TYPE_CHECKING:
    from tree_sitter import Node

# No text that is judged holds this byte: where it stands, something was left out.
SLOT: Final = b"\0"
_DEFINITIONS: Final = ("function_definition", "class_definition", "decorated_definition")
_PREFIXES: Final = re.compile(r"[rRuU]?[\"']+")


@dataclass(frozen=True, slots=True)
class Part:
    """A span of a text that a contract leaves free.

    `kind` is what may stand there, `mark` what is read in its place: nothing for whole statements, which may
    also be missing. `inner` is the span of what it is about, without a colon or an arrow; `name` what it
    binds.
    """

    start: int
    end: int
    kind: str
    mark: bytes = b""
    inner: tuple[int, int] = (0, 0)
    name: str = ""


@dataclass(frozen=True)
class Side:
    """One side of a change: its text, its tree, and the nodes of the targets in it; `root` is the file's."""

    text: bytes
    root: Node
    targets: tuple[Node, ...]
    is_base: bool

    def bodies(self) -> Iterator[Node]:
        """Yield the block of each target; of a file, all of it."""
        for target in self.targets:
            yield from _blocks(target)


def open_side(language: Language, text: bytes, names: Iterable[str | None], *, is_base: bool) -> Side:
    """Return a side of which the symbols `names` are the targets; None is the whole file."""
    root, wanted = parse(language, text).root_node, set(names)
    found = [
        root.descendant_for_byte_range(s.start, s.end) for s in symbols(language, text) if s.name in wanted
    ]
    targets = [node for node in found if node is not None] + ([root] if None in wanted else [])
    return Side(text, root, tuple(targets), is_base)


def parts_of(language: Language, side: Side, other: Side, words: Sequence[Word]) -> list[Part]:
    """Return the free spans of a side, imports of the top level too, but for what queries name.

    `other` is the side that it is compared with. Words beside queries are understood for Python only.
    """
    spans = imports(language, side.text, guarded=language.name == "python")
    found = [Part(start, end, "import") for start, end in spans]
    for word in words:
        if word.kind in _OF_TARGETS:
            found += [part for target in side.targets for part in _OF_TARGETS[word.kind](target, side.text)]
        elif word.kind in _OF_SIDES:
            found += _OF_SIDES[word.kind](side, other, word)
    kinds = {word.kind for word in words}
    if kinds >= {"docstring", "body"}:
        found += [_whole(body) for body in side.bodies()]
    return found


def disjoint(parts: Iterable[Part]) -> list[Part]:
    """Return the parts in their order, each once, without those that lie in another."""
    kept: list[Part] = []
    end = 0
    # What is empty stands before what begins there.
    for part in sorted(dict.fromkeys(parts), key=lambda p: (p.start, p.end > p.start, -p.end)):
        if part.start >= end:
            kept.append(part)
            end = part.end
    return kept


def _definition(node: Node) -> Node:
    return node.child_by_field_name("definition") or node


def _blocks(target: Node) -> Iterator[Node]:
    body = target if target.type == "module" else _definition(target).child_by_field_name("body")
    if body is not None:
        yield body


def _docstring(target: Node, _: bytes) -> Iterator[Part]:
    for body in _blocks(target):
        first = docstring_of(body)
        if first is not None:
            inner = (first.start_byte, first.end_byte)
            yield Part(_outset(body, first), first.end_byte, "docstring", inner=inner)
        if body.type != "module":
            yield from _fillers(body)


def docstring_of(body: Node) -> Node | None:
    """Return the string that a block begins with, if it is one that Python takes for its docstring."""
    first = next((n for n in body.named_children if n.type != "comment"), None)
    if first is None or first.type != "expression_statement" or first.named_child_count != 1:
        return None
    (value,) = first.named_children
    pieces = value.named_children if value.type == "concatenated_string" else [value]
    return value if all(_is_plain(piece) for piece in pieces) else None


def _is_plain(node: Node) -> bool:
    start = node.children[0] if node.type == "string" else None
    said = (start.text or b"").decode("utf-8", "replace") if start is not None else ""
    return bool(_PREFIXES.fullmatch(said)) and all(c.type != "interpolation" for c in node.children)


def _fillers(body: Node) -> Iterator[Part]:
    """Yield each `pass` and `...`, which only stand where there would be nothing else."""
    for node in body.named_children:
        if node.text in (b"pass", b"..."):
            yield Part(_outset(body, node), node.end_byte, "filler")


def _outset(body: Node, statement: Node) -> int:
    """Return where a statement begins: behind the colon if it stands alone on the line of its header."""
    before = body.prev_sibling
    if (
        body.named_child_count == 1
        and before is not None
        and before.end_point.row == statement.start_point.row
    ):
        return before.end_byte
    return statement.start_byte


def _annotations(target: Node, text: bytes) -> Iterator[Part]:
    waiting = [target]
    while waiting:
        node = waiting.pop()
        if node.type == "function_definition":
            yield from _signature(node, text)
        elif node.type == "expression_statement":
            yield from _annotated(node, text)
        waiting.extend(node.named_children)


def _annotated(statement: Node, text: bytes) -> Iterator[Part]:
    node = statement.children[0]
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type != "assignment" or left is None or left.type not in ("identifier", "attribute"):
        return
    if right is None or right.type != "assignment":
        yield from _slot(text, left, node.child_by_field_name("type"), None, rb"\s*:\s*")


def _signature(function: Node, text: bytes) -> Iterator[Part]:
    given = function.child_by_field_name("parameters")
    if given is None:
        return
    yield from _slot(text, given, function.child_by_field_name("return_type"), None, rb"[ \t]*->[ \t]*")
    children = given.children
    trailing = len(children) > 2 and children[-2].type == ","
    for node in children:
        yield from _parameter(node, text)
    kept = [*children[:-2], children[-1]] if trailing else children
    for one, next_ in pairwise(kept):
        if not text[one.end_byte : next_.start_byte].strip().strip(b","):
            yield Part(one.end_byte, next_.start_byte, "layout", SLOT)


def _parameter(node: Node, text: bytes) -> Iterator[Part]:
    if node.type in ("identifier", "list_splat_pattern", "dictionary_splat_pattern"):
        yield from _slot(text, node, None, None, b"")
    elif node.type == "typed_parameter":
        yield from _slot(text, node.children[0], node.child_by_field_name("type"), None, rb"\s*:\s*")
    elif node.type in ("default_parameter", "typed_default_parameter"):
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and value is not None:
            yield from _slot(text, name, node.child_by_field_name("type"), value, rb"\s*:\s*")


def _slot(text: bytes, name: Node, hint: Node | None, value: Node | None, sign: bytes) -> Iterator[Part]:
    """Yield the place of a hint behind a name, also where there is none, if nothing else stands there."""
    end = value.start_byte if value is not None else hint.end_byte if hint is not None else name.end_byte
    start = name.end_byte
    form = b"" if hint is None else sign + re.escape(text[hint.start_byte : hint.end_byte])
    form += b"" if value is None else rb"\s*=\s*"
    if re.fullmatch(form, text[start:end]) and not (hint is not None and _has_comment(hint)):
        inner = (start, start) if hint is None else (hint.start_byte, hint.end_byte)
        yield Part(start, end, "hint", SLOT + b"=" if value is not None else SLOT, inner)


def _has_comment(node: Node) -> bool:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            return True
        waiting.extend(node.children)
    return False


def _decorators(target: Node, _: bytes) -> Iterator[Part]:
    for node in target.children if target.type == "decorated_definition" else ():
        if node.type == "decorator":
            yield Part(node.start_byte, node.end_byte, "decorator")


def _bases(target: Node, _: bytes) -> Iterator[Part]:
    node = _definition(target)
    if node.type != "class_definition":
        return
    given = node.child_by_field_name("superclasses")
    name = node.child_by_field_name("type_parameters") or node.child_by_field_name("name")
    if given is not None:
        yield Part(given.start_byte, given.end_byte, "bases", SLOT, (given.start_byte, given.end_byte))
    elif name is not None:
        yield Part(name.end_byte, name.end_byte, "bases", SLOT, (name.end_byte, name.end_byte))


def _body(target: Node, _: bytes) -> Iterator[Part]:
    """Yield what stands behind the docstring, or behind the colon and a comment on its line."""
    for body in _blocks(target):
        docstring = docstring_of(body)
        start = docstring.end_byte if docstring is not None else _header_end(body)
        yield Part(start, max(start, body.end_byte), "body", SLOT)


def _whole(body: Node) -> Part:
    start = _header_end(body)
    return Part(start, max(start, body.end_byte), "body", SLOT)


def _header_end(body: Node) -> int:
    if body.type == "module":
        return 0
    before = body.prev_sibling
    while before is not None and before.type == "comment":
        colon = before.prev_sibling
        if colon is not None and colon.type == ":" and colon.end_point.row == before.start_point.row:
            return before.end_byte
        before = colon
    return before.end_byte if before is not None else body.start_byte


def _bound(body: Node) -> Iterator[tuple[str, Node]]:
    """Yield each statement of a block that binds one name, with that name."""
    for node in body.named_children:
        if node.type in _DEFINITIONS:
            name = _definition(node).child_by_field_name("name")
        elif node.type == "expression_statement" and node.named_child_count == 1:
            name = _assigned(node.named_children[0])
        else:
            continue
        if name is not None and name.text:
            # As Python compares identifiers (PEP 3131).
            yield unicodedata.normalize("NFKC", name.text.decode("utf-8", "replace")), node


def _names(side: Side) -> set[str]:
    """Return all that a module binds at its top level: also by an import, under a condition, in a loop."""
    known = {name for name, _ in _bound(side.root)}
    try:
        with warnings.catch_warnings(action="ignore"):
            table = symtable.symtable(side.text.decode(), "module", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return known
    return known | {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def _assigned(node: Node) -> Node | None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    plain = node.type == "assignment" and left is not None and left.type == "identifier"
    return left if plain and (right is None or right.type != "assignment") else None


def _members(side: Side, _: Side, word: Word) -> Iterator[Part]:
    for body in side.bodies():
        if body.type != "module":
            yield from _fitting(body, word)
            yield from _fillers(body)


def _fitting(body: Node, word: Word) -> Iterator[Part]:
    for name, node in _bound(body):
        if word.fits(name):
            yield Part(node.start_byte, node.end_byte, word.kind, name=name)


def _line_end(node: Node) -> int:
    """Return where a statement ends, or the comment that stands behind it."""
    after = node.next_sibling
    beside = after is not None and after.type == "comment" and after.start_point.row == node.end_point.row
    return after.end_byte if after is not None and beside else node.end_byte


def _removals(side: Side, other: Side, word: Word) -> Iterator[Part]:
    """Yield the members that only the base has, each with the comment on its last line."""
    left = {name for body in other.bodies() for name, _ in _bound(body)}
    for body in side.bodies() if side.is_base else ():
        for name, node in _bound(body):
            if word.fits(name) and name not in left:
                yield Part(node.start_byte, _line_end(node), word.kind, name=name)


def _additions(side: Side, other: Side, word: Word) -> Iterator[Part]:
    """Yield the definitions that only the result has: they may be added, not replaced."""
    if side.is_base:
        return
    known: set[str] | None = None
    for name, node in _bound(side.root):
        if node.type in _DEFINITIONS and word.fits(name):
            known = _names(other) if known is None else known
            if name not in known:
                yield Part(node.start_byte, node.end_byte, "definition", name=name)


def _assignments(side: Side, other: Side, word: Word) -> Iterator[Part]:
    """Yield the assignments of names that are no definition's on the other side."""
    defined = {name for name, node in _bound(other.root) if node.type in _DEFINITIONS}
    for name, node in _bound(side.root):
        if node.type not in _DEFINITIONS and word.fits(name) and name not in defined:
            yield Part(node.start_byte, node.end_byte, "assign", name=name)


_OF_TARGETS: Final[dict[str, Callable[[Node, bytes], Iterator[Part]]]] = {
    "docstring": _docstring,
    "annotations": _annotations,
    "decorators": _decorators,
    "bases": _bases,
    "body": _body,
}
_OF_SIDES: Final[dict[str, Callable[[Side, Side, Word], Iterator[Part]]]] = {
    "member": _members,
    "removal": _removals,
    "definition": _additions,
    "assign": _assignments,
}
