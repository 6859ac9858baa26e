"""What a model's answer says, as a patch: or why it says nothing that can be used."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from codegate.answer.assembling import Observe, Reader, assembled
from codegate.answer.definition import Definition, definition_in, imports_in, is_whole, names_in
from codegate.answer.elision import elision
from codegate.answer.peel import Block, blocks
from codegate.answer.refusal import refusing
from codegate.answer.splice import splice
from codegate.context import Context
from codegate.core import Patch, Proposal, Request, Target
from codegate.edits import Edits
from codegate.errors import PatchRefused
from codegate.source import Document, Language, find_symbol, language_of, read_document
from codegate.source.layout import indentation_at, unify_newlines

_DECLINED: Final = re.compile(
    r"\s*(?:(?:i['’]?m (?:very )?)?sorry\b|as an ai\b|unfortunately\b"
    r"|i (?:can(?:no|['’])t|am (?:not able|unable)|won['’]t)\b)",
    re.IGNORECASE,
)
# In characters: more than a model's longest answer, and parsed in seconds also at its worst.
_MAX_ANSWER: Final = 200_000
# Grammars that take any text, or see errors in what is right (docs/limits.md).
_UNSURE: Final = frozenset(("markdown", "html", "css", "sql", "c", "cpp", "csharp", "dockerfile"))
_AGAIN: Final = "ask again, with other words or more candidates"


def parse(
    proposal: Proposal, request: Request, context: Context, read: Reader, observe: Observe | None = None
) -> Patch:
    """Return the patch that an answer amounts to; raises PatchRefused, and nothing else, for any text.

    `read` gives the bytes of the base that the model was shown, `observe` what expressions come to on it.
    What had to be left out or mended stands in the patch's notes. The rules: `answer/empty`, `declined`
    (prose that says no), `malformed` (no code that parses), `wrong-symbol`, `ambiguous` (the symbol twice),
    `elided` (a place-holder for code), `truncated`, `unchanged`, `outside` (a path or symbol that was not
    asked for), `not-json`, `encoding`, `too-large`, and of a draft those of `assembled`.
    """
    text = proposal.text.encode("utf-8", "replace").decode()
    if len(text) > _MAX_ANSWER:
        raise PatchRefused("answer/too-large", f"the answer has {len(text):,} characters", _AGAIN)
    if not text.strip():
        raise PatchRefused("answer/empty", "the answer is empty", _AGAIN)
    if context.draft is not None:
        return assembled(context.draft, text, request.targets, read, observe, truncated=proposal.truncated)
    if context.form == "edits":
        return _edits(text, request, read, proposal.truncated)
    target = request.targets[0]
    new, notes = _text(text, target, request.instruction, read(target.path), proposal.truncated)
    return Patch(files={target.path: new}, notes=notes)


def _text(
    answer: str, target: Target, instruction: str, old: bytes | None, truncated: bool
) -> tuple[bytes, tuple[str, ...]]:
    """Return the whole new bytes of the target's file, and notes."""
    with refusing(target.path):
        document = read_document(target.path, old or b"")
        language = language_of(target.path, document.text)
        notes: tuple[str, ...] = ()
        if target.symbol is None:
            new = _file(answer, document, language, truncated)
        else:
            new, notes = _symbol(answer, document, language, target.symbol, instruction, truncated)
        encoded = document.encode(new)
    if encoded == old:
        raise PatchRefused("answer/unchanged", f"the answer changes nothing in {target}", _AGAIN, target.path)
    return encoded, notes


def _symbol(
    answer: str, document: Document, language: Language | None, wanted: str, instruction: str, truncated: bool
) -> tuple[bytes, tuple[str, ...]]:
    symbol = find_symbol(document.text, language, wanted, document.path)
    assert language is not None
    depth = indentation_at(document.text, symbol.start)
    old = unify_newlines(document.text[symbol.start : symbol.end])
    found = list(blocks(answer))
    whole = [b for b in found if is_whole(language, b.text)]
    best: Definition | None = None
    for block in (*whole, *(b for b in found if b not in whole)):
        best = definition_in(language, block.text, wanted, symbol.kind, depth)
        if best is not None:
            _refuse_cut(block, truncated, document.path)
            break
    if best is None:
        raise _no_code(answer, whole, language, document.path, wanted)
    # Models like to put the imports into a block of their own; only those that are used are ever added.
    elsewhere = [s for b in whole if b.closed for s in imports_in(language, b.text)]
    best = replace(best, imports=tuple(dict.fromkeys([*best.imports, *elsewhere])))
    for text in (best.text, *best.members):
        if left_out := elision(language, text, old):
            raise _elided(left_out, document.path)
    spliced = splice(document, language, symbol, best, lambda words: _unasked(words, instruction))
    return spliced.text, spliced.notes


def _unasked(words: str, instruction: str) -> bool:
    """Say whether an instruction speaks of none of the words of a text, so that it was not meant to go."""
    asked = set(re.findall(r"\w+", instruction.lower()))
    decorators = {"decorator", "decorators", "undecorated"} if "@" in words else set[str]()
    return not asked & (decorators | set(re.findall(r"\w+", words.lower())))


def _file(answer: str, document: Document, language: Language | None, truncated: bool) -> bytes:
    block = _whole_file(answer, document, language)
    _refuse_cut(block, truncated, document.path)
    new = block.text.strip("\n").encode()
    if language is not None and (left_out := elision(language, new, unify_newlines(document.text))):
        raise _elided(left_out, document.path)
    ends = not document.text or document.text.endswith((b"\n", b"\r"))
    new = new.rstrip() + (b"\n" if ends else b"")
    return new.replace(b"\n", document.newline)


def _whole_file(answer: str, document: Document, language: Language | None) -> Block:
    """Return the block that is the file: the first that parses; where no grammar tells, the likeliest."""
    found = list(blocks(answer))
    if language is None or language.name in _UNSURE:
        starts_fenced = answer.lstrip().startswith(("```", "~~~"))
        prose = re.compile(r"\.(md|rst|txt|markdown)$", re.IGNORECASE).search(document.path)
        return found[0] if starts_fenced or not prose else found[-1]
    for block in found:
        if block.text.strip() and is_whole(language, block.text):
            return block
    # A file that was broken before may still be: then the gate says whether it got worse.
    if document.text and not is_whole(language, document.text.decode()):
        return found[0]
    raise _no_code(answer, [], language, document.path)


def _edits(answer: str, request: Request, read: Reader, truncated: bool) -> Patch:
    contents: dict[str, bytes] = {}
    notes: list[str] = []
    for edit in _edits_in(answer, truncated).edits:
        target = Target(edit.path, edit.symbol)
        if not _asked_for(target, request):
            raise PatchRefused(
                "answer/outside", f"the answer edits {target}, which was not asked for", _AGAIN
            )
        old = contents.get(edit.path, read(edit.path))
        new, more = _text(edit.text, target, request.instruction, old, truncated=False)
        contents[edit.path] = new
        notes += more
    return Patch(files=contents, notes=tuple(notes))


def _edits_in(answer: str, truncated: bool) -> Edits:
    wrong = ""
    for block in blocks(answer):
        start, end = block.text.find("{"), block.text.rfind("}")
        try:
            return Edits.model_validate(json.loads(block.text[start : end + 1]))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            wrong = wrong or f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        except (ValueError, RecursionError) as error:
            wrong = wrong or str(error)
    if truncated:
        raise _truncated(None)
    if _DECLINED.match(answer):
        raise PatchRefused("answer/declined", "the model declined", _AGAIN)
    raise PatchRefused("answer/not-json", f"the answer is not the JSON that was asked for: {wrong}", _AGAIN)


def _asked_for(target: Target, request: Request) -> bool:
    """Say whether an edit lies within a target: the file, the symbol, or what is inside the symbol."""
    for asked in request.targets:
        if asked.path != target.path:
            continue
        if asked.symbol is None or asked.symbol == target.symbol:
            return True
        if target.symbol is not None and target.symbol.startswith(f"{asked.symbol}."):
            return True
    return False


def _refuse_cut(block: Block, truncated: bool, path: str) -> None:
    if truncated and not block.closed:
        raise _truncated(path)


def _truncated(path: str | None) -> PatchRefused:
    hint = "name a smaller symbol, or use a model with a larger window"
    return PatchRefused("answer/truncated", "the answer stopped at its token limit", hint, path)


def _elided(left_out: str, path: str) -> PatchRefused:
    return PatchRefused("answer/elided", f"the answer leaves out code: {left_out}", _AGAIN, path)


def _no_code(
    answer: str, whole: list[Block], language: Language, path: str, wanted: str | None = None
) -> PatchRefused:
    if _DECLINED.match(answer) and "```" not in answer:
        return PatchRefused("answer/declined", "the model declined", _AGAIN, path)
    names = names_in(language, whole[0].text) if whole else []
    if wanted and names.count(wanted.rpartition(".")[2]) > 1:
        return PatchRefused("answer/ambiguous", f"the answer defines {wanted} more than once", _AGAIN, path)
    if wanted and set(names) - {wanted}:
        return PatchRefused(
            "answer/wrong-symbol",
            f"the answer defines {', '.join(names[:5])}, and not {wanted}",
            _AGAIN,
            path,
        )
    return PatchRefused("answer/malformed", f"the answer holds no {language.name} that parses", _AGAIN, path)
