"""Git's own diff as rows to show side by side. It is read to be shown, never to be judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

_HUNK: Final = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS: Final = dict(zip(b"abtnvfr", (b"\a", b"\b", b"\t", b"\n", b"\v", b"\f", b"\r"), strict=True))
_HEADER: Final = b"diff --git "
_SAID: Final = (b"old mode ", b"new mode ", b"new file mode ", b"deleted file mode ", b"GIT binary patch")


@dataclass(frozen=True, slots=True)
class Side:
    """One line of the base or of the result, with its number from 1; `ended` says that a newline follows."""

    number: int
    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the base beside one of the result: the same one, what took its place, or nothing."""

    old: Side | None
    new: Side | None
    changed: bool


@dataclass(slots=True)
class Hunk:
    """Lines as git gives them: a sign (`-`, `+` or a space), the text, and whether a newline follows."""

    heading: str
    old: int
    new: int
    lines: list[tuple[str, str, bool]] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Yield the lines side by side: what was taken out beside what was put in its place."""
        old, new = self.old, self.new
        gone: list[Side] = []
        come: list[Side] = []
        for sign, text, ended in self.lines:
            if sign == "-" and not come:
                gone.append(Side(old + len(gone), text, ended))
            elif sign == "+":
                come.append(Side(new + len(come), text, ended))
            else:
                yield from _beside(gone, come)
                old, new = old + len(gone), new + len(come)
                gone, come = [], []
                if sign == "-":
                    gone = [Side(old, text, ended)]
                else:
                    yield Row(Side(old, text, ended), Side(new, text, ended), changed=False)
                    old, new = old + 1, new + 1
        yield from _beside(gone, come)


@dataclass(slots=True)
class FilePatch:
    """What a diff says of one path. `notes` are git's own words where it speaks of more than text."""

    path: str
    notes: list[str] = field(default_factory=list)
    hunks: list[Hunk] = field(default_factory=list)


def parse(diff: bytes) -> list[FilePatch]:
    """Return the files of a diff that `codegate.repo` made; bytes that are no UTF-8 stand as `\\xNN`.

    Lines end where git ends them, at `\\n` alone. Never fails: a line that is none of git's is left out.
    """
    files: list[FilePatch] = []
    old = new = 0  # lines that the hunk at hand still has to give
    for line in diff.removesuffix(b"\n").split(b"\n"):
        hunk = files[-1].hunks[-1] if files and files[-1].hunks else None
        if hunk and line.startswith(b"\\") and hunk.lines:
            hunk.lines[-1] = (*hunk.lines[-1][:2], False)
        elif hunk and (old or new):
            hunk.lines.append((line[:1].decode("latin-1"), _text(line[1:]), True))
            old, new = old - (line[:1] != b"+"), new - (line[:1] != b"-")
        elif line.startswith(_HEADER):
            files.append(FilePatch(_path(line.removeprefix(_HEADER))))
        elif files and (found := _HUNK.match(line)):
            old, new = (int(found[2] or b"1"), int(found[4] or b"1"))
            files[-1].hunks.append(Hunk(_text(line), int(found[1]), int(found[3])))
        elif files and line.startswith(_SAID):
            files[-1].notes.append(_text(line))
    return files


def _beside(gone: list[Side], come: list[Side]) -> Iterator[Row]:
    return (Row(old, new, changed=True) for old, new in zip_longest(gone, come))


def _path(names: bytes) -> str:
    """Return the path of `a/PATH b/PATH`: without renames the two are alike, so the middle parts them."""
    name = names[: len(names) // 2]
    if name.startswith(b'"'):
        name = _QUOTED.sub(_unquoted, name[1:-1])
    return _text(name[2:])


def _unquoted(found: re.Match[bytes]) -> bytes:
    """Return the byte of an escape (git-config(1), `core.quotePath`)."""
    said = found[1]
    return bytes([int(said, 8)]) if len(said) == 3 else _LETTERS.get(said[0], said)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")
