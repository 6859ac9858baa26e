"""What a query captures in a base, and what stands in its place in a result, by the shape of both trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from codegate.source.contract import CAPTURE
from codegate.source.grammars import Language
from codegate.source.languages import grammar_of
from codegate.source.parts import SLOT, Part, Side

if TYPE_CHECKING:
    from tree_sitter import Node

_BLOCKS: Final = ("block", "module", "program", "statement_block", "source_file", "document", "section")


def captured(language: Language, side: Side, query: str) -> list[Node]:
    """Return the nodes of the targets that a query captures as @change."""
    import tree_sitter

    cursor = tree_sitter.QueryCursor(tree_sitter.Query(grammar_of(language), query))
    return [node for target in side.targets for node in cursor.captures(target).get(CAPTURE, [])]


def replaced(
    base: Side, result: Side, slots: Iterable[Node], free: tuple[Iterable[Part], Iterable[Part]]
) -> tuple[list[Part], list[Part]]:
    """Return the spans of the captured nodes, and those of what stands where they were in the result.

    One node stands in the place of one, of a statement also several. `free` are spans of whole nodes that
    either side may have more of. Where the trees part beside a slot, no more slots are found: what is read
    beside those then differs.
    """
    wanted = {node.id for node in slots}
    left_out = [[(part.start, part.end) for part in parts] for parts in free]
    old: list[Part] = []
    new: list[Part] = []
    waiting = [([base.root], [result.root])]
    while waiting:
        for one, others in _pairs(*waiting.pop(), wanted):
            if one.id in wanted:
                kind = "statement" if one.parent is None or one.parent.type in _BLOCKS else "expression"
                old.append(Part(one.start_byte, one.end_byte, kind, SLOT))
                new.append(Part(others[0].start_byte, others[-1].end_byte, kind, SLOT))
            elif one.type == others[0].type:
                waiting.append((_kept(one, left_out[0]), _kept(others[0], left_out[1])))
    return old, new


def _kept(node: Node, left_out: list[tuple[int, int]]) -> list[Node]:
    """Return a node's children without statements that are left out, and comments behind these."""
    return [
        child
        for child in node.children
        if not any(start <= child.start_byte and child.end_byte <= end for start, end in left_out)
    ]


def _pairs(old: list[Node], new: list[Node], slots: set[int]) -> Iterator[tuple[Node, list[Node]]]:
    """Yield each node with what stands for it; one slot among statements takes what is left over."""
    if len(old) == len(new):
        yield from ((one, [other]) for one, other in zip(old, new, strict=True))
        return
    at = [place for place, node in enumerate(old) if node.id in slots]
    if len(at) != 1 or len(new) < len(old):
        return
    parent = old[at[0]].parent
    if parent is None or parent.type not in _BLOCKS:
        return
    end = at[0] + 1 + len(new) - len(old)
    yield from ((one, [other]) for one, other in zip(old[: at[0]], new, strict=False))
    yield old[at[0]], new[at[0] : end]
    yield from ((one, [other]) for one, other in zip(old[at[0] + 1 :], new[end:], strict=True))
