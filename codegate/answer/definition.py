"""The new text of one named symbol, found in a block of code that a model wrote."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from codegate.answer.members import lone_methods
from codegate.source import Language, Symbol, parse, symbols
from codegate.source.layout import standalone
from codegate.source.spans import Spans

_MAX_TOGETHER: Final = 20
# Parses a method that stands alone, in languages where one cannot.
_ENCLOSED: Final = dict.fromkeys(("javascript", "typescript", "tsx"), (b"class _ {\n", b"\n}"))


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition as it stands at the left margin, with what the block held beside it.

    `members` are definitions that belong into the target, where the block has no text of the target itself;
    `text` is then empty. `imports` are the import statements of the block; `dropped` names the rest.
    """

    text: bytes
    imports: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    members: tuple[bytes, ...] = ()


def definition_in(language: Language, block: str, wanted: str, kind: str, depth: bytes) -> Definition | None:
    """Return the definition of `wanted` (dotted) in a block, or None if it holds none that parses.

    It may stand at any depth, alone or inside the classes it belongs to. `kind` is what the target is now: of
    a class, the block may also hold just methods. `depth` is the indentation that the target stands at.
    """
    for before, after in _readings(language, wanted):
        text = before + _bytes(block) + after
        found = _found(symbols(language, text), wanted)
        if not found or not _belong_together(text, found) or any(_is_empty(language, text, s) for s in found):
            continue
        start, end = found[0].start, found[-1].end
        body = standalone(language, text, start, end, depth)
        if not parse(language, before + body + after).root_node.has_error:
            return Definition(body, imports_in(language, block), _dropped(language, text, found))
    if kind == "class" and language.name == "python" and (members := lone_methods(language, _bytes(block))):
        return Definition(b"", imports_in(language, block), (), members)
    return None


def names_in(language: Language, block: str) -> list[str]:
    """Return the names that a block defines at its top level, one for each definition."""
    return [s.name for s in symbols(language, _bytes(block)) if not s.parent]


def is_whole(language: Language, block: str) -> bool:
    """Say whether all of a block parses: with no prose in it, and no end missing."""
    return not parse(language, _bytes(block)).root_node.has_error


def _bytes(block: str) -> bytes:
    return block.encode("utf-8", "replace")


def _readings(language: Language, wanted: str) -> list[tuple[bytes, bytes]]:
    enclosed = [_ENCLOSED[language.name]] if "." in wanted and language.name in _ENCLOSED else []
    return [(b"", b""), *enclosed]


def _found(known: list[Symbol], wanted: str) -> list[Symbol]:
    """Return the symbols that `wanted` may mean: those whose dotted name is the longest end of it."""
    parts = wanted.split(".")
    for start in range(len(parts)):
        name = ".".join(parts[start:])
        if found := [s for s in known if s.name.removeprefix("_.") == name]:
            return found
    return []


def _is_empty(language: Language, text: bytes, symbol: Symbol) -> bool:
    """Say whether it is a definition of Python with no body but a comment, which tree-sitter lets pass."""
    return language.name == "python" and not text[symbol.body : symbol.end].strip()


def _belong_together(text: bytes, found: list[Symbol]) -> bool:
    """Say whether there is nothing between them: overloads, or a property with its setter."""
    if len(found) == 1:
        return True
    apart = any(text[a.end : b.start].strip() for a, b in pairwise(found))
    return not apart and len(found) <= _MAX_TOGETHER and all(s.kind in ("function", "method") for s in found)


def imports_in(language: Language, block: str) -> tuple[str, ...]:
    """Return the import statements at the top level of a block, as they are written."""
    nodes = parse(language, _bytes(block)).root_node.named_children
    return tuple((n.text or b"").decode("utf-8", "replace") for n in nodes if n.type in language.imports)


def _dropped(language: Language, text: bytes, found: list[Symbol]) -> tuple[str, ...]:
    """Name what stands beside the definition at the top level: definitions, and how many statements."""
    tops = [s for s in symbols(language, text) if not s.parent]
    others = [s for s in tops if s not in found and not any(s.contains(f) for f in found)]
    dropped = [f"`{name}`" for name in dict.fromkeys(s.name for s in others)]
    spans = Spans((s.start, s.end) for s in tops)
    loose = 0
    for node in parse(language, text).root_node.named_children:
        if node.type in (*language.imports, *language.comments) or node.has_error:
            continue
        loose += spans.around(node.start_byte) is None
    return (*dropped, f"{loose} statement{'s' * (loose > 1)}") if loose else tuple(dropped)
