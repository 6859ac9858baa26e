"""Patterns for paths, with the meaning they have in a `.gitignore`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_CLASS: Final = re.compile(r"\[(!?)(\]?[^]/]*)\]")


class Globs:
    """A set of patterns; `matching(path)` names the first that covers a path, or None.

    As in a `.gitignore`: a pattern without an inner `/` holds at any depth, others from the top; `*` and `?`
    stop at `/`, `**` does not; a pattern that covers a folder covers all below it; `\\` takes the next
    character literally. There is no negation. `fold` ignores case, as some file systems do.
    """

    def __init__(self, patterns: Iterable[str], *, fold: bool = False) -> None:
        self._fold = fold
        self._compiled = [(p, _compile(p.casefold() if fold else p)) for p in patterns]

    def matching(self, path: str) -> str | None:
        asked = path.casefold() if self._fold else path
        return next((pattern for pattern, regex in self._compiled if regex.fullmatch(asked)), None)

    def __contains__(self, path: str) -> bool:
        return self.matching(path) is not None


def complaint(pattern: str) -> str | None:
    """Say what is wrong with a pattern, or None."""
    if not pattern.strip("/"):
        return "an empty pattern"
    if pattern.startswith("!"):
        return "a negation: patterns only add up"
    if any(part in (".", "..") for part in pattern.split("/")):
        return "not relative to the top of the repository"
    if pattern.endswith("\\"):
        return "nothing after its last backslash"
    return None


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str]:
    inner = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in inner
    return re.compile(("" if anchored else "(?:.*/)?") + _regex(inner) + "(?:/.*)?", re.DOTALL)


def _regex(pattern: str) -> str:
    out = []
    at = 0
    while at < len(pattern):
        piece, at = _piece(pattern, at)
        out.append(piece)
    return "".join(out)


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """Translate what stands at `at`; return its regular expression and where the next piece starts."""
    whole_part = at == 0 or pattern[at - 1] == "/"
    if whole_part and pattern.startswith("**/", at):
        return "(?:.*/)?", at + 3
    if whole_part and pattern[at:] == "**":
        return ".+", at + 2
    if pattern[at] == "*":
        return "[^/]*", at + 1
    if pattern[at] == "?":
        return "[^/]", at + 1
    if found := _CLASS.match(pattern, at):
        inside = found[2].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^")
        return (f"(?!/)[{'^' if found[1] else ''}{inside}]", found.end()) if found[2] else ("\\[", at + 1)
    if pattern[at] == "\\":
        return re.escape(pattern[at + 1]), at + 2
    return re.escape(pattern[at]), at + 1
