"""Is what the change adds what a person sees?"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Change, Finding, Severity
from codegate.gates.lines import new_lines
from codegate.gates.scope.kinds import GITLINK, SYMLINK, is_binary
from codegate.gates.scope.protection import allowing
from codegate.globs import Globs
from codegate.visible import is_hidden, visible

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

_SUSPECT: Final = re.compile(rb"[^\t\n\x20-\x7e]")
_JOINERS: Final = "\u200c\u200d"
_PRESENTATION: Final = "\ufe0e\ufe0f"
_VIRAMA: Final = 9  # the canonical combining class of the sign after which Indic scripts use joiners
# PEP 263. Code in such an encoding is not the text that a person reads (utf-7, rot13, unicode_escape …).
_DECLARED: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN: Final = re.compile(
    r"utf-8(-sig)?|ascii|iso8859-\d+|cp(125\d|437|850|932|949|950)|koi8-[ru]|mac-roman"
    r"|euc_\w+|gb\w+|big5\w*|shift_jis"
)

_Text = tuple[Change, bytes | None, bytes]


def hidden(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield an error for each new line with a character that has no ink, reorders text, or is a control.

    Spaces other than U+0020 and code points that Python's Unicode does not know can be meant: from a person
    they warn, and where the file already holds that very character they are its custom. So are form feeds.
    Joiners and emoji presentation pass where Unicode (UAX #31, UTS #51) gives them a visible effect.
    """
    for change, before, after in _texts(workspace):
        if _SUSPECT.search(after):
            known = set((before or b"").decode("utf-8", "surrogateescape"))
            for number, line in new_lines(before, after):
                yield from _in_line(change.path, number, line, known, rules)


def encodings(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding where a file's encoding changes, is none, or is declared to be one that hides code."""
    for change, before, after in _texts(workspace, lifted=rules):
        if (wrong := _encoding_change(before, after)) is not None:
            yield Finding("scope/encoding", rules.by_hand, wrong, change.path, hint=allowing(change.path))
    for change, before, after in _texts(workspace):
        declared = _declared(after)
        if declared is not None and declared != _declared(before or b"") and not _is_plain(declared):
            message = f"the declared encoding `{visible(declared)}` makes the code another than what is read"
            yield Finding("scope/hidden-encoding", Severity.ERROR, message, change.path, 1, hint="Use UTF-8.")


def endings(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding where a file gets line endings it did not have, or loses its final newline."""
    for change, before, after in _texts(workspace, lifted=rules):
        if not before or not after:
            continue
        had, has = _endings(before), _endings(after)
        if had and (other := has - had):
            kind = min(other)
            message, number = (
                f"this line ends with {kind}, as none in the base does",
                _first_ending(after, kind),
            )
            yield Finding("scope/line-endings", rules.by_hand, message, change.path, number, hint=_KEEP)
        if before.endswith(b"\n") and not after.endswith(b"\n"):
            message, number = "the newline at the end of the file is gone", after.count(b"\n") + 1
            yield Finding("scope/final-newline", rules.by_hand, message, change.path, number, hint=_KEEP)


_KEEP: Final = "Keep the file's own."


def _texts(workspace: Workspace, lifted: Rules | None = None) -> Iterator[_Text]:
    """Yield each changed text; with `lifted`, without those that the base's `scope.allow` covers."""
    allowed = Globs(lifted.config.scope.allow if lifted is not None else ())
    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        ordinary = change.new_mode not in (SYMLINK, GITLINK) and not is_binary(change, after)
        if after is not None and ordinary and change.path not in allowed:
            yield change, workspace.before(change.path), after


def _in_line(path: str, number: int, line: bytes, known: set[str], rules: Rules) -> Iterator[Finding]:
    """Yield a finding on the worst hidden character of a line."""
    text = line.decode("utf-8", "surrogateescape").removesuffix("\r")
    if not _SUSPECT.search(line) or visible(text) == text:
        return
    found = [
        (not _has_look(c), at, c)
        for at, c in enumerate(text)
        if is_hidden(c) and not _is_meant(text, at, number, known) and not (_has_look(c) and c in known)
    ]
    if found:
        inkless, at, character = max(found, key=lambda f: (f[0], -f[1]))
        severity = Severity.ERROR if inkless else rules.by_hand
        message = f"this line holds {_named(character)}, which cannot be told by eye"
        hint = "Write it as an escape, or take it out."
        yield Finding("scope/hidden-character", severity, message, path, number, at + 1, hint)


def _has_look(character: str) -> bool:
    """Say whether a character that is escaped when shown has a look of its own in an editor.

    Spaces have a width; private code points, and those newer than this Python's Unicode, a glyph.
    """
    return unicodedata.category(character) in ("Zs", "Co", "Cn") and not 0xE0000 <= ord(character) < 0xE1000


def _is_meant(text: str, at: int, number: int, known: set[str]) -> bool:
    """Say whether a hidden character has, where it stands, an effect that is seen or told elsewhere."""
    character, left, right = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character == "\t":
        return True
    if "\udc80" <= character <= "\udcff":  # a byte that is no UTF-8: `encodings` tells
        return True
    if character == "\f":
        return "\f" in known or text.strip() == ""
    if character == "\ufeff":  # a byte order mark: `encodings` tells whether it is new
        return number == 1 and at == 0
    if character in _PRESENTATION:
        return left != "" and (unicodedata.category(left) in ("So", "Sm", "Po", "Nd") or _is_pictograph(left))
    if character in _JOINERS:
        return _joins(left, right)
    return False


def _joins(left: str, right: str) -> bool:
    if not left or not right:
        return False
    emoji = _is_pictograph(right) and (_is_pictograph(left) or left in _PRESENTATION)
    cursive = all(unicodedata.bidirectional(c) in ("AL", "NSM") for c in (left, right))
    return emoji or cursive or unicodedata.combining(left) == _VIRAMA


def _is_pictograph(character: str) -> bool:
    code = ord(character)
    return unicodedata.category(character) == "So" or 0x1F000 <= code < 0x20000


def _named(character: str) -> str:
    name = unicodedata.name(character, "a control or unassigned character")
    return f"{visible(character)} ({name})"


def _encoding_change(before: bytes | None, after: bytes) -> str | None:
    mark = after.startswith(codecs.BOM_UTF8)
    if before and mark != before.startswith(codecs.BOM_UTF8):
        return "a byte order mark is new" if mark else "the byte order mark is gone"
    if not before and mark:
        return "the file begins with a byte order mark"
    if not _is_utf8(after) and (not before or _is_utf8(before)):
        return "the file is not UTF-8"
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _declared(data: bytes) -> str | None:
    for line in data.split(b"\n", 2)[:2]:
        if found := _DECLARED.match(line):
            return found[1].decode("ascii", "replace")
    return None


def _is_plain(encoding: str) -> bool:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return True  # Python refuses to read it: the gate `syntax` tells
    return _PLAIN.fullmatch(name) is not None


def _first_ending(data: bytes, kind: str) -> int:
    """Return the first line that ends with that kind."""
    crlf = kind == "CRLF"
    return next(n for n, line in enumerate(data.split(b"\n"), 1) if line.endswith(b"\r") == crlf)


def _endings(data: bytes) -> set[str]:
    crlf = data.count(b"\r\n")
    return {name for name, count in (("CRLF", crlf), ("LF", data.count(b"\n") - crlf)) if count}
