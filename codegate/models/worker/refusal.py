"""What the worker says when it cannot answer."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that cannot be answered, said for a person."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
