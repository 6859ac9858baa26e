"""What a search may spend, and what it has spent."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The bounds of a search; None sets none.

    `candidates` answers are asked for at first, and as many in each of at most `repairs` further rounds.
    `tokens` are those that the model writes in all of them. `seconds` is wall time since the search began:
    once it is over nothing more is asked, and an answer that is being written is stopped.
    """

    candidates: int = 1
    repairs: int = 2
    tokens: int | None = None
    seconds: float | None = None


class SpentError(Exception):
    """The budget is spent; says of what."""


class Purse:
    """What is left of a budget. The time runs from here on."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._started = time.monotonic()
        self.tokens = 0

    def __str__(self) -> str:
        return f"{self.tokens} tokens, {self.seconds:.0f} s"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def tokens_left(self) -> int | None:
        return None if self._budget.tokens is None else max(0, self._budget.tokens - self.tokens)

    def affords(self, wanted: int, max_tokens: int) -> int:
        """Return for how many answers at once there is room, each as long as it may be: one at least."""
        left = self.tokens_left
        return wanted if left is None else max(1, min(wanted, left // max_tokens))

    def pay(self, tokens: int) -> None:
        self.tokens += tokens

    @property
    def is_late(self) -> bool:
        return self._budget.seconds is not None and self.seconds >= self._budget.seconds

    def spent(self) -> str:
        """Say what is used up; nothing while something of everything is left."""
        if self.is_late:
            return f"the budget of {self._budget.seconds:g} s is spent"
        return f"the budget of {self._budget.tokens} tokens is spent" if self.tokens_left == 0 else ""

    def hear(self) -> None:
        """Raise SpentError once the time is over: said while a model writes, it stops the model."""
        if self.is_late:
            raise SpentError(self.spent())
