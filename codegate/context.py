"""What a model is shown of the base: the targets whole, then what is around them, within a token budget."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from codegate.core import Message, Prompt, Request, Target
from codegate.edits import EDITS_SCHEMA
from codegate.errors import UsageError
from codegate.recipes import Form, Recipe
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
from codegate.visible import visible

Reader = Callable[[str], bytes | None]

# Tokens that a prompt needs beside what it quotes: the recipe's own words and the section marks.
_FRAME: Final = 350
# An answer copies the target and adds to it; a file that does not exist yet has no size to go by.
_ANSWER_GROWTH: Final = 1.25
_ANSWER_ROOM: Final = 384
_NEW_FILE_ROOM: Final = 1536
# What is around the targets is help, not the task, and on a laptop each token of it costs time.
_SURROUNDINGS_SHARE: Final = 8
_MAX_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines as they stand in a file, the first of them in line `line` (from 1)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a file that a model is shown, and as what: `target`, or one of the kinds of surroundings.

    A target is whole; it is empty for a file that does not exist yet. Of other excerpts parts are left out.
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
class Context:
    """The excerpts that a model is shown, what was left out for want of room, and what it is to answer.

    `form` is the whole text of one `symbol` or one `file`, or several `edits` as JSON. `max_tokens` is
    the room that was kept for the answer.
    """

    excerpts: tuple[Excerpt, ...]
    omitted: tuple[str, ...]
    form: Form
    max_tokens: int

    @property
    def targets(self) -> tuple[Excerpt, ...]:
        return tuple(e for e in self.excerpts if e.kind == "target")


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that the request is about, with its symbols."""

    document: Document
    language: Language | None
    symbols: tuple[Symbol, ...]

    def excerpt(self, kind: str, chunks: Iterable[Chunk], symbol: str | None = None) -> Excerpt:
        name = self.language.name if self.language else ""
        return Excerpt(self.document.path, kind, tuple(chunks), name, symbol)

    def chunk(self, start: int, end: int) -> Chunk:
        text = self.document.text
        # From the start of the line, so that the model sees the indentation that it is to keep.
        start -= len(indentation_at(text, start)) if not text[:start].rpartition(b"\n")[2].strip() else 0
        return Chunk(text.count(b"\n", 0, start) + 1, unify_newlines(text[start:end]).decode())

    def head(self, symbol: Symbol) -> Chunk:
        """Return a definition without its body, in whose place stands `...`."""
        end = symbol.head + len(self.document.text[symbol.head : symbol.body].rstrip())
        chunk = self.chunk(symbol.head, end)
        return chunk if end == symbol.end else Chunk(chunk.line, f"{chunk.text} ...")


def gather(request: Request, read: Reader, count: Callable[[str], int], budget: int) -> Context:
    """Return what a model is shown for `request`: each target whole, and around them what there is room for.

    `read` gives a file's bytes in the base, or None where there is none. `count` counts tokens as the model
    does; it is called about ten times. `budget` is the model's window in tokens, for prompt and answer
    together. Raises UsageError for a target that does not exist, is no text, or does not fit.
    """
    if not request.targets:
        raise UsageError("nothing is named that could be changed", "name a file, or path::symbol")
    sources = _sources(request, read)
    targets = [_target(t, sources[t.path]) for t in request.targets]
    form = _form(request.targets)
    sizes = [count(t.text) for t in targets]
    answer = sum(_answer_room(t, size) for t, size in zip(targets, sizes, strict=True))
    words = _FRAME + count("\n".join([request.instruction, *request.remarks, *request.inputs.values()]))
    room = budget - words - sum(sizes) - answer
    if room < 0:
        raise _too_large(request.targets, sizes, words + answer, budget)
    surroundings = [e for s in sources.values() for e in _surroundings(s, request)]
    kept, omitted = _fit(surroundings, min(room, budget // _SURROUNDINGS_SHARE), count)
    return Context((*kept, *targets), omitted, form, answer)


def render(context: Context, recipe: Recipe, request: Request) -> Prompt:
    """Return the prompt for a context: equal for equal input, and no text in it can end or open a section.

    Each excerpt and each remark stands between marks that hold a nonce. The nonce is a digest of the excerpts
    and occurs in no text of the prompt, so that text cannot write a mark. What is shown is at the front and
    what is asked at the end: a model that kept the front in memory reads only the end again.
    """
    if context.form not in recipe.forms:
        raise UsageError(
            f"recipe {recipe.name} makes no {context.form}", f"it is made for: {', '.join(recipe.forms)}"
        )
    nonce = _nonce(context, request)
    system, user = recipe.write(
        form=context.form,
        instruction=request.instruction,
        targets=[visible(str(t)) for t in request.targets],
        target=context.targets[0],
        surroundings=[
            _section(nonce, e.title, e.text, e.language) for e in context.excerpts if e.kind != "target"
        ],
        sections=[_section(nonce, e.title, e.text, e.language) for e in context.targets],
        remarks=[_section(nonce, "remark", remark) for remark in request.remarks],
        inputs=recipe.fill(request.inputs),
    )

    schema: dict[str, Any] | None = EDITS_SCHEMA if context.form == "edits" else None
    return Prompt((Message("system", system), Message("user", user)), context.max_tokens, schema=schema)


def secrets_in(context: Context) -> list[tuple[str, int, str]]:
    """Return path, line and kind of each thing in a context that looks like a credential.

    Asked off-line, of detect-secrets, before a remote model may see the context. It errs to both sides.
    """
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import transient_settings

    found: set[tuple[str, int, str]] = set()
    with transient_settings({"plugins_used": [{"name": name} for name in _secret_plugins()]}):
        for excerpt in context.excerpts:
            for chunk in excerpt.chunks:
                for number, line in enumerate(chunk.text.split("\n"), chunk.line):
                    found.update((excerpt.path, number, secret.type) for secret in scan_line(line))
    return sorted(found)


def _secret_plugins() -> list[str]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    known = (plugin.__name__ for plugin in get_mapping_from_secret_type_to_class().values())
    # On single lines these two take every long word for a secret.
    return [name for name in known if "HighEntropy" not in name]


def _sources(request: Request, read: Reader) -> dict[str, _Source]:
    sources: dict[str, _Source] = {}
    for target in request.targets:
        if target.path in sources:
            continue
        data = read(target.path)
        if data is None and target.symbol is not None:
            raise UsageError(
                f"there is no {target.path}", f"to make a new file, name it alone: {target.path}"
            )
        document = read_document(target.path, data or b"")
        language = language_of(target.path, document.text)
        known = symbols(language, document.text) if language else []
        sources[target.path] = _Source(document, language, tuple(known))
    return sources


def _target(target: Target, source: _Source) -> Excerpt:
    text = source.document.text
    if target.symbol is None:
        return source.excerpt("target", [source.chunk(0, len(text))])
    symbol = find_symbol(text, source.language, target.symbol, target.path)
    return source.excerpt("target", [source.chunk(symbol.start, symbol.end)], target.symbol)


def _form(targets: tuple[Target, ...]) -> Form:
    if len(targets) > 1:
        return "edits"
    return "file" if targets[0].symbol is None else "symbol"


def _answer_room(target: Excerpt, size: int) -> int:
    return int(size * _ANSWER_GROWTH) + _ANSWER_ROOM if target.text else _NEW_FILE_ROOM


def _too_large(targets: tuple[Target, ...], sizes: list[int], needed: int, budget: int) -> UsageError:
    largest = max(zip(sizes, targets, strict=True), key=lambda pair: pair[0])
    hint = "name a symbol in it" if largest[1].symbol is None else "name a smaller symbol"
    return UsageError(
        f"{largest[1]} does not fit: {sum(sizes)} tokens to show, and {needed} for the instruction and the "
        f"answer, where the model takes {budget} in all",
        f"{hint}, or use a model with a larger window",
    )


def _surroundings(source: _Source, request: Request) -> Iterator[Excerpt]:
    """Yield what helps to understand the targets in one file, the most useful first."""
    wanted = [t.symbol for t in request.targets if t.path == source.document.path]
    if source.language is None or None in wanted:
        return
    text, language = source.document.text, source.language
    if spans := imports(language, text):
        yield source.excerpt("imports of", [source.chunk(*span) for span in spans])
    targets = [s for s in source.symbols if s.name in wanted]
    for parent in dict.fromkeys(t.parent for t in targets if t.parent):
        yield source.excerpt("signatures around", _outline(source, parent, targets), parent)
    yield from _named(source, request, targets)
    if heads := list(_outline(source, "", targets)):
        yield source.excerpt("signatures in", heads)


def _outline(source: _Source, parent: str, targets: list[Symbol]) -> Iterator[Chunk]:
    """Yield the heads of what `parent` defines (the whole module for ""), but the targets.

    An initialiser stands whole: it tells a class's attributes.
    """
    for symbol in source.symbols:
        if symbol in targets:
            continue
        if symbol.name == parent:
            yield source.chunk(symbol.head, symbol.body)
        elif symbol.parent == parent:
            whole = symbol.last_name == "__init__"
            yield source.chunk(symbol.start, symbol.end) if whole else source.head(symbol)


def _named(source: _Source, request: Request, targets: list[Symbol]) -> Iterator[Excerpt]:
    """Yield the symbols of the file that the instruction names, whole."""
    words = set(re.findall(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", request.instruction))
    named = [s for s in source.symbols if s.name in words or s.last_name in words]
    others = [s for s in named if not any(t == s or t.contains(s) or s.contains(t) for t in targets)]
    for symbol in others[:_MAX_NAMED]:
        yield source.excerpt("named", [source.chunk(symbol.start, symbol.end)], symbol.name)


def _fit(
    excerpts: list[Excerpt], room: int, count: Callable[[str], int]
) -> tuple[list[Excerpt], tuple[str, ...]]:
    """Return the excerpts that fit in `room` tokens, first come first kept, and a line for what does not.

    An excerpt of many chunks is cut to its share of the room; one more count tells whether that was enough.
    """
    kept: list[Excerpt] = []
    omitted: list[str] = []
    for excerpt in excerpts:
        size = count(excerpt.text)
        whole = len(excerpt.chunks)
        if size > room and whole > 1:
            part = int(whole * 0.9 * room / size)
            excerpt = Excerpt(
                excerpt.path, excerpt.kind, excerpt.chunks[:part], excerpt.language, excerpt.symbol
            )
            size = count(excerpt.text) if part else room + 1
        if size > room:
            omitted.append(f"{excerpt.title}: all of it")
            continue
        if len(excerpt.chunks) < whole:
            omitted.append(f"{excerpt.title}: {whole - len(excerpt.chunks)} of {whole}")
        kept.append(excerpt)
        room -= size
    return kept, tuple(omitted)


def _nonce(context: Context, request: Request) -> str:
    shown = [*(f"{e.title}\0{e.text}" for e in context.excerpts)]
    everything = "\0".join([*shown, request.instruction, *request.remarks, *request.inputs.values()])
    digest = hashlib.sha256("\0".join(shown).encode("utf-8", "surrogateescape"))
    while (nonce := digest.hexdigest()[:8]) in everything:
        digest.update(b"again")
    return nonce


def _section(nonce: str, title: str, text: str, language: str = "") -> str:
    # The fence is longer than any in the text, for readers that know only fences; the mark is what counts.
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    return f"[{nonce}: {visible(title)}]\n{fence}{language}\n{text}\n{fence}\n[{nonce}: end]"
