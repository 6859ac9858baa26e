"""A definition put in the place of the old one, and every byte beside it left as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from codegate.answer.definition import Definition
from codegate.source import Document, Language, Symbol, symbols
from codegate.source.importing import add_imports
from codegate.source.layout import indent_unit, indentation_at, laid_out, unify_newlines


@dataclass(frozen=True, slots=True)
class Spliced:
    """The whole new text of a file (UTF-8, its own line endings), and what a person should know of it."""

    text: bytes
    notes: tuple[str, ...]


def splice(
    document: Document,
    language: Language,
    symbol: Symbol,
    new: Definition,
    keeps_decorators: Callable[[str], bool],
) -> Spliced:
    """Return the document's text with the symbol's replaced by the definition, and missing imports added.

    Outside the symbol's span nothing changes but whole lines of imports. Decorators that the definition does
    not repeat stay where `keeps_decorators` of their text says so.
    """
    notes = [f"left out of the answer: {', '.join(new.dropped)}"] if new.dropped else []
    text, depth, unit = document.text, indentation_at(document.text, symbol.start), indent_unit(document.text)
    if new.members:
        text, body = _with_members(text, language, symbol, new.members, unit)
        notes.append("the answer was methods only: they were put into the class")
    else:
        body = laid_out(language, new.text.rstrip(), depth, unit)
        start = symbol.start
        decorators = text[symbol.start : symbol.head].decode()
        if decorators and not body.startswith(b"@") and keeps_decorators(decorators):
            start = symbol.head
            notes.append("the answer had no decorators: those that were there are kept")
        text = text[:start] + _with_newlines(body, document.newline) + text[symbol.end :]
    text, more = _with_imports(document, language, text, new.imports, body)
    return Spliced(text, (*notes, *more))


def _with_members(
    text: bytes, language: Language, symbol: Symbol, members: tuple[bytes, ...], unit: bytes
) -> tuple[bytes, bytes]:
    """Return the text with each method in the class: in the place of the one of its name, or at the end."""
    newline = Document("", text).newline
    inner = indentation_at(text, symbol.start) + unit
    added = b""
    for member in members:
        name = f"{symbol.name}.{symbols(language, member)[0].name}"
        now = symbols(language, text)
        old = [s for s in now if s.name == name]
        body = laid_out(language, member.rstrip(), inner, unit)
        added += body
        written = _with_newlines(body, newline)
        if len(old) == 1:
            text = text[: old[0].start] + written + text[old[0].end :]
        else:
            end = next(s for s in now if s.name == symbol.name and s.start == symbol.start).end
            text = text[:end] + newline * 2 + inner + written + text[end:]
    return text, added


def _with_imports(
    document: Document, language: Language, text: bytes, statements: tuple[str, ...], used_in: bytes
) -> tuple[bytes, list[str]]:
    if not statements:
        return text, []
    unified = unify_newlines(text)
    result, notes = add_imports(language, unified, list(statements), used_in)
    if result == unified:
        return text, notes
    return _inserted(text, unified, result, document.newline), notes


def _inserted(text: bytes, before: bytes, after: bytes, newline: bytes) -> bytes:
    """Return `text` with the change from `before` to `after` made; `before` is `text` with `\\n` throughout.

    The lines around the change keep their own line endings, also where a file mixes them.
    """
    old, new, own = before.split(b"\n"), after.split(b"\n"), re.split(rb"(\r\n|\r|\n)", text)
    lines = [a + b for a, b in zip(own[::2], [*own[1::2], b""], strict=True)]
    head = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = b"".join(line + newline for line in new[head : len(new) - tail])
    return b"".join(lines[:head]) + middle + b"".join(lines[len(lines) - tail :] if tail else [])


def _with_newlines(body: bytes, newline: bytes) -> bytes:
    return body if newline == b"\n" else body.replace(b"\n", newline)
