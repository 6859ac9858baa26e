"""Excerpts of files: the targets of a request, and what helps to understand them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from codegate.core import Request, Target
from codegate.source import (
    Document,
    Language,
    Symbol,
    find_symbol,
    imports,
    language_of,
    read_document,
    symbols,
)
from codegate.source.layout import indentation_at, unify_newlines

_MAX_NAMED: Final = 6
_MAX_BEGINNING: Final = 60
_WORD: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_PATH: Final = re.compile(r"(?P<path>[\w./-]+\.\w+)(?:::(?P<symbol>[\w.]+))?")
_MAX_PATH: Final = 300


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines as they stand in a file, the first of them in line `line` (from 1)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a file that a model is shown, and as what: `target`, or one of the kinds of surroundings.

    A target is whole, and empty for a file that does not exist yet. Of others parts may be left out.
    """

    path: str
    kind: str
    chunks: tuple[Chunk, ...]
    language: str = ""
    symbol: str | None = None

    @property
    def text(self) -> str:
        return "\n".join(chunk.text for chunk in self.chunks)

    @property
    def title(self) -> str:
        of = self.path if self.symbol is None else f"{self.symbol} in {self.path}"
        return f"{self.kind} {of}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, with the symbols in it."""

    document: Document
    language: Language | None
    symbols: tuple[Symbol, ...]

    def excerpt(self, kind: str, chunks: Iterable[Chunk], symbol: str | None = None) -> Excerpt:
        name = self.language.name if self.language else ""
        return Excerpt(self.document.path, kind, tuple(chunks), name, symbol)

    def chunk(self, start: int, end: int) -> Chunk:
        """Return the text of a span, from the start of its line if nothing stands before it there."""
        text = self.document.text
        before = text[:start].rpartition(b"\n")[2]
        start -= 0 if before.strip() else len(indentation_at(text, start))
        return Chunk(text.count(b"\n", 0, start) + 1, unify_newlines(text[start:end].rstrip()).decode())

    def whole(self) -> Chunk:
        """Return all of the file."""
        return Chunk(1, unify_newlines(self.document.text).decode())

    def head(self, symbol: Symbol) -> Chunk:
        """Return a definition without its body, in whose place stands `...`."""
        chunk = self.chunk(symbol.head, symbol.body)
        return chunk if symbol.body == symbol.end else Chunk(chunk.line, f"{chunk.text} ...")


def open_source(path: str, data: bytes) -> Source:
    """Return a file's source; raises UsageError for what is no text, or too large."""
    document = read_document(path, data)
    language = language_of(path, document.text)
    return Source(document, language, tuple(symbols(language, document.text)) if language else ())


def target_in(source: Source, target: Target) -> Excerpt:
    """Return the excerpt of a target; raises UsageError for a symbol that is not there just once."""
    if target.symbol is None:
        return source.excerpt("target", [source.whole()])
    symbol = find_symbol(source.document.text, source.language, target.symbol, target.path)
    return source.excerpt("target", [source.chunk(symbol.start, symbol.end)], target.symbol)


def beginning(target: Excerpt) -> Excerpt:
    """Return the first lines of a whole file: beside them needs no more be seen of it. Symbols stay whole."""
    if target.symbol is not None:
        return target
    lines = target.text.split("\n")
    return replace(target, chunks=(Chunk(1, "\n".join(lines[:_MAX_BEGINNING])),))


def named(target: Target, read: Callable[[str], bytes | None]) -> Iterator[Excerpt]:
    """Yield a symbol of another file, and of a method what else its class has."""
    data = read(target.path)
    if data is None or target.symbol is None:
        return
    source = open_source(target.path, data)
    symbol = find_symbol(source.document.text, source.language, target.symbol, target.path)
    yield source.excerpt("named:", [source.chunk(symbol.start, symbol.end)], symbol.name)
    for parent in source.symbols:
        if parent.name == symbol.parent:
            yield source.excerpt("signatures around", _members(source, parent, [symbol]), parent.name)


def surroundings(source: Source, request: Request) -> Iterator[Excerpt]:
    """Yield what helps to understand the targets in one file, the most useful first."""
    wanted = [t.symbol for t in request.targets if t.path == source.document.path]
    if source.language is None or None in wanted:
        return
    if spans := imports(source.language, source.document.text):
        yield source.excerpt("imports of", [source.chunk(*span) for span in spans])
    shown = [s for s in source.symbols if s.name in wanted]
    targets = tuple(shown)
    for parent in source.symbols:
        if any(t.parent == parent.name for t in targets):
            yield source.excerpt("signatures around", _members(source, parent, shown), parent.name)
    named = list(_named(source, request, targets))
    shown += named
    for symbol in named:
        yield source.excerpt("named:", [source.chunk(symbol.start, symbol.end)], symbol.name)
    # The parent contains its members, or as a struct of Rust stands beside them.
    near = {*(t.parent for t in targets)}
    others = (
        s
        for s in source.symbols
        if not s.parent and s.name not in near and not any(s == t or s.contains(t) for t in shown)
    )
    if heads := [source.head(symbol) for symbol in others]:
        yield source.excerpt("signatures in", heads)


def mentioned(request: Request, read: Callable[[str], bytes | None]) -> Iterator[Excerpt]:
    """Yield what the instruction names by its path or as Python would import it, but the targets' own files.

    Raises UsageError for a path that has no such symbol; a dotted name may be anything, and is then no name.
    """
    known = {t.path for t in request.targets}
    words = [w.strip(".:!?") for w in re.split(r"[\s\"'`(),;]+", request.instruction)]
    named = (_PATH.fullmatch(word) for word in dict.fromkeys(words) if len(word) <= _MAX_PATH)
    for found in islice(filter(None, named), _MAX_NAMED):
        path = found["path"].removeprefix("./")
        data = None if path in known else read(path)
        if data is None:
            continue
        source = open_source(path, data)
        if found["symbol"] is None:
            yield source.excerpt("named:", [source.whole()])
        else:
            symbol = find_symbol(source.document.text, source.language, found["symbol"], path)
            yield source.excerpt("named:", [source.chunk(symbol.start, symbol.end)], symbol.name)
    dotted = (word for word in dict.fromkeys(words) if len(word) <= _MAX_PATH and _DOTTED.fullmatch(word))
    for word in islice(dotted, _MAX_NAMED):
        yield from islice(_imported(word.split("."), known, read), 1)


def _imported(parts: list[str], known: set[str], read: Callable[[str], bytes | None]) -> Iterator[Excerpt]:
    """Yield the symbol that a dotted name leads to, in a flat layout or below `src`."""
    for length in range(len(parts) - 1, 0, -1):
        module, name = "/".join(parts[:length]), ".".join(parts[length:])
        for path in (
            f"{root}{module}{ending}" for root in ("", "src/") for ending in (".py", "/__init__.py")
        ):
            data = None if path in known else read(path)
            if data is not None:
                source = open_source(path, data)
                for symbol in source.symbols:
                    if symbol.name == name:
                        yield source.excerpt("named:", [source.chunk(symbol.start, symbol.end)], name)


def _members(source: Source, parent: Symbol, shown: list[Symbol]) -> Iterator[Chunk]:
    """Yield the head of a class, with what stands before its first member, and its members' heads.

    An initialiser stands whole: it tells the attributes.
    """
    members = [s for s in source.symbols if s.parent == parent.name and parent.contains(s)]
    yield source.chunk(parent.head, members[0].start if members else parent.end)
    for member in members:
        if member not in shown:
            whole = member.last_name == "__init__"
            yield source.chunk(member.start, member.end) if whole else source.head(member)


def _named(source: Source, request: Request, targets: tuple[Symbol, ...]) -> list[Symbol]:
    """Return the symbols of the file that the instruction names, but what is shown with the targets."""
    words = set(_WORD.findall(request.instruction))
    named = [s for s in source.symbols if s.name in words or s.last_name in words]
    return [s for s in named if not any(s == t or t.contains(s) or s.contains(t) for t in targets)][
        :_MAX_NAMED
    ]
