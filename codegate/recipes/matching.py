"""What a tree-sitter query finds in a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codegate.errors import ConfigError
from codegate.source import Language, find_symbol, parse, symbols
from codegate.source.languages import grammar_of

if TYPE_CHECKING:
    import tree_sitter


@dataclass(frozen=True, slots=True)
class Match:
    """One match: the bytes of its @change (or of its first capture), and the text of each capture.

    `inside` is the last name of the innermost definition around it, empty at the top level; `parent` the kind
    of the node around it, and `field` what it is there.
    """

    start: int
    end: int
    captures: Mapping[str, str]
    inside: str = ""
    parent: str = ""
    field: str = ""

    def overlaps(self, other: Match) -> bool:
        return self.start < other.end and other.start < self.end


def matches(language: Language | None, text: bytes, query: str, symbol: str | None) -> list[Match]:
    """Return what a query finds in a file, or in one symbol of it, in the order of the text, the outer first.

    Raises ConfigError for a query that the language's grammar does not take.
    """
    import tree_sitter

    if language is None:
        return []
    try:
        compiled = tree_sitter.Query(grammar_of(language), query)
    except (tree_sitter.QueryError, ValueError) as error:
        raise ConfigError(
            f"the query cannot be read as one of {language.name}: {error}", "mend the recipe"
        ) from error
    cursor = tree_sitter.QueryCursor(compiled)
    if symbol is not None:
        found = find_symbol(text, language, symbol)
        cursor.set_byte_range(found.start, found.end)
        bounds = (found.start, found.end)
    else:
        bounds = (0, len(text))
    known = symbols(language, text)
    result: list[Match] = []
    for _, captured in cursor.matches(parse(language, text).root_node):
        nodes = captured.get("change") or next(iter(captured.values()), [])
        if nodes and bounds[0] <= nodes[0].start_byte and nodes[-1].end_byte <= bounds[1]:
            texts = {name: (some[0].text or b"").decode() for name, some in captured.items() if some}
            start, end = nodes[0].start_byte, nodes[-1].end_byte
            around = [
                s for s in known if s.start <= start and end <= s.end and (s.start, s.end) != (start, end)
            ]
            inside = around[-1].last_name if around else ""
            result.append(Match(start, end, texts, inside, *_place(nodes[0])))
    return sorted(result, key=lambda match: (match.start, -match.end))


def _place(node: tree_sitter.Node) -> tuple[str, str]:
    parent = node.parent
    if parent is None:
        return "", ""
    at = next(i for i, child in enumerate(parent.children) if child.id == node.id)
    return parent.type, parent.field_name_for_child(at) or ""
