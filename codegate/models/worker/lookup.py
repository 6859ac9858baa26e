"""Guesses how a text goes on: as it did where its last tokens stood before. Right where an answer copies."""

from __future__ import annotations

_KEY = 3
# Read together with the token before them they fill the fours in which llama.cpp multiplies.
_LEAST, _MOST = 3, 11
_PAUSE = 16


class Lookup:
    """Drafts the tokens of one answer from what it has before it, as many as proved right of late."""

    def __init__(self) -> None:
        self._ends: dict[tuple[int, ...], int] = {}
        self._indexed = _KEY
        self._from = 0  # where in the text the answer goes along, 0 for nowhere
        self._size = _LEAST
        self._pause = 0
        self._wait = 0

    def draft(self, tokens: list[int]) -> list[int]:
        """Return a guess at what follows; nothing where nothing like it came before."""
        for end in range(self._indexed, len(tokens)):
            self._ends[tuple(tokens[end - _KEY : end])] = end
        self._indexed = max(self._indexed, len(tokens))
        if self._wait:
            self._wait -= 1
            return []
        if not self._from or tokens[self._from - 1] != tokens[-1]:
            self._from = self._ends.get(tuple(tokens[-_KEY:]), 0)
        return tokens[self._from : self._from + self._size] if self._from else []

    def learn(self, drafted: int, right: int) -> None:
        """Take note of how much of a draft was right: more next time, or less, or none for a while."""
        self._from += right + 1
        self._size = min(self._size + 4, _MOST) if right == drafted else _LEAST
        self._pause = 0 if right else min(2 * self._pause + 1, _PAUSE)
        self._wait = self._pause
