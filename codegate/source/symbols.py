"""The functions, classes and other named definitions of a source text, and where they are."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.errors import UsageError
from codegate.source.grammars import Language
from codegate.source.languages import parse

if TYPE_CHECKING:
    import tree_sitter

_GUARDS: Final = (
    "if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "finally_clause",
    "with_statement", "block",
)  # fmt: skip
_FUNCTIONS: Final = ("arrow_function", "function_expression", "generator_function")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named definition, at bytes `start` to `end` of the text it was found in.

    `name` is dotted for nested ones. The span takes in decorators, attributes and an `export` around it, from
    its first character (not its line's) to its last. `head` is where the definition itself begins, behind
    decorators, and `body` where its body does (`end` if it has none). `line` counts from 1, at `start`.
    """

    name: str
    kind: str
    start: int
    end: int
    line: int
    head: int
    body: int

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def parent(self) -> str:
        """The dotted name of what it is defined in; empty at the top level."""
        return self.name.rpartition(".")[0]

    def contains(self, other: Symbol) -> bool:
        return self.start <= other.start and other.end <= self.end and self != other


def symbols(language: Language, data: bytes) -> list[Symbol]:
    """Return every definition in `data` (UTF-8), in the order of their starts, the outer before the inner.

    Definitions under a condition count too. What cannot be parsed is passed over, and never an error.
    """
    if not language.definitions:
        return []
    found = sorted(_places(language, data), key=lambda p: (p.node.start_byte, -p.node.end_byte))
    result: list[Symbol] = []
    around: list[tuple[int, str]] = []
    for place in found:
        node = place.node
        while around and around[-1][0] <= node.start_byte:
            around.pop()
        name = _name(node)
        if not name:
            continue
        dotted = f"{around[-1][1]}.{name}" if around else name
        around.append((node.end_byte, dotted))
        if node.type not in language.containers:
            result.append(_symbol(place, dotted))
    return result


def find_symbol(data: bytes, language: Language | None, dotted: str, path: str = "the file") -> Symbol:
    """Return the one symbol of that name. Raises UsageError if there is none, or more than one.

    The error offers the nearest names, or names the lines and what to ask for instead.
    """
    if language is None or not language.definitions:
        named = "a file of an unknown language" if language is None else f"a {language.name} file"
        raise UsageError(f"{path}: cannot look for `{dotted}` in {named}", f"name the whole file: {path}")
    known = symbols(language, data)
    found = [s for s in known if s.name == dotted]
    if len(found) == 1:
        return found[0]
    if found:
        lines = ", ".join(str(s.line) for s in found)
        parent = found[0].parent
        instead = f"{path}::{parent}" if parent else path
        raise UsageError(
            f"{path}: `{dotted}` is defined {len(found)} times, in lines {lines}",
            f"name what is around all of them: {instead}",
        )
    raise UsageError(f"{path}: there is no `{dotted}`", _nearest(dotted, known, path))


def imports(language: Language, data: bytes, *, guarded: bool = False) -> list[tuple[int, int]]:
    """Return the byte spans of the import statements at the top level of `data`, in order.

    With `guarded` also those that a module of Python has under a condition there (`if TYPE_CHECKING:`,
    `try:`, `with suppress(ImportError):`), but in no function or class.
    """
    found: list[tuple[int, int]] = []
    waiting = [parse(language, data).root_node]
    while waiting:
        for node in waiting.pop().children:
            if node.type in language.imports:
                found.append((node.start_byte, node.end_byte))
            elif guarded and node.type in _GUARDS:
                waiting.append(node)
    return sorted(found)


def _nearest(dotted: str, known: list[Symbol], path: str) -> str:
    if not known:
        return f"no definition was found there; name the whole file: {path}"
    names = list(dict.fromkeys(s.name for s in known))
    last = dotted.rpartition(".")[2]
    same = [n for n in names if n.rpartition(".")[2] == last]
    close = difflib.get_close_matches(dotted, names, n=3, cutoff=0.5)
    tails = {n: n.rpartition(".")[2] for n in names}
    alike = [n for n in names if tails[n] in difflib.get_close_matches(last, tails.values(), n=3, cutoff=0.6)]
    offered = list(dict.fromkeys([*same, *close, *alike]))[:5] or names[:5]
    return f"the nearest are {', '.join(offered)}"


@dataclass(frozen=True, slots=True)
class _Place:
    """A node, the outermost node that belongs to it, and the first of those before it that do."""

    node: tree_sitter.Node
    outer: tree_sitter.Node
    first: tree_sitter.Node


def _places(language: Language, data: bytes) -> list[_Place]:
    """Return the definitions and containers.

    Walked by hand: the grammar's own query takes time quadratic in the length of what does not parse, and so
    does asking a node for its siblings.
    """
    wanted = {*language.definitions, *language.containers}
    root = parse(language, data).root_node
    found: list[_Place] = []
    waiting = [_Place(root, root, root)]
    while waiting:
        place = waiting.pop()
        if place.node.type in wanted:
            found.append(place)
        waiting.extend(_below(language, place))
    return found


def _below(language: Language, place: _Place) -> Iterator[_Place]:
    children = place.node.named_children
    wraps = place.node.type in language.wrappers
    first: tree_sitter.Node | None = None
    for child in children:
        if child.type in language.attached:
            first = first or child
            continue
        # In `const f = …, g = …` and `type ( … )` the wrapper belongs to none of them.
        if wraps and sum(other.type == child.type for other in children) == 1:
            yield _Place(child, place.outer, place.first)
        else:
            yield _Place(child, child, first or child)
        first = None


def _name(node: tree_sitter.Node) -> str:
    """Return a definition's own name, with the receiver's type before it for a Go method; or nothing."""
    if node.type == "variable_declarator":
        value = node.child_by_field_name("value")
        if value is None or value.type not in _FUNCTIONS:
            return ""
    named = node.child_by_field_name("name") or _first_type(node.child_by_field_name("type"))
    if named is None or not named.text:
        return ""
    receiver = _first_type(node.child_by_field_name("receiver"))
    prefix = f"{receiver.text.decode()}." if receiver is not None and receiver.text else ""
    return prefix + named.text.decode("utf-8", "replace").strip("\"'")


def _first_type(node: tree_sitter.Node | None) -> tree_sitter.Node | None:
    waiting = [] if node is None else [node]
    while waiting:
        node = waiting.pop()
        if node.type == "type_identifier":
            return node
        waiting.extend(reversed(node.named_children))
    return None


def _symbol(place: _Place, dotted: str) -> Symbol:
    node, outer, first = place.node, place.outer, place.first
    body = node.child_by_field_name("body")
    return Symbol(
        name=dotted,
        kind=_kind(node.type),
        start=first.start_byte,
        end=outer.end_byte,
        line=first.start_point.row + 1,
        head=outer.start_byte if outer.type != "decorated_definition" else node.start_byte,
        body=outer.end_byte if body is None else body.start_byte,
    )


def _kind(node_type: str) -> str:
    for kind in ("class", "method", "function", "interface", "enum", "struct", "trait"):
        if kind in node_type:
            return kind
    return "function" if node_type == "variable_declarator" else "definition"
