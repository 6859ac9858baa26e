"""Methods that an answer adds to a class without repeating it, as small models often do."""

from __future__ import annotations

import re
from typing import Final

from codegate.source import Language, Symbol, parse, symbols
from codegate.source.layout import standalone

_METHOD: Final = re.compile(rb"(?:async\s+)?def\s+\w+\s*(?:\[[^\]]*\])?\(\s*(?:self|cls)\b")


def lone_methods(language: Language, text: bytes) -> tuple[bytes, ...]:
    """Return the methods that a text of Python consists of, at the left margin; none if it holds more."""
    if parse(language, text).root_node.has_error:
        return ()
    top = [s for s in symbols(language, text) if not s.parent]
    if not all(_is_method(text, s) for s in top):
        return ()
    return tuple(standalone(language, text, s.start, s.end) for s in top)


def added_members(language: Language, old: bytes, new: bytes) -> tuple[bytes, ...]:
    """Return the methods of a class's new text that is plainly just an addition to the old: else none.

    It is one if the head of the class is the same, and its body has methods, all of them new, where the old
    one has others, and nothing else but a docstring.
    """
    if language.name != "python":
        return ()
    before, after = symbols(language, old), symbols(language, new)
    if not before or not after or {before[0].kind, after[0].kind} != {"class"}:
        return ()
    had, has = _direct(before), _direct(after)
    if not had or not has or {s.last_name for s in had} & {s.last_name for s in has}:
        return ()
    same_head = _squeezed(old[: before[0].body]) == _squeezed(new[: after[0].body])
    if not same_head or not _only_methods(language, new, after[0]):
        return ()
    return tuple(standalone(language, new, s.start, s.end) for s in has)


def _direct(known: list[Symbol]) -> list[Symbol]:
    return [s for s in known if s.parent == known[0].name and s.kind == "function"]


def _only_methods(language: Language, text: bytes, owner: Symbol) -> bool:
    root = parse(language, text).root_node
    body = root.descendant_for_byte_range(owner.body, owner.end)
    while body is not None and body.type != "block":
        body = body.parent
    allowed = ("function_definition", "decorated_definition", "comment")
    statements = body.named_children if body is not None else []
    return all(
        n.type in allowed or (n.named_children and n.named_children[0].type == "string") for n in statements
    )


def _is_method(text: bytes, symbol: Symbol) -> bool:
    takes_self = _METHOD.match(text, symbol.head) is not None
    return symbol.kind == "function" and (takes_self or b"staticmethod" in text[symbol.start : symbol.head])


def _squeezed(text: bytes) -> bytes:
    return b"".join(text.split())
