"""A definition put in the place of the old one, and every byte beside it left as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from codegate.answer.definition import Definition
from codegate.answer.members import added_members
from codegate.source import Document, Language, Symbol, symbols
from codegate.source.importing import add_imports, drop_imports
from codegate.source.layout import indent_unit, indentation_at, laid_out, unify_newlines

_EXPORT: Final = re.compile(rb"export\s+(?:default\s+)?")


@dataclass(frozen=True, slots=True)
class Spliced:
    """The whole new text of a file (UTF-8, its own line endings), and what a person should know of it."""

    text: bytes
    notes: tuple[str, ...]


def splice(
    document: Document, language: Language, symbol: Symbol, new: Definition, forgets: Callable[[str], bool]
) -> Spliced:
    """Return the document's text with the symbol's replaced by the definition, and its imports kept right.

    Outside the symbol's span nothing changes but imports: missing ones are added, and in Python those that
    only the old text used are taken out. What the old text has and the new has not (decorators, `export`) is
    put back where `forgets` of its words says that it was not meant to go.
    """
    notes = [f"left out of the answer: {', '.join(new.dropped)}"] if new.dropped else []
    old = unify_newlines(document.text[symbol.start : symbol.end])
    members = new.members or added_members(language, old, new.text)
    if members:
        text, body = with_members(document, language, symbol, members)
        notes.append("the answer had new methods only: they were put into the class")
    else:
        text, body, more = _replaced(document, language, symbol, new.text, forgets)
        notes += more + _gone(language, old, new.text, forgets)
    newline = document.newline
    text, more = add_imports(language, text, new.imports, used_in=body, newline=newline)
    notes += more
    if not document.path.endswith("__init__.py"):  # there an import is often meant for others
        text, more = drop_imports(language, text, used_in=old)
        notes += more
    return Spliced(text, tuple(notes))


def _replaced(
    document: Document, language: Language, symbol: Symbol, new: bytes, forgets: Callable[[str], bool]
) -> tuple[bytes, bytes, list[str]]:
    text, start, notes = document.text, symbol.start, []
    body = laid_out(language, new.rstrip(), indentation_at(text, start), _unit(text, symbol))
    decorators = text[start : symbol.head].decode() if language.name == "python" else ""
    if decorators and not body.startswith(b"@") and forgets(decorators):
        start = symbol.head
        notes.append("the answer had no decorators: those that were there are kept")
    export = _EXPORT.match(text, start)
    if export and not _EXPORT.search(body) and forgets("export"):
        start = export.end()
        notes.append("the answer had no `export`: it is kept")
    written = body.replace(b"\n", document.newline)
    return text[:start] + written + text[symbol.end :], body, notes


def _unit(text: bytes, symbol: Symbol) -> bytes:
    """Return one level of indentation: as the symbol's own body has it if it begins a line, else the file."""
    outer, inner = indentation_at(text, symbol.start), indentation_at(text, symbol.body)
    alone = text[: symbol.body].rpartition(b"\n")[2] == inner
    return inner[len(outer) :] if alone and inner.startswith(outer) and inner != outer else indent_unit(text)


def _gone(language: Language, old: bytes, new: bytes, forgets: Callable[[str], bool]) -> list[str]:
    """Name the definitions that the old text has, the new one has not, and nobody asked to remove."""
    kept = {s.last_name for s in symbols(language, new)}
    gone = [s.name for s in symbols(language, old) if s.parent and s.last_name not in kept]
    unasked = [name for name in gone if forgets(name.rpartition(".")[2])]
    return [f"the answer takes out {', '.join(f'`{name}`' for name in unasked)}"] if unasked else []


def with_members(
    document: Document, language: Language, symbol: Symbol, members: tuple[bytes, ...]
) -> tuple[bytes, bytes]:
    """Return the text with each method in the class, in the place of the one of its name or at the end.

    A new special method stands behind those that are there. The second value is the methods' own text, as it
    was put there.
    """
    text, newline, unit = document.text, document.newline, _unit(document.text, symbol)
    inner = indentation_at(text, symbol.start) + unit
    added: list[bytes] = []
    if text[: symbol.body].rpartition(b"\n")[2].strip():  # `class Point: x = 0`
        text = text[: symbol.body].rstrip() + newline + inner + text[symbol.body :]
    for member in members:
        body = laid_out(language, member.rstrip(), inner, unit)
        added.append(body)
        text = _with_member(text, language, symbol, body.replace(b"\n", newline), newline, inner)
    return text, b"\n".join(added)


def _with_member(
    text: bytes, language: Language, symbol: Symbol, body: bytes, newline: bytes, depth: bytes
) -> bytes:
    """Return the text with one method put into the class, whose members stand at `depth`."""
    known = symbols(language, text)
    owner = next(s for s in known if s.start == symbol.start and s.name == symbol.name)
    name = f"{symbol.name}.{symbols(language, body)[0].name}"
    old = [s for s in known if s.name == name]
    if len(old) == 1:
        return text[: old[0].start] + body + text[old[0].end :]
    if text[owner.body : owner.end].strip() in (b"pass", b"..."):  # it stood for the body that now comes
        header = text[: owner.body].rstrip()
        return header + newline + depth + body + text[owner.end :]
    at = owner.end
    if _is_special(name):
        special = [s for s in known if s.parent == symbol.name and owner.contains(s) and _is_special(s.name)]
        at = special[-1].end if special else at
    return text[:at] + newline * 2 + depth + body + text[at:]


def _is_special(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last.startswith("__") and last.endswith("__")
