"""Does another reader see the same change in the diff as git does?"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Change, Finding, Severity

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}

# unidiff takes 5 s and 600 MB for 20 MB of short lines.
MAX_DIFF: Final = 20_000_000
# unidiff takes the last ` b/` of the first line for where the second name begins, also within a name such as
# `Part b/x`. For that space there stands a character that no name of git's has: it would be quoted.
_FIRST = re.compile(r'(?m)^diff --git ("?)a/(.*)\1 \1b/\2\1$')
_NAMES = re.compile(r'(?m)^(--- "?a/|\+\+\+ "?b/)(.*)')
_STAND_IN = "\x01"

_Counts = tuple[int, int]


def disagreements(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield an error for each path of which git's list and unidiff's parse of git's diff do not say the same.

    People and tools read the diff; gates read git's list. If they could differ, one would be shown what the
    other did not judge. A diff of more than MAX_DIFF bytes is not read a second time.
    """
    if len(workspace.candidate.diff) > MAX_DIFF:
        return  # `sizes` tells
    try:
        parsed = _parsed(workspace.candidate.diff)
    except Exception as error:  # unidiff has no common ancestor for what it raises on a malformed diff
        yield _finding(None, f"unidiff cannot read the diff: {error}")
        return
    listed = {change.path: change for change in workspace.candidate.changes}
    for path in sorted(listed.keys() | parsed.keys()):
        if path not in parsed:
            yield _finding(path, "git lists this path, and the diff does not show it")
        elif path not in listed:
            yield _finding(path, "the diff shows this path, and git does not list it")
        elif (counted := _counted(listed[path])) is not None and counted != parsed[path]:
            (git_adds, git_removes), (adds, removes) = counted, parsed[path]
            yield _finding(path, f"git counts +{git_adds} -{git_removes}, the diff shows +{adds} -{removes}")


def _finding(path: str | None, message: str) -> Finding:
    hint = "This is a defect of codegate or of git: report it, with the diff."
    return Finding("scope/disagreement", Severity.ERROR, message, path, hint=hint)


def _counted(change: Change) -> _Counts | None:
    """Return git's count; None where there is none, and where a path turned from one type into another."""
    turned = not change.is_new and not change.is_deletion and change.old_mode[:2] != change.new_mode[:2]
    if turned or change.added is None or change.removed is None:
        return None
    return change.added, change.removed


def _parsed(diff: bytes) -> dict[str, _Counts]:
    from unidiff.patch import PatchSet

    # newline="\n": lines end where git ends them, not at form feeds or lone carriage returns.
    text = io.StringIO(_unambiguous(diff.decode("utf-8", "surrogateescape")), newline="\n")
    found: dict[str, _Counts] = {}
    for file in PatchSet(text):
        source = file.target_file if file.target_file != "/dev/null" else file.source_file
        path = _unquoted(source.replace(_STAND_IN, " "))[2:]  # without git's `a/` or `b/`
        added, removed = found.get(path, (0, 0))
        found[path] = (added + file.added, removed + file.removed)
    return found


def _unambiguous(diff: str) -> str:
    """Return a diff in which ` b/` parts the two names of a file and stands in none of them.

    Lines of a hunk that look like names change too, which is no matter: they are counted, not compared.
    """
    first = _FIRST.sub(
        lambda m: f"diff --git {m[1]}a/{_marked(m[2])}{m[1]} {m[1]}b/{_marked(m[2])}{m[1]}", diff
    )
    return _NAMES.sub(lambda m: m[1] + _marked(m[2]), first)


def _marked(name: str) -> str:
    return name.replace(" b/", f"{_STAND_IN}b/")


def _unquoted(name: str) -> str:
    """Return a name as git means it: unidiff leaves the quotes and escapes of unusual names in."""
    if not (len(name) > 1 and name.startswith('"') and name.endswith('"')):
        return name
    raw = name[1:-1].encode("utf-8", "surrogateescape")
    return os.fsdecode(_ESCAPE.sub(_unescaped, raw))


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _NAMED.get(code, code)
