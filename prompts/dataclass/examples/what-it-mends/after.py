from __future__ import annotations

from dataclasses import dataclass


@dataclass
class State:
    """A state."""

    dynamic: list[tuple[int, State]] | None = None
    rules: list[str] | None = None

    def __post_init__(self) -> None:
        self.dynamic = [] if self.dynamic is None else self.dynamic
        self.rules = self.rules or []
