"""Does the change of a target stay within the parts that the request's contract leaves free?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity, Target
from codegate.errors import UsageError
from codegate.gates.scope.remainder import first_difference, remainder
from codegate.gates.scope.target import beyond

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.source.contract import Word
    from codegate.source.parts import Part
    from codegate.workspace import Workspace

_HINT: Final = "Change the named parts alone, or ask under a recipe that leaves more free."


def contract(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield an error for each target of which more changed than the words of `Scope.changes` name.

    Comments and formatting elsewhere count as change. Blank lines beside whole statements that come or go do
    not, nor does the layout of a signature whose annotations may change. What comes in must be for Python
    alone as well what the grammar takes it for, and an annotation must be no more than the name of a type.
    """
    from codegate.source.contract import read_changes

    words = read_changes(rules.scope.changes)
    for change in workspace.candidate.changes if words else ():
        if targets := rules.scope.targets_in(change.path):
            before, after = workspace.before(change.path) or b"", workspace.after(change.path)
            if after is None:
                yield _finding(
                    change.path, None, "the request lets parts of this file change, not all of it go"
                )
            else:
                yield from judged(change.path, before, after, targets, words)


def judged(
    path: str, before: bytes, after: bytes, targets: tuple[Target, ...], words: Sequence[Word]
) -> Iterator[Finding]:
    """Yield what is said of one file, whose base is empty where it is new."""
    from codegate.source import language_of, read_document

    language = language_of(path, before)
    named = ", ".join(f"{w.kind}:{w.pattern}" if w.pattern else w.kind for w in words)
    beside = sorted({word.kind for word in words if word.kind != "query"})
    if language is None or (beside and language.name != "python"):
        what = language.name if language is not None else "a file of an unknown language"
        yield _finding(path, None, f"nobody can tell what `{', '.join(beside or ['query'])}` is in {what}")
        return
    try:
        texts = [read_document(path, data).text for data in (before, after)]
    except UsageError as error:
        yield _finding(path, None, error.message)
        return
    old, new = _framed(language, texts, targets, words)
    line = first_difference(remainder(texts[0], old), remainder(texts[1], new))
    if line is not None:
        # Beside all targets it is as ever; within one the contract is what was broken.
        added = [part for part in new if part.kind in ("definition", "assign")]
        kept = [part for part in old if part.kind == "assign"]
        yield from beyond(path, before, after, targets, (kept, added)) or [
            _finding(path, line, f"more than {named} and the imports changed, from this line on")
        ]
        return
    yield from _gone(path, old, new)
    if language.name == "python":
        yield from _pieces(path, texts, old, new)


def _framed(
    language: Language, texts: list[bytes], targets: tuple[Target, ...], words: Sequence[Word]
) -> tuple[list[Part], list[Part]]:
    """Return the parts that are free in the base, and in the result."""
    from codegate.source.parts import disjoint, open_side, parts_of
    from codegate.source.queries import captured, replaced

    symbols = [target.symbol for target in targets]
    base, result = (open_side(language, text, symbols, is_base=not at) for at, text in enumerate(texts))
    old, new = parts_of(language, base, result, words), parts_of(language, result, base, words)
    slots = [n for w in words if w.kind == "query" for n in captured(language, base, w.pattern)]
    if slots:
        here, there = replaced(base, result, slots, (old, new))
        old, new = [*old, *here], [*new, *there]
    return disjoint(old), disjoint(new)


def _gone(path: str, old: list[Part], new: list[Part]) -> Iterator[Finding]:
    """Yield an error for each member and assignment that may be replaced, and is taken away."""
    left = {(part.kind, part.name) for part in new}
    for part in old:
        if part.kind in ("member", "assign") and (part.kind, part.name) not in left:
            yield _finding(path, None, f"`{part.name}` may be replaced, and is gone")


def _pieces(path: str, texts: list[bytes], old: list[Part], new: list[Part]) -> Iterator[Finding]:
    """Yield an error for each new piece that is not what its place is for. What was there before may stay."""
    from codegate.source.pieces import unfit

    known = {(part.kind, texts[0][part.start : part.end]) for part in old}
    for part in new:
        said = texts[1][part.start : part.end]
        if (part.kind, said) in known:
            continue
        why = unfit(part, texts[1])
        if part.kind == "import" and not why:
            why = _taken(texts[0], said)
        if why:
            yield _finding(path, texts[1].count(b"\n", 0, part.inner[0] or part.start) + 1, why)


def _taken(base: bytes, statement: bytes) -> str:
    from codegate.source.shadowing import taken

    try:
        name = taken(base, statement)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # the base is broken: the gate `syntax` tells
    return f"this import gives `{name}` another meaning in all of the file" if name else ""


def _finding(path: str, line: int | None, message: str) -> Finding:
    return Finding("scope/contract", Severity.ERROR, message, path, line, hint=_HINT)
