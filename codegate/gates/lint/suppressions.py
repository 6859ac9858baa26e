"""Does the change tell a checker to look away?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates.lint.comparison import are_alike, compare
from codegate.gates.lint.diagnostic import Diagnostic
from codegate.gates.lint.silencers import silencers
from codegate.visible import visible_bytes

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.gates.lint.silencers import Silencer
    from codegate.workspace import Workspace

    _Silencers = list[tuple[str, Silencer]]

_CODES: Final = re.compile(
    r"(?is)(.*?(?:no\s?qa|ignore|disable|nolint|nosec))\s*[:=\[(]?\s*([\w\-, ]*)[\])]?"
)
_CODE: Final = re.compile(r"[\w\-]+")
_HINT: Final = "Mend what it complains of; a person may add the comment by hand."
_END_HINT: Final = "Put it back where it was."


def suppressions(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each comment that silences a checker, or a line, which was not so before.

    What is compared are comments and what stands on their lines, not the lines that a diff adds: a comment
    can be moved to other code, or be made of old text. One that holds for a range or a file, and so for no
    line, is counted. One that ended a range and goes alone is told too.
    """
    after = _all(workspace, workspace.after)
    if not after:
        return
    before = _all(workspace, workspace.before, {path for path, _ in after})
    if _compared(before, after)[0]:  # they may come from other files
        before = _all(workspace, workspace.before)
    new, gone = _compared(before, after)
    for found in new:
        if not any(_is_narrower(found, old) for old in gone):
            message = f"this silences a checker: {found.message}"
            yield Finding(
                "lint/suppression", rules.by_hand, message, found.path, found.line, found.column, _HINT
            )
    for path, tool in _unended(before, after):
        message = f"a comment that ended what another one silences is gone: {tool}"
        yield Finding("lint/suppression", rules.by_hand, message, path, hint=_END_HINT)


def _all(
    workspace: Workspace, read: Callable[[str], bytes | None], only: Collection[str] | None = None
) -> _Silencers:
    return [
        (change.path, silencer)
        for change in workspace.candidate.changes
        if (only is None or change.path in only) and (data := read(change.path)) is not None
        for silencer in silencers(change.path, data)
    ]


def _compared(before: _Silencers, after: _Silencers) -> tuple[list[Diagnostic], list[Diagnostic]]:
    return compare(*([_as_diagnostic(p, s) for p, s in side if not s.ends] for side in (before, after)))


def _as_diagnostic(path: str, found: Silencer) -> Diagnostic:
    text = found.text.decode("utf-8", "surrogateescape")
    return Diagnostic(path, text, visible_bytes(found.text)[:120], found.line, found.column, found.code)


def _is_narrower(new: Diagnostic, old: Diagnostic) -> bool:
    """Say whether a comment is one that is gone, with fewer codes: `# noqa: E501` for `# noqa`."""
    one, other = _CODES.fullmatch(new.code), _CODES.fullmatch(old.code)
    if new.path != old.path or not one or not other or one[1].lower() != other[1].lower():
        return False
    codes, known = (set(_CODE.findall(found[2])) for found in (one, other))
    return bool(codes) and (codes < known or not known) and are_alike(new.text, old.text)


def _unended(before: _Silencers, after: _Silencers) -> Iterator[tuple[str, str]]:
    """Yield path and tool where more ends of ranges are gone than beginnings."""
    ends, begins = (
        [Counter((p, s.tool) for p, s in side if s.ends is ending and not s.code) for side in (before, after)]
        for ending in (True, False)
    )
    for place in sorted(begins[1]):
        if ends[0][place] - ends[1][place] > max(0, begins[0][place] - begins[1][place]):
            yield place
