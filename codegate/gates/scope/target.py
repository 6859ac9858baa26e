"""Does the change stay within what the request named, down to the syntax node?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity, Target
from codegate.errors import UsageError
from codegate.gates.scope.remainder import Line, first_difference, remainder

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.source.parts import Part
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
    for change in workspace.candidate.changes if not rules.scope.changes else ():
        before, after = workspace.before(change.path) or b"", workspace.after(change.path)
        if after is not None:
            yield from beyond(change.path, before, after, rules.scope.targets_in(change.path))


def beyond(
    path: str,
    before: bytes,
    after: bytes,
    targets: tuple[Target, ...],
    free: tuple[Sequence[Part], Sequence[Part]] = ((), ()),
) -> list[Finding]:
    """Return an error if all targets are symbols, and more than they, imports and what is `free` changed."""
    if not targets or any(target.symbol is None for target in targets):
        return []
    return list(_beyond(path, before, after, targets, free))


def _beyond(
    path: str, before: bytes, after: bytes, targets: tuple[Target, ...],
    free: tuple[Sequence[Part], Sequence[Part]],
) -> Iterator[Finding]:  # fmt: skip
    from codegate.source import language_of

    named = ", ".join(str(t.symbol) for t in targets)
    language = language_of(path, before)
    if language is None:
        yield _finding(path, None, f"no grammar tells here what belongs to {named}")
        return
    try:
        base = _remainder(path, before, language, targets, free[0])
        result = _remainder(path, after, language, targets, free[1])
    except UsageError as error:
        yield _finding(path, None, error.message)
        return
    line = first_difference(base, result)
    if line is not None:
        yield _finding(path, line, f"more than {named} and the imports changed, from this line on")


def _finding(path: str, line: int | None, message: str) -> Finding:
    return Finding("scope/node", Severity.ERROR, message, path, line, hint=_HINT)


def _remainder(
    path: str, data: bytes, language: Language, targets: tuple[Target, ...], free: Sequence[Part]
) -> list[Line]:
    """Return what is left of a file without the named symbols and the top-level imports."""
    from codegate.source import imports, read_document, symbols
    from codegate.source.parts import Part, disjoint

    text = read_document(path, data).text
    wanted = {t.symbol for t in targets}
    cuts = [Part(s.start, s.end, "symbol") for s in symbols(language, text) if s.name in wanted]
    cuts += [Part(*span, "import") for span in imports(language, text, guarded=language.name == "python")]
    return remainder(text, disjoint([*cuts, *free]))
