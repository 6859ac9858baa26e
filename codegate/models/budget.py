"""How many tokens a run may spend, however many requests are on their way at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from codegate.errors import ModelError


class Budget:
    """Lets no request begin that could go beyond `tokens`, if all that are on their way cost their most."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._spent = 0
        self._held = 0
        self._changed = threading.Condition()

    @contextmanager
    def holding(self, most: int) -> Iterator[Expense]:
        """Keep `most` tokens for the block, which says what it cost.

        Waits for requests on their way where what they leave may be enough. Raises ModelError if it is not.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._held or most <= self._left)
            if most > self._left:
                left = max(self._left, 0)
                raise ModelError(
                    f"this could take {most:,} tokens, {left:,} of this run's token budget are left",
                    f"raise token_budget of the endpoint (now {self._tokens:,}), or ask for less",
                )
            self._held += most
        expense = Expense()
        try:
            yield expense
        finally:
            with self._changed:
                self._held -= most
                self._spent += expense.tokens
                self._changed.notify_all()

    @property
    def _left(self) -> int:
        return self._tokens - self._spent - self._held


class Expense:
    """What one request cost, once it is known."""

    tokens: int = 0
