"""Does the change stay within what the request named, down to the syntax node?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity, Target
from codegate.errors import UsageError

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.workspace import Workspace

_HINT: Final = "Name it as a target too, or ask for less."


def outside(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield an error for each changed path that is no target of the request."""
    if rules.scope.targets is None:
        return
    for change in workspace.candidate.changes:
        if not rules.scope.targets_in(change.path):
            message = "the request did not name this file"
            yield Finding("scope/outside", Severity.ERROR, message, change.path, hint=_HINT)


def nodes(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield an error for each file of which more changed than the named symbols and the top-level imports.

    Imports under a condition of the top level (`if TYPE_CHECKING:`, `try:`) are such, the conditions are not.
    Comments and formatting elsewhere count as change; blank lines beside a changed symbol or import do not.
    """
    for change in workspace.candidate.changes:
        targets = rules.scope.targets_in(change.path)
        if targets and all(t.symbol is not None for t in targets):
            before, after = workspace.before(change.path) or b"", workspace.after(change.path)
            if after is not None:
                yield from _beyond(change.path, before, after, targets)


def _beyond(path: str, before: bytes, after: bytes, targets: tuple[Target, ...]) -> Iterator[Finding]:
    from codegate.source import language_of

    named = ", ".join(str(t.symbol) for t in targets)
    language = language_of(path, before)
    if language is None:
        yield _finding(path, None, f"no grammar tells here what belongs to {named}")
        return
    try:
        base, result = (_remainder(path, data, language, targets) for data in (before, after))
    except UsageError as error:
        yield _finding(path, None, error.message)
        return
    line = _first_difference(base, result)
    if line is not None:
        yield _finding(path, line, f"more than {named} and the imports changed, from this line on")


def _finding(path: str, line: int | None, message: str) -> Finding:
    return Finding("scope/node", Severity.ERROR, message, path, line, hint=_HINT)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line outside the cuts that is not blank: its text, what stood before it, and its number in the file.

    `gap` is the number of blank lines before it, None if something was cut there.
    """

    text: bytes
    gap: tuple[bytes, ...] | None
    number: int


def _remainder(path: str, data: bytes, language: Language, targets: tuple[Target, ...]) -> list[_Line]:
    """Return what is left of a file without the named symbols and the top-level imports."""
    from codegate.source import imports, read_document, symbols

    text = read_document(path, data).text
    wanted = {t.symbol for t in targets}
    cuts = [(s.start, s.end) for s in symbols(language, text) if s.name in wanted]
    cuts += imports(language, text, guarded=language.name == "python")
    return list(_lines(text, sorted(cuts)))


def _lines(text: bytes, cuts: list[tuple[int, int]]) -> Iterator[_Line]:
    gap: tuple[bytes, ...] | None = ()
    for line, number, cut in _uncut(text, cuts):
        if cut:
            gap = None
        if line.strip():
            yield _Line(line, gap, number)
            gap = ()
        elif not cut and gap is not None:
            gap = (*gap, line)
    yield _Line(b"", gap, text.count(b"\n") + 1)  # the end of the file: blank lines before it count too


def _uncut(text: bytes, cuts: list[tuple[int, int]]) -> Iterator[tuple[bytes, int, bool]]:
    """Yield each line without what is cut from it, its number, and whether something was."""
    at, number, pending, touched = 0, 1, b"", False
    for start, end in [*cuts, (len(text), len(text))]:
        if start < at:  # inside a symbol that is cut already
            start = at
        pieces = text[at:start].split(b"\n")
        for piece in pieces[:-1]:
            yield pending + piece, number, touched
            pending, touched, number = b"", False, number + 1
        pending += pieces[-1]
        if end > start:
            touched = True
            number += text.count(b"\n", start, end)
        at = max(at, end)
    yield pending, number, touched


def _first_difference(base: list[_Line], result: list[_Line]) -> int | None:
    """Return the line of the result from which on more than the cuts differs, or None."""
    for old, new in zip(base, result, strict=False):
        same_gap = old.gap is None or new.gap is None or old.gap == new.gap
        if old.text != new.text or not same_gap:
            return new.number
    return None if len(base) == len(result) else result[-1].number
