from __future__ import annotations


class State:
    """A state."""

    def __init__(
        self,
        dynamic: list[tuple[int, State]] | None = None,
        rules: list[str] | None = None,
    ) -> None:
        self.dynamic = [] if dynamic is None else dynamic
        self.rules = rules or []
