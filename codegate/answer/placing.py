"""A recipe's text put where it belongs: in a class, as a docstring, beside a definition, over a node."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from codegate.answer.sections import inserted
from codegate.answer.splice import with_members
from codegate.answer.wrapping import wrapped
from codegate.core import Hole, Observation
from codegate.recipes import DraftPart
from codegate.source import Document, Language, Symbol, find_symbol, parse, symbols
from codegate.source.importing import after_imports
from codegate.source.layout import indent_unit, indentation_at, laid_out, unify_newlines

if TYPE_CHECKING:
    from tree_sitter import Node

# Stands between two blank lines (pycodestyle's E302 and E305).
_DEFINES: Final = re.compile(rb"@|(?:async\s+)?def\b|class\b")
# What is left of a line of which all else goes.
_REST: Final = re.compile(rb"[ \t]*(?:#[^\n]*?)?(?=\r?\n|\Z)")
_DEFINITION: Final = re.compile(rb"(?m)^(?:@|class\b|def\b|async\b)")
_COMMENTS: Final = re.compile(rb"(?m)(?:^#[^\n]*\n)+\Z")


def placed(document: Document, language: Language | None, part: DraftPart, new: bytes) -> bytes:
    """Return the document's text with the text of one part of a draft in its place.

    All else stays as it is, byte for byte, but for blank lines beside it. Raises UsageError for a symbol that
    is not there.
    """
    text, newline = document.text, document.newline
    if part.span is not None and not part.pieces:
        return _without(text, *part.span)
    if part.span is not None:
        return _over(text, part.span, new.replace(b"\n", newline), newline)
    if part.place == "under":
        grown = inserted(unify_newlines(text).decode(), part.name, new.decode())
        return grown.encode().replace(b"\n", newline)
    if language is None or language.name != "python":
        return _at_end(text, new.replace(b"\n", newline), newline, gap=1)
    if part.place in ("top", "end"):
        return _in_file(document, language, part, new)
    if part.place == "docstring" and part.target.symbol is None:
        return _module_docstring(document, language, new)
    assert part.target.symbol is not None
    symbol = find_symbol(text, language, part.target.symbol, document.path)
    if part.place == "member":
        return with_members(document, language, symbol, (new,))[0]
    if part.place == "docstring":
        return _docstring(document, language, symbol, new)
    if part.place == "replace":
        body = laid_out(language, new, indentation_at(text, symbol.start), indent_unit(text))
        return text[: symbol.start] + body.replace(b"\n", newline) + text[symbol.end :]
    return _beside(document, language, symbol, part, new)


def text_of(part: DraftPart, filled: Mapping[str, str], seen: Sequence[Observation] = ()) -> bytes:
    """Return a part's text with its holes filled, or what it makes of them and of what was seen."""
    if part.then is not None:
        return part.then(filled, seen).encode()
    text = "".join(filled[p.name] if isinstance(p, Hole) else p for p in part.pieces)
    return (wrapped(text, part.width) if part.place == "docstring" else text).encode()


def _over(text: bytes, span: tuple[int, int], new: bytes, newline: bytes) -> bytes:
    """Return the text with another in the place of a span; definitions at the top level stand apart."""
    before, after = text[: span[0]], text[span[1] :]
    # Of a keyword alone that is replaced, the definition stands apart already, or behind its decorators.
    is_keyword = text[span[0] : span[1]] in (b"class", b"def", b"async")
    if _DEFINITION.match(new) and not is_keyword and (not before or before.endswith(b"\n")):
        lead = _COMMENTS.search(before)
        before, comments = (before[: lead.start()], lead[0]) if lead else (before, b"")
        before = before.rstrip() + newline * 3 + comments if before.strip() else comments
    indented = new.rpartition(b"\n")[2].startswith((b" ", b"\t"))
    if indented and _DEFINITION.search(new) and after.startswith((b"\n", b"\r")) and after.strip():
        after = newline * 3 + after.lstrip(b"\r\n")
    return before + new + after


def _without(text: bytes, start: int, end: int) -> bytes:
    """Return the text without a span, and without the blank lines and the white space before it."""
    rest = _REST.match(text, end)
    return text[:start].rstrip() + text[rest.end() if rest else end :]


def _docstring(document: Document, language: Language, symbol: Symbol, new: bytes) -> bytes:
    """Return the text with a docstring first in a body, in the place of the one that is there."""
    text, newline = document.text, document.newline
    depth, unit = indentation_at(text, symbol.head), indent_unit(text)
    header = text[: symbol.body].rpartition(b"\n")[2]
    on_its_line = bool(header.strip())
    inner = depth + unit if on_its_line else header
    body = _moved(new, inner).replace(b"\n", newline)
    old = _first_string(language, text, symbol.body, symbol.end)
    if old is not None:
        return text[: old[0]] + body + text[old[1] :]
    if on_its_line:  # `def f(): return 1`
        return text[: symbol.body].rstrip() + newline + inner + body + newline + inner + text[symbol.body :]
    return text[: symbol.body] + body + newline + inner + text[symbol.body :]


def _module_docstring(document: Document, language: Language, new: bytes) -> bytes:
    text, newline = document.text, document.newline
    old = _first_string(language, text, 0, len(text))
    body = new.replace(b"\n", newline)
    if old is not None:
        return text[: old[0]] + body + text[old[1] :]
    header = re.match(rb"(?:#!.*\n)?(?:#.*coding[:=].*\n)?", text)
    at = header.end() if header else 0
    return text[:at] + body + newline + (newline if text[at:].strip() else b"") + text[at:].lstrip(b"\r\n")


def _moved(text: bytes, depth: bytes) -> bytes:
    """Return a text at the left margin as it stands at a depth, but for its first line."""
    first, *rest = text.split(b"\n")
    return b"\n".join([first, *(depth + line if line.strip() else b"" for line in rest)])


def _first_string(language: Language, text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return the span of the string that a body in these bytes begins with, or None."""
    node = parse(language, text).root_node
    if start:
        found = node.descendant_for_byte_range(start, end - 1)
        while found is not None and found.type != "block":
            found = found.parent
        node = found or node
    first = next((n for n in node.named_children if n.type != "comment"), None)
    inner = first.named_children[0] if first is not None and first.named_children else None
    if first is None or first.type != "expression_statement" or inner is None or not _is_plain(inner):
        return None
    return inner.start_byte, inner.end_byte


def _is_plain(node: Node) -> bool:
    """Say whether a node is a string that can be a docstring: no f-string, and no bytes."""
    if node.type == "concatenated_string":
        return all(_is_plain(part) for part in node.named_children if part.type != "comment")
    prefix = re.match(rb"[A-Za-z]*", node.text or b"")
    return node.type == "string" and prefix is not None and not set(prefix[0].lower()) & set(b"fbt")


def _in_file(document: Document, language: Language, part: DraftPart, new: bytes) -> bytes:
    """Return the text with a part after its imports or at its end; one of the same name is replaced."""
    text, newline = document.text, document.newline
    body = new.replace(b"\n", newline)
    if (old := _statement(language, text, part.name)) is not None:
        return text[: old[0]] + body + text[old[1] :]
    if part.place == "end":
        return _at_end(text, body, newline, gap=2)
    at = after_imports(language, text)
    before, after = text[:at].rstrip(b"\r\n"), text[at:].lstrip(b"\r\n")
    lead = newline * (3 if _DEFINES.match(body) else 2) if before.strip() else b""
    gap = newline * (3 if _DEFINES.match(after) or _DEFINES.match(body) else 2)
    return before + lead + body + (gap + after if after.strip() else newline)


def _statement(language: Language, text: bytes, name: str) -> tuple[int, int] | None:
    """Return the span of the top-level assignment or definition of a name, or None."""
    if not name:
        return None
    for node in parse(language, text).root_node.named_children:
        inner = (
            node.named_children[0] if node.type == "expression_statement" and node.named_children else node
        )
        target = (
            inner.child_by_field_name("left")
            if inner.type == "assignment"
            else inner.child_by_field_name("name")
        )
        if target is not None and target.text == name.encode():
            return node.start_byte, node.end_byte
    return next(((s.start, s.end) for s in symbols(language, text) if s.name == name), None)


def _beside(document: Document, language: Language, symbol: Symbol, part: DraftPart, new: bytes) -> bytes:
    """Return the text with a part before or after the outermost definition around a symbol."""
    text, newline = document.text, document.newline
    body = new.replace(b"\n", newline)
    if (old := _statement(language, text, part.name)) is not None:
        return text[: old[0]] + body + text[old[1] :]
    outer = find_symbol(text, language, symbol.name.partition(".")[0], document.path)
    if part.place == "before":
        return text[: outer.start] + body + newline * 3 + text[outer.start :]
    rest = text[outer.end :]
    return text[: outer.end] + newline * 3 + body + (rest if rest.strip() else newline)


def _at_end(text: bytes, body: bytes, newline: bytes, *, gap: int) -> bytes:
    before = text.rstrip()
    return (before + newline * (gap + 1) if before else b"") + body + newline
