"""Files that stay on this machine: what a project keeps from models elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from codegate.errors import UsageError
from codegate.globs import Globs

# What these gates say quotes what ran, and that may have read any file.
_QUOTES_RUNS: Final = ("tests/",)


class Kept:
    """The files that the patterns `keep_local` of a base cover, as a model on another machine sees them: not.

    `withheld` names those that were asked for in vain. A path counts in any case of its letters: some file
    systems know no other.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._globs = Globs(patterns, fold=True)
        self._any = bool(patterns)
        self._withheld: dict[str, None] = {}

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(self._withheld)

    def __contains__(self, path: str) -> bool:
        return path in self._globs

    def refuse(self, paths: Iterable[str]) -> None:
        """Raise UsageError if one of the files that a request is about is kept, there or yet to be made."""
        for path in paths:
            if path in self:
                raise UsageError(
                    f"{path} stays on this machine: the base's keep_local covers it",
                    "ask a local model: --model with an id of `codegate model list`",
                )

    def reading(self, read: Callable[[str], bytes | None]) -> Callable[[str], bytes | None]:
        """Return `read` as one that finds no file that is kept, and notes that there is one."""

        def read_shown(path: str) -> bytes | None:
            if path not in self:
                return read(path)
            if read(path) is not None:
                self._withheld[path] = None
            return None

        return read_shown

    def may_tell(self, rule: str, path: str | None) -> bool:
        """Say whether what a gate found by that rule, there, quotes no kept file, as far as is known."""
        if path is not None and path in self:
            return False
        return not (self._any and rule.startswith(_QUOTES_RUNS))
